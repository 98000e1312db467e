package onboard

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const selectRun = `
  select id, name, region, state, coalesce(tenant_id, ''), created_by, created_at, updated_at
  from onboarding_runs`

func insertRun(ctx context.Context, tx *tenants.Tx, run core.Run, b beginning) error {
	at := tx.Now.UnixMilli()
	uploads, err := json.Marshal(b.uploads)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into onboarding_runs (id, name, code, region, state, request_id, idempotency, request_sha256, uploads, created_by, created_at, updated_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		run.ID, run.Name, b.code, run.Region, run.State, b.request, b.key, b.digest, string(uploads), run.CreatedBy, at, at)
	if err != nil {
		return err
	}
	for i, s := range run.Steps {
		_, err := tx.Exec(ctx, `insert into onboarding_steps (run_id, position, name, state, total) values (?, ?, ?, ?, ?)`, run.ID, i, s.Name, s.State, s.Total)
		if err != nil {
			return err
		}
	}
	return nil
}

// codeIsFree returns invalid when a run that isn't finished has the code.
func codeIsFree(ctx context.Context, tx *tenants.Tx, code string) error {
	var id string
	err := tx.QueryRow(ctx, `select id from onboarding_runs where code = ? and state in ('pending', 'running', 'failed')`, code).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return core.Problems{{Field: "developer.code", Value: code, Reason: "belongs to another onboarding that isn't finished"}}.Err()
}

// findByKey returns the run of an idempotency key, with the digest and the
// uploads that it began with; the id is empty when the key is new.
func findByKey(ctx context.Context, tx *tenants.Tx, key []byte) (id string, b beginning, err error) {
	var uploads string
	err = tx.QueryRow(ctx, `select id, request_sha256, uploads from onboarding_runs where idempotency = ?`, key).Scan(&id, &b.digest, &uploads)
	if errors.Is(err, sql.ErrNoRows) {
		return "", b, nil
	}
	if err != nil {
		return "", b, err
	}
	return id, b, json.Unmarshal([]byte(uploads), &b.uploads)
}

func findRun(ctx context.Context, tx *tenants.Tx, id string) (core.Run, error) {
	run, err := scanRun(tx.QueryRow(ctx, selectRun+` where id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return core.Run{}, core.Errorf(core.NotFound, "There is no such onboarding.")
	}
	if err != nil {
		return core.Run{}, fmt.Errorf("find run %s: %w", id, err)
	}
	run.Steps, err = stepsOf(ctx, tx, id)
	return run, err
}

func scanRun(row interface{ Scan(...any) error }) (core.Run, error) {
	var run core.Run
	var created, updated int64
	err := row.Scan(&run.ID, &run.Name, &run.Region, &run.State, &run.TenantID, &run.CreatedBy, &created, &updated)
	run.CreatedAt, run.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return run, err
}

func listRuns(ctx context.Context, tx *tenants.Tx, q core.Query) (core.List[core.Run], error) {
	var list core.List[core.Run]
	where := ` where (? = '' or state = ?) and (? = '' or tenant_id = ?)`
	args := []any{q.Status, q.Status, q.Tenant, q.Tenant}
	if err := tx.QueryRow(ctx, `select count(*) from onboarding_runs`+where, args...).Scan(&list.Total); err != nil {
		return list, fmt.Errorf("list runs: %w", err)
	}
	// Ids sort by time, so the id alone is the cursor.
	rows, err := tx.Query(ctx, selectRun+where+` and (? = '' or id < ?) order by id desc limit ?`, append(args, q.After, q.After, q.PageSize()+1)...)
	if err != nil {
		return list, fmt.Errorf("list runs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		run, err := scanRun(rows)
		if err != nil {
			return list, fmt.Errorf("list runs: %w", err)
		}
		list.Items = append(list.Items, run)
	}
	if len(list.Items) > q.PageSize() {
		list.Items = list.Items[:q.PageSize()]
		list.Next = list.Items[q.PageSize()-1].ID
	}
	return list, rows.Err()
}

// unfinishedRuns lists the ids of runs that a start of the process continues.
func unfinishedRuns(ctx context.Context, tx *tenants.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `select id from onboarding_runs where state in ('pending', 'running') order by id`)
	if err != nil {
		return nil, fmt.Errorf("list unfinished runs: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list unfinished runs: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func requestOf(ctx context.Context, tx *tenants.Tx, id string) (requestID string, err error) {
	err = tx.QueryRow(ctx, `select request_id from onboarding_runs where id = ?`, id).Scan(&requestID)
	return requestID, err
}

func setRunState(ctx context.Context, tx *tenants.Tx, id string, state core.WorkState) error {
	_, err := tx.Exec(ctx, `update onboarding_runs set state = ?, updated_at = ? where id = ?`, state, tx.Now.UnixMilli(), id)
	return err
}

func setRunTenant(ctx context.Context, tx *tenants.Tx, id string, tenant core.TenantID) error {
	_, err := tx.Exec(ctx, `update onboarding_runs set tenant_id = ?, updated_at = ? where id = ?`, tenant, tx.Now.UnixMilli(), id)
	return err
}

// errorText is an error as a step's row keeps it, or nil.
func errorText(e *core.Error) (any, error) {
	if e == nil {
		return nil, nil
	}
	body, err := json.Marshal(e)
	return string(body), err
}
