package onboard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// StagedLife is how long uploads, drafts and the requests of failed runs are
// kept before they are swept.
const StagedLife = 30 * 24 * time.Hour

// Draft is a saved, unfinished onboarding of the wizard.
type Draft struct {
	ID, Region, Step, CreatedBy string
	Provision                   core.Provision
	CreatedAt, UpdatedAt        time.Time
	Version                     int64
}

// SaveDraft keeps the wizard's answers with their region. A draft without id
// is new. Returns conflict when another window has saved it meanwhile, and
// invalid without a region, for nothing is kept outside one.
func (p *Pipeline) SaveDraft(ctx context.Context, d Draft) (Draft, error) {
	d.Region = d.Provision.Developer.Region
	if !p.hasRegion(d.Region) {
		return d, core.Problems{{Field: "developer.region", Value: d.Region, Reason: "is missing: choose where the data lies"}}.Err()
	}
	body, err := json.Marshal(d.Provision)
	if err != nil {
		return d, fmt.Errorf("save draft: %w", err)
	}
	staged, err := p.Store.Stage(ctx, d.Region, tenants.StagedFile{Name: "draft.json", Type: "application/json"}, bytes.NewReader(body), requestLimit)
	if err != nil {
		return d, fmt.Errorf("save draft: %w", err)
	}
	var before string
	err = p.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		d.UpdatedAt = tx.Now
		if d.ID == "" {
			d.ID, d.CreatedBy, d.CreatedAt, d.Version = core.NewID(core.PrefixDraft, tx.Now), core.ActorOf(ctx).ID, tx.Now, 1
			return insertDraft(ctx, tx, d, staged.ID)
		}
		if before, err = contentOf(ctx, tx, d.ID, core.ActorOf(ctx).ID); err != nil {
			return err
		}
		d.Version++
		return updateDraft(ctx, tx, d, staged.ID)
	})
	if err != nil {
		p.drop(ctx, staged.ID)
		return d, err
	}
	if before != "" {
		p.drop(ctx, before)
	}
	return d, nil
}

// FindDraft returns a draft of the acting user. Returns not_found.
func (p *Pipeline) FindDraft(ctx context.Context, id string) (Draft, error) {
	var d Draft
	var content string
	err := p.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		if content, err = contentOf(ctx, tx, id, core.ActorOf(ctx).ID); err != nil {
			return err
		}
		d, err = findDraft(ctx, tx, id)
		return err
	})
	if err != nil {
		return d, err
	}
	_, body, err := p.Store.Staged(ctx, content)
	if err != nil {
		return d, fmt.Errorf("find draft %s: %w", id, err)
	}
	defer body.Close()
	return d, json.NewDecoder(body).Decode(&d.Provision)
}

// ListDrafts returns the acting user's drafts, the one saved last first.
func (p *Pipeline) ListDrafts(ctx context.Context) (drafts []Draft, err error) {
	err = p.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		drafts, err = listDrafts(ctx, tx, core.ActorOf(ctx).ID)
		return err
	})
	return drafts, err
}

// DeleteDraft drops a draft of the acting user. Returns not_found.
func (p *Pipeline) DeleteDraft(ctx context.Context, id string) error {
	var content string
	err := p.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		if content, err = contentOf(ctx, tx, id, core.ActorOf(ctx).ID); err != nil {
			return err
		}
		return deleteDraft(ctx, tx, id)
	})
	if err == nil {
		p.drop(ctx, content)
	}
	return err
}

// Sweep drops what was staged and never used within StagedLife: the work of a
// job. Returns how many files and drafts went.
func (p *Pipeline) Sweep(ctx context.Context) (files, drafts int, err error) {
	limit := p.Now().Add(-StagedLife)
	err = p.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		drafts, err = deleteDraftsBefore(ctx, tx, limit)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("sweep drafts: %w", err)
	}
	files, err = p.Store.SweepStaged(ctx, limit)
	return files, drafts, err
}
