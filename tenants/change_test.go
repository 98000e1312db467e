package tenants_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func TestChangedTenants(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := open(t, options(dir))
	id, quiet := newTenant(t, s), newTenant(t, s)
	withNotes(t, s, id)
	wantChanged(t, s, id)
	settleAll(t, s, id, quiet)
	wantChanged(t, s)

	// A commit between the reading of the figures and their settling.
	before, err := s.Signature(t.Context(), id)
	must(t, err)
	note(t.Context(), t, s, id, "late")
	must(t, s.Settle(t.Context(), id, before))
	wantChanged(t, s, id)
	settleAll(t, s, id)
	wantChanged(t, s)

	// A commit whose mark is lost.
	note(t.Context(), t, s, id, "lost")
	s.Forget(id)
	wantChanged(t, s)
	found, err := s.ScanChanged(t.Context())
	must(t, err)
	if !slices.Equal(found, []core.TenantID{id}) {
		t.Errorf("the scan found %v", found)
	}
	wantChanged(t, s, id)

	// A mark survives an orderly end.
	must(t, s.Close())
	wantChanged(t, open(t, options(dir)), id)
}

// TestNothingPendingAfterAnOrderlyEnd: reading and closing files moves
// signatures, and no scan takes that for a change.
func TestNothingPendingAfterAnOrderlyEnd(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := open(t, options(dir))
	written, read := newTenant(t, s), newTenant(t, s)
	withNotes(t, s, written)
	note(t.Context(), t, s, written, "first")
	settleAll(t, s, written, read)
	must(t, s.View(t.Context(), read, func(tx *tenants.Tx) error {
		var n int
		return tx.QueryRow(t.Context(), `select count(*) from units`).Scan(&n)
	}))
	s.CloseTenant(t, written)
	note(t.Context(), t, s, written, "second")
	settleAll(t, s, written)
	for range 2 {
		must(t, s.Close())
		s = open(t, options(dir))
		found, err := s.ScanChanged(t.Context())
		must(t, err)
		if len(found) > 0 {
			t.Errorf("the scan found %v", found)
		}
		wantChanged(t, s)
		notes(t, s, written)
	}

	// A commit that was not settled is found, whatever closing has moved.
	note(t.Context(), t, s, written, "third")
	s.Forget(written)
	must(t, s.Close())
	s = open(t, options(dir))
	found, err := s.ScanChanged(t.Context())
	must(t, err)
	if !slices.Equal(found, []core.TenantID{written}) {
		t.Errorf("the scan found %v", found)
	}
}

// TestSettleWithStoresBothOrNothing is the promise of the figures: they and
// their signature commit together.
func TestSettleWithStoresBothOrNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	must(t, s.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `create table kept (text text not null) strict`)
		return err
	}))
	keep := func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into kept values ('figures')`)
		return err
	}
	signature, err := s.Signature(t.Context(), id)
	must(t, err)
	boom := errors.New("boom")
	err = s.SettleWith(t.Context(), id, signature, func(tx *tenants.Tx) error { return errors.Join(keep(tx), boom) })
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	wantKept(t, s, id, 0, "")
	wantChanged(t, s, id)

	must(t, s.SettleWith(t.Context(), id, signature, keep))
	wantKept(t, s, id, 1, signature)
	wantChanged(t, s)

	// A commit while the figures are stored: they are kept, and the tenant stays changed.
	must(t, s.SettleWith(t.Context(), id, signature, func(tx *tenants.Tx) error {
		note(t.Context(), t, s, id, "meanwhile")
		return keep(tx)
	}))
	wantKept(t, s, id, 2, signature)
	signature, err = s.Signature(t.Context(), id)
	must(t, err)
	wantChanged(t, s, id)

	must(t, s.Remove(t.Context(), id, "crt_1"))
	wantCode(t, s.SettleWith(t.Context(), id, signature, keep), core.NotFound)
	wantKept(t, s, id, 2, "")
	wantChanged(t, s)
}

func wantKept(t *testing.T, s *tenants.Store, id core.TenantID, rows int, settled string) {
	t.Helper()
	must(t, s.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		var n int
		if err := tx.QueryRow(t.Context(), `select count(*) from kept`).Scan(&n); err != nil {
			return err
		}
		signature, err := tenants.Settled(t.Context(), tx, id)
		if n != rows || signature != settled {
			t.Errorf("%d rows with %q, want %d with %q", n, signature, rows, settled)
		}
		return err
	}))
}

func TestWatch(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	one, other := s.Watch(ctx), s.Watch(ctx)
	note(t.Context(), t, s, id, "first")
	note(t.Context(), t, s, id, "second")
	for _, w := range []<-chan struct{}{one, other} {
		select {
		case <-w:
		case <-time.After(time.Minute):
			t.Fatal("nobody was woken")
		}
		select {
		case <-w:
			t.Error("two changes came one by one")
		default:
		}
	}
	wantChanged(t, s, id)
}

func settleAll(t *testing.T, s *tenants.Store, ids ...core.TenantID) {
	t.Helper()
	for _, id := range ids {
		signature, err := s.Signature(t.Context(), id)
		must(t, err)
		must(t, s.Settle(t.Context(), id, signature))
	}
}

func wantChanged(t *testing.T, s *tenants.Store, ids ...core.TenantID) {
	t.Helper()
	changed, err := s.Changed(t.Context())
	must(t, err)
	if !slices.Equal(changed, ids) {
		t.Errorf("changed %v, want %v", changed, ids)
	}
}

// All signatures at once are what each is by itself, whatever has a log, and
// those of nobody else.
func TestSignatures(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	written, fresh, gone := newTenant(t, s), newTenant(t, s), newTenant(t, s)
	withNotes(t, s, written)
	must(t, s.Remove(t.Context(), gone, "crt_1"))
	all, err := s.Signatures(t.Context())
	must(t, err)
	want := map[core.TenantID]string{}
	for _, id := range []core.TenantID{written, fresh} {
		want[id], err = s.Signature(t.Context(), id)
		must(t, err)
	}
	if !maps.Equal(all, want) || strings.HasSuffix(want[written], "/0:0") {
		t.Errorf("signatures %v, want %v", all, want)
	}
	note(t.Context(), t, s, written, "more")
	again, err := s.Signatures(t.Context())
	must(t, err)
	if again[written] == all[written] || again[fresh] != all[fresh] {
		t.Errorf("after a commit %v, before %v", again, all)
	}
}

// TestSignatureOfWhatCanBeRead: what has moved a signature can be read by who
// has the signature. A file of the same signature never says anything else.
func TestSignatureOfWhatCanBeRead(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	look := func(of int) (string, int) {
		signature, err := s.Signature(t.Context(), id)
		if of%2 == 1 {
			var all map[core.TenantID]string
			all, err = s.Signatures(t.Context())
			signature = all[id]
		}
		must(t, err)
		return signature, len(notes(t, s, id))
	}
	for i := range 100 {
		written := make(chan struct{})
		go func() {
			defer close(written)
			note(t.Context(), t, s, id, strconv.Itoa(i))
		}()
		during, early := look(i)
		for range i % 20 { // until another moment of the commit
			during, early = look(i)
		}
		<-written
		if after, late := look(i); after == during && late != early {
			t.Fatalf("with one signature there are %d notes, and then %d", early, late)
		}
	}
}
