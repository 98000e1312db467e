package tenants_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/tenants"
)

// drain reads all rows.
func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// reportTimes is report for what takes longer than its baseline.
func reportTimes(b *testing.B, unit string, measured, baseline time.Duration) {
	report(b, unit, measured, baseline)
	b.ReportMetric(float64(measured)/float64(baseline), unit)
}

// BenchmarkGuestView reads rows with a guest's rights, against a View.
func BenchmarkGuestView(b *testing.B) {
	s := newStore(b)
	id, g := withGuest(b, s)
	must(b, s.Update(b.Context(), id, func(tx *tenants.Tx) error {
		for i := range 1000 {
			if _, err := tx.Exec(b.Context(), `insert into sample_notes (text) values (?)`, fmt.Sprint("note ", i)); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const query = `select text from sample_notes limit ?`
			var guests, own time.Duration
			for range b.N {
				own += timed(b, func() error {
					return s.View(b.Context(), id, func(tx *tenants.Tx) error { return drain(tx.Query(b.Context(), query, n)) })
				})
				guests += timed(b, func() error {
					return s.GuestView(b.Context(), id, g, func(tx *tenants.GuestTx) error { return drain(tx.Query(b.Context(), query, n)) })
				})
			}
			reportTimes(b, "times-a-view", guests, own)
		})
	}
}

// BenchmarkGuestUpdate stores rows with a guest's rights, against an Update.
func BenchmarkGuestUpdate(b *testing.B) {
	const insert = `insert into sample_notes (text) values (?)`
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newStore(b)
			id, g := withGuest(b, s)
			var guests, own time.Duration
			for i := range b.N {
				rows := make([][]any, n)
				for r := range rows {
					rows[r] = []any{fmt.Sprint("guest ", i, r)}
				}
				own += timed(b, func() error {
					return s.Update(b.Context(), id, func(tx *tenants.Tx) error {
						for r := range n {
							if _, err := tx.Exec(b.Context(), insert, fmt.Sprint("own ", i, r)); err != nil {
								return err
							}
						}
						return nil
					})
				})
				guests += timed(b, func() error {
					return s.GuestUpdate(b.Context(), id, g, func(tx *tenants.GuestTx) error {
						_, err := tx.Batch(b.Context(), insert, rows)
						return err
					})
				})
			}
			reportTimes(b, "times-an-update", guests, own)
		})
	}
}
