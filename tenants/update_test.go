package tenants_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func TestTenantsAreIsolated(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	harpur, lakeside := newTenant(t, s), newTenant(t, s)
	withNotes(t, s, harpur)
	withNotes(t, s, lakeside)
	must(t, s.Update(t.Context(), harpur, func(tx *tenants.Tx) error {
		if tx.Tenant != harpur || !tx.Now.Equal(start) {
			t.Errorf("the transaction is of %s at %v", tx.Tenant, tx.Now)
		}
		return addNote(t.Context(), tx, "harpur")
	}))
	if got := notes(t, s, lakeside); len(got) != 0 {
		t.Errorf("lakeside sees %v", got)
	}
	err := s.View(t.Context(), core.NewTenantID(start), func(*tenants.Tx) error { return nil })
	wantCode(t, err, core.NotFound)
	err = s.View(t.Context(), "../../control", func(*tenants.Tx) error { return nil })
	wantCode(t, err, core.NotFound)
}

func TestUpdateUndoesWhatFails(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	boom := errors.New("boom")
	err := s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		must(t, addNote(t.Context(), tx, "undone"))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error { return addNote(t.Context(), tx, "kept") }))
	err = s.Update(t.Context(), id, func(tx *tenants.Tx) error { return addNote(t.Context(), tx, "kept") })
	wantCode(t, err, core.Conflict)
	if got := notes(t, s, id); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("stored %v", got)
	}
}

func TestViewCantChange(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	err := s.View(t.Context(), id, func(tx *tenants.Tx) error { return addNote(t.Context(), tx, "no") })
	if err == nil {
		t.Error("a View could change something")
	}
	err = s.View(t.Context(), id, func(tx *tenants.Tx) error {
		var text string
		return tx.QueryRow(t.Context(), `insert into notes (text) values ('no') returning text`).Scan(&text)
	})
	if err == nil {
		t.Error("a View could change something by a query")
	}
}

// TestOneBadUpdateHurtsNobody mixes updates that succeed, fail, panic and are
// cancelled, all in flight together.
func TestOneBadUpdateHurtsNobody(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	var want []string
	var wg sync.WaitGroup
	for i := range 200 {
		text := fmt.Sprintf("note %03d", i)
		if i%4 == 0 {
			want = append(want, text)
		}
		wg.Go(func() {
			defer func() {
				if r := recover(); (r != nil) != (i%4 == 2) {
					t.Errorf("update %d: recovered %v", i, r)
				}
			}()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := s.Update(ctx, id, func(tx *tenants.Tx) error {
				if err := addNote(ctx, tx, text); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return errors.New("changed my mind")
				case 2:
					panic("on purpose")
				case 3:
					cancel()
					return addNote(ctx, tx, text+" again")
				}
				return nil
			})
			if (err == nil) != (i%4 == 0) {
				t.Errorf("update %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := notes(t, s, id); !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
}

func TestOnCommit(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	called := 0
	must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		tx.OnCommit(func() { called++ })
		return nil
	}))
	if called != 1 {
		t.Errorf("called %d times after a commit", called)
	}
	_ = s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		tx.OnCommit(func() { called++ })
		return errors.New("no")
	})
	if called != 1 {
		t.Errorf("called %d times, the last after a rollback", called)
	}
}

func TestSuspendedTenantIsReadOnly(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	nothing := func(*tenants.Tx) error { return nil }
	must(t, s.Update(t.Context(), id, nothing)) // the file is open now
	_, err := s.UpdateTenant(t.Context(), core.Tenant{ID: id, Status: core.TenantSuspended})
	must(t, err)
	wantCode(t, s.Update(t.Context(), id, nothing), core.Forbidden)
	must(t, s.View(t.Context(), id, nothing))
	_, err = s.UpdateTenant(t.Context(), core.Tenant{ID: id, Status: core.TenantActive})
	must(t, err)
	must(t, s.Update(t.Context(), id, nothing))
}
