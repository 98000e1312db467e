package grant_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
)

func (h *house) count(tenant core.TenantID, table string) (n int) {
	h.t.Helper()
	h.must(h.store.View(h.t.Context(), tenant, func(tx *tenants.Tx) error {
		return tx.QueryRow(h.t.Context(), `select count(*) from `+table).Scan(&n)
	}))
	return n
}

// TestTransactionIsOneChange keeps statements, an event, a record and a value
// together, or none of them.
func TestTransactionIsOneChange(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		h := newHouse(t)
		h.seed(h.one)
		c, err := h.call(h.one).begin(false)
		h.must(err)
		out, err := c.exec(`insert into notes_notes (unit_id, body) values ('unt_2', ?)`, "fourth")
		if err != nil || out.Affected != 1 || out.LastId != 4 {
			t.Fatalf("insert: %v, %v", out, err)
		}
		out, err = c.batch(`insert into notes_tags (note_id, tag) values (?, ?)`, []any{int64(4), "a"}, []any{int64(4), "b"})
		if err != nil || out.Affected != 2 {
			t.Fatalf("batch: %v, %v", out, err)
		}
		h.must(c.emit(core.Event{Name: "notes.note.added", Subject: core.Target{Kind: "unit", ID: "unt_2"}, Data: []byte(`{"id":4}`)}))
		h.must(c.audit(core.Entry{Action: "note.create", Target: core.Target{Kind: "unit", ID: "unt_2"}}))
		_, err = c.host.WriteKey(c.with(), &wire.WriteKeyRequest{Transaction: c.transaction, Key: "last", Value: []byte("4")})
		h.must(err)
		if got, err := c.text(`select count(*) from notes_notes`); err != nil || got != "4" {
			t.Errorf("inside: %q, %v", got, err)
		}
		if n := h.count(h.one, "notes_notes"); n != 3 {
			t.Errorf("outside there are %d notes before the end", n)
		}
		h.must(c.end(keep))
		want := map[string]int{"notes_notes": 3, "notes_tags": 3, "events": 0, "plugin_values": 0}
		if keep {
			want = map[string]int{"notes_notes": 4, "notes_tags": 5, "events": 1, "plugin_values": 1}
		}
		for table, n := range want {
			if got := h.count(h.one, table); got != n {
				t.Errorf("kept %v: %d rows of %s, want %d", keep, got, table, n)
			}
		}
		records, err := h.log.List(t.Context(), h.one, core.Query{Kind: "notes.note.create"})
		h.must(err)
		if keep && (records.Total != 1 || records.Items[0].Actor.ID != "usr_a" || records.Items[0].Sentence != "added note to") || !keep && records.Total != 0 {
			t.Errorf("kept %v: records %+v", keep, records)
		}
		if err := c.end(true); core.CodeOf(err) != core.Invalid {
			t.Errorf("ended again: %v", err)
		}
		if _, err := c.text(`select 1`); core.CodeOf(err) != core.Invalid {
			t.Errorf("used after its end: %v", err)
		}
	}
}

func TestOneWriterAtATime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	c := h.call(h.one)
	tx, err := c.begin(false)
	h.must(err)
	_, again := c.begin(false)
	_, exec := c.exec(`delete from notes_notes`)
	_, returning := c.text(`delete from notes_notes returning id`)
	for name, err := range map[string]error{"Begin": again, "Exec": exec, "Query": returning, "Emit": c.emit(core.Event{Name: "notes.note.added"})} {
		if core.CodeOf(err) != core.Conflict {
			t.Errorf("%s beside an open transaction: %v", name, err)
		}
	}
	for range 3 { // and three that read
		_, err := c.begin(true)
		h.must(err)
	}
	if _, err := c.begin(true); core.CodeOf(err) != core.Conflict {
		t.Errorf("a fifth transaction: %v", err)
	}
	if got, err := h.call(h.two).text(`select 1`); err != nil || got != "1" {
		t.Errorf("another tenant beside it: %q, %v", got, err)
	}
	h.must(tx.end(true))
	if _, err := c.exec(`delete from notes_notes where id = 1`); err != nil {
		t.Errorf("after the end: %v", err)
	}
	other := h.call(h.two)
	other.transaction = tx.transaction
	if _, err := other.text(`select 1`); core.CodeOf(err) != core.Invalid {
		t.Errorf("a transaction of another call: %v", err)
	}
}

// TestGuessedTransaction uses the name of a transaction that waits for its turn.
func TestGuessedTransaction(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, err := h.call(h.one).begin(false)
	h.must(err)
	waiting := h.call(h.one)
	begun := make(chan error, 1)
	go func() {
		_, err := waiting.begin(false)
		begun <- err
	}()
	for range 50 {
		guess := waiting
		guess.transaction = "1"
		_, err := guess.text(`select 1`)
		if ended := guess.end(true); core.CodeOf(err) != core.Invalid || core.CodeOf(ended) != core.Invalid {
			t.Fatalf("a guessed name: %v, %v", err, ended)
		}
	}
	h.must(first.end(true))
	h.must(<-begun)
}

// TestLeaseEnds rolls back what is held open for too long, and lets others
// write.
func TestLeaseEnds(t *testing.T) {
	t.Parallel()
	h := newLeasingHouse(t, 20*time.Millisecond)
	h.seed(h.one)
	c := h.call(h.one)
	tx, err := c.begin(false)
	h.must(err)
	_, _ = tx.exec(`delete from notes_notes`) // unless the lease has ended already
	// This one waits for its turn, and has it when the lease ends.
	h.must(h.store.Update(t.Context(), h.one, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `update units set label = 'changed'`)
		return err
	}))
	want := "The transaction was open for more than 0.02 s."
	if _, err := tx.text(`select 1`); core.CodeOf(err) != core.Unavailable || err.Error() != want {
		t.Errorf("a statement: %v", err)
	}
	if err := tx.end(true); core.CodeOf(err) != core.Unavailable || err.Error() != want {
		t.Errorf("the end: %v", err)
	}
	if n := h.count(h.one, "notes_notes"); n != 3 {
		t.Errorf("%d notes are left", n)
	}
	if _, err := c.begin(true); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// TestClosedGrantChangesNothing closes grants in the middle of transactions and
// of statements: when that returns, nothing is changed any more.
func TestClosedGrantChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	for name, begin := range map[string]func(c caller) <-chan error{
		"an open transaction": func(c caller) <-chan error {
			tx, err := c.begin(false)
			h.must(err)
			_, err = tx.exec(`delete from notes_notes`)
			h.must(err)
			return nil
		},
		"a statement that runs": func(c caller) <-chan error {
			tx, err := c.begin(false)
			h.must(err)
			ended := make(chan error, 1)
			go func() {
				_, err := tx.text(endless)
				ended <- err
			}()
			return ended
		},
		"changes one after another": func(c caller) <-chan error {
			ended, first := make(chan error, 1), make(chan struct{})
			go func() {
				var once sync.Once
				for {
					_, err := c.exec(`insert into notes_notes (body) values ('more')`)
					once.Do(func() { close(first) })
					if err != nil {
						ended <- err
						return
					}
				}
			}()
			<-first
			return ended
		},
	} {
		c := h.call(h.one)
		ended := begin(c)
		c.close()
		before := h.digest(h.one, "notes_notes")
		if ended != nil {
			if err := <-ended; core.CodeOf(err) != core.Unavailable && core.CodeOf(err) != core.Unauthenticated {
				t.Errorf("%s ended with %v", name, err)
			}
		}
		h.must(h.store.Update(t.Context(), h.one, func(*tenants.Tx) error { return nil })) // the writer is free
		if h.digest(h.one, "notes_notes") != before {
			t.Errorf("%s: something has changed after the grant was closed", name)
		}
	}
	if n := h.count(h.one, "notes_notes"); n < 3 {
		t.Errorf("%d notes are left", n)
	}
}

// TestClientGoesAway ends a request in the middle: its statement is undone.
func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	for _, statement := range []string{`insert into notes_notes (body) ` + endless, `select body from notes_notes union all ` + endless} {
		c := h.call(h.one)
		ctx, leave := context.WithCancel(t.Context())
		c.ctx = ctx
		ended := make(chan error, 1)
		go func() {
			_, err := c.exec(statement)
			ended <- err
		}()
		leave()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", statement, err)
		}
		c.close()
	}
	if n := h.count(h.one, "notes_notes"); n != 3 {
		t.Errorf("%d notes", n)
	}
}

// TestFacts checks what may be told: names, sizes, verbs.
func TestFacts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.call(h.one)
	subject := core.Target{Kind: "unit", ID: "unt_1"}
	for _, name := range []string{"", "unit.created", "notes", "notes.added", "notes.Note.added", "notes.note.added.twice", "other.note.added", "notesx.note.added", "notes..added"} {
		if err := c.emit(core.Event{Name: name, Subject: subject}); core.CodeOf(err) != core.Invalid {
			t.Errorf("the event %q: %v", name, err)
		}
	}
	long := []byte(`"` + strings.Repeat("x", 64<<10) + `"`)
	if err := c.emit(core.Event{Name: "notes.note.added", Subject: subject, Data: long}); core.CodeOf(err) != core.Invalid {
		t.Errorf("a long event: %v", err)
	}
	h.must(c.emit(core.Event{ID: "evt_mine", Name: "notes.note.added", Subject: subject, At: time.UnixMilli(5), Data: []byte(`{}`)}))
	events, err := h.bus.List(t.Context(), h.one, core.Query{})
	h.must(err)
	if e := events.Items; len(e) != 1 || e[0].ID == "evt_mine" || !e[0].At.Equal(h.clock.now()) {
		t.Errorf("events %+v", e)
	}
	if err := h.call("").emit(core.Event{Name: "notes.note.added", Subject: subject}); core.CodeOf(err) != core.Invalid {
		t.Errorf("an event of the platform: %v", err)
	}
	for _, action := range []string{"", "unit.create", "notes.note.delete", "note.delete", "other.note.create", "notes.", "notes.notes.note.create"} {
		if err := c.audit(core.Entry{Action: action, Target: subject}); core.CodeOf(err) != core.Invalid {
			t.Errorf("the record %q: %v", action, err)
		}
	}
	h.must(c.audit(core.Entry{Action: "note.create", Target: subject}))
	h.must(c.audit(core.Entry{Action: "notes.note.create", Target: subject}))
	_, err = c.host.Emit(c.with(), &wire.EmitRequest{Event: []byte("{")})
	if core.CodeOf(wire.FromStatus(err)) != core.Invalid {
		t.Errorf("an event that isn't JSON: %v", err)
	}
}

// TestValues stores values of the own plugin and the own tenant alone.
func TestValues(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := rights()
	r.Plugin = "other"
	other := h.open(grant.Grant{Rights: r, Tenant: h.one, Writes: true})
	other.host = h.other
	callers := map[string]caller{"one": h.call(h.one), "two": h.call(h.two), "platform": h.call(""), "other": other}
	write := func(c caller, r *wire.WriteKeyRequest) error {
		_, err := c.host.WriteKey(c.with(), r)
		return wire.FromStatus(err)
	}
	for name, c := range callers {
		h.must(write(c, &wire.WriteKeyRequest{Key: "who", Value: []byte(name)}))
		h.must(write(c, &wire.WriteKeyRequest{Key: "%_" + name}))
	}
	for name, c := range callers {
		got, err := c.host.ReadKey(c.with(), &wire.KeyRequest{Key: "who"})
		if err != nil || !got.Found || string(got.Value) != name {
			t.Errorf("%s reads %v, %v", name, got, err)
		}
		for prefix, want := range map[string]string{"": "[%_" + name + " who]", "%": "[%_" + name + "]", "w": "[who]", "x": "[]"} {
			if keys, err := c.host.ListKeys(c.with(), &wire.ListKeysRequest{Prefix: prefix}); err != nil || fmt.Sprint(keys.Keys) != want {
				t.Errorf("%s lists %v behind %q, %v", name, keys, prefix, err)
			}
		}
		h.must(write(c, &wire.WriteKeyRequest{Key: "who", Delete: true}))
		if got, err := c.host.ReadKey(c.with(), &wire.KeyRequest{Key: "who"}); err != nil || got.Found {
			t.Errorf("%s reads a deleted value: %v, %v", name, got, err)
		}
	}
	for name, r := range map[string]*wire.WriteKeyRequest{
		"no key":       {Value: []byte("x")},
		"a long key":   {Key: strings.Repeat("k", 201)},
		"a zero byte":  {Key: "a\x00b"},
		"a long value": {Key: "k", Value: make([]byte, 64<<10+1)},
	} {
		if err := write(callers["one"], r); core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
