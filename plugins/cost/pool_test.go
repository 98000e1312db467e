package cost

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"pgregory.net/rapid"
)

// settle derives both tenants' costs, shares the pools out and takes the shares.
func (w world) settle(other world) (said string) {
	w.t.Helper()
	w.derive()
	other.derive()
	w.Settle()
	said = w.job(w.OnPlatform(), "share")
	w.derive()
	other.derive()
	return said
}

// neighbour is the second tenant of the same console.
func (w world) neighbour() world {
	w.Console = w.InTenant(w.Other())
	w.site, w.db = w.Seed(), w.DB()
	return w
}

// P11: what an account costs is shared out to the last part; each developer's
// part is spread over its dates and units.
func TestPools(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.neighbour()
	loads := func(w world, id string, hours float64, unit int, n int64) core.UsageEvent {
		return w.event("map.loaded", id, hours, unit, map[string]any{"kind": "dynamic", "count": n})
	}
	outside := loads(w, "outside", 3, 0, 30_001)
	outside.Development, outside.Unit = "", ""
	early := loads(w, "early", 0, 0, 500)
	early.Time = time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC) // October in California
	w.Report(loads(w, "a", 30, 0, 200_000), loads(w, "b", 2, 1, 49_999), outside, early)
	other.Report(loads(other, "c", 40, 0, 119_999), loads(other, "d", 40, 1, 1))
	if said := w.settle(other); said != "shares changed: 3" {
		t.Errorf("the job says %q", said)
	}
	const shared = `select coalesce(sum(quantity), 0) || ' ' || coalesce(sum(amount), 0) from cost_days where kind = 'allocation' and date like ?`
	var quantity, amount int64
	for _, tenant := range []world{w, other} {
		var q, a int64
		_, err := fmt.Sscan(tenant.one(shared, "2026-11%"), &q, &a)
		w.must(err)
		quantity, amount = quantity+q, amount+a
		w.must(tenant.sums())
	}
	// 400,000 loads in November, of which 10,000 are free: 90,000 at 7.00 and 300,000 at 5.60. October's are free.
	if quantity != 400_500 || amount != int64(2310*rate.USD) {
		t.Errorf("%d loads were shared out, at %d", quantity, amount)
	}
	if got := w.rows(`select distinct month, account_quantity, account_amount from cost_shares order by 1`); !slices.Equal(got, []string{
		"2026-10 500 0", fmt.Sprint("2026-11 400000 ", int64(2310*rate.USD)),
	}) {
		t.Errorf("the shares are of %s", strings.Join(got, ", "))
	}
	if said := w.settle(other); said != "" {
		t.Errorf("without any change the job says %q", said)
	}
	w.again()
	// A late event changes what everybody bears.
	before := other.one(shared, "2026-11%")
	w.Report(loads(w, "late", 100, 2, 100_000))
	if said := w.settle(other); said != "shares changed: 2" || other.one(shared, "2026-11%") == before {
		t.Errorf("after a late event the job says %q", said)
	}
	// A price that is corrected re-rates the month, and nobody's use is derived anew for it.
	row := w.one(`select id from cost_price_rows where sku = 'dynamic-maps' and above = 10000`)
	w.book("/prices/"+row+"/correction", map[string]any{"price": "0"})
	w.settle(other)
	sum := int64(0)
	for _, tenant := range []world{w, other} {
		var q, a int64
		_, err := fmt.Sscan(tenant.one(shared, "2026-11%"), &q, &a)
		w.must(err)
		sum += a
		w.must(tenant.sums())
	}
	if want := int64(2240 * rate.USD); sum != want {
		t.Errorf("with the corrected price all bear %d, want %d", sum, want)
	}
}

// A price that is added or corrected rates months again that were over long ago
// (H18, H20), and only once.
func TestPoolsArePricedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.neighbour()
	const ago = 24 * 40 // in October
	w.Report(
		w.event("map.loaded", "maps", ago, 0, map[string]any{"kind": "dynamic", "count": 30_000}),
		w.event("bandwidth.measured", "out", ago, 0, map[string]any{"direction": "out", "bytes": 5_000_000_000}),
	)
	unpriced := func() (events int64) {
		figures, err := w.RollUp()
		w.must(err)
		for _, f := range figures {
			if f.Metric == "cost.unpriced" && f.Development == "" && f.Period == "" {
				events = f.Value
			}
		}
		return events
	}
	const borne = `select sku || ' ' || sum(amount) from cost_days where kind = 'allocation' and date like '2026-10%' group by sku order by 1`
	w.settle(other)
	if got, want := w.rows(borne), []string{fmt.Sprint("dynamic-maps ", int64(140*rate.USD))}; !slices.Equal(got, want) {
		t.Errorf("October's shares are %v, want %v", got, want)
	}
	const known = `select kind || ' ' || events from cost_days where sku = 'egress'`
	if got := w.one(known); got != "unpriced 1" {
		t.Errorf("what leaves the hosting, for which nobody has a price, is %s", got)
	}
	if text := shows(t, w.Console, "/entries?kind=unpriced"); unpriced() != 1 || !strings.Contains(text, "egress") || strings.Contains(text, "dynamic-maps") {
		t.Errorf("%d uses can't be rated: %s", unpriced(), text)
	}
	row := w.one(`select id from cost_price_rows where sku = 'dynamic-maps' and above = 10000`)
	w.book("/prices/"+row+"/correction", map[string]any{"price": "3.5"})
	w.book("/prices", map[string]any{"provider": "hosting", "sku": "egress", "usage": "bytes", "per": 1_000_000_000, "price": "0.09", "from": "2026-10-01"})
	if said := w.settle(other); said != "shares changed: 1" {
		t.Errorf("after a correction and a new price the job says %q", said)
	}
	if got, want := w.rows(borne), []string{fmt.Sprint("dynamic-maps ", int64(70*rate.USD)), fmt.Sprint("egress ", int64(45*rate.USD/100))}; !slices.Equal(got, want) {
		t.Errorf("October's shares are %v by the new prices, want %v", got, want)
	}
	if got := w.rows(known + ` order by 1`); !slices.Equal(got, []string{"allocation 0", "pooled 1"}) {
		t.Errorf("with a price, what leaves the hosting is %v", got)
	}
	w.must(w.sums())
	if n := unpriced(); n != 0 {
		t.Errorf("%d uses can't be rated with the new price", n)
	}
	if said := w.settle(other); said != "" {
		t.Errorf("without any change the job says %q", said)
	}
	// What comes weeks after its month is rated with it, too (H11, H21).
	w.Report(w.event("map.loaded", "late", ago, 0, map[string]any{"kind": "dynamic", "count": 10_000}))
	if said := w.settle(other); said != "shares changed: 1" {
		t.Errorf("after a late event of a month that is over the job says %q", said)
	}
	if got, want := w.rows(borne)[0], fmt.Sprint("dynamic-maps ", int64(105*rate.USD)); got != want {
		t.Errorf("October comes to %s with the late event, want %s", got, want)
	}
	if said := w.settle(other); said != "" {
		t.Errorf("without another event the job says %q", said)
	}
	months, err := selectRepricedMonths(w.Context(), w.OnPlatform().Call(), mustBook(t))
	if err != nil || !slices.Equal(slices.Compact(months), []string{"2026-10"}) {
		t.Errorf("by the book of the beginning the months %v are rated otherwise (%v)", months, err)
	}
}

// mustBook is the book that a console begins with.
func mustBook(t *testing.T) *price.Book {
	t.Helper()
	book, err := price.New(price.Seed())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// P11: permuting the consumers of a pool changes nothing, the shares add up to
// what the pool comes to, and a pool beyond what is known has no price.
func TestRated(t *testing.T) {
	t.Parallel()
	book := mustBook(t)
	at := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	rapid.Check(t, func(r *rapid.T) {
		p := pool{pooledSKU: pooledSKU{"google", rapid.SampledFrom([]string{"dynamic-maps", "geocoding", "nearby-search-atmosphere", "embed"}).Draw(r, "sku"), "requests"}}
		for n := range rapid.IntRange(1, 10).Draw(r, "consumers") {
			p.consumers = append(p.consumers, consumer{core.TenantID(fmt.Sprint("ten_", n/2)), fmt.Sprint("dvt_", n%2), rapid.Int64Range(1, 500_000).Draw(r, "quantity")})
		}
		is := rated(p, book, at)
		bears := map[consumer]rate.Amount{}
		sum := rate.Amount(0)
		for i, s := range is.shares {
			bears[is.consumers[i]], sum = s, sum+s
		}
		if is.amount == nil {
			if p.sku != "nearby-search-atmosphere" || is.quantity <= 100_000 || len(is.shares) > 0 {
				r.Fatalf("%d of %s have no price, and shares %v", is.quantity, p.sku, is.shares)
			}
			return
		}
		if sum != *is.amount {
			r.Fatalf("the shares add up to %d, not %d", sum, *is.amount)
		}
		p.consumers = slices.Clone(p.consumers)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "order"), 1))
		random.Shuffle(len(p.consumers), func(i, j int) { p.consumers[i], p.consumers[j] = p.consumers[j], p.consumers[i] })
		again := rated(p, book, at)
		for i, s := range again.shares {
			if s != bears[again.consumers[i]] {
				r.Fatalf("in another order %v bears %d", again.consumers[i], s)
			}
		}
	})
}

func TestPoolMonths(t *testing.T) {
	t.Parallel()
	for at, want := range map[string][]string{
		"2026-11-23T12:00:00Z": {"2026-11"}, "2026-11-10T12:00:00Z": {"2026-10", "2026-11"}, "2026-12-01T03:00:00Z": {"2026-11", "2026-12"},
		"2026-11-11T00:00:00Z": {"2026-10", "2026-11"}, "2026-11-11T08:00:00Z": {"2026-11"},
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := poolMonths(moment); !slices.Equal(got, want) {
			t.Errorf("at %s the months are %v, want %v", at, got, want)
		}
	}
}
