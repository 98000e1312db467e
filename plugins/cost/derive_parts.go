package cost

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// prices is the book, read once.
func (w *work) prices(ctx context.Context, c sdk.Call) (*price.Book, error) {
	if w.book == nil {
		book, err := selectPrices(ctx, c.DB())
		if err != nil {
			return nil, err
		}
		w.book, w.turns = book, turnsOf(book)
	}
	return w.book, nil
}

func (w *work) meter(ctx context.Context, c sdk.Call) (*meter, error) {
	if _, err := w.prices(ctx, c); err != nil {
		return nil, err
	}
	if w.sites == nil {
		s, err := selectDirectory(ctx, c)
		if err != nil {
			return nil, err
		}
		w.sites = &s
	}
	return &meter{
		reader: newEventReader(), book: w.book, turns: w.turns, days: w.days, sites: *w.sites,
		used: map[bucket]amountOf{}, stored: map[reading]amountOf{},
	}, nil
}

// deriveParts derives what depends on entries: storage of a month, then what
// pools cost, then bills, which are shared out by both.
func (w *work) deriveParts(ctx context.Context, c sdk.Call) error {
	for w.parts < partsOfRun {
		parts, err := selectDueParts(ctx, c)
		if err != nil || len(parts) == 0 {
			return err
		}
		if first := parts[0]; first.part != dueBill {
			if err := w.derivePart(ctx, c, first); err != nil {
				return fmt.Errorf("derive %s of %s: %w", first.part, first.period, err)
			}
			w.parts++
			continue
		}
		if err := w.deriveBills(ctx, c, parts); err != nil {
			return fmt.Errorf("derive bills: %w", err)
		}
		w.parts += len(parts)
	}
	return nil
}

func (w *work) derivePart(ctx context.Context, c sdk.Call, due duePart) error {
	switch due.part {
	case dueStorage:
		return w.deriveStorage(ctx, c, due)
	case duePool:
		return w.derivePool(ctx, c, due)
	}
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		if err := replaceSums(ctx, tx, due.period); err != nil {
			return err
		}
		return deleteDue(ctx, tx, due)
	})
}

// deriveBills shares out what was charged on the dates that are due.
func (w *work) deriveBills(ctx context.Context, c sdk.Call, due []duePart) error {
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		dates := make([]string, len(due))
		for i, p := range due {
			dates[i] = p.period
			if err := deleteDue(ctx, tx, p); err != nil {
				return err
			}
		}
		return spreadActuals(ctx, tx, dates)
	})
}

// allocated is a part of a pool's share: one date and unit.
type allocated struct {
	place
	usage, category string
	quantity        int64
	amount          rate.Amount
}

// derivePool spreads each development's share of a pool over the dates and
// units that used it, by quantity, largest remainder first (H21). A share
// without any use left stands on the month's first day.
func (w *work) derivePool(ctx context.Context, c sdk.Call, due duePart) error {
	from, to, err := providerMonth(due.provider, due.period)
	if err != nil {
		return err
	}
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		shares, err := selectShares(ctx, tx, due)
		if err != nil {
			return err
		}
		uses, err := selectPooled(ctx, tx, due, from, to)
		if err != nil {
			return err
		}
		list := spreadShares(shares, uses, due)
		w.rows += len(list)
		if err := replaceAllocations(ctx, tx, due, list); err != nil {
			return err
		}
		return deleteDue(ctx, tx, due)
	})
}

// providerMonth are the hours of a provider's month, half-open.
func providerMonth(provider, month string) (from, to int64, err error) {
	begin, err := price.MonthStart(provider, month)
	if err != nil {
		return 0, 0, err
	}
	end, err := price.MonthStart(provider, begin.In(price.Location(provider)).AddDate(0, 1, 0).Format(monthForm))
	return begin.UnixMilli() / hourMS, end.UnixMilli() / hourMS, err
}

func spreadShares(shares map[string]rate.Amount, uses []allocated, due duePart) []allocated {
	byDevelopment := map[string][]int{}
	for i, u := range uses {
		byDevelopment[u.development] = append(byDevelopment[u.development], i)
	}
	var list []allocated
	for development, amount := range shares {
		places := byDevelopment[development]
		if len(places) == 0 && amount != 0 {
			usage, category := "requests", "maps"
			if due.provider == "hosting" {
				usage, category = "bytes", "bandwidth"
			}
			list = append(list, allocated{place{due.period + "-01", development, ""}, usage, category, 0, amount})
			continue
		}
		parts := make([]rate.Part, len(places))
		for n, i := range places {
			u := uses[i]
			parts[n] = rate.Part{ID: u.date + "/" + u.unit + "/" + u.category + "/" + u.usage, Weight: u.quantity}
		}
		for n, amount := range rate.Share(amount, parts) {
			u := uses[places[n]]
			u.amount = amount
			list = append(list, u)
		}
	}
	return list
}

// take copies one publication, and notes what it touches as due.
func (w *work) take(ctx context.Context, tx *sql.Tx, p sdk.Publication) error {
	switch kind, _, _ := strings.Cut(p.Key, "/"); kind {
	case "prices":
		w.book = nil
		from, err := takePrices(ctx, tx, p)
		if err != nil || from.IsZero() {
			return err
		}
		if err := insertHoursFrom(ctx, tx, from.UnixMilli()/hourMS, w.horizon); err != nil {
			return err
		}
		return insertDueStorage(ctx, tx, from.Add(-48*time.Hour).Format(monthForm)) // local months may begin earlier
	case "rates":
		_, err := takeRates(ctx, tx, p) // amounts are converted when they are shown (H24)
		return err
	case "actuals":
		dates, err := takeActuals(ctx, tx, p)
		if err != nil {
			return err
		}
		var due []duePart
		for _, date := range dates {
			due = append(due, duePart{part: dueBill, period: date})
		}
		return insertDue(ctx, tx, due...)
	case "shares":
		due, err := takeShares(ctx, tx, p)
		if err != nil {
			return err
		}
		return insertDue(ctx, tx, due...)
	}
	return nil
}

// sharePart is a tenant's part of one pool, as it is published.
type sharePart struct {
	Provider        string      `json:"provider"`
	SKU             string      `json:"sku"`
	Development     string      `json:"development,omitempty"`
	Quantity        int64       `json:"quantity"`
	Amount          rate.Amount `json:"amount"`
	AccountQuantity int64       `json:"account_quantity"`
	AccountAmount   rate.Amount `json:"account_amount"`
}

// sharesPrefix is what the keys of published shares begin with: shares/2026-11.
const sharesPrefix = "shares/"

// takeShares copies the developer's shares of a month, and returns the pools
// that they are of.
func takeShares(ctx context.Context, tx *sql.Tx, p sdk.Publication) ([]duePart, error) {
	var parts []sharePart
	if p.Value != nil {
		if err := json.Unmarshal(p.Value, &parts); err != nil {
			return nil, fmt.Errorf("read the shares %s: %w", p.Key, err)
		}
	}
	return replaceShares(ctx, tx, strings.TrimPrefix(p.Key, sharesPrefix), parts)
}
