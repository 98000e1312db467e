package cost

import (
	"database/sql"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/ui"
)

// quote gives the console's tenant an exchange rate, as the platform would.
func quote(t *testing.T, c *sdktest.Console, currency, rate string) {
	t.Helper()
	err := sdk.Update(c.Context(), c.Call(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(c.Context(), `insert into cost_rates (date, base, quote, rate, source) values ('2020-01-01', 'USD', ?, ?, 'test')`, currency, rate)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A budget gives notice at its threshold and when it is used up, each once a
// month, in the developer's currency.
func TestBudget(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	currency := c.Call().Currency
	if currency != "USD" {
		quote(t, c, currency, "0.5")
	}
	if err := c.SetSettings(Settings{MonthlyBudget: 100, AlertPercent: 80}); err != nil {
		t.Fatal(err)
	}
	day := dayOf(c.Now(), c.Call().Location())
	for n, step := range []struct {
		dollars int64
		events  int
		page    string
	}{{100, 0, ""}, {70, 1, "85% of the month's budget is used."}, {5, 1, "87% of the month's budget is used."}, {30, 2, "The month's budget is used up."}} {
		spend(t, c, []any{day.Format(time.DateOnly), "", "llm", "openai", string(rune('a' + n)), "input", "estimate", 1, 1, step.dollars * pico})
		for range 2 {
			if _, err := c.Job("budget"); err != nil {
				t.Fatal(err)
			}
		}
		events := c.Events()
		if len(events) != step.events {
			t.Fatalf("after step %d there are %d notices, want %d: %+v", n, len(events), step.events, events)
		}
		page, err := c.Page("/")
		if err != nil {
			t.Fatal(err)
		}
		title := ""
		if notice, ok := page.Blocks[0].(ui.Notice); ok {
			title = notice.Title
		}
		if step.page != "" && title != step.page {
			t.Errorf("after step %d the page begins with %q, want %q", n, title, step.page)
		}
	}
}
