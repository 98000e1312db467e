package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// PurgeTenant tells every plugin that a tenant is about to be deleted, so that
// it undoes what it has done elsewhere; its tables go with the tenant's file.
// A plugin that rests is an error: the deletion has to wait for it. One that is
// switched off is not asked.
func (h *Host) PurgeTenant(ctx context.Context, tenant core.TenantID) error {
	var errs []error
	for _, p := range h.sorted() {
		o, _ := p.offer()
		if o == nil || !o.manifest.Purges {
			continue
		}
		_, err := h.invoke(ctx, p, request{door: wire.Door_DOOR_PURGE, tenant: tenant, writes: true, long: true})
		if err != nil && !errors.Is(err, errOff) {
			errs = append(errs, fmt.Errorf("purge %s: %w", p.id, err))
		}
	}
	return errors.Join(errs...)
}

// ExportTenant writes the files that plugins add to a tenant's export. Create
// opens each; its name is a clean relative path.
func (h *Host) ExportTenant(ctx context.Context, tenant core.TenantID, create func(plugin, name string) (io.WriteCloser, error)) error {
	for _, p := range h.sorted() {
		o, _ := p.offer()
		if o == nil || !o.manifest.Exports {
			continue
		}
		out := &exporting{create: func(name string) (io.WriteCloser, error) { return create(p.id, name) }}
		r := request{door: wire.Door_DOOR_EXPORT, tenant: tenant, long: true, received: out.take}
		_, err := h.invoke(ctx, p, r)
		err = errors.Join(err, out.close())
		if err != nil && !errors.Is(err, errOff) {
			return fmt.Errorf("export from %s: %w", p.id, err)
		}
	}
	return nil
}

// exporting writes the files of one plugin, one after the other.
type exporting struct {
	create func(name string) (io.WriteCloser, error)
	open   io.WriteCloser
}

func (e *exporting) take(part *wire.Answer) error {
	switch content := part.GetPart().(type) {
	case *wire.Answer_Head:
		if err := e.close(); err != nil {
			return err
		}
		name := content.Head.GetName()
		if name == "" || len(name) > 200 || path.Clean("/"+name) != "/"+name || strings.ContainsAny(name, "\\:\x00") {
			return garbage("a file called %q", name)
		}
		open, err := e.create(name)
		e.open = open
		return err
	case *wire.Answer_Chunk:
		if e.open == nil {
			return garbage("a part of no file")
		}
		_, err := e.open.Write(content.Chunk)
		return err
	}
	return garbage("an unknown part")
}

func (e *exporting) close() error {
	if e.open == nil {
		return nil
	}
	err := e.open.Close()
	e.open = nil
	return err
}
