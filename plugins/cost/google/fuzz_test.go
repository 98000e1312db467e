package google_test

import (
	"bytes"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
	"github.com/openhouse-ai/console/plugins/cost/google"
)

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// Whatever is read, or refused as invalid; rows have a day and an amount, and
// come to the sum.
func FuzzRead(f *testing.F) {
	f.Add([]byte(table(preamble, header, rows, total)))
	f.Add([]byte("Currency,USD\nProject ID,SKU ID,Usage start date,Unrounded Cost\np,s,2026-10-02,\"1,000\"\n"))
	f.Add([]byte("\xff"))
	f.Add([]byte(strings.Repeat(",", 1000)))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := google.Read(bytes.NewReader(file))
		if err != nil {
			if core.CodeOf(err) != core.Invalid {
				t.Errorf("the error is %v", err)
			}
			return
		}
		sum := new(big.Rat)
		for _, r := range got.Rows {
			amount, err := decimal.Parse(r.Amount)
			if err != nil {
				return // more digits than are read back
			}
			if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
				t.Errorf("line %d has the day %q", r.Line, r.Date)
			}
			sum.Add(sum, amount)
		}
		if decimal.Text(sum) != got.Sum {
			t.Errorf("the rows come to %s, the sum is %s", decimal.Text(sum), got.Sum)
		}
	})
}
