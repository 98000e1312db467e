package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/openhouse-ai/console/core"
)

// downloadLimit bounds how long a download may hold the tenant's file open.
const downloadLimit = 15 * time.Minute

type pack struct {
	Kind          string    `json:"kind" enum:"qr_pack,launch_kit"`
	DevelopmentID string    `json:"development_id" example:"dvt_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name          string    `json:"name" doc:"Of the file." example:"harpur-lane-launch-kit.zip"`
	Units         int       `json:"units" doc:"How many units it was printed for." example:"20"`
	Bytes         int64     `json:"bytes" example:"1843201"`
	MadeAt        time.Time `json:"made_at"`
}

func shapePack(p core.Pack) pack {
	return pack{Kind: p.Kind, DevelopmentID: p.DevelopmentID, Name: p.Name, Units: p.Units, Bytes: p.Bytes, MadeAt: p.MadeAt}
}

type PackInput struct {
	IDInput
	Kind string `path:"kind" enum:"qr_pack,launch_kit" doc:"QR labels alone, or everything for the launch."`
}

func (a *api) packs() {
	const path = "/developments/{id}/packs"
	addTenant(a, operation{id: "list-packs", method: http.MethodGet, path: path, permission: core.DirectoryRead, summary: "List what is printed for a development"},
		func(ctx context.Context, in *IDInput) (*pageOutput[pack], error) {
			if _, err := a.Developments.Find(ctx, tenantOf(ctx), in.ID); err != nil {
				return nil, err
			}
			packs, err := a.Onboarding.Packs(ctx, tenantOf(ctx), in.ID)
			return pageOf(core.List[core.Pack]{Items: packs, Total: len(packs)}, shapePack), err
		})
	addTenant(a, operation{id: "print-pack", method: http.MethodPost, path: path + "/{kind}", permission: core.DirectoryWrite, summary: "Print a pack anew", status: http.StatusCreated,
		about: "Prints the units as they are now, and answers when the file is there."},
		func(ctx context.Context, in *PackInput) (*created[pack], error) {
			p, err := a.Onboarding.Print(ctx, tenantOf(ctx), in.ID, in.Kind, func(int, int) {})
			return &created[pack]{Location: locate(ctx, "/developments/"+in.ID+"/packs/"+in.Kind), Body: shapePack(p)}, err
		})
	addTenant(a, operation{id: "download-pack", method: http.MethodGet, path: path + "/{kind}", permission: core.DirectoryRead, summary: "Download a pack", media: "application/zip"}, a.downloadPack)
}

// downloadPack streams a pack's ZIP out of the tenant's file. The copying
// outlives the handler: the server sends the body when the handler has ended.
func (a *api) downloadPack(ctx context.Context, in *PackInput) (*huma.StreamResponse, error) {
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), downloadLimit)
	reader, writer := io.Pipe()
	found, failed := make(chan core.Pack, 1), make(chan error, 1)
	tenant, development, kind := tenantOf(ctx), in.ID, in.Kind
	go func() {
		defer cancel()
		err := a.Onboarding.OpenPack(reading, tenant, development, kind, func(p core.Pack, content io.Reader) error {
			found <- p
			_, err := io.Copy(writer, content)
			return err
		})
		failed <- err
		writer.CloseWithError(err) // nil ends the download in order
	}()
	select {
	case err := <-failed: // nothing is written without a reader: it has found no pack
		return nil, err
	case p := <-found:
		return &huma.StreamResponse{Body: func(c huma.Context) { sendPack(c, p, reader) }}, nil
	}
}

// sendPack answers with the ZIP; the server closes the reader, and with it the
// copying, when the client has it all or has gone.
func sendPack(c huma.Context, p core.Pack, content *io.PipeReader) {
	c.SetStatus(http.StatusOK)
	c.SetHeader("Content-Type", "application/zip")
	c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Name}))
	humafiber.Unwrap(c).Context().SetBodyStream(content, int(p.Bytes))
}
