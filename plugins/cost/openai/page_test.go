package openai

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/plugins/cost/decimal"
)

const pageOf = `{"object":"page","has_more":false,"next_page":null,"data":[{"object":"bucket","start_time":1792454400,"end_time":1792540800,"results":[%s]}]}`

const good = `{"object":"organization.costs.result","amount":{"value":0.0612,"currency":"usd"},"project_id":"proj_a","line_item":"x","api_key_id":null,"quantity":3060000,"quantity_unit":"tokens"}`

func all() *window {
	return &window{from: time.Unix(0, 0), to: time.Unix(1<<40, 0), days: map[int64]bool{}}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		fmt.Sprintf(pageOf, good):                                                                        "",
		fmt.Sprintf(pageOf, good) + "x":                                                                  "something follows",
		strings.Replace(fmt.Sprintf(pageOf, good), "bucket", "day", 1):                                   "data[0]: it is not a bucket",
		strings.Replace(fmt.Sprintf(pageOf, good), "1792454400", "1792454401", 1):                        "data[0]: start_time 1792454401 is not the beginning",
		fmt.Sprintf(pageOf, strings.Replace(good, "0.0612", `"6,12"`, 1)):                                "results[0]: amount.value is not a decimal",
		fmt.Sprintf(pageOf, strings.Replace(good, "0.0612", "null", 1)):                                  "results[0]: amount.value is not a decimal",
		fmt.Sprintf(pageOf, strings.Replace(good, "0.0612", "1e400", 1)):                                 "results[0]: amount.value is not a decimal",
		fmt.Sprintf(pageOf, strings.Replace(good, `"usd"`, `"dollars"`, 1)):                              `amount.currency is "dollars"`,
		fmt.Sprintf(pageOf, strings.Replace(good, "3060000", `"many"`, 1)):                               "quantity is not a decimal",
		fmt.Sprintf(pageOf, good+","+strings.Replace(good, "usd", "eur", 1)):                             "results[1]: the line \"x\" is charged in USD and in EUR",
		fmt.Sprintf(pageOf, strings.Replace(good, `"x"`, `"`+strings.Repeat("x", 301)+`"`, 1)):           "line_item has more than 300 bytes",
		fmt.Sprintf(pageOf, strings.Replace(good, "costs.result", "usage.embeddings.result", 1)):         "results[0]: it is not a cost",
		fmt.Sprintf(pageOf, strings.Replace(good, `"amount":{"value":0.0612,"currency":"usd"},`, "", 1)): "results[0]: amount is missing",
	} {
		_, err := all().read([]byte(in))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s\n%v, want %q", in, err, want)
		}
	}
}

// Whatever comes is read, or refused with an error; what is read has a day, a
// currency and exact numbers.
func FuzzRead(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(pageOf, good)))
	f.Add([]byte(fmt.Sprintf(pageOf, good+","+good)))
	f.Add([]byte(`{"object":"page","data":[],"has_more":true,"next_page":"page_1"}`))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		w := all()
		next, err := w.read(body)
		if err != nil {
			return
		}
		if next != strings.TrimSpace(next) {
			t.Errorf("the cursor is %q", next)
		}
		for _, c := range w.costs {
			if _, err := time.Parse(time.DateOnly, c.Date); err != nil || len(c.Currency) != 3 {
				t.Errorf("a cost without a day or currency was read: %+v", c)
			}
			if amount, err := decimal.Parse(c.Amount); err == nil && decimal.Text(amount) != c.Amount {
				t.Errorf("the amount %s is not written as it is read", c.Amount)
			}
		}
	})
}
