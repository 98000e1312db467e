package sdk

import (
	"context"
	"database/sql"
	"errors"
)

// Update runs fn in a transaction: all of it is on disk when Update returns
// nil, and nothing otherwise. The transaction holds the tenant's only writer,
// for 5 s at most: ask others before it, not in it.
func Update(ctx context.Context, c Call, fn func(*sql.Tx) error) error {
	tx, err := c.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
