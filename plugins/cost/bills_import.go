package cost

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
	"github.com/openhouse-ai/console/plugins/cost/google"
	"github.com/openhouse-ai/console/plugins/cost/openai"
)

// Days of OpenAI's bill that are asked for.
const (
	settles  = 7  // complete days that may still change
	atFirst  = 90 // when nothing was imported yet
	dayHours = 24 * time.Hour
)

// openaiWindow are the UTC days to import: the last seven complete ones and the
// current one, and whatever could still change when the import before was made.
// Last is the day after that import's last.
func openaiWindow(now time.Time, last string) (from, to time.Time) {
	today := now.UTC().Truncate(dayHours)
	first := today.Add(-atFirst * dayHours)
	from = today.Add(-settles * dayHours)
	at, err := time.Parse(time.DateOnly, last)
	if before := at.Add(-settles * dayHours); err != nil {
		from = first
	} else if before.Before(from) {
		from = before
	}
	if from.Before(first) {
		from = first
	}
	return from, today.Add(dayHours)
}

// importOpenAI imports what OpenAI has charged. Returns not_found when no key
// is set; a failure is kept with its reason, and changes nothing else.
func importOpenAI(ctx context.Context, c sdk.Call, patience time.Duration) (imported, error) {
	key, err := c.Secret(ctx, "openai_key")
	if err != nil {
		return imported{}, err
	}
	var settings PlatformSettings
	if err := c.PlatformSettings(ctx, &settings); err != nil {
		return imported{}, err
	}
	last, err := selectLastDay(ctx, c.DB(), "openai")
	if err != nil {
		return imported{}, err
	}
	from, to := openaiWindow(c.Now, last)
	b := bill{provider: "openai", from: from.Format(time.DateOnly), to: to.Format(time.DateOnly), net: true}
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	costs, err := openai.Client{HTTP: c.HTTP(), Base: settings.OpenAIBase, Key: key}.Costs(asking, from, to)
	if err != nil && asking.Err() != nil && ctx.Err() == nil {
		err = core.Errorf(core.Unavailable, "OpenAI did not answer within %s.", patience)
	}
	for _, o := range costs {
		b.charges = append(b.charges, charge{Date: o.Date, Project: o.Project, Line: o.Line, Name: o.Line, Quantity: o.Quantity, Unit: o.Unit, Charged: o.Amount, Currency: o.Currency})
	}
	return settle(ctx, c, b, err)
}

// settle keeps a bill that was read, or that it could not be.
func settle(ctx context.Context, c sdk.Call, b bill, err error) (done imported, _ error) {
	if err == nil {
		done, err = keepBill(ctx, c, b)
	}
	if err != nil && ctx.Err() == nil {
		err = errors.Join(err, failBill(ctx, c, b, err))
	}
	return done, err
}

// importGoogle imports a cost table of Cloud Billing.
func importGoogle(ctx context.Context, c sdk.Call, file []byte) (imported, error) {
	sum := sha256.Sum256(file)
	b := bill{provider: "google", digest: hex.EncodeToString(sum[:])}
	table, err := google.Read(bytes.NewReader(file))
	if err == nil {
		b, err = b.of(table)
	}
	return settle(ctx, c, b, err)
}

// of fills the bill with a cost table. Rows of one day, project and SKU are one
// charge: costs, credits and discounts. What belongs to no SKU is called by its
// type: tax, rounding error.
func (b bill) of(table google.Table) (bill, error) {
	at := map[[3]string]int{}
	projects := map[string]bool{}
	for _, r := range table.Rows {
		ch := charge{Date: r.Date, Project: r.Project, Line: r.SKU, Name: r.Name, Unit: r.Unit, Quantity: r.Quantity, Charged: r.Amount, Currency: table.Currency}
		if ch.Line == "" {
			ch.Line = strings.ToLower(cmp.Or(r.Kind, "other"))
			ch.Name = cmp.Or(r.Name, r.Kind)
		}
		if r.Credit != "" {
			ch.Quantity, ch.Unit = "", "" // what was used stands in the row that is credited
		}
		projects[ch.Project] = true
		b.from, b.to = min(cmp.Or(b.from, ch.Date), ch.Date), max(b.to, ch.Date)
		i, again := at[ch.key()]
		if !again {
			at[ch.key()] = len(b.charges)
			b.charges = append(b.charges, ch)
			continue
		}
		joined, err := b.charges[i].plus(ch)
		if err != nil {
			return b, core.Errorf(core.Invalid, "Line %d of the file has a number that is too long.", r.Line)
		}
		b.charges[i] = joined
	}
	last, err := time.Parse(time.DateOnly, b.to)
	if err != nil {
		return b, err
	}
	b.to = last.AddDate(0, 0, 1).Format(time.DateOnly)
	b.projects, b.net = slices.Sorted(maps.Keys(projects)), table.Net
	if table.Invoice != "" {
		b.note = "Invoice " + table.Invoice + "."
	}
	if !table.Net {
		b.note = words(b.note, "No credits or discounts are in the file: amounts are gross.")
	}
	if table.Differs {
		b.note = words(b.note, fmt.Sprintf("The file's total is %s, but its rows come to %s %s.", table.Total, table.Sum, table.Currency))
	}
	return b, nil
}

// plus joins two rows of one charge.
func (c charge) plus(more charge) (charge, error) {
	var err error
	if c.Charged, err = decimal.Sum(c.Charged, more.Charged); err != nil {
		return c, err
	}
	switch {
	case more.Quantity == "":
	case c.Quantity == "":
		c.Quantity, c.Unit = more.Quantity, more.Unit
	case c.Unit != more.Unit:
		c.Quantity, c.Unit = "", "" // counted in two ways
	default:
		c.Quantity, err = decimal.Sum(c.Quantity, more.Quantity)
	}
	return c, err
}

// assignProject makes a provider's project a developer's, or nobody's, and tells
// who had it before and who has it now.
func assignProject(ctx context.Context, c sdk.Call, provider, project string, tenant core.TenantID) error {
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		before, charged, err := findOwner(ctx, tx, provider, project)
		switch {
		case err != nil:
			return err
		case !charged && before == "":
			return core.Problems{{Field: "project", Value: project, Reason: "is on no bill"}}.Err()
		case before == tenant:
			return nil
		}
		if tenant != "" {
			if _, err := findTenant(ctx, tx, tenant); err != nil {
				return err
			}
		}
		months, err := selectMonths(ctx, tx, provider, monthsOfProject, project)
		if err != nil {
			return err
		}
		if err := writeOwner(ctx, tx, provider, project, tenant); err != nil {
			return err
		}
		if tenant != "" {
			now, err := selectMonths(ctx, tx, provider, monthsOfProject, project)
			if err != nil {
				return err
			}
			months = append(months, now...)
		}
		if err := publishMonths(ctx, c, tx, months); err != nil {
			return err
		}
		return c.Audit(ctx, tx, core.Entry{Action: "cost.project.assign", Target: core.Target{Kind: "project", ID: provider + "/" + project}, Changes: []core.Change{
			{Field: "tenant", Before: string(before), After: string(tenant)},
		}})
	})
}

// mapLine says what a line of a provider's bills means, and tells everybody who
// was charged for it.
func mapLine(ctx context.Context, c sdk.Call, provider, line string, m meaning) error {
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		_, before, err := findLine(ctx, tx, provider, line)
		if err != nil || before == m {
			return err
		}
		if err := writeMeaning(ctx, tx, provider, line, m); err != nil {
			return err
		}
		months, err := selectMonths(ctx, tx, provider, monthsOfLine, line)
		if err != nil {
			return err
		}
		if err := publishMonths(ctx, c, tx, months); err != nil {
			return err
		}
		return c.Audit(ctx, tx, core.Entry{Action: "cost.line.map", Target: core.Target{Kind: "line", ID: provider + "/" + line}, Changes: []core.Change{
			{Field: "sku", Before: before.SKU, After: m.SKU}, {Field: "usage", Before: before.Usage, After: m.Usage},
			{Field: "category", Before: before.Category, After: m.Category}, {Field: "per", Before: fmt.Sprint(before.Per), After: fmt.Sprint(m.Per)},
		}})
	})
}

// convertBills publishes what was charged in other currencies anew, where the
// exchange rates of its days have changed since (H24).
func convertBills(ctx context.Context, c sdk.Call) error {
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		for _, provider := range []string{"google", "openai"} {
			months, err := selectMonths(ctx, tx, provider, monthsOfForeign, c.Now.UTC().AddDate(-1, 0, 0).Format(time.DateOnly))
			if err == nil {
				err = publishMonths(ctx, c, tx, months)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
