package openai_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/openai"
	"github.com/openhouse-ai/console/plugins/cost/openai/openaitest"
)

var (
	from = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	to   = time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC) // three pages
)

func client(s *openaitest.Server) openai.Client {
	return openai.Client{HTTP: s.Client(), Base: s.URL + "/v1/", Key: openaitest.Key}
}

func TestCosts(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	s.Set(
		openaitest.Row{Date: "2026-10-19", Project: "proj_a", Line: "before the window", Value: "9"},
		openaitest.Row{Date: "2026-10-20", Project: "proj_a", Line: "gpt-6-luna, input", Value: "0.06120000000000000001", Quantity: "3060000"},
		openaitest.Row{Date: "2026-10-20", Project: "proj_a", Line: "gpt-6-luna, input", Value: "1e-2", Quantity: "500000"},
		openaitest.Row{Date: "2026-10-28", Value: "-5.00"}, // a credit of the organisation
		openaitest.Row{Date: "2026-11-08", Project: "proj_b", Line: "gpt-5.4, output", Value: "12", Currency: "eur"},
		openaitest.Row{Date: "2026-11-09", Project: "proj_a", Line: "after the window", Value: "9"},
	)
	want := []openai.Cost{
		{Date: "2026-10-20", Project: "proj_a", Line: "gpt-6-luna, input", Amount: "0.07120000000000000001", Currency: "USD", Quantity: "3560000", Unit: "tokens"},
		{Date: "2026-10-28", Amount: "-5", Currency: "USD", Unit: "tokens"},
		{Date: "2026-11-08", Project: "proj_b", Line: "gpt-5.4, output", Amount: "12", Currency: "EUR", Unit: "tokens"},
	}
	for _, fault := range []openaitest.Fault{openaitest.None, openaitest.QuotedNumber} {
		s.Break(fault)
		got, err := client(s).Costs(t.Context(), from, to)
		if err != nil || len(got) != len(want) {
			t.Fatalf("with %q: %+v, %v", fault, got, err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("with %q row %d is\n%+v, want\n%+v", fault, i, got[i], want[i])
			}
		}
	}
	asked := s.Asked()
	if len(asked) != 6 || asked[0].Get("group_by[]") != "project_id" || asked[0].Get("limit") != "180" || asked[1].Get("page") == "" {
		t.Errorf("%d pages were asked for, the first with %v", len(asked), asked[0])
	}
}

// Whatever goes wrong, nothing of the window comes, and the error says what it was.
func TestFaults(t *testing.T) {
	t.Parallel()
	for fault, want := range map[openaitest.Fault]struct {
		code core.Code
		says string
	}{
		openaitest.TooOften:    {core.Unavailable, "too often. It asks to wait 30 s"},
		openaitest.NoQuota:     {core.Unavailable, "out of quota"},
		openaitest.OutOfOrder:  {core.Unavailable, "out of order (503)"},
		openaitest.NotAllowed:  {core.Forbidden, "api.usage.read is missing"},
		openaitest.WebPage:     {core.Invalid, "it is a web page"},
		openaitest.Truncated:   {core.Invalid, "breaks off in the middle"},
		openaitest.BrokenOff:   {core.Unavailable, "broke off"},
		openaitest.WrongObject: {core.Invalid, `object is "list"`},
		openaitest.Circle:      {core.Invalid, "goes round in circles"},
		openaitest.NoCursor:    {core.Invalid, "next_page is empty"},
		openaitest.DayTwice:    {core.Invalid, "2026-10-26 comes twice"},
		openaitest.MiddleFails: {core.Unavailable, "out of order (500)"},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			s := openaitest.New(t)
			s.Set(openaitest.Row{Date: "2026-10-20", Project: "proj_a", Line: "gpt-6-luna, input", Value: "1"})
			s.Break(fault)
			got, err := client(s).Costs(t.Context(), from, to)
			if core.CodeOf(err) != want.code || !strings.Contains(err.Error(), want.says) || got != nil {
				t.Errorf("%v, %d costs; want %s that says %q", err, len(got), want.code, want.says)
			}
		})
	}
}

func TestProjectKey(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	c := client(s)
	c.Key = "sk-proj-1"
	if _, err := c.Costs(t.Context(), from, to); core.CodeOf(err) != core.Unauthenticated || !strings.Contains(err.Error(), "admin key") {
		t.Errorf("a project's key: %v", err)
	}
}

func TestGivenUp(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(s).Costs(ctx, from, to); err != context.Canceled {
		t.Errorf("a call that was given up says %v", err)
	}
}

// The stand-in takes arrays with brackets and repeated, and answers null for
// what isn't grouped by.
func TestStandIn(t *testing.T) {
	t.Parallel()
	s := openaitest.New(t)
	s.Set(openaitest.Row{Date: "2026-10-20", Project: "proj_a", Line: "gpt-6-luna, input", Value: "1", Quantity: "5"})
	for query, want := range map[string]string{
		"&group_by[]=project_id&group_by[]=line_item": `"project_id":"proj_a","line_item":"gpt-6-luna, input","api_key_id":null,"quantity":5`,
		"&group_by=project_id&group_by=line_item":     `"project_id":"proj_a","line_item":"gpt-6-luna, input","api_key_id":null,"quantity":5`,
		"&group_by=project_id":                        `"project_id":"proj_a","line_item":null,"api_key_id":null,"quantity":null`,
		"":                                            `"project_id":null,"line_item":null,"api_key_id":null,"quantity":null`,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1/organization/costs?start_time=1792454400&bucket_width=1d&limit=7"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+openaitest.Key)
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body strings.Builder
		if err := res.Write(&body); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(body.String(), want) {
			t.Errorf("%s answers %s, want %s", query, body.String(), want)
		}
	}
}
