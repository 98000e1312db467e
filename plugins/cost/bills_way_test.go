package cost

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/openai/openaitest"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// A bill's whole way: usage is priced, OpenAI's bill imported, its project
// assigned, and the developer's page holds one against the other. The sum of
// the bill, of the developer's days and of the roll-up is the same.
func TestBillOnItsWay(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	c := billed(t, s)
	platform, site := c.OnPlatform(), c.Seed()
	at := time.Date(2026, 11, 4, 9, 0, 0, 0, time.UTC)
	data, err := json.Marshal(map[string]any{"provider": "openai", "model": "gpt-5.4", "prompt_tokens": 200_000, "completion_tokens": 10_000, "cached_tokens": 0, "status": "ok"})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		c.Report(core.UsageEvent{Type: "ai.openhouse.llm.called", Development: site.Development.ID, Time: at, Data: data})
	}
	s.Set(
		openaitest.Row{Date: "2026-11-04", Project: "proj_a", Line: "gpt-5.4, input", Value: "2.08", Quantity: "832000"},
		openaitest.Row{Date: "2026-11-04", Project: "proj_a", Line: "gpt-5.4, output", Value: "0.62", Quantity: "40000"},
		openaitest.Row{Date: "2026-11-04", Project: "proj_a", Line: "credit", Value: "-0.20"},
		openaitest.Row{Date: "2026-11-04", Project: "proj_b", Line: "gpt-5.4, input", Value: "9"},
	)
	job(t, platform, "publish", "prices to begin with")
	job(t, platform, "import-openai", "4 rows")
	act(t, platform, "assign-project", "project", "openai/proj_a", "tenant", string(c.Tenant))
	job(t, c, "derive", "publications")
	var sum rate.Amount
	if err := c.DB().QueryRowContext(t.Context(), `select sum(amount) from cost_days where kind = 'actual' and development_id = ?`, site.Development.ID).Scan(&sum); err != nil || sum != 5*rate.USD/2 {
		t.Errorf("the development's days come to %d (%v)", sum, err)
	}
	page, err := c.Page("/variance?currency=USD")
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]int64{"Estimated": 260, "Charged": 250, "Difference": -10, "Not billed yet": 0} {
		if got := stat(page, label); got != (ui.Money{Minor: want, Currency: "USD"}) {
			t.Errorf("%s is %v, want %d", label, got, want)
		}
	}
	figures, err := c.RollUp()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if f.Metric == "cost.actual" && f.Period == "2026-11" && f.Value != 2_500_000 {
			t.Errorf("the roll-up has %+v", f)
		}
	}
	c.Advance(15 * 24 * time.Hour)
	s.Set(openaitest.Row{Date: "2026-11-04", Project: "proj_a", Line: "gpt-5.4, input", Value: "6.6", Quantity: "880000"})
	act(t, platform, "assign-project", "project", "openai/proj_a", "tenant", "")
	job(t, c, "derive", "publications")
	if err := c.DB().QueryRowContext(t.Context(), `select coalesce(sum(amount), 0) from cost_days where kind = 'actual'`).Scan(&sum); err != nil || sum != 0 {
		t.Errorf("after the project was taken away its days come to %d (%v)", sum, err)
	}
}
