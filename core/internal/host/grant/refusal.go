package grant

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sentence tells a person what a statement of the plugin wanted and may not.
func sentence(plugin string, write bool, r *tenants.Refusal) *core.Error {
	say := func(format string, args ...any) *core.Error {
		return core.Errorf(core.Forbidden, "The plugin "+plugin+" may not "+format+".", args...)
	}
	switch r.Action {
	case sqlite.AuthRead:
		if r.Arg2 == "" {
			return say("read %s", r.Arg1)
		}
		return say("read %s.%s", r.Arg1, r.Arg2)
	case sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthDelete:
		if strings.HasPrefix(r.Arg1, "sqlite_") {
			break // what every change of the schema begins with
		}
		if !write {
			return errReadOnly
		}
		return say("change %s", r.Arg1)
	case sqlite.AuthFunction:
		return say("use the function %s", r.Arg2)
	case sqlite.AuthPragma:
		return say("use pragma %s", r.Arg1)
	case sqlite.AuthAttach, sqlite.AuthDetach:
		return say("attach or detach a database, or copy this one")
	case sqlite.AuthTransaction, sqlite.AuthSavepoint:
		return say("begin or end a transaction with SQL: that is done by BeginTx, Commit and Rollback")
	case sqlite.AuthAnalyze, sqlite.AuthReindex:
		return say("analyse or reindex")
	}
	return say("change the schema: that is done by its migrations")
}

// authors are the results of SQLite that say that a statement is wrong. Most
// are told when it begins, some between two of its rows.
var authors = map[int]bool{
	sqlite3.SQLITE_ERROR: true, sqlite3.SQLITE_CONSTRAINT: true, sqlite3.SQLITE_MISMATCH: true,
	sqlite3.SQLITE_RANGE: true, sqlite3.SQLITE_TOOBIG: true,
}

// missing is what the driver says, without a type, of a parameter without a value.
var missing = regexp.MustCompile(`^missing (argument with index|named argument) |: missing (argument with index|named argument) `)

// explain makes of an error what may leave the console: what a person or an
// author can do something about. The rest is in the log alone.
func (c *counter) explain(ctx context.Context, p *pass, method string, err error) error {
	if refusal, ok := errors.AsType[*tenants.Refusal](err); ok {
		return wire.ToStatus(sentence(p.Rights.Plugin, p.Writes, refusal))
	}
	e, known := errors.AsType[*core.Error](err)
	by, told := errors.AsType[*sqlite.Error](err)
	if told && !known && authors[by.Code()&0xff] {
		e, known = core.Errorf(core.Invalid, "The database doesn't accept this."), true
	}
	switch {
	case known && e.Code != core.Internal:
		if told && (e.Code == core.Invalid || e.Code == core.Conflict) {
			e = &core.Error{Code: e.Code, Message: fmt.Sprintf("%s (%s)", e.Message, by.Error()), Fields: e.Fields}
		}
		return wire.ToStatus(e)
	case missing.MatchString(err.Error()):
		return wire.ToStatus(core.Errorf(core.Invalid, "The statement has parameters without a value: they are written ? and counted."))
	case ctx.Err() != nil:
		return wire.ToStatus(context.Cause(ctx))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return wire.ToStatus(err)
	}
	c.log(ctx, slog.LevelError, "serve a plugin", "tenant", p.Tenant, "call", p.Call, "method", method, "error", err)
	return wire.ToStatus(core.Errorf(core.Internal, "The console could not do this; its log says why."))
}
