package cost

import (
	"database/sql"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

// BenchmarkYear draws the page of costs over twelve months, and answers the
// report of all its days, beside a plain reading of the rows behind them in the
// same run.
func BenchmarkYear(b *testing.B) {
	c := sdktest.Host(b, Plugin())
	site := c.Seed().Development
	today := dayOf(c.Now(), time.UTC)
	var rows [][]any
	for day := today.AddDate(-1, 0, 1); !day.After(today); day = day.AddDate(0, 0, 1) {
		for _, development := range []string{"", site.ID} {
			for _, sku := range []string{"gpt-6-luna", "gpt-6.1-terra", "gpt-6-sol"} {
				for _, usage := range []string{"input", "cached", "output"} {
					for _, kind := range []string{"estimate", "actual"} {
						rows = append(rows, []any{day.Format(time.DateOnly), development, "llm", "openai", sku, usage, kind, 1000, 10, 2_000_000_000})
					}
				}
			}
		}
	}
	err := sdk.Update(c.Context(), c.Call(), func(tx *sql.Tx) error {
		_, err := sdk.Batch(c.Context(), tx, `insert into cost_days (date, development_id, category, provider, sku, usage, kind, quantity, events, amount) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, rows)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	var read, page, report time.Duration
	for b.Loop() {
		began := time.Now()
		plain(b, c)
		read += time.Since(began)
		began = time.Now()
		if _, err := c.Page("/?period=12m"); err != nil {
			b.Fatal(err)
		}
		page += time.Since(began)
		began = time.Now()
		if answer := c.Route("GET", "/daily?from="+today.AddDate(-1, 0, 1).Format(time.DateOnly), nil); answer.Status != 200 {
			b.Fatal(answer.Err)
		}
		report += time.Since(began)
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
	b.ReportMetric(ms(read), "read-ms")
	b.ReportMetric(ms(page), "page-ms")
	b.ReportMetric(ms(report), "report-ms")
	b.ReportMetric(float64(page)/float64(read), "page/read")
	b.ReportMetric(float64(len(rows)), "rows")
}

func plain(b *testing.B, c *sdktest.Console) {
	rows, err := c.DB().QueryContext(c.Context(), `select date, category, amount from cost_days`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var date, category string
		var amount int64
		if err := rows.Scan(&date, &category, &amount); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}
