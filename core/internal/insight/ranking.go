package insight

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Ranked is a tenant and its figure.
type Ranked struct {
	core.Tenant
	Value int64
}

// Ranking returns one page of the real tenants (no demo tenants) by their
// figure of a metric in a month, a year, or "" for all time and now: the
// highest first, or with worst the lowest. A tenant without a figure has 0. It
// filters like the list of tenants; Kind is the currency of an amount. Returns
// invalid for a metric that nobody has declared and for a period of a day.
func (i *Insight) Ranking(ctx context.Context, metric, period string, q core.Query, worst bool) (core.List[Ranked], error) {
	q.Desc = !worst
	return i.rank(ctx, metric, period, q, false)
}

// Sorted is the list of all tenants, demo tenants too, in the order of a
// figure: for a list that can be sorted by it. It reads Desc.
func (i *Insight) Sorted(ctx context.Context, metric, period string, q core.Query) (core.List[Ranked], error) {
	return i.rank(ctx, metric, period, q, true)
}

// order is what a ranking goes by, and where it is to begin.
type order struct {
	metric, period int64
	currency       string
	desc, everyone bool
	query          core.Query
	after          *place
}

func (i *Insight) rank(ctx context.Context, metric, period string, q core.Query, everyone bool) (list core.List[Ranked], err error) {
	o := order{currency: q.Kind, desc: q.Desc, everyone: everyone, query: q}
	if o.period, err = encode(period); err != nil {
		return list, err
	}
	if o.period >= dayPeriods {
		return list, core.Problems{{Field: "period", Value: period, Reason: "is a day; tenants are ranked by month, by year and in all"}}.Err()
	}
	if o.after, err = o.parse(metric, q.After); err != nil {
		return list, err
	}
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		m, err := metricNamed(ctx, tx, metric)
		if err != nil {
			return err
		}
		o.metric = m.number
		list, err = o.page(ctx, tx, metric)
		return err
	})
	if err != nil {
		return core.List[Ranked]{}, fmt.Errorf("rank tenants by %s: %w", metric, err)
	}
	return list, nil
}

// page collects tenants above nought, with nought and below it, in the order
// that is asked for: nought is not stored, so it is a list of its own.
func (o order) page(ctx context.Context, tx *tenants.Tx, metric string) (list core.List[Ranked], err error) {
	if list.Total, err = o.count(ctx, tx); err != nil {
		return list, err
	}
	size := o.query.PageSize()
	var found []place
	for _, sign := range o.signs() {
		if o.after != nil && o.after.comesBehind(sign, o.desc) {
			continue
		}
		more, err := o.rows(ctx, tx, sign, size+1-len(found))
		if err != nil {
			return list, err
		}
		found = append(found, more...)
		if len(found) > size { // one row more than the page: there is a next page
			list.Next = found[size-1].encode(o, metric)
			found = found[:size]
			break
		}
	}
	for _, p := range found {
		list.Items = append(list.Items, p.ranked)
	}
	return list, nil
}

// signs are the parts of a ranking, in their order.
func (o order) signs() []int {
	if o.desc {
		return []int{1, 0, -1}
	}
	return []int{-1, 0, 1}
}

// place is a tenant's place in a ranking. As a cursor it says whose ranking.
type place struct {
	Metric   string `json:"m"`
	Period   int64  `json:"p,omitempty"`
	Currency string `json:"c,omitempty"`
	Desc     bool   `json:"d,omitempty"`
	Value    int64  `json:"v"`
	Number   int64  `json:"n"`

	ranked Ranked
}

// comesBehind reports whether the place lies behind all of a part.
func (p *place) comesBehind(sign int, desc bool) bool {
	at := 0
	switch {
	case p.Value > 0:
		at = 1
	case p.Value < 0:
		at = -1
	}
	if desc {
		return at < sign
	}
	return at > sign
}

func (p place) encode(o order, metric string) string {
	p.Metric, p.Period, p.Currency, p.Desc = metric, o.period, o.currency, o.desc
	// Strings and integers always have a JSON form.
	text, _ := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(text)
}

func (o order) parse(metric, after string) (*place, error) {
	if after == "" {
		return nil, nil
	}
	var p place
	text, err := base64.RawURLEncoding.DecodeString(after)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil || p.Metric != metric || p.Period != o.period || p.Currency != o.currency || p.Desc != o.desc {
		return nil, core.Errorf(core.Invalid, "This page can't be continued. Start again from the first one.")
	}
	return &p, nil
}
