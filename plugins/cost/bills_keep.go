package cost

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
)

// charge is one row of a provider's bill, as the provider wrote it.
type charge struct {
	Date, Project, Line string
	Name                string // of the line, as the provider describes it
	Quantity, Unit      string // decimal; empty: not told
	Charged, Currency   string // decimal
}

// key is what a charge is identified by among those of its provider.
func (c charge) key() [3]string { return [3]string{c.Date, c.Project, c.Line} }

// bill is what was charged in a window of days.
type bill struct {
	provider string
	from, to string   // dates, half-open
	projects []string // those whose rows in the window are replaced; nil: all
	charges  []charge // at most one of each key
	net      bool     // credits and discounts are in it
	digest   string   // of the file
	note     string
}

// imported is what the import of a bill has come to.
type imported struct {
	ID               string
	Provider         string
	From, To         string
	Rows, Changed    int
	Amount, Currency string
	Net, Failed      bool
	Note             string
	Digest           string
	At               time.Time
	By               string
}

// maxWindow is how many days one import may have.
const maxWindow = 400

// named gives the import its id: the same import at the same moment, with the
// same outcome, is one.
func (i imported) named() imported {
	h := sha256.New()
	for _, part := range []string{i.Provider, i.From, i.To, i.Digest, i.Amount, i.Note, strconv.Itoa(i.Rows), strconv.FormatBool(i.Failed), strconv.FormatInt(i.At.UnixMilli(), 10)} {
		_, _ = io.WriteString(h, part+"\x00") // a hash takes everything
	}
	i.ID = "bil_" + hex.EncodeToString(h.Sum(nil))[:26]
	return i
}

// keepBill puts a bill in place of what its window had before, tells each
// developer whose part has changed, and records the import: all of it or
// nothing. Importing the same again changes nothing but the record of it.
func keepBill(ctx context.Context, c sdk.Call, b bill) (imported, error) {
	done, err := b.summary(c)
	if err != nil {
		return done, err
	}
	err = sdk.Update(ctx, c, func(tx *sql.Tx) error {
		fresh, gone, err := b.compare(ctx, tx)
		if err != nil {
			return err
		}
		done.Changed = len(fresh) + len(gone)
		if len(gone) > 0 {
			done.Note = words(done.Note, fmt.Sprintf("%d rows of before are gone.", len(gone)))
		}
		if err := writeCharges(ctx, tx, b.provider, done.ID, fresh, gone); err != nil {
			return err
		}
		if err := keepLines(ctx, tx, b); err != nil {
			return err
		}
		if err := insertImport(ctx, tx, done); err != nil {
			return err
		}
		if err := publishBills(ctx, c, tx, b.provider, append(fresh, gone...)); err != nil {
			return err
		}
		return c.Audit(ctx, tx, core.Entry{Action: "cost.bill.import", Target: core.Target{Kind: "bill", ID: done.ID}, Changes: []core.Change{
			{Field: "provider", After: b.provider}, {Field: "from", After: b.from}, {Field: "to", After: b.to},
			{Field: "rows", After: strconv.Itoa(done.Rows)}, {Field: "changed", After: strconv.Itoa(done.Changed)}, {Field: "amount", After: words(done.Amount, done.Currency)},
		}})
	})
	return done, err
}

// failBill keeps that an import has failed, and why. Nothing else is changed.
func failBill(ctx context.Context, c sdk.Call, b bill, why error) error {
	told := "The console could not finish the import."
	if e, ok := errors.AsType[*core.Error](inFile(why)); ok {
		told = e.Error()
	}
	failed := imported{Provider: b.provider, From: b.from, To: b.to, Failed: true, Note: clipped(told), Digest: b.digest, At: c.Now, By: c.Actor.Name}.named()
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		if err := insertImport(ctx, tx, failed); err != nil {
			return err
		}
		return c.Audit(ctx, tx, core.Entry{Action: "cost.bill.import", Target: core.Target{Kind: "bill", ID: failed.ID}, Outcome: "failed", Code: core.CodeOf(why), Changes: []core.Change{
			{Field: "provider", After: b.provider}, {Field: "note", After: failed.Note},
		}})
	})
}

// summary checks the bill and adds it up.
func (b bill) summary(c sdk.Call) (imported, error) {
	done := imported{Provider: b.provider, From: b.from, To: b.to, Rows: len(b.charges), Net: b.net, Note: b.note, Digest: b.digest, At: c.Now, By: c.Actor.Name}
	if len(b.days()) > maxWindow {
		return done, core.Errorf(core.Invalid, "The bill has more than %d days.", maxWindow)
	}
	sum, known := new(big.Rat), map[string]bool{}
	for _, ch := range b.charges {
		amount, err := decimal.Parse(ch.Charged)
		if err != nil {
			return done, core.Errorf(core.Invalid, "The amount %s of %s on %s can't be kept: it has too many digits.", ch.Charged, cmp.Or(ch.Name, ch.Line), ch.Date)
		}
		if _, fits := decimal.Scaled(amount, 12); !fits {
			return done, core.Errorf(core.Invalid, "The amount %s of %s on %s is more than can be kept.", ch.Charged, cmp.Or(ch.Name, ch.Line), ch.Date)
		}
		sum.Add(sum, amount)
		known[ch.Currency] = true
		done.Currency = ch.Currency
	}
	if done.Amount = decimal.Text(sum); len(known) > 1 {
		done.Amount, done.Currency, done.Note = "", "", words(done.Note, "It has amounts in several currencies.")
	}
	return done.named(), nil
}

// days are the dates of the window.
func (b bill) days() (dates []string) {
	from, err := time.Parse(time.DateOnly, b.from)
	if err != nil {
		return nil
	}
	for day := from; day.Format(time.DateOnly) < b.to && len(dates) <= maxWindow; day = day.AddDate(0, 0, 1) {
		dates = append(dates, day.Format(time.DateOnly))
	}
	return dates
}

// compare finds the charges that are new or other than before, and those that
// were there before and are gone.
func (b bill) compare(ctx context.Context, tx *sql.Tx) (fresh, gone []charge, err error) {
	now := map[[3]string]charge{}
	for _, ch := range b.charges {
		now[ch.key()] = ch
	}
	same := map[[3]string]bool{}
	for _, date := range b.days() {
		before, err := selectCharges(ctx, tx, b.provider, date)
		if err != nil {
			return nil, nil, err
		}
		for _, was := range before {
			is, still := now[was.key()]
			switch was.Name = is.Name; {
			case still && is == was:
				same[was.key()] = true
			case !still && (b.projects == nil || slices.Contains(b.projects, was.Project)):
				gone = append(gone, was)
			}
		}
	}
	for _, ch := range b.charges {
		if !same[ch.key()] {
			fresh = append(fresh, ch)
		}
	}
	return fresh, gone, nil
}

// words joins sentences, or an amount and its currency.
func words(parts ...string) string {
	text := ""
	for _, part := range parts {
		if text != "" && part != "" {
			text += " "
		}
		text += part
	}
	return text
}

// clipped bounds a note.
func clipped(text string) string {
	if runes := []rune(text); len(runes) > 500 {
		return string(runes[:500]) + "…"
	}
	return text
}
