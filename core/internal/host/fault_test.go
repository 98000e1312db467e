package host_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
)

// crash returns the latest dossier of a plugin that has one.
func (h *house) crash(id string) host.Crash {
	h.t.Helper()
	h.until(id+" has a dossier", func() bool {
		s, _ := h.Find(id)
		return len(s.Crashes) > 0
	})
	s, _ := h.Find(id)
	return s.Crashes[0]
}

func TestKilledInTheMiddleOfACall(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe", "second"))
	pid, other := h.state("probe", host.Ready).PID, h.state("second", host.Ready).PID
	_, err := h.page("probe", h.ids[0], "die", "")
	h.wants(err, core.Unavailable, "Probe stopped while it was at work (page home)")
	c := h.crash("probe")
	if c.Exit != "ended by a signal: killed" || c.PID != pid || len(c.Calls) != 1 || c.Calls[0] != "page home of "+string(h.ids[0]) {
		t.Errorf("dossier = %+v", c)
	}
	if s := h.state("probe", host.Ready); s.PID == pid {
		t.Error("the process is the old one")
	}
	if _, err := h.page("probe", h.ids[0], "hello", ""); err != nil {
		t.Errorf("the next call: %v", err)
	}
	if s, _ := h.Find("second"); s.PID != other || len(s.Crashes) > 0 {
		t.Errorf("another plugin was touched: %+v", s)
	}
}

func TestKilledInTheMiddleOfAnEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	go h.bus.Run(t.Context())
	h.emit(h.ids[0], "fatal1")
	h.emit(h.ids[0], "fatal1")
	h.emit(h.ids[0], "unit2")
	h.until("every event is delivered", func() bool {
		b, err := h.bus.Backlog(t.Context(), "probe")
		return err == nil && b.Pending == 0 && len(h.effects("probe", h.ids[0])) == 3
	})
	for id, n := range h.effects("probe", h.ids[0]) {
		if n != 1 {
			t.Errorf("the effect of %s came %d times", id, n)
		}
	}
	if c := h.crash("probe"); len(c.Calls) == 0 || !strings.HasPrefix(c.Calls[0], "event unit.handed_over of ") {
		t.Errorf("dossier = %+v", c)
	}
}

func TestKilledInTheMiddleOfAJob(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	ctx := h.as(core.Owner)
	run, err := h.jobs.RunNow(ctx, "probe.sweep")
	h.must(err)
	h.until("the job has ended", func() bool {
		run, err = h.jobs.FindRun(ctx, run.ID)
		return err == nil && run.State != core.Running
	})
	if run.State != core.Done || run.Done != 2 {
		t.Errorf("run = %+v", run)
	}
	for _, tenant := range h.ids {
		if got := h.effects("probe", tenant); len(got) != 1 {
			t.Errorf("effects = %v", got)
		}
	}
	if c := h.crash("probe"); !strings.HasPrefix(c.Calls[0], "job sweep of ") {
		t.Errorf("dossier = %+v", c)
	}
}

// advance moves a fake clock a little again and again until is says enough.
func (h *house) advance(clock *clockwork.FakeClock, step time.Duration, what string, is func() bool) {
	h.t.Helper()
	h.until(what, func() bool {
		if is() {
			return true
		}
		clock.Advance(step)
		return false
	})
}

// again waits until another process of a plugin is ready. The clock moves while
// the plugin backs off, and stands while it is being started.
func (h *house) again(clock *clockwork.FakeClock, id string, before int) (pid int) {
	h.t.Helper()
	h.until(id+" is ready again", func() bool {
		s, _ := h.Find(id)
		if s.State == host.BackingOff {
			clock.Advance(500 * time.Millisecond)
		}
		pid = s.PID
		return s.State == host.Ready && pid > 0 && pid != before
	})
	return pid
}

func TestStoppedProcessIsKilled(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	h := newHouse(t, clock, only("probe"))
	pid := h.state("probe", host.Ready).PID
	h.must(syscall.Kill(pid, syscall.SIGSTOP))
	h.advance(clock, time.Second, "it was killed", func() bool {
		s, _ := h.Find("probe")
		return len(s.Crashes) > 0
	})
	if c := h.crash("probe"); c.Exit != "killed: 3 health checks without an answer" {
		t.Errorf("dossier = %+v", c)
	}
	h.again(clock, "probe", pid)
}

func TestCallWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	h := newHouse(t, clock, "plugins:\n  probe: {limits: {calls: 2, call: 30s}}\n")
	h.state("probe", host.Ready)
	answers := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := h.page("probe", h.ids[0], "hang", "")
			answers <- err
		}()
	}
	h.until("both calls are in flight", func() bool {
		s, _ := h.Find("probe")
		return s.Calls.InFlight == 2
	})
	_, err := h.page("probe", h.ids[0], "hello", "")
	h.wants(err, core.Unavailable, "busy with 2 calls")
	clock.Advance(30 * time.Second)
	for range 2 {
		h.wants(<-answers, core.Unavailable, "Probe did not answer within 30s (page home)")
	}
	if _, err = h.page("probe", h.ids[0], "hello", ""); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestLeakOfMemory(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	if _, err := h.page("probe", h.ids[0], "hoard", ""); err != nil && core.CodeOf(err) != core.Unavailable {
		t.Fatal(err)
	}
	if c := h.crash("probe"); !strings.HasPrefix(c.Exit, "killed: memory ") || !strings.HasSuffix(c.Exit, " MB over 256 MB") {
		t.Errorf("dossier = %+v", c)
	}
	h.state("probe", host.Ready)
}

func TestFloodOfTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins:\n  probe: {limits: {log_lines: 100, call: 60s}}\n  second: {}\n")
	h.state("probe", host.Ready)
	h.state("second", host.Ready)
	done := make(chan error, 1)
	go func() {
		_, err := h.page("probe", h.ids[0], "flood", "")
		done <- err
	}()
	if _, err := h.page("second", h.ids[0], "hello", ""); err != nil {
		t.Errorf("another plugin: %v", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := len(h.Logs("probe")); n == 0 || n > 500 {
		t.Errorf("%d lines are kept", n)
	}
	if n := strings.Count(h.log.String(), "msg=flood"); n > 200 {
		t.Errorf("%d lines of the flood are in the console's log", n)
	}
}

func TestPrintsBeforeServe(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	h := newHouse(t, clock, only("noisy", "probe"))
	h.state("probe", host.Ready)
	h.until("it is quarantined", func() bool {
		s, _ := h.Find("noisy")
		if s.State == host.BackingOff { // in between, so that no health check of the other is late
			clock.Advance(500 * time.Millisecond)
		}
		return s.State == host.Quarantined
	})
	s, _ := h.Find("noisy")
	if len(s.Crashes) != 5 || !strings.Contains(s.Why, "loading the configuration") || !strings.Contains(s.Why, "five times within ten minutes") {
		t.Errorf("status = %+v", s)
	}
	_, err := h.page("noisy", h.ids[0], "", "")
	h.wants(err, core.Unavailable, "noisy is resting")
	if _, err := h.page("probe", h.ids[0], "hello", ""); err != nil {
		t.Errorf("another plugin: %v", err)
	}
	h.must(h.Restart(h.as(core.Owner), "noisy")) // a person has looked at it
	h.until("it is tried again", func() bool {
		s, _ := h.Find("noisy")
		return len(s.Crashes) == 6
	})
}

func TestQuarantineAfterFiveExits(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	h := newHouse(t, clock, only("probe"))
	pid := 0
	for n := range 5 {
		pid = h.again(clock, "probe", pid)
		h.must(syscall.Kill(pid, syscall.SIGKILL))
		h.until("it has noticed", func() bool {
			s, _ := h.Find("probe")
			return len(s.Crashes) == n+1
		})
	}
	s := h.state("probe", host.Quarantined)
	if places := h.Places("tenant", false); len(places) != 1 || places[0].Ready {
		t.Errorf("its place in the navigation: %+v", places)
	}
	clock.Advance(time.Hour)
	if after, _ := h.Find("probe"); after.State != host.Quarantined || s.PID != 0 {
		t.Errorf("status = %+v", after)
	}
	h.must(h.Restart(h.as(core.Owner), "probe"))
	h.state("probe", host.Ready)
}

func TestNothingIsLeftOfAStop(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe", "second"))
	pids := []int{h.state("probe", host.Ready).PID, h.state("second", host.Ready).PID}
	h.must(h.Stop())
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
			t.Errorf("process %d: %v", pid, err)
		}
	}
	left, err := os.ReadDir(h.Run)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		if entry.IsDir() {
			t.Errorf("%s is left", entry.Name())
		}
	}
}
