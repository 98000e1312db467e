package onboard_test

import (
	"context"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/tenants/fresh"
)

func as(id string) context.Context {
	return core.WithActor(context.Background(), core.Actor{Kind: "staff", ID: id, Role: core.Admin})
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	niamh, tom := as("usr_niamh"), as("usr_tom")
	_, err := c.Onboarding.SaveDraft(niamh, onboard.Draft{})
	wantCode(t, err, core.Invalid)
	draft, err := c.Onboarding.SaveDraft(niamh, onboard.Draft{Provision: request(), Step: "units"})
	ok(t, err)

	for _, foreign := range []func() error{
		func() error { _, err := c.Onboarding.FindDraft(tom, draft.ID); return err },
		func() error { _, err := c.Onboarding.SaveDraft(tom, draft); return err },
		func() error { return c.Onboarding.DeleteDraft(tom, draft.ID) },
	} {
		wantCode(t, foreign(), core.NotFound)
	}
	others, err := c.Onboarding.ListDrafts(tom)
	ok(t, err)
	if len(others) != 0 {
		t.Errorf("Tom sees %+v", others)
	}

	second := draft
	second.Provision.Developer.Name = "Harpur Estates"
	_, err = c.Onboarding.SaveDraft(niamh, second)
	ok(t, err)
	_, err = c.Onboarding.SaveDraft(niamh, draft) // another window, with what it saw before
	wantCode(t, err, core.Conflict)
	found, err := c.Onboarding.FindDraft(niamh, draft.ID)
	ok(t, err)
	if found.Provision.Developer.Name != "Harpur Estates" || found.Step != "units" || found.Version != 2 {
		t.Errorf("found %+v", found)
	}
	if n := c.staged(t); n != 1 {
		t.Errorf("%d files are staged, want the draft's alone", n)
	}
	ok(t, c.Onboarding.DeleteDraft(niamh, draft.ID))
	if n := c.staged(t); n != 0 {
		t.Errorf("%d files are left staged", n)
	}
}

func TestDraftsAreSwept(t *testing.T) {
	t.Parallel()
	c := open(t, fresh.Dir(t))
	old, err := c.Onboarding.SaveDraft(as("usr_niamh"), onboard.Draft{Provision: request()})
	ok(t, err)
	c.clock.Advance(20 * 24 * time.Hour)
	_, err = c.Onboarding.SaveDraft(as("usr_niamh"), onboard.Draft{Provision: request()})
	ok(t, err)
	c.clock.Advance(11 * 24 * time.Hour)
	files, drafts, err := c.Onboarding.Sweep(context.Background())
	ok(t, err)
	if files != 1 || drafts != 1 {
		t.Errorf("swept %d files and %d drafts, want one of each", files, drafts)
	}
	_, err = c.Onboarding.FindDraft(as("usr_niamh"), old.ID)
	wantCode(t, err, core.NotFound)
}
