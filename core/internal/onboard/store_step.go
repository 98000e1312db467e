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

func stepsOf(ctx context.Context, tx *tenants.Tx, run string) ([]core.Step, error) {
	rows, err := tx.Query(ctx, `
		select name, state, done, total, started_at, ended_at, result, error
		from onboarding_steps where run_id = ? order by position`, run)
	if err != nil {
		return nil, fmt.Errorf("list steps of %s: %w", run, err)
	}
	defer rows.Close()
	var list []core.Step
	for rows.Next() {
		var s core.Step
		var started, ended sql.NullInt64
		var result, failure sql.NullString
		if err := rows.Scan(&s.Name, &s.State, &s.Done, &s.Total, &started, &ended, &result, &failure); err != nil {
			return nil, fmt.Errorf("list steps of %s: %w", run, err)
		}
		s.StartedAt, s.EndedAt = moment(started), moment(ended)
		if result.Valid {
			s.Result = json.RawMessage(result.String)
		}
		if failure.Valid {
			s.Error = new(core.Error)
			if err := json.Unmarshal([]byte(failure.String), s.Error); err != nil {
				return nil, fmt.Errorf("list steps of %s: %w", run, err)
			}
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

func moment(ms sql.NullInt64) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := time.UnixMilli(ms.Int64).UTC()
	return &t
}

func beginStep(ctx context.Context, tx *tenants.Tx, run, name string) error {
	_, err := tx.Exec(ctx, `
		update onboarding_steps set state = 'running', started_at = ?, ended_at = null, error = null, done = 0
		where run_id = ? and name = ?`, tx.Now.UnixMilli(), run, name)
	return err
}

func endStep(ctx context.Context, tx *tenants.Tx, run, name string, state core.WorkState, result json.RawMessage, failure *core.Error) error {
	text, err := errorText(failure)
	if err != nil {
		return err
	}
	var body any
	if result != nil {
		body = string(result)
	}
	_, err = tx.Exec(ctx, `
		update onboarding_steps set state = ?, ended_at = ?, result = ?, error = ?
		where run_id = ? and name = ?`, state, tx.Now.UnixMilli(), body, text, run, name)
	return err
}

func setStepProgress(ctx context.Context, tx *tenants.Tx, run, name string, done, total int) error {
	_, err := tx.Exec(ctx, `update onboarding_steps set done = ?, total = ? where run_id = ? and name = ?`, done, total, run, name)
	return err
}

// effectOf returns the result that a step has committed in this tenant's file,
// or nil when it has not.
func effectOf(ctx context.Context, tx *tenants.Tx, run, step string) (json.RawMessage, error) {
	var result string
	err := tx.QueryRow(ctx, `select result from onboarding_effects where run_id = ? and step = ?`, run, step).Scan(&result)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return json.RawMessage(result), err
}

func insertEffect(ctx context.Context, tx *tenants.Tx, run, step string, result json.RawMessage) error {
	_, err := tx.Exec(ctx, `insert into onboarding_effects (run_id, step, result, done_at) values (?, ?, ?, ?)`, run, step, string(result), tx.Now.UnixMilli())
	return err
}
