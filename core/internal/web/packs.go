package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/ui"
)

// packKinds are what is printed for a development, and what is in it.
var packKinds = []struct{ kind, title, noun, contents string }{
	{onboard.LaunchKit, "Launch kit", "launch kit", "QR labels, a welcome letter for each unit, a poster, the site team's checklist and the unit list."},
	{onboard.QRPack, "QR pack", "QR pack", "A4 label sheets, and every code as PNG and SVG."},
}

func packTitle(kind string) string {
	for _, k := range packKinds {
		if k.kind == kind {
			return k.title
		}
	}
	return ""
}

// packNoun is the pack inside a sentence.
func packNoun(kind string) string {
	for _, k := range packKinds {
		if k.kind == kind {
			return k.noun
		}
	}
	return ""
}

// packAddress is where a pack is downloaded; printing goes on below it.
func (q *request) packAddress(development, kind string) string {
	return q.base + "/developments/" + development + "/packs/" + kind
}

// packSection is a development's printed matter: to download, to print anew.
func (q *request) packSection(d core.Development) (ui.Section, error) {
	section := ui.Section{ID: "packs", Title: "Packs", Lead: "Printed in the developer's colours, from the units as they are at that moment."}
	if d.Units == 0 {
		section.Blocks = ui.Blocks{ui.Empty{Title: "Nothing to print yet.", Reason: "Labels and letters are made for units, and this development has none.", Icon: ui.IconPrint, Action: q.addUnit(d.ID)}}
		return section, nil
	}
	packs, err := q.site.Onboarding.Packs(q.ctx, q.tenant.ID, d.ID)
	if err != nil {
		return section, err
	}
	made := map[string]core.Pack{}
	for _, p := range packs {
		made[p.Kind] = p
	}
	t := ui.Table{ID: "printed", Columns: []ui.Column{{Title: "Pack"}, {Title: "Units", Numeric: true, Priority: 1}, {Title: "Size", Numeric: true, Priority: 2}, {Title: "Printed", Priority: 1}, {Title: ""}}}
	for _, k := range packKinds {
		p, printed := made[k.kind]
		row := ui.Row{Cells: ui.Values{ui.Text{Text: k.title, Note: k.contents}, nil, nil, ui.Text{Text: "Not yet", Muted: true}, ui.Actions{Items: q.packActions(d.ID, k.kind, printed)}}}
		if printed {
			row.Cells[1], row.Cells[2], row.Cells[3] = ui.Number{Value: int64(p.Units)}, ui.Text{Text: fileSize(p.Bytes)}, ui.Time{At: p.MadeAt}
		}
		t.Rows = append(t.Rows, row)
	}
	section.Blocks = ui.Blocks{t}
	return section, nil
}

func (q *request) packActions(development, kind string, printed bool) []ui.Action {
	var actions []ui.Action
	address := q.packAddress(development, kind)
	if printed {
		actions = append(actions, ui.Action{Label: "Download", Href: address, Icon: ui.IconDownload, Download: true})
	}
	if q.changes(core.DirectoryWrite) {
		verb := "Print"
		if printed {
			verb = "Print anew"
		}
		actions = append(actions, ui.Action{Label: verb, Href: address + "/print", Icon: ui.IconPrint, Post: true})
	}
	return actions
}

// packsAtGlance are the packs of the developments, for the overview.
func (q *request) packsAtGlance(developments []core.Development) (ui.Table, error) {
	t := ui.Table{
		ID: "packs", Title: "Packs",
		Columns: []ui.Column{{Title: "Pack"}, {Title: "Units", Numeric: true, Priority: 1}, {Title: "Size", Numeric: true, Priority: 2}, {Title: "Printed", Priority: 1}, {Title: ""}},
		None:    ui.Empty{Title: "No packs yet.", Reason: "A launch kit is printed at the end of an onboarding, or on the page of a development that has units.", Icon: ui.IconPrint},
	}
	for _, d := range developments {
		packs, err := q.site.Onboarding.Packs(q.ctx, q.tenant.ID, d.ID)
		if err != nil {
			return t, err
		}
		for _, p := range packs {
			t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{
				ui.Text{Text: packTitle(p.Kind), Note: d.Name}, ui.Number{Value: int64(p.Units)}, ui.Text{Text: fileSize(p.Bytes)}, ui.Time{At: p.MadeAt},
				ui.Actions{Items: []ui.Action{{Label: "Download", Href: q.packAddress(d.ID, p.Kind), Icon: ui.IconDownload, Download: true}}},
			}})
		}
	}
	return t, nil
}

// downloadLimit bounds how long a download may hold the tenant's file open.
const downloadLimit = 15 * time.Minute

// downloadPack streams a pack's ZIP out of the tenant's file.
func downloadPack(q *request) error {
	if packTitle(q.Params("kind")) == "" {
		return core.Errorf(core.NotFound, "There is no such pack.")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.ctx), downloadLimit)
	reader, writer := io.Pipe()
	found, failed := make(chan core.Pack, 1), make(chan error, 1)
	tenant, development, kind := q.tenant.ID, q.Params("development"), q.Params("kind")
	rooms := q.site.Onboarding
	go func() {
		defer cancel()
		err := rooms.OpenPack(ctx, tenant, development, kind, func(p core.Pack, content io.Reader) error {
			found <- p
			_, err := io.Copy(writer, content)
			return err
		})
		failed <- err
		writer.CloseWithError(err) // nil ends the download in order
	}()
	select {
	case err := <-failed:
		if err != nil {
			return err
		}
		return q.sendPack(<-found, reader)
	case p := <-found:
		return q.sendPack(p, reader)
	}
}

// sendPack answers with the ZIP; Fiber closes the reader, and with it the
// copying, when the browser has it all or has gone.
func (q *request) sendPack(p core.Pack, content io.Reader) error {
	q.Set(fiber.HeaderContentType, "application/zip")
	q.Set(fiber.HeaderContentDisposition, `attachment; filename="`+headerName(p.Name)+`"`)
	return q.Status(http.StatusOK).SendStream(content, int(p.Bytes))
}

// headerName leaves out of a file's name what a header can't carry.
func headerName(name string) string {
	safe := []rune{}
	for _, r := range name {
		if r > ' ' && r < 127 && r != '"' && r != '\\' {
			safe = append(safe, r)
		}
	}
	return string(safe)
}
