package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const (
	structured = "application/cloudevents+json"
	batched    = "application/cloudevents-batch+json"
	events     = "/api/v1/events"
)

// developer onboards a tenant of a test's own and makes it a key, which is
// returned with the tenant's id.
func developer(t *testing.T, name, code string) (tenant, key string) {
	t.Helper()
	made, err := shared.onboard(provision(name, code, ""), []byte("Address\n1 Own Road\n"))
	if err != nil {
		t.Fatal(err)
	}
	tenant = made.text("tenant_id")
	return tenant, keyOf(t, tenant, core.DeveloperAdmin)
}

// keyOf makes a key of a tenant.
func keyOf(t *testing.T, tenant string, role core.Role) string {
	t.Helper()
	made := ask(t, "admin", "POST", "/api/admin/keys", object{"name": "Key of a test", "role": string(role), "tenant_id": tenant}, http.StatusCreated)
	return "Bearer " + made.text("secret")
}

// chat is a CloudEvent that the catalogue knows.
func chat(id string, more ...any) object {
	e := object{"specversion": "1.0", "id": id, "source": "/portals/test", "type": "ai.openhouse.llm.called", "time": time.Now().UTC().Format(time.RFC3339),
		"data": object{"provider": "openai", "model": "gpt-6.1-sol", "prompt_tokens": 812, "completion_tokens": 12, "status": "ok"}}
	for i := 0; i+1 < len(more); i += 2 {
		e[more[i].(string)] = more[i+1]
	}
	return e
}

func fresh(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sums are the six numbers of a receipt, and fails unless the first is the sum
// of the others (P17).
func sums(t *testing.T, r reply) string {
	t.Helper()
	var n [6]float64
	for i, name := range []string{"received", "accepted", "duplicate", "conflict", "invalid", "quarantined"} {
		n[i], _ = r.value(name).(float64)
	}
	if n[0] != n[1]+n[2]+n[3]+n[4]+n[5] {
		t.Errorf("received isn't the sum of the others: %s", r.body)
	}
	return fmt.Sprint(n)
}

func TestEventsInAllThreeModes(t *testing.T) {
	t.Parallel()
	id, held := fresh(t), fresh(t)
	send := func(status int, event object) reply {
		t.Helper()
		return ask(t, "harpur", "POST", events, sent{structured, encoded(t, event)}, status)
	}
	first := send(http.StatusOK, chat(id))
	if sums(t, first) != "[1 1 0 0 0 0]" || first.text("results.0.outcome") != "accepted" || first.text("results.0.id") != id || first.text("results.0.source") != "/portals/test" {
		t.Errorf("the first one: %s", first.body)
	}
	if r := send(http.StatusConflict, chat(id, "data", object{"provider": "openai", "model": "other", "prompt_tokens": 1, "completion_tokens": 1})); sums(t, r) != "[1 0 0 1 0 0]" || r.value("results.0.status") != 409.0 {
		t.Errorf("another payload: %s", r.body)
	}
	r := send(http.StatusUnprocessableEntity, chat(fresh(t), "data", object{"provider": "openai", "model": "m", "prompt_tokens": -1, "completion_tokens": 1}))
	if sums(t, r) != "[1 0 0 0 1 0]" || r.text("results.0.fields.0.field") != "data.prompt_tokens" || r.text("results.0.fields.0.reason") == "" {
		t.Errorf("an invalid one: %s", r.body)
	}
	if r := send(http.StatusAccepted, chat(held, "type", "com.example.moon.risen")); sums(t, r) != "[1 0 0 0 0 1]" || r.text("results.0.hold") != "unknown_type" {
		t.Errorf("an unknown one: %s", r.body)
	}
	binary := fresh(t)
	headers := []string{"ce-specversion", "1.0", "ce-id", binary, "ce-source", "/portals/test", "ce-type", "ai.openhouse.chat.sent", "Idempotency-Key", "same"}
	for _, want := range []string{"accepted", "duplicate"} {
		r := ask(t, "harpur", "POST", events, sent{"application/json", []byte(`{}`)}, http.StatusOK, headers...)
		if r.text("results.0.outcome") != want {
			t.Errorf("in binary, want %s: %s", want, r.body)
		}
	}
	if r := ask(t, "harpur", "POST", events, sent{batched, []byte(`[]`)}, http.StatusOK); r.body != `{"received":0,"accepted":0,"duplicate":0,"conflict":0,"invalid":0,"quarantined":0,"results":[]}` {
		t.Errorf("nothing at all: %s", r.body)
	}
}

// A batch with one of each is answered 200, and says of each what became of it.
func TestABatchSaysWhatBecameOfEachEvent(t *testing.T) {
	t.Parallel()
	tenant, key := developer(t, "Batch Homes", "BATCH")
	id := fresh(t)
	again := chat(id)
	batch := []object{
		again, again, chat(id, "type", "ai.openhouse.chat.sent", "data", object{}), chat(fresh(t), "time", "yesterday"),
		chat(fresh(t), "type", "com.example.moon.risen"), chat(fresh(t), "time", time.Now().AddDate(0, 0, -36).UTC().Format(time.RFC3339)),
		chat(fresh(t)),
	}
	r := ask(t, "nobody", "POST", events, sent{batched, encoded(t, batch)}, http.StatusOK, "Authorization", key)
	if got := sums(t, r); got != "[7 2 1 1 1 2]" {
		t.Errorf("received, accepted, duplicate, conflict, invalid, quarantined are %s: %s", got, r.body)
	}
	for i, want := range []string{"accepted 200", "duplicate 200", "conflict 409", "invalid 422", "quarantined 202", "quarantined 202", "accepted 200"} {
		at := fmt.Sprintf("results.%d.", i)
		if got := fmt.Sprintf("%s %v", r.text(at+"outcome"), r.value(at+"status")); got != want || r.text(at+"id") != batch[i]["id"] {
			t.Errorf("event %d is %s, want %s: %s", i, got, want, r.body)
		}
	}
	if r.text("results.3.fields.0.field") != "time" || r.text("results.4.hold") != "unknown_type" || r.text("results.5.hold") != "too_late" {
		t.Errorf("the reasons are not named: %s", r.body)
	}
	receipts := ask(t, "nobody", "GET", "/api/usage-receipts", nil, http.StatusOK, "Authorization", key)
	if got := sums(t, reply{body: string(encoded(t, receipts.value("sum")))}); got != "[7 2 1 1 1 2]" {
		t.Errorf("what was received adds up to %s: %s", got, receipts.body)
	}
	staff := "/api/admin/tenants/" + tenant
	for path, total := range map[string]float64{"/usage-events": 2, "/usage-conflicts": 1, "/usage-refusals": 1, "/usage-quarantine?state=held": 2, "/usage-quarantine?reason=too_late": 1} {
		if r := ask(t, "finance", "GET", staff+path, nil, http.StatusOK); r.value("total") != total {
			t.Errorf("%s has %v entries, want %v: %s", path, r.value("total"), total, r.body)
		}
	}
}

func TestRequestsThatHoldNoEventsAreRefused(t *testing.T) {
	t.Parallel()
	many := "[" + strings.TrimSuffix(strings.Repeat("{},", 5001), ",") + "]"
	long := `[{"id":"` + strings.Repeat("a", 5<<20) + `"}]`
	for _, c := range []struct {
		name   string
		body   sent
		header []string
		status int
	}{
		{"more than 5,000", sent{batched, []byte(many)}, nil, http.StatusRequestEntityTooLarge},
		{"more than 5 MiB", sent{batched, []byte(long)}, nil, http.StatusRequestEntityTooLarge},
		{"no CloudEvents", sent{"text/plain", []byte("hello")}, nil, http.StatusUnsupportedMediaType},
		{"packed", sent{structured, []byte("\x1f\x8b")}, []string{"Content-Encoding", "gzip"}, http.StatusUnsupportedMediaType},
		{"half an array", sent{batched, []byte(`[{"id":`)}, nil, http.StatusUnprocessableEntity},
		{"no array", sent{batched, []byte(`{}`)}, nil, http.StatusUnprocessableEntity},
	} {
		r := ask(t, "harpur", "POST", events, c.body, c.status, c.header...)
		if got := r.header.Get("Content-Type"); got != "application/problem+json" || r.text("detail") == "" {
			t.Errorf("%s: %s %s", c.name, got, r.body)
		}
	}
}

// Events have a limit of their own, which is not that of requests; what it
// refuses leaves nothing behind.
func TestTheLimitOfEvents(t *testing.T) {
	t.Parallel()
	tenant, key := developer(t, "Much Homes", "MUCH")
	staff := "/api/admin/tenants/" + tenant
	limits := changed(t, staff, "events_per_minute", 3)
	ask(t, "admin", "PUT", staff+"/settings", with(limits, "requests_per_minute", 1), http.StatusOK)
	post := func(n, status int) reply {
		t.Helper()
		batch := []object{}
		for range n {
			batch = append(batch, chat(fresh(t)))
		}
		return ask(t, "nobody", "POST", events, sent{batched, encoded(t, batch)}, status, "Authorization", key)
	}
	post(4, http.StatusOK) // more than the limit, with a full bucket
	r := post(3, http.StatusTooManyRequests)
	if r.header.Get("Retry-After") == "" || r.text("detail") == "" {
		t.Errorf("the refusal doesn't say when to come back: %s", r.body)
	}
	if got := ask(t, "admin", "GET", staff+"/usage-receipts", nil, http.StatusOK); got.value("sum.received") != 4.0 {
		t.Errorf("a refused batch was counted: %s", got.body)
	}
	ask(t, "admin", "PUT", staff+"/settings", changed(t, staff, "events_per_minute", 1000), http.StatusOK)
	for range 5 { // one request a minute is allowed, and five report
		post(1, 0)
	}
	if r := ask(t, "nobody", "POST", "/api/developments", object{"name": "A"}, 0, "Authorization", key); r.status != http.StatusCreated {
		t.Errorf("reporting spent the limit of requests: %d %s", r.status, r.body)
	}
}

// A full disk refuses with 503 and leaves nothing half written.
func TestAFullDiskIsSaid(t *testing.T) {
	t.Parallel()
	tenant, key := developer(t, "Full Homes", "FULL")
	pages := func(n int) {
		t.Helper()
		err := shared.app.Tenants.Update(context.Background(), core.TenantID(tenant), func(tx *tenants.Tx) error {
			_, err := tx.Exec(context.Background(), fmt.Sprintf("pragma max_page_count = %d", n))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	batch := []object{}
	for range 2000 {
		batch = append(batch, chat(fresh(t)))
	}
	body := sent{batched, encoded(t, batch)}
	pages(1) // SQLite raises it to what there is
	r := ask(t, "nobody", "POST", events, body, http.StatusServiceUnavailable, "Authorization", key)
	if r.header.Get("Retry-After") == "" || r.text("code") != "unavailable" || !strings.Contains(r.text("detail"), "full") {
		t.Errorf("the refusal: %v %s", r.header, r.body)
	}
	pages(1 << 30)
	r = ask(t, "nobody", "POST", events, body, http.StatusOK, "Authorization", key)
	if got := sums(t, r); got != "[2000 2000 0 0 0 0]" {
		t.Errorf("what was refused was kept in part: %s", got)
	}
}

func TestWhoMayReportEvents(t *testing.T) {
	t.Parallel()
	tenant, key := developer(t, "Alone Homes", "ALONE")
	body := sent{structured, encoded(t, chat(fresh(t)))}
	staff := "/api/admin/tenants/" + tenant
	if r := ask(t, "admin", "POST", events, body, http.StatusNotFound); !strings.Contains(r.text("detail"), "/api/admin/tenants/{tenant_id}") {
		t.Errorf("a platform key isn't told where tenants are: %s", r.body)
	}
	ask(t, "nobody", "POST", events, body, http.StatusUnauthorized)
	ask(t, "developer_viewer", "POST", events, body, http.StatusForbidden)
	ask(t, "other", "POST", staff+"/v1/events", body, http.StatusNotFound)
	ask(t, "auditor", "POST", staff+"/v1/events", body, http.StatusForbidden)
	ask(t, "support", "POST", staff+"/v1/events", body, http.StatusOK)
	for who, header := range map[string]string{"other": "", "nobody": key} {
		r := ask(t, who, "POST", events, sent{structured, encoded(t, chat("one-id"))}, http.StatusOK, pairs("Authorization", header)...)
		if r.text("results.0.outcome") != "accepted" {
			t.Errorf("two tenants share an identity: %s", r.body)
		}
	}
	if r := ask(t, "admin", "GET", staff+"/usage-events", nil, http.StatusOK); r.value("total") != 2.0 {
		t.Errorf("the tenant has events of others: %s", r.body)
	}
}

// A portal's key is no person's: what it may do is in the golden file of roles.
func TestNobodyIsAReporter(t *testing.T) {
	t.Parallel()
	tenant, _ := developer(t, "Quiet Homes", "QUIET")
	ask(t, "reporter", "POST", events, sent{structured, encoded(t, chat(fresh(t)))}, http.StatusOK)
	ask(t, "admin", "POST", "/api/admin/users", object{"name": "A Person", "email": "reporter@quiet.example", "role": "reporter", "tenant_id": tenant}, http.StatusUnprocessableEntity)
}

func pairs(name, value string) []string {
	if value == "" {
		return nil
	}
	return []string{name, value}
}

func TestQuarantineOverTheAPI(t *testing.T) {
	t.Parallel()
	tenant, key := developer(t, "Held Homes", "HELD")
	staff, late := "/api/admin/tenants/"+tenant+"/usage-quarantine", time.Now().AddDate(0, 0, -50).UTC().Format(time.RFC3339)
	batch := []object{chat(fresh(t), "time", late), chat(fresh(t), "time", late), chat(fresh(t), "time", late), chat(fresh(t), "type", "com.example.moon.risen")}
	ask(t, "nobody", "POST", events, sent{batched, encoded(t, batch)}, http.StatusOK, "Authorization", key)
	list := ask(t, "nobody", "GET", "/api/usage-quarantine?type=ai.openhouse.llm.called", nil, http.StatusOK, "Authorization", key)
	one, two := list.text("items.0.id"), list.text("items.1.id")
	unknown := ask(t, "engineer", "GET", staff+"?reason=unknown_type", nil, http.StatusOK).text("items.0.id")
	if one == "" || two == "" || unknown == "" {
		t.Fatalf("the quarantine: %s", list.body)
	}
	ask(t, "nobody", "POST", "/api/usage-quarantine/"+one+"/release", nil, http.StatusForbidden, "Authorization", key)
	if r := ask(t, "engineer", "POST", staff+"/"+one+"/release", nil, http.StatusOK); r.value("accepted") != 1.0 {
		t.Errorf("released: %s", r.body)
	}
	ask(t, "engineer", "POST", staff+"/"+one+"/release", nil, http.StatusConflict)
	if r := ask(t, "engineer", "POST", staff+"/"+unknown+"/release", nil, http.StatusUnprocessableEntity); !strings.Contains(r.body, "type") {
		t.Errorf("the type isn't named: %s", r.body)
	}
	ask(t, "engineer", "POST", staff+"/"+two+"/dismiss", nil, http.StatusNoContent)
	if r := ask(t, "engineer", "POST", staff+"/release", object{"type": "ai.openhouse.llm.called"}, http.StatusOK); r.value("accepted") != 1.0 {
		t.Errorf("released by type: %s", r.body)
	}
	ask(t, "engineer", "POST", staff+"/release", object{"type": "com.example.moon.risen"}, http.StatusUnprocessableEntity)
	receipts := ask(t, "nobody", "GET", "/api/usage-receipts?days=1", nil, http.StatusOK, "Authorization", key)
	if got := sums(t, reply{body: string(encoded(t, receipts.value("sum")))}); got != "[4 2 0 0 0 2]" {
		t.Errorf("the figures after the decisions are %s: %s", got, receipts.body)
	}
}

func TestTheCatalogueIsRead(t *testing.T) {
	t.Parallel()
	all := ask(t, "developer_viewer", "GET", "/api/event-types", nil, http.StatusOK)
	if name := all.text("items.0.type"); !strings.HasPrefix(name, "ai.openhouse.") || all.text("items.0.schema.type") != "object" {
		t.Errorf("the catalogue: %s", all.body)
	}
	one := ask(t, "auditor", "GET", "/api/admin/event-types/ai.openhouse.llm.called", nil, http.StatusOK)
	if one.text("schema.properties.model.type") != "string" || one.value("example.prompt_tokens") == nil {
		t.Errorf("a type: %s", one.body)
	}
	ask(t, "auditor", "GET", "/api/admin/event-types/ai.openhouse.moon.risen", nil, http.StatusNotFound)
	document := ask(t, "nobody", "GET", "/api/openapi.json", nil, http.StatusOK)
	if document.text("components.schemas.UsageLlmCalled.type") != "object" {
		t.Error("the document has no schema of the catalogue")
	}
}
