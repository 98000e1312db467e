package web_test

import (
	"archive/zip"
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/jobs"
	"github.com/openhouse-ai/console/tenants"
)

func TestTheAuditLogIsReadVerifiedAndExported(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	auditor := h.as(core.Auditor)
	h.must(h.Audit.Checkpoint(system))
	auditor.get("/admin/audit").wants(t, 200, "created user", "Last checkpoint")
	page := auditor.get("/admin/audit?kind=session.start&actor="+auditor.ID+"&status=ok&from=2026-11-22&to=2026-11-22&q=session").wants(t, 200, "signed in", `value="2026-11-22"`)
	auditor.get("/admin/audit?from=2026-11-23").wants(t, 200, "Nothing matches.")
	record := found(t, page.body, `href="(/admin/audit/\d+)"`)
	auditor.get(record).wants(t, 200, "signed in", "SHA-256", auditor.Name)
	for _, none := range []string{"0", "-1", "x", "999999", "9223372036854775807"} {
		auditor.get("/admin/audit/"+none).wants(t, 404)
	}
	auditor.get("/admin/audit/verify").wants(t, 200, "The chain is whole.")
	auditor.post("/admin/audit/export", "from", "2026-11-22").wants(t, 422, "says what the export is for", "2026-11-22")
	file := auditor.post("/admin/audit/export", "reason", "Yearly audit").wants(t, 200)
	archive, err := zip.NewReader(strings.NewReader(file.body), int64(len(file.body)))
	if err != nil || len(archive.File) == 0 {
		t.Fatalf("the export is no ZIP: %v", err)
	}
	auditor.get("/admin/audit?kind=audit.export").wants(t, 200, "Yearly audit")
	csv := auditor.get("/admin/audit?kind=audit.export&format=csv").wants(t, 200, "audit.export")
	if got := csv.header.Get("Content-Disposition"); got != `attachment; filename="records.csv"` {
		t.Error(got)
	}
}

func TestTheOutboxIsReadAndReleased(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.get("/admin/outbox").wants(t, 200, "No mail yet.")
	invited := owner.post("/admin/users/invite", "name", "Rory Quinn", "email", "rory@openhouse.example", "role", "finance")
	owner.get(invited.location).wants(t, 200, "on its way to rory@openhouse.example")
	h.finished(owner.post("/admin/jobs/notify.deliver/run").location)
	page := owner.get("/admin/outbox?status=held&kind=user_invitation").wants(t, 200, "1 message held", "Held", "Invitation")
	if strings.Contains(page.body, "rory@openhouse.example") {
		t.Error("the list tells whom the message is for")
	}
	address := found(t, page.body, `href="(/admin/outbox/msg_\w+)"`)
	owner.get(address).wants(t, 200, "invites you to OpenHouse Console", "rory@openhouse.example", "Release")
	owner.post(address+"/release").wants(t, 409, "mail server")
	owner.post(address+"/retry").wants(t, 409)
	owner.get(address+"?tenant="+string(h.harpur)).wants(t, 404)
	owner.get(address+"?tenant=nonsense").wants(t, 404)
	h.as(core.Finance).get(address).wants(t, 200)
	h.as(core.Finance).post(address+"/release").wants(t, 403)
}

func TestAMailIsShownWhereItCanDoNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := core.NewID(core.PrefixMessage, h.clock.Now())
	h.must(h.Tenants.Update(system, h.harpur, func(tx *tenants.Tx) error {
		return h.Outbox.Queue(system, tx, core.Message{ID: id, To: "a@harpur.example", Subject: "Hello", Text: "Hello", HTML: `<p style="color:red">Hello</p><script>alert(1)</script>`, Template: "welcome_pack"})
	}))
	address := "/admin/outbox/" + id + "/html?tenant=" + string(h.harpur)
	page := h.as(core.Owner).get(address).wants(t, 200, "<p style")
	if got, want := page.header.Get("Content-Security-Policy"), "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"; got != want {
		t.Errorf("policy %q, want %q", got, want)
	}
}

func TestAJobIsRunFollowedAndCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	release := make(chan struct{})
	h.must(h.Jobs.Declare(jobs.Spec{ID: "test.slow", Summary: "Waits to be let go.", Run: func(ctx context.Context, run *jobs.Run) (string, error) {
		run.Logf("waiting")
		run.Progress(1, 4)
		select {
		case <-release:
			return "let go", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}}))
	owner := h.as(core.Owner)
	owner.get("/admin/jobs").wants(t, 200, "test.slow", "On demand", "Every minute", "Every day at 03:40 UTC", "Every hour at :50")
	address := owner.post("/admin/jobs/test.slow/run").location
	owner.get(address).wants(t, 200, "Cancel run", "sse-connect=\""+address+"/stream\"")
	owner.post("/admin/jobs/test.slow/run").wants(t, 409)
	owner.get(address+"/poll").wants(t, 200, "Progress")
	events := owner.stream(address + "/stream")
	close(release)
	for line := range events {
		if line == "event: done" {
			break
		}
	}
	owner.get(address+"/poll").wants(t, 286, "let go")
	owner.get("/admin/jobs/runs?kind=test.slow&status=done").wants(t, 200, "let go", owner.Name)

	release = make(chan struct{})
	address = owner.post("/admin/jobs/test.slow/run").location
	owner.post(address+"/cancel").leads(t, address)
	if run := h.finished(address); run.State != core.Cancelled {
		t.Errorf("the run is %s", run.State)
	}
	owner.get(address).wants(t, 200, "The run was cancelled.")
	owner.get("/admin/jobs/runs/jbr_unknown/stream").wants(t, 404)
}

func TestStreamsEndWithTheProcess(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(h.Jobs.Declare(jobs.Spec{ID: "test.stuck", Summary: "Waits for its end.", Run: func(ctx context.Context, _ *jobs.Run) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}}))
	owner := h.as(core.Owner)
	events := owner.stream(owner.post("/admin/jobs/test.stuck/run").location + "/stream")
	<-events // the first drawing has come
	h.stop()
	for range events {
	}
}

func TestTheClockIsMoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.get("/dev/clock").wants(t, 200, "2026-11-22T09:12:00Z")
	owner.post("/dev/clock", "for", "soon").wants(t, 422, "is not a time such as")
	owner.post("/dev/clock", "by", "1h").leads(t, "/dev/clock")
	owner.signIn()
	owner.get("/dev/clock").wants(t, 200, "2026-11-22T10:12:00Z")
	owner.get("/dev/components").wants(t, 200, "/q/example.svg")
	h.nobody().get("/q/example.svg").wants(t, 200, "<svg")
}

// finished waits for the end of the run of a job that the address shows.
func (h *house) finished(address string) core.JobRun {
	h.t.Helper()
	id := strings.TrimPrefix(address, "/admin/jobs/runs/")
	states, err := h.Jobs.Watch(system, id)
	h.must(err)
	for range states {
	}
	run, err := h.Jobs.FindRun(system, id)
	h.must(err)
	return run
}

// stream reads the lines of an event stream until it ends.
func (p *person) stream(path string) <-chan string {
	p.house.t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.house.url+path, nil)
	p.house.must(err)
	resp, err := p.client.Do(r)
	p.house.must(err)
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "text/event-stream" {
		p.house.t.Fatalf("stream %s: %d %s", path, resp.StatusCode, got)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		defer resp.Body.Close()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}
