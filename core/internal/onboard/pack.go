package onboard

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/openhouse-ai/console/tenants"
)

// Kinds of pack.
const (
	QRPack    = "qr_pack"
	LaunchKit = "launch_kit"
)

// packLimit bounds a pack's ZIP: 1 GiB.
const packLimit = 1 << 30

func (e *execution) launchKit(ctx context.Context) (any, error) { return e.pack(ctx, LaunchKit) }

// pack prints one pack of the run's development and keeps it in the file.
func (e *execution) pack(ctx context.Context, kind string) (any, error) {
	id, err := e.developmentID()
	if err != nil {
		return nil, err
	}
	var before json.RawMessage
	err = e.Store.View(ctx, e.run.TenantID, func(tx *tenants.Tx) (err error) {
		before, err = effectOf(ctx, tx, e.run.ID, e.step)
		return err
	})
	if err != nil || before != nil {
		return before, err
	}
	site, err := e.site(ctx, e.run.TenantID, id)
	if err != nil {
		return nil, err
	}
	if len(site.Units) == 0 { // an onboarding without a unit list prints nothing yet
		return map[string]any{"units": 0}, nil
	}
	staged, err := e.print(ctx, e.run.Region, e.run.ID, kind, site, e.progress(ctx))
	if err != nil {
		return nil, err
	}
	result, err := e.once(ctx, func(tx *tenants.Tx) (any, error) {
		pack, err := e.keepPack(ctx, tx, kind, id, site, staged)
		return map[string]any{"file_id": pack.BlobID, "name": pack.Name, "bytes": pack.Bytes, "units": pack.Units}, err
	})
	e.drop(ctx, staged.ID)
	return result, err
}

// print writes a pack to a staged file of the region, which belongs to owner.
func (p *Pipeline) print(ctx context.Context, region, owner, kind string, site kit.Site, progress func(done, total int)) (tenants.StagedFile, error) {
	write := p.Printer.QRPack
	if kind == LaunchKit {
		write = p.Printer.LaunchKit
	}
	reader, writer := io.Pipe()
	go func() {
		writer.CloseWithError(guarded(func() error { return write(ctx, writer, site, progress) }))
	}()
	name := fmt.Sprintf("%s-%s.zip", slug(site.Development.Name), strings.ReplaceAll(kind, "_", "-"))
	staged, err := p.Store.Stage(ctx, region, tenants.StagedFile{Name: name, Type: "application/zip", Owner: owner}, reader, packLimit)
	reader.CloseWithError(err) // a full disk ends the printing too
	return staged, err
}

// keepPack moves a staged pack into the tenant's file, in place of the one
// that was there.
func (p *Pipeline) keepPack(ctx context.Context, tx *tenants.Tx, kind, development string, site kit.Site, staged tenants.StagedFile) (core.Pack, error) {
	_, content, err := p.Store.Staged(ctx, staged.ID)
	if err != nil {
		return core.Pack{}, err
	}
	defer content.Close()
	blob, err := tx.PutBlob(ctx, tenants.BlobInfo{Kind: kind, Name: staged.Name, Type: staged.Type}, content)
	if err != nil {
		return core.Pack{}, err
	}
	pack := core.Pack{Kind: kind, DevelopmentID: development, BlobID: blob.ID, Name: blob.Name, Units: len(site.Units), Bytes: blob.Size, MadeAt: tx.Now}
	before, err := findPack(ctx, tx, development, kind)
	if err == nil {
		err = tx.DeleteBlob(ctx, before.BlobID)
	} else if core.CodeOf(err) == core.NotFound {
		err = nil
	}
	if err != nil {
		return core.Pack{}, err
	}
	if err := putPack(ctx, tx, pack); err != nil {
		return core.Pack{}, err
	}
	return pack, p.Recorder.Record(ctx, tx, core.Entry{Action: kind + ".create", Target: core.Target{Kind: "development", ID: development}})
}

// Print makes a development's pack anew, in the caller's time.
func (p *Pipeline) Print(ctx context.Context, tenant core.TenantID, development, kind string, progress func(done, total int)) (core.Pack, error) {
	if kind != QRPack && kind != LaunchKit {
		return core.Pack{}, core.Errorf(core.NotFound, "There is no such pack.")
	}
	row, err := p.Store.Find(ctx, tenant)
	if err != nil {
		return core.Pack{}, err
	}
	site, err := p.site(ctx, tenant, development)
	if err != nil {
		return core.Pack{}, err
	}
	staged, err := p.print(ctx, row.Region, "", kind, site, progress)
	if err != nil {
		return core.Pack{}, err
	}
	var pack core.Pack
	err = p.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		pack, err = p.keepPack(ctx, tx, kind, development, site, staged)
		return err
	})
	p.drop(ctx, staged.ID)
	return pack, err
}

// Packs lists what is printed for a development.
func (p *Pipeline) Packs(ctx context.Context, tenant core.TenantID, development string) (packs []core.Pack, err error) {
	err = p.Store.View(ctx, tenant, func(tx *tenants.Tx) error {
		packs, err = listPacks(ctx, tx, development)
		return err
	})
	return packs, err
}

// OpenPack hands a development's pack to read, which is recorded: it holds
// every unit's code. Returns not_found.
func (p *Pipeline) OpenPack(ctx context.Context, tenant core.TenantID, development, kind string, read func(core.Pack, io.Reader) error) error {
	err := p.Store.Update(ctx, tenant, func(tx *tenants.Tx) error {
		if _, err := findPack(ctx, tx, development, kind); err != nil {
			return err
		}
		return p.Recorder.Record(ctx, tx, core.Entry{Action: kind + ".download", Target: core.Target{Kind: "development", ID: development}})
	})
	if err != nil {
		return err
	}
	return p.Store.View(ctx, tenant, func(tx *tenants.Tx) error {
		pack, err := findPack(ctx, tx, development, kind)
		if err != nil {
			return err
		}
		content, err := tx.ReadBlob(ctx, pack.BlobID)
		if err != nil {
			return err
		}
		return read(pack, content)
	})
}
