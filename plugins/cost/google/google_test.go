package google_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/decimal"
	"github.com/openhouse-ai/console/plugins/cost/google"
	"pgregory.net/rapid"
)

const preamble = "\ufeffInvoice number,5123456789\r\n" +
	"Invoice date,2026-10-31,\r\n" +
	"Due date,2026-11-30\r\n" +
	"Billing ID,1234-5678-9012\r\n" +
	"Billing account ID,01ABCD-23EF45-678901,\r\n" +
	"Currency,%\r\n" +
	"Currency exchange rate,\r\n" +
	"Total amount due,\"$1,084.00\"\r\n" +
	"\r\n"

const header = "Billing account name,Billing account ID,Project name,Project ID,Project hierarchy,Service description,Service ID,SKU description,SKU ID,Consumption model description,Credit type,Cost type,Usage start date,Usage end date,Usage amount,Usage unit,Unrounded Cost ($),Cost ($)\r\n"

const rows = `Open House,01ABCD,Harpur,harpur-maps,org/1,Maps API,6F81,Dynamic Maps,A1B2-C3D4,Default,,Usage,2026-10-01,2026-10-31,"112,400",count,"1,234.5678","1,234.57"
Open House,01ABCD,Harpur,harpur-maps,org/1,Maps API,6F81,Dynamic Maps,A1B2-C3D4,Default,Free tier,Usage,2026-10-01,2026-10-31,0,count,-70,-70.00
Open House,01ABCD,Quayside,quayside-maps,org/1,Maps API,6F81,Geocoding,E5F6,Default,,Usage,2026-10-14,2026-10-15,900,count,0.0042,0.00
Open House,01ABCD,,,,,,,,,,Tax,,,,,220.1234,220.12
Open House,01ABCD,,,,,,,,,,Rounding error,,,,,-0.0004,0.00
`

const total = "Total,,,,,,,,,,,,,,,,\"1,384.695\",\"1,384.69\"\r\n"

func table(parts ...string) string {
	return strings.ReplaceAll(strings.Join(parts, ""), "%", "USD")
}

func TestRead(t *testing.T) {
	t.Parallel()
	got, err := google.Read(strings.NewReader(table(preamble, header, rows, total)))
	if err != nil {
		t.Fatal(err)
	}
	want := []google.Row{
		{Line: 11, Date: "2026-10-01", Project: "harpur-maps", SKU: "A1B2-C3D4", Name: "Dynamic Maps", Kind: "Usage", Amount: "1234.5678", Quantity: "112400", Unit: "count"},
		{Line: 12, Date: "2026-10-01", Project: "harpur-maps", SKU: "A1B2-C3D4", Name: "Dynamic Maps", Kind: "Usage", Credit: "Free tier", Amount: "-70", Quantity: "0", Unit: "count"},
		{Line: 13, Date: "2026-10-14", Project: "quayside-maps", SKU: "E5F6", Name: "Geocoding", Kind: "Usage", Amount: "0.0042", Quantity: "900", Unit: "count"},
		{Line: 14, Date: "2026-10-14", Kind: "Tax", Amount: "220.1234"},
		{Line: 15, Date: "2026-10-14", Kind: "Rounding error", Amount: "-0.0004"},
	}
	if len(got.Rows) != len(want) {
		t.Fatalf("%d rows were read: %+v", len(got.Rows), got.Rows)
	}
	for i := range want {
		if got.Rows[i] != want[i] {
			t.Errorf("row %d is\n%+v, want\n%+v", i, got.Rows[i], want[i])
		}
	}
	if got.Currency != "USD" || got.Invoice != "5123456789" || !got.Net || got.Sum != "1384.695" || got.Total != "1384.695" || got.Differs {
		t.Errorf("the table is %+v", got)
	}
}

// The header is found by its names, however they are spelt; the currency is
// the preamble's.
func TestSpelling(t *testing.T) {
	t.Parallel()
	for _, money := range []string{"Unrounded cost ($)", "Unrounded Cost (€)", "UNROUNDED  COST", "unrounded cost (zł)"} {
		spelt := strings.Replace(header, "Unrounded Cost ($)", money, 1)
		got, err := google.Read(strings.NewReader(strings.ReplaceAll(strings.Join([]string{preamble, spelt, rows, total}, ""), "%", "EUR")))
		if err != nil || got.Currency != "EUR" || got.Sum != "1384.695" {
			t.Errorf("with %s: %+v, %v", money, got.Sum, err)
		}
	}
	hidden := "Project ID,SKU ID,Usage start date,Unrounded Cost ($)\np,s,2026-10-02,3.5\n,,,4\n" // no total, no credits, a tax without a kind
	got, err := google.Read(strings.NewReader("Currency,USD\n" + hidden))
	if err != nil || got.Net || got.Total != "" || got.Sum != "7.5" || got.Rows[1].Date != "2026-10-02" {
		t.Errorf("a small table: %+v, %v", got, err)
	}
}

// What can't be read is refused whole, with its place.
func TestRefused(t *testing.T) {
	t.Parallel()
	without := func(column string) string { return strings.Replace(header, column, "Something", 1) }
	for name, c := range map[string]struct{ file, says string }{
		"nothing":        {"", "no cost table"},
		"another file":   {"Name,Age\nTom,5\n", "no cost table"},
		"no project":     {table(preamble, without("Project ID"), rows), "lacks the column Project ID:"},
		"no SKU":         {table(preamble, without("SKU ID"), rows), "lacks the column SKU ID:"},
		"no cost":        {table(preamble, without("Unrounded Cost ($)"), rows), "lacks the column Unrounded Cost:"},
		"no day":         {table(preamble, without("Usage start date"), rows), "lacks the column Usage start date:"},
		"a report":       {"Service description,Service ID,SKU description,SKU ID,Usage amount,Usage unit,Cost ($),Unrounded subtotal ($)\n", "lacks the column Project ID, Usage start date, Unrounded Cost:"},
		"no currency":    {table(header, rows), "doesn't say its currency"},
		"no rows":        {table(preamble, header, total), "no rows"},
		"a wrong number": {table(preamble, header, strings.Replace(rows, "0.0042", "\"0,0042\"", 1)), "is not a number"},
		"a symbol":       {table(preamble, header, strings.Replace(rows, "0.0042", "$0.0042", 1)), "is not a number"},
		"a wrong amount": {table(preamble, header, strings.Replace(rows, "900", "many", 1)), "is not a number"},
		"a wrong day":    {table(preamble, header, strings.Replace(rows, "2026-10-14", "14/10/2026", 1)), "is not a date"},
		"a late row":     {table(preamble, header, rows, total, rows), "follows the total"},
		"no days":        {table(preamble, header, "a,b,,,,,,,,,,Tax,,,,,3,3\n"), "usage start date"},
		"a quote":        {table(preamble, header, "\"a\n"), "no CSV"},
		"not UTF-8":      {table(preamble, header, "\xff\xfe\n"), "UTF-8"},
	} {
		got, err := google.Read(strings.NewReader(c.file))
		if core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), c.says) || len(got.Rows) > 0 {
			t.Errorf("%s: %v; want it to say %q", name, err, c.says)
		}
	}
	_, err := google.Read(strings.NewReader(table(preamble, header, strings.Replace(rows, "0.0042", "x", 1))))
	if told, ok := err.(*core.Error); !ok || len(told.Fields) != 1 || told.Fields[0].Line != 13 || told.Fields[0].Column != "Unrounded Cost" || told.Fields[0].Value != "x" {
		t.Errorf("the place is not told: %#v", err)
	}
}

func TestTotalDiffers(t *testing.T) {
	t.Parallel()
	got, err := google.Read(strings.NewReader(table(preamble, header, rows, strings.Replace(total, "1,384.695", "2,769.39", 1))))
	if err != nil || !got.Differs || got.Total != "2769.39" {
		t.Errorf("a total of twice the sum: %+v, %v", got, err)
	}
	first := "Currency,USD\nProject ID,SKU ID,Usage start date,Unrounded Cost ($)\ntotal,s,2026-10-02,3\nTotal,,,3\n" // a project may be called so
	if got, err := google.Read(strings.NewReader(first)); err != nil || got.Differs || got.Total != "3" || len(got.Rows) != 1 {
		t.Errorf("a total under the projects: %+v, %v", got, err)
	}
	shifted := "Open House,,Filtered Total,,,,,,,,,,,,,,,1384.69\n"
	if got, err := google.Read(strings.NewReader(table(preamble, header, rows, shifted))); err != nil || got.Differs || got.Total != "1384.69" || len(got.Rows) != 5 {
		t.Errorf("a shifted total: %+v, %v", got.Total, err)
	}
}

// The sum is that of the rows, exactly, however numbers are grouped.
func TestSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var file strings.Builder
		file.WriteString("Currency,GBP\nProject ID,SKU ID,Usage start date,Unrounded Cost (£)\n")
		sum := int64(0)
		for range rapid.IntRange(1, 30).Draw(t, "rows") {
			n := rapid.Int64Range(-9_999_999, 9_999_999).Draw(t, "millionths")
			sum += n
			sign, abs := "", n
			if n < 0 {
				sign, abs = "-", -n
			}
			whole := decimal.Text(rat(abs / 1000))
			if len(whole) > 3 && rapid.Bool().Draw(t, "grouped") {
				whole = whole[:len(whole)-3] + "," + whole[len(whole)-3:]
			}
			file.WriteString("p,s,2026-10-02,\"" + sign + whole + "." + decimal.Text(rat(1000 + abs%1000))[1:] + "\"\n")
		}
		got, err := google.Read(strings.NewReader(file.String()))
		if err != nil {
			t.Fatalf("%v\n%s", err, file.String())
		}
		total, err := decimal.Parse(got.Sum)
		if n, ok := decimal.Scaled(total, 3); err != nil || !ok || n != sum {
			t.Fatalf("the sum is %s, want %d thousandths", got.Sum, sum)
		}
	})
}
