package onboard

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
	"github.com/openhouse-ai/console/tenants"
)

// addBatch is how many units go into one statement run: enough to keep the
// writer busy, few enough to keep memory flat for 50,000.
const addBatch = 1000

// unitsResult is what the units step did, in rows of the file.
type unitsResult struct {
	Rows       int `json:"rows"`
	Matched    int `json:"matched"`
	Imported   int `json:"imported"`
	Duplicates int `json:"duplicates"`
	Rejected   int `json:"rejected"`
}

// units imports the unit list in one transaction: all of it, or nothing.
func (e *execution) units(ctx context.Context) (any, error) {
	development, err := e.developmentID()
	if err != nil {
		return nil, err
	}
	return e.once(ctx, func(tx *tenants.Tx) (any, error) {
		var result unitsResult
		report, total := e.progress(ctx), stepOf(e.run, unitsStep).Total
		batch := make([]core.Unit, 0, addBatch)
		flush := func() error {
			added, err := e.Directory.AddUnits(ctx, tx, batch)
			result.Imported += added
			result.Duplicates += len(batch) - added
			batch = batch[:0]
			report(result.Imported, total)
			return err
		}
		list, err := e.readUnits(ctx, e.request, func(row unitlist.Row) error {
			row.Unit.DevelopmentID = development
			if batch = append(batch, row.Unit); len(batch) < addBatch {
				return nil
			}
			return flush()
		})
		if err != nil {
			return nil, err
		}
		if err := flush(); err != nil {
			return nil, err
		}
		result.Rows, result.Matched, result.Rejected = list.Rows, list.Matched, list.Rejected
		result.Duplicates += list.Duplicates
		return result, nil
	})
}

// qrCodes gives every unit its code and prints the pack of them. The codes are
// known to the control database before a unit bears one: a code that is known
// and borne by nobody answers 404, the other way round it would be lost.
func (e *execution) qrCodes(ctx context.Context) (any, error) {
	development, err := e.developmentID()
	if err != nil {
		return nil, err
	}
	if err := e.assignCodes(ctx, development); err != nil {
		return nil, err
	}
	return e.pack(ctx, QRPack)
}

func (e *execution) assignCodes(ctx context.Context, development string) error {
	var without []string
	err := e.Store.View(ctx, e.run.TenantID, func(tx *tenants.Tx) (err error) {
		without, err = e.Directory.WithoutCode(ctx, tx, development)
		return err
	})
	if err != nil || len(without) == 0 {
		return err
	}
	assigned, codes := map[string]string{}, make([]string, 0, len(without))
	for _, unit := range without {
		code := e.Directory.NewCode()
		assigned[unit] = code
		codes = append(codes, code)
	}
	if err := e.Directory.RegisterCodes(ctx, e.run.TenantID, codes); err != nil {
		return err
	}
	return e.Store.Update(ctx, e.run.TenantID, func(tx *tenants.Tx) error {
		return e.Directory.SetCodes(ctx, tx, assigned)
	})
}
