package sdk_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

type runner interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

func (h *host) runner(ctx context.Context, transaction string) (runner, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	if token := strings.Join(md.Get(wire.GrantKey), ","); !h.grants[token] {
		return nil, wire.ToStatus(core.Errorf(core.Unauthenticated, "The grant %q is not known.", token))
	}
	if transaction == "" {
		return h.db, nil
	}
	if tx := h.open[transaction]; tx != nil {
		return tx, nil
	}
	return nil, wire.ToStatus(core.Errorf(core.Conflict, "The transaction is over."))
}

func (h *host) Query(in *wire.Statement, stream grpc.ServerStreamingServer[wire.Rows]) error {
	r, err := h.runner(stream.Context(), in.GetTransaction())
	if err != nil {
		return err
	}
	args, err := wire.Unpack(in.GetArgs())
	if err != nil {
		return err
	}
	rows, err := r.QueryContext(stream.Context(), in.GetSql(), args...)
	if err != nil {
		return wire.ToStatus(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	types, _ := rows.ColumnTypes()
	page := &wire.Rows{Columns: columns}
	for _, ct := range types {
		page.Types = append(page.Types, ct.DatabaseTypeName())
	}
	send := func() error {
		h.mu.Lock()
		h.pages++
		h.mu.Unlock()
		err := stream.Send(page)
		page = &wire.Rows{}
		return err
	}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return wire.ToStatus(err)
		}
		if page.Rows, err = wire.Append(page.Rows, values...); err != nil {
			return wire.ToStatus(err)
		}
		if page.Count++; page.Count == wire.PageRows || len(page.Rows) >= wire.PageBytes {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return errors.Join(wire.ToStatus(rows.Err()), send())
}

func (h *host) Exec(ctx context.Context, in *wire.Statement) (*wire.Outcome, error) {
	r, err := h.runner(ctx, in.GetTransaction())
	if err != nil {
		return nil, err
	}
	args, err := wire.Unpack(in.GetArgs())
	if err != nil {
		return nil, err
	}
	result, err := r.ExecContext(ctx, in.GetSql(), args...)
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	affected, _ := result.RowsAffected()
	last, _ := result.LastInsertId()
	return &wire.Outcome{Affected: affected, LastId: last}, nil
}

func (h *host) Batch(ctx context.Context, in *wire.BatchRequest) (*wire.Outcome, error) {
	all, err := wire.Unpack(in.GetRows())
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.pages++
	h.mu.Unlock()
	out, width := &wire.Outcome{}, len(all)/int(in.GetCount())
	for i := range int(in.GetCount()) {
		packed, err := wire.Append(nil, all[i*width:(i+1)*width]...)
		if err != nil {
			return nil, err
		}
		one, err := h.Exec(ctx, &wire.Statement{Transaction: in.GetTransaction(), Sql: in.GetSql(), Args: packed})
		if err != nil {
			return nil, err
		}
		out.Affected += one.GetAffected()
	}
	return out, nil
}

func (h *host) Begin(ctx context.Context, in *wire.BeginRequest) (*wire.Transaction, error) {
	if _, err := h.runner(ctx, ""); err != nil {
		return nil, err
	}
	tx, err := h.db.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{ReadOnly: in.GetReadOnly()})
	if err != nil {
		return nil, wire.ToStatus(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	id := "tx-" + strconv.Itoa(h.next)
	h.open[id] = tx
	return &wire.Transaction{Id: id}, nil
}

func (h *host) End(ctx context.Context, in *wire.EndRequest) (*wire.EndReply, error) {
	if _, err := h.runner(ctx, in.GetTransaction()); err != nil {
		return nil, err
	}
	h.mu.Lock()
	tx := h.open[in.GetTransaction()]
	delete(h.open, in.GetTransaction())
	h.mu.Unlock()
	if in.GetCommit() {
		return &wire.EndReply{}, wire.ToStatus(tx.Commit())
	}
	err := tx.Rollback()
	h.rolled <- in.GetTransaction()
	return &wire.EndReply{}, wire.ToStatus(err)
}

func (h *host) kept(ctx context.Context, transaction, what string) error {
	r, err := h.runner(ctx, transaction)
	if err != nil {
		return err
	}
	_, err = r.ExecContext(ctx, `create table if not exists kept (what text)`)
	if err == nil {
		_, err = r.ExecContext(ctx, `insert into kept values (?)`, what)
	}
	return wire.ToStatus(err)
}
