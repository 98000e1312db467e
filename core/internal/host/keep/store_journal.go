package keep

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func insertCrash(ctx context.Context, tx *tenants.Tx, plugin string, dossier json.RawMessage) error {
	if _, err := tx.Exec(ctx, `insert into plugin_crashes (plugin, dossier) values (?, ?)`, plugin, string(dossier)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		delete from plugin_crashes where plugin = ?1 and id <= (
			select id from plugin_crashes where plugin = ?1 order by id desc limit 1 offset ?2)`, plugin, keptCrashes)
	return err
}

func readCrashes(ctx context.Context, tx *tenants.Tx, plugin string) ([]json.RawMessage, error) {
	rows, err := tx.Query(ctx, `select dossier from plugin_crashes where plugin = ? order by id desc`, plugin)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var dossiers []json.RawMessage
	for rows.Next() {
		var dossier []byte
		if err := rows.Scan(&dossier); err != nil {
			return nil, err
		}
		dossiers = append(dossiers, dossier)
	}
	return dossiers, rows.Err()
}

func insertCalls(ctx context.Context, tx *tenants.Tx, plugin string, calls []OutsideCall) error {
	for _, c := range calls {
		_, err := tx.Exec(ctx, `
			insert into plugin_calls (plugin, tenant_id, at, method, host, path, status, took, sent, received, error, attempt)
			select ?1, nullif(?2, ''), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
			where ?2 = '' or exists (select 1 from tenants where id = ?2 and status <> 'deleted')`,
			plugin, c.Tenant, c.At.UnixMilli(), c.Method, c.Host, c.Path, c.Status, c.Took.Microseconds(), c.Sent, c.Received, c.Error, c.Attempt)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		delete from plugin_calls where plugin = ?1 and id <= (
			select id from plugin_calls where plugin = ?1 order by id desc limit 1 offset ?2)`, plugin, keptCalls)
	return err
}

func listCalls(ctx context.Context, tx *tenants.Tx, plugin string, q core.Query) (page core.List[OutsideCall], err error) {
	where, args := `plugin = ?`, []any{plugin}
	add := func(condition string, values ...any) { where, args = where+` and `+condition, append(args, values...) }
	if q.Tenant != "" {
		add(`tenant_id = ?`, q.Tenant)
	}
	switch q.Status {
	case "ok":
		add(`status between 1 and 399`)
	case "failed":
		add(`(status = 0 or status >= 400)`)
	}
	if !q.From.IsZero() {
		add(`at >= ?`, q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		add(`at < ?`, q.To.UnixMilli())
	}
	for _, word := range strings.Fields(q.Text) {
		add(`instr(lower(host || path), lower(?)) > 0`, word)
	}
	if err := tx.QueryRow(ctx, `select count(*) from plugin_calls where `+where, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	if q.After != "" {
		before, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil {
			return page, core.Errorf(core.Invalid, "This page of the list does not exist.")
		}
		add(`id < ?`, before)
	}
	rows, err := tx.Query(ctx, `
		select id, coalesce(tenant_id, ''), at, method, host, path, status, took, sent, received, error, attempt
		from plugin_calls where `+where+` order by id desc limit ?`, append(args, q.PageSize()+1)...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	var last int64
	for rows.Next() {
		if len(page.Items) == q.PageSize() {
			page.Next = strconv.FormatInt(last, 10)
			break
		}
		var c OutsideCall
		var at, took int64
		if err := rows.Scan(&last, &c.Tenant, &at, &c.Method, &c.Host, &c.Path, &c.Status, &took, &c.Sent, &c.Received, &c.Error, &c.Attempt); err != nil {
			return page, err
		}
		c.At, c.Took = time.UnixMilli(at).UTC(), time.Duration(took)*time.Microsecond
		page.Items = append(page.Items, c)
	}
	return page, rows.Err()
}
