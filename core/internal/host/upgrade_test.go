package host_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
)

// list writes a plugins.yaml with one outside plugin of a kind.
func (h *house) list(kind, more string) (sum string) {
	h.t.Helper()
	path, sum := h.outside(kind)
	h.write(fmt.Sprintf("plugins:\n  outside:\n    path: %s\n    sha256: %s\n%s", path, sum, more))
	return sum
}

// newOutside is a house with version 1 of an outside plugin, and two tenants.
func newOutside(t *testing.T, clock clockwork.Clock) *house {
	t.Helper()
	h := newHouse(t, clock, "plugins: {}\n")
	h.list("outside-1", "")
	changed, err := h.Reload(h.as(core.Owner))
	h.must(err)
	if !slices.Equal(changed, []string{"outside was added."}) {
		t.Errorf("changed = %q", changed)
	}
	h.state("outside", host.Ready)
	return h
}

// version waits until a version serves.
func (h *house) version(want string) host.Status {
	h.t.Helper()
	var s host.Status
	h.until("version "+want+" serves", func() bool {
		s, _ = h.Find("outside")
		return s.State == host.Ready && s.Manifest.Version == want && s.PID > 0
	})
	return s
}

func TestUpgradeDrainsTheOldVersion(t *testing.T) {
	t.Parallel()
	h := newOutside(t, nil)
	old := h.version("1.0.0")
	slow := make(chan error, 1)
	go func() {
		_, err := h.page("outside", h.ids[0], "until", "done")
		slow <- err
	}()
	h.until("a call is under way", func() bool {
		s, _ := h.Find("outside")
		return s.Calls.InFlight == 1
	})
	sum := h.list("outside-2", "")
	changed, err := h.Reload(h.as(core.Owner))
	h.must(err)
	if !slices.Equal(changed, []string{"outside was changed: path, sha256."}) {
		t.Errorf("changed = %q", changed)
	}
	now := h.version("2.0.0")
	if now.PID == old.PID || now.SHA256 != sum {
		t.Errorf("status = %+v", now)
	}
	if err := syscall.Kill(old.PID, 0); err != nil {
		t.Errorf("the old version ended before its call: %v", err)
	}
	_, err = h.Act(h.as(core.Owner), host.Visit{Plugin: "outside", Action: "put", Tenant: core.Tenant{ID: h.ids[0]}, Scope: sdk.Tenant,
		Values: map[string][]string{"id": {"done"}, "n": {"1"}, "then": {"remember"}}})
	h.must(err)
	if err := <-slow; err != nil {
		t.Errorf("the call on the old version: %v", err)
	}
	h.until("the old process has ended", func() bool { return syscall.Kill(old.PID, 0) == syscall.ESRCH })
	if s, _ := h.Find("outside"); len(s.Crashes) != 0 {
		t.Errorf("the end of the old version counts as a crash: %+v", s.Crashes)
	}
}

func TestUnhealthyUpgradeGoesBack(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	h := newOutside(t, clock)
	old := h.version("1.0.0")
	h.list("outside-sick", "")
	_, err := h.Reload(h.as(core.Owner))
	h.must(err)
	h.advance(clock, 150*time.Millisecond, "the upgrade was given up", func() bool {
		s, _ := h.Find("outside")
		return strings.Contains(s.Why, "was not taken")
	})
	s, _ := h.Find("outside")
	if s.PID != old.PID || s.Manifest.Version != "1.0.0" || !strings.Contains(s.Why, "It was not healthy within 1m0s: My account is closed.") {
		t.Errorf("status = %+v", s)
	}
	if _, err := h.page("outside", h.ids[0], "hello", ""); err != nil {
		t.Error(err)
	}
	if len(s.Crashes) != 1 {
		t.Errorf("dossiers = %+v", s.Crashes)
	}
}

func TestUpgradeThatAsksForMoreWaits(t *testing.T) {
	t.Parallel()
	h := newOutside(t, nil)
	sum := h.list("outside-greedy", "")
	_, err := h.Reload(h.as(core.Owner))
	h.must(err)
	var p *host.Proposal
	h.until("it waits", func() bool {
		s, _ := h.Find("outside")
		p = s.Proposal
		return p != nil
	})
	if p.SHA256 != sum || p.Manifest.Version != "3.0.0" || len(p.Changes) != 1 ||
		p.Changes[0] != (core.Change{Field: "reads of each developer's units", Before: "nothing", After: "id, label"}) {
		t.Errorf("proposal = %+v", p)
	}
	old := h.version("1.0.0")
	h.must(syscall.Kill(old.PID, syscall.SIGKILL)) // the old one is started again, not the one that waits
	h.until("the old version is back", func() bool {
		s, _ := h.Find("outside")
		return s.State == host.Ready && s.PID != old.PID && s.Manifest.Version == "1.0.0" && s.Proposal != nil
	})
	h.wants(h.Approve(h.as(core.Owner), "outside", old.SHA256), core.Conflict, "Another version")
	h.must(h.Approve(h.as(core.Owner), "outside", sum))
	if s := h.version("3.0.0"); s.Proposal != nil || len(s.Granted.Read["units"]) != 2 {
		t.Errorf("status = %+v", s)
	}
	h.wants(h.Approve(h.as(core.Owner), "outside", sum), core.Conflict, "")
}

func TestFirstStartThatAsksForMoreIsHeld(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins:\n  greedy:\n    egress: [api.example.com:443]\n")
	s := h.state("greedy", host.Held)
	_, err := h.page("greedy", h.ids[0], "", "")
	h.wants(err, core.Unavailable, "waits for an administrator")
	h.must(h.Refuse(h.as(core.Owner), "greedy", "too curious"))
	h.state("greedy", host.Stopped)
	h.wants(h.Refuse(h.as(core.Owner), "greedy", ""), core.Conflict, "")
	h.must(h.Enable(h.as(core.Owner), "greedy", ""))
	s = h.state("greedy", host.Held)
	h.must(h.Approve(h.as(core.Owner), "greedy", s.Proposal.SHA256))
	h.state("greedy", host.Ready)
}

func TestWrongChecksum(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins: {}\n")
	path, sum := h.outside("outside-1")
	wrong := strings.Repeat("0", 64)
	h.write(fmt.Sprintf("plugins:\n  outside: {path: %s, sha256: %q}\n", path, wrong))
	_, err := h.Reload(h.as(core.Owner))
	h.must(err)
	s := h.state("outside", host.Quarantined)
	for _, part := range []string{path, sum, wrong} {
		if !strings.Contains(s.Why, part) {
			t.Errorf("why = %q, without %s", s.Why, part)
		}
	}
}

func TestDisableAndEnable(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	pid := h.state("probe", host.Ready).PID
	h.wants(h.Disable(h.as(core.Owner), "probe", " "), core.Invalid, "Say why")
	h.must(h.Disable(h.as(core.Owner), "probe", "it costs too much"))
	h.state("probe", host.Stopped)
	if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
		t.Errorf("process: %v", err)
	}
	_, err := h.page("probe", h.ids[0], "", "")
	h.wants(err, core.Unavailable, "it costs too much")
	if places := h.Places(sdk.Tenant, false); len(places) != 0 {
		t.Errorf("places = %+v", places)
	}
	if list, err := h.jobs.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("jobs = %+v, %v", list, err)
	}
	h.wants(h.Restart(h.as(core.Owner), "probe"), core.Conflict, "")
	h.must(h.Enable(h.as(core.Owner), "probe", ""))
	h.state("probe", host.Ready)
	if list, err := h.jobs.List(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("jobs = %+v, %v", list, err)
	}
}

func TestRestartWithoutAGap(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	pid := h.state("probe", host.Ready).PID
	h.must(h.Restart(h.as(core.Owner), "probe"))
	h.until("another process serves", func() bool {
		if _, err := h.page("probe", h.ids[0], "hello", ""); err != nil {
			t.Errorf("in between: %v", err)
			return true
		}
		s, _ := h.Find("probe")
		return s.PID != pid
	})
}

// TestOldVersionServesAfterARestartOfTheConsole waits for approval of a new
// version while another console takes over the data.
func TestOldVersionServesAfterARestartOfTheConsole(t *testing.T) {
	t.Parallel()
	h := newOutside(t, nil)
	sum := h.list("outside-greedy", "")
	_, err := h.Reload(h.as(core.Owner))
	h.must(err)
	h.until("it waits", func() bool {
		s, _ := h.Find("outside")
		return s.Proposal != nil
	})
	text, err := os.ReadFile(h.file)
	h.must(err)
	h.must(h.Stop())
	h.must(h.store.Close())

	next := buildHouse(t, h.dir, nil, string(text))
	next.ids = h.ids
	next.must(next.Start(t.Context()))
	s := next.version("1.0.0")
	if s.Proposal == nil || s.Proposal.SHA256 != sum || s.Why != "A new version waits for approval." {
		t.Errorf("status = %+v", s)
	}
	if _, err := next.page("outside", h.ids[0], "hello", ""); err != nil {
		t.Error(err)
	}
	next.must(next.Approve(next.as(core.Owner), "outside", sum))
	next.version("3.0.0")
}
