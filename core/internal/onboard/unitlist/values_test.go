package unitlist_test

import (
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

func TestParsePrice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, currency, want string // want: the amount, "" for not known, "!" for an error
	}{
		{"€458,150.00", "EUR", "458150.00 EUR"},
		{"458.150,00 €", "EUR", "458150.00 EUR"},
		{"£1,250", "GBP", "1250.00 GBP"},
		{"EUR 300000", "EUR", "300000.00 EUR"},
		{"300000EUR", "EUR", "300000.00 EUR"},
		{"EUR €300,000.-", "EUR", "300000.00 EUR"},
		{"eur. 300 000,5", "EUR", "300000.50 EUR"},
		{" 1 250 000 €", "EUR", "1250000.00 EUR"},
		{"1'250'000.00", "EUR", "1250000.00 EUR"},
		{"1.250.000", "EUR", "1250000.00 EUR"},
		{"1,250,000", "EUR", "1250000.00 EUR"},
		{"458.150", "EUR", "458150.00 EUR"},
		{"458.15", "EUR", "458.15 EUR"},
		{"458150,5", "EUR", "458150.50 EUR"},
		{"458150.0000", "EUR", "458150.00 EUR"},
		{"431.718,06", "EUR", "431718.06 EUR"},
		{"431,718.05", "EUR", "431718.05 EUR"},
		{"1234567", "JPY", "1234567 JPY"},
		{"1.250", "KWD", "1.250 KWD"},
		{"$450,000", "AUD", "450000.00 AUD"},
		{"9,007,199,254,740.93", "EUR", "9007199254740.93 EUR"},
		{"", "EUR", ""}, {"POA", "EUR", ""}, {"tbc", "EUR", ""}, {"–", "EUR", ""}, {"€0.00", "EUR", ""},
		{"£1,250", "EUR", "!"}, {"GBP 300000", "EUR", "!"}, {"$5", "EUR", "!"}, {"EUR £5", "GBP", "!"},
		{"-5", "EUR", "!"}, {"(5)", "EUR", "!"}, {"cheap", "EUR", "!"}, {"€450k", "EUR", "!"},
		{"458,15,00", "EUR", "!"}, {"1,2345.00", "EUR", "!"}, {"1.2.3", "EUR", "!"}, {"1,234.567", "EUR", "!"},
		{"12345.678", "EUR", "!"}, {"5.5", "JPY", "!"}, {"€", "EUR", "!"}, {",5", "EUR", "!"},
		{"99999999999999", "EUR", "!"}, {"1e5", "EUR", "!"}, {"٤٥", "EUR", "!"},
	} {
		m, err := unitlist.ParsePrice(c.in, c.currency, false)
		if got := outcome(m, err); got != c.want {
			t.Errorf("price %q = %q (%v), want %q", c.in, got, err, c.want)
		}
	}
	for in, want := range map[string]string{
		"431718.04999999999": "431718.05 EUR", "431718.0616740088": "431718.06 EUR", "0.005": "0.01 EUR", "199.9949": "199.99 EUR",
	} {
		m, err := unitlist.ParsePrice(in, "EUR", true)
		if got := outcome(m, err); got != want {
			t.Errorf("computed price %q = %q (%v), want %q", in, got, err, want)
		}
	}
}

func outcome(m *core.Money, err error) string {
	switch {
	case err != nil:
		return "!"
	case m == nil:
		return ""
	}
	return m.String()
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		order unitlist.DateOrder
		epoch int
		want  string // "!" for an error
	}{
		{"01/02/2023", "dmy", 0, "2023-02-01"},
		{"01/02/2023", "mdy", 0, "2023-01-02"},
		{"1.2.2023", "dmy", 0, "2023-02-01"},
		{"1-2-23", "dmy", 0, "2023-02-01"},
		{"2023-02-01", "mdy", 0, "2023-02-01"},
		{"2023/2/1", "dmy", 0, "2023-02-01"},
		{"2023-02-01 00:00", "dmy", 0, "2023-02-01"},
		{"2023-02-01T09:30:00.000Z", "dmy", 0, "2023-02-01"},
		{"01/02/2023 10:15 am", "dmy", 0, "2023-02-01"},
		{"1 Feb 2023", "dmy", 0, "2023-02-01"},
		{"01-Feb-23", "dmy", 0, "2023-02-01"},
		{"1st February 2023", "mdy", 0, "2023-02-01"},
		{"Wednesday, 1 February 2023", "dmy", 0, "2023-02-01"},
		{"Feb 1, 2023", "dmy", 0, "2023-02-01"},
		{"September 3rd 2023", "dmy", 0, "2023-09-03"},
		{"3 Sept 2023", "dmy", 0, "2023-09-03"},
		{"29/02/2024", "dmy", 0, "2024-02-29"},
		{"44958", "dmy", 1900, "2023-02-01"},
		{"44958.5", "dmy", 1900, "2023-02-01"},
		{"43496", "dmy", 1904, "2023-02-01"},
		{"", "dmy", 0, ""}, {"TBC", "dmy", 0, ""}, {"-", "dmy", 0, ""},
		{"31/02/2023", "dmy", 0, "!"}, {"29/02/2023", "dmy", 0, "!"}, {"02/13/2023", "dmy", 0, "!"},
		{"13/02/2023", "mdy", 0, "!"}, {"00/01/2023", "dmy", 0, "!"}, {"1/0/2023", "dmy", 0, "!"},
		{"01/02/0023", "dmy", 0, "!"}, {"01/02/3023", "dmy", 0, "!"}, {"01/02/202", "dmy", 0, "!"},
		{"44958", "dmy", 0, "!"}, {"99999", "dmy", 1900, "!"}, {"soon", "dmy", 0, "!"}, {"1 Fab 2023", "dmy", 0, "!"},
		{"Q1 2023", "dmy", 0, "!"}, {"2023", "dmy", 0, "!"},
	} {
		got, err := unitlist.ParseDate(c.in, c.order, c.epoch)
		if err != nil {
			got = "!"
		}
		if got != c.want {
			t.Errorf("date %q (%s) = %q (%v), want %q", c.in, c.order, got, err, c.want)
		}
	}
}

func TestParsePostcode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"W23F8EX": "W23 F8EX", "w23 f8ex": "W23 F8EX", "D6W-XY00": "D6W XY00", "d04 w7y2": "D04 W7Y2", "A67W0C0": "A67 W0C0",
		"SW1A1AA": "SW1A 1AA", "m1 1ae": "M1 1AE", "B338TH": "B33 8TH", "CR26XH": "CR2 6XH", "DN551PT": "DN55 1PT",
		"W1A0AX": "W1A 0AX", "EC1A1BB": "EC1A 1BB", "BT1 5GS": "BT1 5GS", "GIR0AA": "GIR 0AA",
		"": "", "N/A": "",
		"W23": "!", "B23F8EX": "!", "W23F8EXX": "!", "W2AF8EX": "!", "W23F8EI": "!", "SW1A 1AC": "!", "Q1 1AA": "!", "Dublin 18": "!", "12345": "!",
	} {
		got, err := unitlist.ParsePostcode(in)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("postcode %q = %q, want %q", in, got, want)
		}
	}
}

func TestCutPostcode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, rest, code string }{
		{"2 Harpur Park, Leixlip, Co. Kildare, W23 F8EX", "2 Harpur Park, Leixlip, Co. Kildare", "W23 F8EX"},
		{"2 Harpur Park, Leixlip W23F8EX", "2 Harpur Park, Leixlip", "W23 F8EX"},
		{"12 High Street, London N1 1AA", "12 High Street, London", "N1 1AA"},
		{"40 Clay Farm Walk, Dublin 18", "40 Clay Farm Walk, Dublin 18", ""},
		{"W23 F8EX", "W23 F8EX", ""},
		{"", "", ""},
	} {
		if rest, code := unitlist.CutPostcode(c.in); rest != c.rest || code != c.code {
			t.Errorf("%q = %q, %q", c.in, rest, code)
		}
	}
}

func TestHeading(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Date of Sale (dd/mm/yyyy)": "date of sale", "Price (€)": "price", "PRICE EUR": "price", "  Sq. M. ": "sq m",
		"(Address)": "address", "Town/City": "town city", "Post\ncode": "post code", "Price £": "price",
	} {
		if got := unitlist.Heading(in); got != want {
			t.Errorf("heading %q = %q, want %q", in, got, want)
		}
	}
}
