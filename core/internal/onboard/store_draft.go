package onboard

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const selectDraft = `select id, name, region, step, created_by, created_at, updated_at, version from onboarding_drafts`

func scanDraft(row interface{ Scan(...any) error }) (Draft, error) {
	var d Draft
	var created, updated int64
	err := row.Scan(&d.ID, &d.Provision.Developer.Name, &d.Region, &d.Step, &d.CreatedBy, &created, &updated, &d.Version)
	d.CreatedAt, d.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return d, err
}

// contentOf returns where the answers of an author's draft lie.
func contentOf(ctx context.Context, tx *tenants.Tx, id, author string) (content string, err error) {
	err = tx.QueryRow(ctx, `select content_id from onboarding_drafts where id = ? and created_by = ?`, id, author).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return "", core.Errorf(core.NotFound, "There is no such draft.")
	}
	return content, err
}

func findDraft(ctx context.Context, tx *tenants.Tx, id string) (Draft, error) {
	return scanDraft(tx.QueryRow(ctx, selectDraft+` where id = ?`, id))
}

func listDrafts(ctx context.Context, tx *tenants.Tx, author string) ([]Draft, error) {
	rows, err := tx.Query(ctx, selectDraft+` where created_by = ? order by updated_at desc`, author)
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	defer rows.Close()
	var drafts []Draft
	for rows.Next() {
		d, err := scanDraft(rows)
		if err != nil {
			return nil, fmt.Errorf("list drafts: %w", err)
		}
		drafts = append(drafts, d)
	}
	return drafts, rows.Err()
}

func insertDraft(ctx context.Context, tx *tenants.Tx, d Draft, content string) error {
	_, err := tx.Exec(ctx, `
		insert into onboarding_drafts (id, name, region, step, content_id, created_by, created_at, updated_at)
		values (?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.Provision.Developer.Name, d.Region, d.Step, content, d.CreatedBy, tx.Now.UnixMilli(), tx.Now.UnixMilli())
	return err
}

func updateDraft(ctx context.Context, tx *tenants.Tx, d Draft, content string) error {
	result, err := tx.Exec(ctx, `
		update onboarding_drafts set name = ?, region = ?, step = ?, content_id = ?, updated_at = ?, version = ?
		where id = ? and version = ?`,
		d.Provision.Developer.Name, d.Region, d.Step, content, tx.Now.UnixMilli(), d.Version, d.ID, d.Version-1)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, core.Errorf(core.Conflict, "This draft was saved in another window; reload it."))
	}
	return nil
}

func deleteDraft(ctx context.Context, tx *tenants.Tx, id string) error {
	_, err := tx.Exec(ctx, `delete from onboarding_drafts where id = ?`, id)
	return err
}

func deleteDraftsBefore(ctx context.Context, tx *tenants.Tx, limit time.Time) (int, error) {
	result, err := tx.Exec(ctx, `delete from onboarding_drafts where updated_at < ?`, limit.UnixMilli())
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
