package host

import (
	"context"
	"maps"
	"slices"
)

// Listed is what plugins.yaml lists, with what is kept of each plugin, for a
// command that runs none of them. Manifest is empty for a binary that was never
// started. Returns invalid when the file is wrong.
func (h *Host) Listed(ctx context.Context) ([]Status, error) {
	entries, err := h.entries()
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		s, err := h.kept(ctx, id, entries[id])
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// kept is a plugin as it would be begun: verified, held or stopped.
func (h *Host) kept(ctx context.Context, id string, e Entry) (s Status, err error) {
	s = Status{ID: id, Bundled: e.Bundled(), Path: e.Path, SHA256: e.SHA256, Mounts: e.Mounts, Sandbox: confinement(e), Limits: e.Limits, State: Verified}
	if s.Bundled {
		if s.SHA256, err = h.selfSum(); err != nil {
			return s, err
		}
	}
	known := false
	if s.Manifest, known, err = h.Keep.Manifest(ctx, manifestKey(id, s.SHA256, e)); err != nil {
		return s, err
	}
	if known {
		if s.Granted, err = h.granted(ctx, id, e, s.Manifest); err != nil {
			return s, err
		}
		if !covers(s.Granted, s.Manifest.Needs) {
			s.State, s.Why = Held, "It asks for more than it was granted and waits for an administrator."
		}
	}
	why, err := h.offReason(ctx, id, e)
	if why != "" {
		s.State, s.Why = Stopped, why
	}
	return s, err
}
