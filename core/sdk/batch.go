package sdk

import (
	"context"
	"database/sql"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// batchBytes is how much of a batch travels at once.
const batchBytes = 4 << 20

// Batch runs the statement once for each row of parameters, in one go, and
// returns how many rows of the database were changed by all of them.
func Batch(ctx context.Context, tx *sql.Tx, query string, rows [][]any) (int64, error) {
	if tx == nil {
		return 0, core.Errorf(core.Invalid, "A batch needs a transaction.")
	}
	var affected int64
	var packed []byte
	count := uint32(0)
	flush := func() error {
		if count == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, query, &aside{do: func(ctx context.Context, c *conn) error {
			out, err := c.session.host.Batch(ctx, &wire.BatchRequest{Transaction: c.transaction, Sql: query, Rows: packed, Count: count})
			affected += out.GetAffected()
			return err
		}})
		packed, count = packed[:0], 0
		return err
	}
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return affected, core.Errorf(core.Invalid, "Row %d of the batch has %d values, the first has %d.", i+1, len(row), len(rows[0]))
		}
		before := len(packed)
		for _, v := range row {
			value, err := argument(v)
			if err == nil {
				packed, err = wire.Append(packed, value)
			}
			if err != nil {
				return affected, err
			}
		}
		count++
		if len(packed) >= batchBytes-(len(packed)-before) {
			if err := flush(); err != nil {
				return affected, err
			}
		}
	}
	return affected, flush()
}
