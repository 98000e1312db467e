package usage_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// meter is a ledger on a real store with two tenants and a clock.
type meter struct {
	*usage.Ledger
	store         *tenants.Store
	tenant, other core.TenantID
	mu            sync.Mutex
	moment        time.Time
	looked        func() // called when somebody looks at the clock; may be nil
	records       []core.Entry
}

func (m *meter) clock() time.Time {
	m.mu.Lock()
	looked, moment := m.looked, m.moment
	m.mu.Unlock()
	if looked != nil {
		looked()
	}
	return moment
}

// now is the clock's moment, without looking at it.
func (m *meter) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.moment
}

func (m *meter) set(moment time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moment = moment
}

// watch calls looked whenever somebody looks at the clock.
func (m *meter) watch(looked func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looked = looked
}

// Record keeps what would go to the audit log.
func (m *meter) Record(_ context.Context, _ *tenants.Tx, e core.Entry) error {
	m.records = append(m.records, e)
	return nil
}

func newMeter(t testing.TB) *meter {
	t.Helper()
	m := openMeter(t, fresh.Dir(t))
	t.Cleanup(func() { ok(t, m.store.Close()) })
	return m
}

func openMeter(t testing.TB, dir string) *meter {
	t.Helper()
	m := &meter{moment: noon}
	m.reopen(t, dir)
	m.tenant, m.other = m.addTenant(t, "HARP"), m.addTenant(t, "WEST")
	return m
}

// reopen opens the store of a folder; the caller closes it.
func (m *meter) reopen(t testing.TB, dir string) {
	t.Helper()
	store, err := tenants.Open(context.Background(), tenants.Options{
		Dir: dir, Now: m.clock, Log: slog.New(slog.DiscardHandler),
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}},
	})
	ok(t, err)
	m.store, m.Ledger = store, usage.New(usage.Options{Store: store, Recorder: m})
}

func (m *meter) addTenant(t fataler, code string) core.TenantID {
	t.Helper()
	id := core.NewTenantID(m.now())
	ok(t, m.store.Create(context.Background(), core.Tenant{ID: id, Name: "Builder " + code, Code: code, Region: "eu-west"}))
	return id
}

// accept returns the outcomes of events, in one word each.
func (m *meter) accept(t fataler, events ...core.UsageEvent) string {
	t.Helper()
	var outcomes []usage.Outcome
	ok(t, m.store.Update(context.Background(), m.tenant, func(tx *tenants.Tx) (err error) {
		outcomes, err = m.AcceptEach(context.Background(), tx, events)
		return err
	}))
	return strings.Trim(fmt.Sprint(outcomes), "[]")
}

func (m *meter) list(t fataler, q core.Query) core.List[core.UsageEvent] {
	t.Helper()
	list, err := m.List(context.Background(), m.tenant, q)
	ok(t, err)
	return list
}

func scan(id string) core.UsageEvent {
	return core.UsageEvent{
		Source: "portal", ID: id, Type: "ai.openhouse.qr.scanned", Development: "dvt_1", Unit: "unt_1", Visitor: "v1",
		Time: noon, Data: json.RawMessage(`{"a": 1, "b": [1.0, 12345678901234567890]}`),
	}
}

func with(e core.UsageEvent, change func(*core.UsageEvent)) core.UsageEvent {
	change(&e)
	return e
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func ok(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// line is values with a space between any two.
func line(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

func equal[T comparable](t fataler, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// The identity of an event is its source and id, for ever; everything else is
// its payload.
func TestIdentity(t *testing.T) {
	t.Parallel()
	m, n := newMeter(t), 0
	for name, c := range map[string]struct {
		change func(*core.UsageEvent)
		want   string
	}{
		"the same":           {func(*core.UsageEvent) {}, "duplicate"},
		"another spelling":   {func(e *core.UsageEvent) { e.Data = json.RawMessage(`{"b":[1.0,12345678901234567890],"a":1}`) }, "duplicate"},
		"another zone":       {func(e *core.UsageEvent) { e.Time = e.Time.In(time.FixedZone("", 3600)) }, "duplicate"},
		"a part of a ms":     {func(e *core.UsageEvent) { e.Time = e.Time.Add(time.Microsecond) }, "duplicate"},
		"another id":         {func(e *core.UsageEvent) { e.ID = "2" }, "accepted"},
		"another source":     {func(e *core.UsageEvent) { e.Source = "chat" }, "accepted"},
		"a shifted border":   {func(e *core.UsageEvent) { e.Source, e.ID = "porta", "l1" }, "accepted"},
		"another type":       {func(e *core.UsageEvent) { e.Type = "ai.openhouse.chat.asked" }, "conflict"},
		"another visitor":    {func(e *core.UsageEvent) { e.Visitor = "v2" }, "conflict"},
		"another unit":       {func(e *core.UsageEvent) { e.Unit = "unt_2" }, "conflict"},
		"another number":     {func(e *core.UsageEvent) { e.Data = json.RawMessage(`{"a":1,"b":[1.0,12345678901234567891]}`) }, "conflict"},
		"no data":            {func(e *core.UsageEvent) { e.Data = nil }, "conflict"},
		"a ms later":         {func(e *core.UsageEvent) { e.Time = e.Time.Add(time.Millisecond) }, "conflict"},
		"another hour":       {func(e *core.UsageEvent) { e.Time = e.Time.Add(time.Hour) }, "conflict"},
		"a day before":       {func(e *core.UsageEvent) { e.Time = e.Time.Add(-24 * time.Hour) }, "conflict"},
		"fields that change": {func(e *core.UsageEvent) { e.Development, e.Unit = "dvt_1unt", "_1" }, "conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			m.tenant = m.addTenant(t, "CASE"+fmt.Sprint(n))
			n++
			first, second := scan("1"), with(scan("1"), c.change)
			equal(t, "in two transactions", m.accept(t, first)+" "+m.accept(t, second), "accepted "+c.want)
			equal(t, "again", m.accept(t, first, second), map[string]string{
				"accepted": "duplicate duplicate", "duplicate": "duplicate duplicate", "conflict": "duplicate conflict",
			}[c.want])
			m.tenant = m.addTenant(t, "BATCH"+fmt.Sprint(n))
			equal(t, "in one batch", m.accept(t, first, second), "accepted "+c.want)
			list := m.list(t, core.Query{})
			equal(t, "events", list.Total, map[string]int{"accepted": 2, "duplicate": 1, "conflict": 1}[c.want])
			equal(t, "the first stays", slices.ContainsFunc(list.Items, func(e core.UsageEvent) bool {
				return e.ID == first.ID && e.Time.Equal(first.Time) && e.Type == first.Type && e.Visitor == first.Visitor
			}), true)
		})
	}
}

func TestConflictsAreKept(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	other := with(scan("1"), func(e *core.UsageEvent) { e.Visitor, e.Time = "v2", noon.Add(-5*time.Hour) })
	third := with(scan("1"), func(e *core.UsageEvent) { e.Visitor = "v3" })
	m.accept(t, scan("1"), other)
	m.set(m.now().Add(time.Minute))
	m.accept(t, other, third)
	conflicts, err := m.Conflicts(t.Context(), m.tenant, core.Query{Limit: 1})
	ok(t, err)
	equal(t, "conflicts", conflicts.Total, 2)
	rest, err := m.Conflicts(t.Context(), m.tenant, core.Query{Limit: 1, After: conflicts.Next})
	ok(t, err)
	found := append(conflicts.Items, rest.Items...)
	slices.SortFunc(found, func(a, b usage.Clash) int { return strings.Compare(a.Event.Visitor, b.Event.Visitor) })
	equal(t, "visitors", found[0].Event.Visitor+found[1].Event.Visitor, "v2v3")
	equal(t, "times", fmt.Sprint(found[0].Times, found[1].Times), "2 1")
	equal(t, "first", found[0].First, noon)
	equal(t, "received", found[0].Received, m.now())
	equal(t, "time", found[0].Event.Time, other.Time)
}

func TestAcceptRefuses(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	for name, c := range map[string]struct {
		change func(*core.UsageEvent)
		field  string
	}{
		"no source":    {func(e *core.UsageEvent) { e.Source = "" }, "source"},
		"no id":        {func(e *core.UsageEvent) { e.ID = "" }, "id"},
		"long id":      {func(e *core.UsageEvent) { e.ID = strings.Repeat("x", 201) }, "id"},
		"no type":      {func(e *core.UsageEvent) { e.Type = "" }, "type"},
		"broken text":  {func(e *core.UsageEvent) { e.Visitor = "\xff" }, "visitor"},
		"no time":      {func(e *core.UsageEvent) { e.Time = time.Time{} }, "time"},
		"broken data":  {func(e *core.UsageEvent) { e.Data = json.RawMessage(`{`) }, "data"},
		"two values":   {func(e *core.UsageEvent) { e.Data = json.RawMessage(`{} {}`) }, "data"},
		"rest of data": {func(e *core.UsageEvent) { e.Data = json.RawMessage(`{}]`) }, "data"},
		"long data":    {func(e *core.UsageEvent) { e.Data = json.RawMessage(`"` + strings.Repeat("x", 64<<10) + `"`) }, "data"},
	} {
		t.Run(name, func(t *testing.T) {
			err := m.store.Update(t.Context(), m.tenant, func(tx *tenants.Tx) error {
				return m.Accept(t.Context(), tx, []core.UsageEvent{scan("fine"), with(scan("1"), c.change)})
			})
			equal(t, "code", core.CodeOf(err), core.Invalid)
			e, _ := errors.AsType[*core.Error](err)
			equal(t, "field", e.Fields[0].Field, "events[1]."+c.field)
		})
	}
	equal(t, "events", m.list(t, core.Query{}).Total, 0)
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	first := scan("1")
	later := with(first, func(e *core.UsageEvent) { e.Time = noon.AddDate(0, 0, 40) })
	equal(t, "first", m.accept(t, first, scan("2")), "accepted accepted")

	m.set(noon.AddDate(0, 0, 36))
	done, err := m.Reconcile(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "first night", done, usage.Reconciliation{Forgotten: 2})
	m.set(noon.AddDate(0, 0, 40))
	equal(t, "same hour, long after", m.accept(t, first), "duplicate")
	equal(t, "other payload, long after", m.accept(t, with(scan("2"), func(e *core.UsageEvent) { e.Visitor = "v2" })), "conflict")
	m.set(noon.AddDate(0, 0, 80))
	_, err = m.Reconcile(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "other hour, long after", m.accept(t, later), "accepted")

	done, err = m.Reconcile(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "next night", done, usage.Reconciliation{Rejected: 1})
	equal(t, "events", m.list(t, core.Query{}).Total, 2)
	equal(t, "first stays", m.list(t, core.Query{To: noon.Add(time.Hour)}).Total, 2)
	conflicts, err := m.Conflicts(t.Context(), m.tenant, core.Query{})
	ok(t, err)
	equal(t, "conflicts", conflicts.Total, 2)
	equal(t, "again", m.accept(t, first, later), "duplicate conflict")
	done, err = m.Reconcile(t.Context(), m.tenant)
	ok(t, err)
	equal(t, "quiet night", done, usage.Reconciliation{})
}

// TestMain asks for fewer checks than rapid's 100, unless the command line says
// otherwise: each is a tenant of its own and some transactions on disk.
func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := beVictim(dir, core.TenantID(os.Getenv(victimTenant))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := flag.Set("rapid.checks", "25"); err != nil {
		fmt.Println(err)
	}
	m.Run()
}

// Batches of any shape give what the events give one by one.
func TestBatchesAreOneByOne(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		events := rapid.SliceOfN(rapid.Custom(drawEvent), 1, 40).Draw(t, "events")
		size := rapid.IntRange(1, len(events)).Draw(t, "size")
		first := map[string]core.UsageEvent{}
		var want []string
		for _, e := range events {
			switch kept, known := first[e.ID]; {
			case !known:
				first[e.ID] = e
				want = append(want, "accepted")
			case kept.Visitor == e.Visitor && kept.Time.Equal(e.Time):
				want = append(want, "duplicate")
			default:
				want = append(want, "conflict")
			}
		}
		m.tenant = m.addTenant(t, fmt.Sprintf("M%d", n))
		var got []string
		for part := range slices.Chunk(events, size) {
			got = append(got, m.accept(t, part...))
		}
		equal(t, "outcomes", strings.Join(got, " "), strings.Join(want, " "))
		equal(t, "events", m.list(t, core.Query{}).Total, len(first))
	})
}

func drawEvent(t *rapid.T) core.UsageEvent {
	return with(scan(rapid.SampledFrom([]string{"1", "2", "3", "4", "5"}).Draw(t, "id")), func(e *core.UsageEvent) {
		e.Visitor = rapid.SampledFrom([]string{"v1", "v2"}).Draw(t, "visitor")
		e.Time = noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "hours")) * time.Hour)
	})
}
