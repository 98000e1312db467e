package audit_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// clock is a moment that a test moves while the store reads it.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time      { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) set(t time.Time)     { c.ms.Store(t.UnixMilli()) }
func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

// house is a log over real files with two tenants.
type house struct {
	t       testing.TB
	log     *audit.Log
	store   *tenants.Store
	one     core.TenantID
	two     core.TenantID
	anchors string
	clock   clock
}

var signer = ed25519.NewKeyFromSeed([]byte("a seed that only this test knows"))

func newHouse(t testing.TB) *house {
	h := &house{t: t}
	h.clock.set(time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC))
	dir := fresh.Dir(t)
	var err error
	h.store, err = tenants.Open(t.Context(), tenants.Options{
		Dir:     dir,
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}},
		Now:     h.clock.now,
		Log:     slog.New(slog.DiscardHandler),
	})
	h.must(err)
	t.Cleanup(func() { h.must(h.store.Close()) })
	h.one, h.two = h.tenant("ONE"), h.tenant("TWO")
	h.anchors = filepath.Join(dir, "anchors.jsonl")
	h.restart()
	return h
}

func (h *house) tenant(code string) core.TenantID {
	id := core.NewTenantID(h.clock.now())
	h.must(h.store.Create(h.t.Context(), core.Tenant{ID: id, Name: code, Code: code, Region: "eu-west"}))
	return id
}

// restart forgets all that the log holds in memory.
func (h *house) restart() {
	h.log = audit.New(audit.Options{
		Store:   h.store,
		Signer:  signer,
		Now:     h.clock.now,
		Log:     slog.New(slog.DiscardHandler),
		Version: "1.2.3",
		Anchors: h.anchors,
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// update changes a tenant's file, or the control database for "".
func (h *house) update(tenant core.TenantID, fn func(*tenants.Tx) error) error {
	if tenant == "" {
		return h.store.UpdateControl(h.t.Context(), fn)
	}
	return h.store.Update(h.t.Context(), tenant, fn)
}

func (h *house) record(tenant core.TenantID, entries ...core.Entry) {
	h.t.Helper()
	h.must(h.update(tenant, func(tx *tenants.Tx) error {
		for _, e := range entries {
			if err := h.log.Record(h.ctx(), tx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

// ctx is a request of a staff user.
func (h *house) ctx() context.Context {
	ctx := core.WithActor(h.t.Context(), core.Actor{Kind: "staff", ID: "usr_a", Name: "Aoife", Email: "aoife@openhouse.example", Session: "5e55"})
	return core.WithOrigin(ctx, core.Origin{Request: "req_1", IPPrefix: "192.0.2.0/24", UserAgent: "Firefox"})
}

func (h *house) list(tenant core.TenantID, q core.Query) core.List[core.Record] {
	h.t.Helper()
	page, err := h.log.List(h.t.Context(), tenant, q)
	h.must(err)
	return page
}

func unitCreated(id string) core.Entry {
	return core.Entry{Action: "unit.create", Target: core.Target{Kind: "unit", ID: id},
		Changes: []core.Change{{Field: "label", After: "2 Harpur <Park>"}}}
}

func homeownerCreated(id string) core.Entry {
	return core.Entry{Action: "homeowner.create", Target: core.Target{Kind: "homeowner", ID: id}, Changes: []core.Change{
		{Field: "name", After: "Niamh Ní Bhriain", Personal: true},
		{Field: "email", Before: "old@example.ie", After: "niamh@example.ie", Personal: true},
	}}
}

// row is a stored link, read past the log.
type row struct {
	seq    int64
	record string
	hash   []byte
}

func (h *house) rows(tenant core.TenantID) (all []row) {
	h.t.Helper()
	h.must(h.update(tenant, func(tx *tenants.Tx) error {
		rows, err := tx.Query(h.t.Context(), `select seq, record, hash from audit_records order by seq`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.seq, &r.record, &r.hash); err != nil {
				return err
			}
			all = append(all, r)
		}
		return rows.Err()
	}))
	return all
}

var random = regexp.MustCompile(`aud_[0-9a-v]{26}|ten_[0-9a-v]{26}|[0-9a-f]{64}`)

func TestRecordIsCanonical(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"), homeownerCreated("hom_1"))
	h.record("", core.Entry{Action: "access.deny", Target: core.Target{Kind: "route", ID: "/users"}, Outcome: "denied", Code: core.Forbidden})

	want := []string{
		`{"action":"unit.create","actor":{"id":"usr_a","kind":"staff"},"at":1772357400000,"changes":[{"after":"2 Harpur <Park>","field":"label"}],` +
			`"id":"#","ip_prefix":"192.0.2.0/24","outcome":"ok","request":"req_1","seq":1,"session":"5e55","software":"1.2.3",` +
			`"target":{"id":"unt_1","kind":"unit"},"tenant":"#","user_agent":"Firefox","v":1}`,
		`{"action":"homeowner.create","actor":{"id":"usr_a","kind":"staff"},"at":1772357400000,"changes":[{"after_commitment":"#","field":"name"},` +
			`{"after_commitment":"#","before_commitment":"#","field":"email"}],` +
			`"id":"#","ip_prefix":"192.0.2.0/24","outcome":"ok","request":"req_1","seq":2,"session":"5e55","software":"1.2.3",` +
			`"target":{"id":"hom_1","kind":"homeowner"},"tenant":"#","user_agent":"Firefox","v":1}`,
		`{"action":"access.deny","actor":{"id":"usr_a","kind":"staff"},"at":1772357400000,"code":"forbidden",` +
			`"id":"#","ip_prefix":"192.0.2.0/24","outcome":"denied","request":"req_1","seq":1,"session":"5e55","software":"1.2.3",` +
			`"target":{"id":"/users","kind":"route"},"tenant":"","user_agent":"Firefox","v":1}`,
	}
	for i, r := range append(h.rows(h.one), h.rows("")...) {
		if got := random.ReplaceAllString(r.record, "#"); got != want[i] {
			t.Errorf("record %d\n got %s\nwant %s", i, got, want[i])
		}
	}
}

// The hash is computed here once more, from its description alone.
func TestHashIsAsDescribed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"), homeownerCreated("hom_1"), unitCreated("unt_2"))
	prev := make([]byte, 32)
	for _, r := range h.rows(h.one) {
		input := slices.Concat([]byte("ohc-audit-v1"), binary.BigEndian.AppendUint64(nil, uint64(r.seq)), prev, []byte(r.record))
		want := sha256.Sum256(input)
		if !slices.Equal(r.hash, want[:]) {
			t.Errorf("record %d: hash %x, want %x", r.seq, r.hash, want)
		}
		prev = r.hash
	}
}

func TestPersonalValuesStayOutOfTheRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, homeownerCreated("hom_1"))
	stored := h.rows(h.one)[0].record
	for _, personal := range []string{"Niamh", "niamh@", "old@", "Aoife", "aoife@"} {
		if strings.Contains(stored, personal) {
			t.Errorf("the record holds %q", personal)
		}
	}
	got := h.list(h.one, core.Query{}).Items[0].Changes
	want := []core.Change{
		{Field: "name", After: "Niamh Ní Bhriain", Personal: true},
		{Field: "email", Before: "old@example.ie", After: "niamh@example.ie", Personal: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("changes %v, want %v", got, want)
	}
}

func TestRecordRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, c := range map[string]struct {
		entry core.Entry
		want  core.Code
	}{
		"an action that is not listed":  {core.Entry{Action: "unit.paint"}, core.Internal},
		"an outcome of its own":         {core.Entry{Action: "unit.create", Outcome: "perhaps"}, core.Internal},
		"a role change without reason":  {core.Entry{Action: "user.role_change"}, core.Invalid},
		"a denied role change, however": {core.Entry{Action: "user.role_change", Outcome: "denied"}, ""},
	} {
		err := h.update(h.one, func(tx *tenants.Tx) error { return h.log.Record(h.ctx(), tx, c.entry) })
		if core.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want code %q", name, err, c.want)
		}
	}
}

func TestImpersonationCarriesItsReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := core.WithActor(t.Context(), core.Actor{Kind: "developer", ID: "usr_d", OnBehalfOf: "usr_a", Reason: "They called about unit 4."})
	h.must(h.update(h.one, func(tx *tenants.Tx) error { return h.log.Record(ctx, tx, unitCreated("unt_1")) }))
	r := h.list(h.one, core.Query{}).Items[0]
	if r.Actor.OnBehalfOf != "usr_a" || r.Reason != "They called about unit 4." {
		t.Errorf("actor %+v, reason %q", r.Actor, r.Reason)
	}
}

func TestRolledBackChangeLeavesNoRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"))
	err := h.update(h.one, func(tx *tenants.Tx) error {
		h.must(h.log.Record(h.ctx(), tx, homeownerCreated("hom_1")))
		return errors.New("the change went wrong")
	})
	if err == nil {
		t.Fatal("the update succeeded")
	}
	h.record(h.one, unitCreated("unt_2"))
	if n := len(h.rows(h.one)); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
	h.verify(audit.VerifyOptions{Tenant: h.one}, 0)
}

func TestChainIsGaplessUnderConcurrency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 25 {
				tenant := []core.TenantID{"", h.one, h.two}[(worker+i)%3]
				err := h.update(tenant, func(tx *tenants.Tx) error {
					err := h.log.Record(h.ctx(), tx, unitCreated("unt_1"))
					if i%5 == 4 {
						return errors.New("changed its mind")
					}
					return err
				})
				if (err != nil) != (i%5 == 4) {
					t.Errorf("update: %v", err)
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for _, tenant := range []core.TenantID{"", h.one, h.two} {
		h.verify(audit.VerifyOptions{Tenant: tenant}, 0)
		total += h.list(tenant, core.Query{}).Total
	}
	if total != 8*20 {
		t.Errorf("%d records, want %d", total, 8*20)
	}
}

func TestRecordsAreAppendOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"), homeownerCreated("hom_1"))
	for _, statement := range []string{
		`update audit_records set record = '{}'`,
		`update audit_records set seq = 9 where seq = 2`,
		`delete from audit_records where seq = 2`,
		`insert or replace into audit_records (seq, record, hash) select seq, record, hash from audit_records where seq = 1`,
		`insert into audit_records (seq, record, hash) select 7, record, hash from audit_records where seq = 1`,
		`update audit_values set value = 'x'`,
		`replace into audit_values select seq, change, side, salt, 'x' from audit_values`,
	} {
		err := h.update(h.one, func(tx *tenants.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err == nil {
			t.Errorf("%s: was not refused", statement)
		}
	}
	h.verify(audit.VerifyOptions{Tenant: h.one}, 0)
}
