package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
)

// report takes events into Harpur Homes' ledger, as the API does.
func (h *house) report(reports ...usage.Report) usage.Receipt {
	h.t.Helper()
	r, err := h.Usage.Take(system, h.harpur, reports)
	h.must(err)
	return r
}

func used(id, kind string, at time.Time, data string) usage.Report {
	return usage.Report{Event: core.UsageEvent{Source: "/portals/test", ID: id, Type: kind, Time: at, Data: json.RawMessage(data)}}
}

// one of everything that can become of an event.
func (h *house) everyOutcome() {
	now := h.clock.Now()
	late, unknown := used("late-1", "ai.openhouse.chat.sent", now.AddDate(0, 0, -40), `{}`), used("moon-1", "com.example.moon.risen", now, `{}`)
	unknown.Hold = usage.HoldUnknownType
	wrong := used("wrong-1", "ai.openhouse.llm.called", now, `{}`)
	wrong.Fields = []core.FieldError{{Field: "data.model", Reason: "is missing"}}
	h.report(used("chat-1", "ai.openhouse.chat.sent", now, `{}`), used("chat-1", "ai.openhouse.chat.sent", now, `{}`), used("chat-1", "ai.openhouse.chat.sent", now, `{"words":2}`),
		used("chat-2", "ai.openhouse.chat.sent", now.Add(-time.Hour), `{}`), late, unknown, wrong)
}

func TestUsageIsShownAndAddsUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff, own := h.as(core.Owner), h.as(core.DeveloperAdmin)
	base := "/admin/tenants/" + string(h.harpur) + "/usage"
	staff.get(base).wants(t, http.StatusOK, "No usage yet.", "curl -H", "/api/v1/events", "Send a test event")
	h.everyOutcome()
	page := staff.get(base).wants(t, http.StatusOK, "Chat sent", "com.example.moon.risen", "data.model is missing", "More than 35 days late", "Release all of this type", "Conflicts", "Refused", "Waits for a decision")
	for _, stat := range []string{"Received today 7 7 in 30 days", "Accepted today 2", "Duplicate today 1", "Conflict today 1", "Invalid today 1", "Quarantined today 2"} {
		if !strings.Contains(plain(page.main()), stat) {
			t.Errorf("no %q in %s", stat, plain(page.main()))
		}
	}
	if text := plain(page.main()); !strings.Contains(text, "All 7 2 1 1 1 2") {
		t.Errorf("the sums of the types are not 7 2 1 1 1 2: %s", text)
	}
	portal := own.get("/portal/usage").wants(t, http.StatusOK, "Chat sent", "Usage")
	if strings.Contains(portal.body, "/release") || strings.Contains(portal.body, "Dismiss") {
		t.Error("a developer's staff decide about what they are billed for")
	}
	fragment := staff.get(base+"/poll").wants(t, http.StatusOK, "Received today")
	if strings.Contains(fragment.body, "<html") {
		t.Error("the poll answers with a whole page")
	}
	staff.get(base+"?kind=ai.openhouse.page.viewed").wants(t, http.StatusOK, "Nothing matches.")
	staff.get(base+"?kind=ai.openhouse.chat.sent&format=csv").wants(t, http.StatusOK, "chat-2", h.clock.Now().Add(-time.Hour).UTC().Format(":04:05\r\n"))
	if file := staff.get(base+"/quarantine?format=csv").wants(t, http.StatusOK, "late-1"); !strings.Contains(file.body, ",Happened,Came\r\n") {
		t.Errorf("the file of the quarantine has a column of buttons: %s", file.body)
	}
	staff.get(base+"?format=xlsx").wants(t, http.StatusOK)
	staff.get(base+"/conflicts").wants(t, http.StatusOK, "chat-1")
	staff.get(base+"/refused?format=csv").wants(t, http.StatusOK, "data.model is missing")
	h.as(core.DeveloperViewer).get("/portal/usage").wants(t, http.StatusForbidden)
}

// plain is the text of a page, with single blanks.
func plain(body string) string {
	var b strings.Builder
	inside := false
	for _, r := range body {
		switch {
		case r == '<':
			inside = true
			b.WriteByte(' ')
		case r == '>':
			inside = false
		case !inside:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestQuarantineIsDecided(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	engineer := h.as(core.Engineer)
	base := "/admin/tenants/" + string(h.harpur) + "/usage"
	engineer.get(base+"/quarantine").wants(t, http.StatusOK, "Nothing is quarantined.")
	h.everyOutcome()
	now := h.clock.Now()
	h.report(used("late-2", "ai.openhouse.chat.sent", now.AddDate(0, 0, -41), `{}`), used("late-3", "ai.openhouse.chat.sent", now.AddDate(0, 0, -42), `{}`), used("late-4", "ai.openhouse.chat.sent", now.AddDate(0, 0, -43), `{}`))
	held := func(id string) string {
		t.Helper()
		list, err := h.Usage.Quarantine(system, h.harpur, core.Query{})
		h.must(err)
		for _, e := range list.Items {
			if e.Event.ID == id {
				return base + "/quarantine/" + e.ID
			}
		}
		t.Fatalf("%s is not in quarantine", id)
		return ""
	}
	if page := engineer.get(base+"/quarantine?status=held").wants(t, http.StatusOK, "com.example.moon.risen"); strings.Contains(page.body, strings.TrimPrefix(held("moon-1"), base)+"/release") || !strings.Contains(page.body, strings.TrimPrefix(held("moon-1"), base)+"/dismiss") {
		t.Error("the page offers to release what the catalogue doesn't know, or not to dismiss it")
	}
	engineer.post(held("moon-1")+"/release").wants(t, http.StatusConflict, "can&#39;t be released", "catalogue")
	for from, back := range map[string]bool{h.url + base + "/quarantine": true, "https://elsewhere.example" + base + "/quarantine": false} {
		refused := engineer.do(http.MethodPost, held("moon-1")+"/release", "", "Referer", from).wants(t, http.StatusConflict)
		if strings.Contains(refused.body, `href="`+base+`/quarantine"`) != back {
			t.Errorf("refused after %s, the way back is shown: %v", from, !back)
		}
	}
	engineer.post(held("late-1")+"/release").leads(t, base)
	engineer.get(base).wants(t, http.StatusOK, "1 event released.")
	engineer.post(held("late-1")+"/release").wants(t, http.StatusConflict)
	engineer.post(held("late-2")+"/dismiss", "from", "quarantine").leads(t, base+"/quarantine")
	engineer.post(base+"/quarantine/release", "type", "ai.openhouse.chat.sent").leads(t, base)
	engineer.get(base).wants(t, http.StatusOK, "2 events released.")
	engineer.get(base+"/quarantine?status=released").wants(t, http.StatusOK, "late-3", "Released")
	engineer.get(base+"/quarantine?status=dismissed").wants(t, http.StatusOK, "late-2")
	h.as(core.DeveloperAdmin).post(strings.Replace(held("late-4"), base, "/portal/usage", 1)+"/release").wants(t, http.StatusForbidden)
	h.as(core.Auditor).get("/admin/audit?q=usage&tenant="+string(h.harpur)).wants(t, http.StatusOK)
	tallies, err := h.Usage.Receipts(system, h.harpur, 1)
	h.must(err)
	if sum := usage.Sum(tallies); fmt.Sprint(sum.Received(), sum.Accepted, sum.Quarantined) != "10 5 2" {
		t.Errorf("received, accepted, quarantined are %d %d %d", sum.Received(), sum.Accepted, sum.Quarantined)
	}
}

func TestATestEventIsSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	own := h.as(core.DeveloperAdmin)
	own.get("/portal/usage/test").wants(t, http.StatusOK, "ai.openhouse.llm.called", "/console/test")
	own.post("/portal/usage/test", "type", "com.example.moon.risen").wants(t, http.StatusUnprocessableEntity, "is not in the catalogue")
	for range 2 {
		own.post("/portal/usage/test", "type", "ai.openhouse.llm.called").leads(t, "/portal/usage")
	}
	own.get("/portal/usage").wants(t, http.StatusOK, "The event is accepted.", "/console/test")
	list, err := h.Usage.List(system, h.harpur, core.Query{})
	h.must(err)
	if list.Total != 2 {
		t.Errorf("two test events are %d in the ledger", list.Total)
	}
	h.as(core.Auditor).post("/admin/tenants/"+string(h.harpur)+"/usage/test", "type", "ai.openhouse.llm.called").wants(t, http.StatusForbidden)
}

func TestRetentionIsSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.report(used("chat-1", "ai.openhouse.chat.sent", h.clock.Now(), `{}`))
	h.clock.Advance(70 * 24 * time.Hour)
	settings, err := h.Tenants.Settings(system, h.harpur)
	h.must(err)
	settings.UsageRetentionDays = 62
	h.must(h.Tenants.SaveSettings(system, h.harpur, settings))
	h.finished(h.as(core.Owner).post("/admin/jobs/usage.retain/run").location)
	h.as(core.Owner).get("/admin/tenants/"+string(h.harpur)+"/usage").wants(t, http.StatusOK, "were erased by retention")
}
