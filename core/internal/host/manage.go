package host

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Restart ends a plugin's process and starts it again; the new one is there
// before the old one goes. It also frees one from quarantine.
func (h *Host) Restart(ctx context.Context, id string) error {
	p, err := h.find(id)
	if err != nil {
		return err
	}
	if p.stateIs(Stopped) || p.stateIs(Draining) {
		return core.Errorf(core.Conflict, "%s is switched off. Switch it on instead.", p.name())
	}
	if err := h.record(ctx, "plugin.restart", id, ""); err != nil {
		return err
	}
	return p.order(ctx, func(context.Context) error {
		p.afresh()
		p.begin(h.background, p.entry, "")
		return nil
	})
}

// Enable switches a plugin on that Disable has switched off.
func (h *Host) Enable(ctx context.Context, id, reason string) error {
	p, err := h.find(id)
	if err != nil {
		return err
	}
	if p.listed().Off {
		return core.Errorf(core.Conflict, "plugins.yaml says that %s is not enabled. Change it there and reload.", p.name())
	}
	if err := h.Keep.Enable(ctx, id, reason); err != nil {
		return err
	}
	return p.order(ctx, func(context.Context) error {
		p.afresh()
		p.begin(h.background, p.entry, "")
		return nil
	})
}

// Disable switches a plugin off until Enable, also beyond a restart. Calls
// under way end by themselves.
func (h *Host) Disable(ctx context.Context, id, reason string) error {
	p, err := h.find(id)
	if err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return needsReason
	}
	if err := h.Keep.Disable(ctx, id, reason); err != nil {
		return err
	}
	return p.order(ctx, func(context.Context) error {
		p.halt("It was switched off: " + reason)
		h.detach(p)
		return nil
	})
}

// Approve grants what the version of the checksum asks for, and starts it.
// Returns conflict when another version waits by now, or none.
func (h *Host) Approve(ctx context.Context, id, sha256 string) error {
	p, err := h.find(id)
	if err != nil {
		return err
	}
	return p.order(ctx, func(context.Context) error {
		waiting := p.waiting()
		if waiting == nil || waiting.SHA256 != sha256 {
			return core.Errorf(core.Conflict, "Another version waits by now. Look at what it asks for.")
		}
		if err := h.approve(ctx, id, *waiting); err != nil {
			return err
		}
		p.afresh()
		p.begin(h.background, p.entry, "")
		return nil
	})
}

// Refuse drops the version that waits for approval. Without one that serves,
// the plugin is stopped.
func (h *Host) Refuse(ctx context.Context, id, reason string) error {
	p, err := h.find(id)
	if err != nil {
		return err
	}
	return p.order(ctx, func(context.Context) error {
		if p.waiting() == nil {
			return core.Errorf(core.Conflict, "No version waits for approval.")
		}
		if err := h.record(ctx, "plugin.refuse", id, reason); err != nil {
			return err
		}
		p.publish(func() { p.proposal = nil })
		if p.running() == nil {
			p.become(Stopped, cmp.Or("It was refused: "+reason, "It was refused."))
		}
		return nil
	})
}

func (p *plugin) waiting() *Proposal {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.proposal
}

func (p *plugin) listed() Entry {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.entry
}

// entries reads plugins.yaml, or is every bundled plugin without one.
func (h *Host) entries() (map[string]Entry, error) {
	if h.File == "" {
		return defaults(h.Bundled), nil
	}
	body, err := os.ReadFile(h.File)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "%s can't be read: %v. Nothing was changed.", filepath.Base(h.File), err)
	}
	return reader{file: h.File, body: body, bundled: h.Bundled, reserved: h.Reserved, words: h.Words}.read()
}

// Reload reads plugins.yaml again and applies what has changed, without a
// restart of the console. It returns a sentence for each change. An invalid
// file changes nothing; its error names line and key.
func (h *Host) Reload(ctx context.Context) (changed []string, err error) {
	h.reloading.Lock()
	defer h.reloading.Unlock()
	entries, err := h.entries()
	if err != nil {
		return nil, err
	}
	before := map[string]*plugin{}
	for _, p := range h.sorted() {
		before[p.id] = p
	}
	if err := h.record(ctx, "plugin.reload", "", ""); err != nil {
		return nil, err
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if _, stays := entries[id]; !stays {
			changed = append(changed, id+" was removed.")
			errs = append(errs, h.remove(ctx, before[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		p, known := before[id]
		switch {
		case !known:
			changed = append(changed, id+" was added.")
			errs = append(errs, h.add(ctx, id, entries[id]))
		case !reflect.DeepEqual(p.listed(), entries[id]):
			changed = append(changed, id+" was changed: "+difference(p.listed(), entries[id])+".")
			errs = append(errs, h.change(ctx, p, entries[id]))
		case !p.stateIs(Stopped) && p.waiting() == nil && (p.stateIs(Quarantined) || p.stateIs(BackingOff)):
			errs = append(errs, h.change(ctx, p, entries[id])) // somebody has looked at it
		}
	}
	h.generation.Add(1)
	return changed, errors.Join(errs...)
}

// difference names what is another in an entry.
func difference(a, b Entry) string {
	var keys []string
	for key, differs := range map[string]bool{
		"enabled": a.Off != b.Off, "path": a.Path != b.Path, "sha256": a.SHA256 != b.SHA256, "mounts": !slices.Equal(a.Mounts, b.Mounts),
		"grants": !reflect.DeepEqual(a.Grants, b.Grants), "limits": a.Limits != b.Limits, "sandbox": a.Sandbox != b.Sandbox,
	} {
		if differs {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// add begins to run a plugin.
func (h *Host) add(ctx context.Context, id string, e Entry) error {
	p := newPlugin(h, id, e)
	why, err := h.offReason(ctx, id, e)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.plugins[id] = p
	h.mu.Unlock()
	h.living.Go(func() { p.live(h.background, why) })
	return nil
}

// remove ends a plugin that is gone from plugins.yaml. Its tables stay.
func (h *Host) remove(ctx context.Context, p *plugin) error {
	h.mu.Lock()
	delete(h.plugins, p.id)
	h.mu.Unlock()
	return p.order(ctx, func(context.Context) error {
		i := p.take(Draining, "It is gone from plugins.yaml.")
		h.detach(p)
		p.removed = true
		if i != nil {
			h.living.Go(func() {
				h.drain(i)
				h.Store.DropGuest(p.id)
			})
		}
		return nil
	})
}

// change applies another entry: a plugin that serves is exchanged.
func (h *Host) change(ctx context.Context, p *plugin, e Entry) error {
	why, err := h.offReason(ctx, p.id, e)
	if err != nil {
		return err
	}
	return p.order(ctx, func(context.Context) error {
		p.publish(func() { p.entry, p.proposal = e, nil })
		p.journal.bound(e.Limits.LogPerMin)
		p.afresh()
		if why != "" {
			p.halt(why)
			h.detach(p)
			return nil
		}
		p.begin(h.background, e, "")
		return nil
	})
}
