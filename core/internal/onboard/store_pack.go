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

const selectPack = `select kind, development_id, blob_id, name, units, bytes, made_at from packs`

func scanPack(row interface{ Scan(...any) error }) (core.Pack, error) {
	var p core.Pack
	var made int64
	err := row.Scan(&p.Kind, &p.DevelopmentID, &p.BlobID, &p.Name, &p.Units, &p.Bytes, &made)
	p.MadeAt = time.UnixMilli(made).UTC()
	return p, err
}

func findPack(ctx context.Context, tx *tenants.Tx, development, kind string) (core.Pack, error) {
	p, err := scanPack(tx.QueryRow(ctx, selectPack+` where development_id = ? and kind = ?`, development, kind))
	if errors.Is(err, sql.ErrNoRows) {
		return core.Pack{}, core.Errorf(core.NotFound, "This pack hasn't been made yet.")
	}
	return p, err
}

func listPacks(ctx context.Context, tx *tenants.Tx, development string) ([]core.Pack, error) {
	rows, err := tx.Query(ctx, selectPack+` where development_id = ? order by kind`, development)
	if err != nil {
		return nil, fmt.Errorf("list packs: %w", err)
	}
	defer rows.Close()
	var packs []core.Pack
	for rows.Next() {
		p, err := scanPack(rows)
		if err != nil {
			return nil, fmt.Errorf("list packs: %w", err)
		}
		packs = append(packs, p)
	}
	return packs, rows.Err()
}

func putPack(ctx context.Context, tx *tenants.Tx, p core.Pack) error {
	_, err := tx.Exec(ctx, `
		insert into packs (kind, development_id, blob_id, name, units, bytes, made_at) values (?, ?, ?, ?, ?, ?, ?)
		on conflict (development_id, kind) do update set
		  blob_id = excluded.blob_id, name = excluded.name, units = excluded.units, bytes = excluded.bytes, made_at = excluded.made_at`,
		p.Kind, p.DevelopmentID, p.BlobID, p.Name, p.Units, p.Bytes, p.MadeAt.UnixMilli())
	return err
}
