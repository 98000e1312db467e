package usage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
)

// day is 60 events of three types and two units, 25 minutes apart.
func day(t *testing.T) *meter {
	m := newMeter(t)
	for i := range 60 {
		e := scan(fmt.Sprint(i))
		e.Time = noon.Add(time.Duration(i) * 25 * time.Minute)
		e.Type = []string{"scan", "chat", "map"}[i%3]
		e.Unit = fmt.Sprintf("unt_%d", i%2)
		e.Data = nil
		m.accept(t, e)
	}
	return m
}

func TestList(t *testing.T) {
	t.Parallel()
	m := day(t)
	for name, c := range map[string]struct {
		query core.Query
		total int
		first string
	}{
		"all":          {core.Query{}, 60, "59"},
		"type":         {core.Query{Kind: "scan"}, 20, "57"},
		"unit":         {core.Query{Unit: "unt_0"}, 30, "58"},
		"development":  {core.Query{Development: "dvt_1"}, 60, "59"},
		"both":         {core.Query{Kind: "chat", Unit: "unt_0"}, 10, "58"},
		"from":         {core.Query{From: noon.Add(25 * time.Minute)}, 59, "59"},
		"to":           {core.Query{To: noon.Add(25 * time.Minute)}, 1, "0"},
		"from and to":  {core.Query{From: noon.Add(10 * time.Minute), To: noon.Add(51 * time.Minute)}, 2, "2"},
		"no such type": {core.Query{Kind: "x"}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			list := m.list(t, c.query)
			equal(t, "total", list.Total, c.total)
			if c.first != "" {
				equal(t, "newest", list.Items[0].ID, c.first)
			}
			c.query.Limit = 7
			var seen int
			last := time.Time{}
			for page := m.list(t, c.query); ; page = m.list(t, c.query) {
				for _, e := range page.Items {
					equal(t, "order", last.IsZero() || e.Time.Before(last), true)
					last = e.Time
					seen++
				}
				if c.query.After = page.Next; page.Next == "" {
					break
				}
			}
			equal(t, "entries of all pages", seen, c.total)
		})
	}
	_, err := m.List(t.Context(), m.tenant, core.Query{After: "x"})
	equal(t, "code", core.CodeOf(err), core.Invalid)
	list, err := m.List(t.Context(), m.other, core.Query{})
	ok(t, err)
	equal(t, "events of the other tenant", list.Total, 0)
}

func TestCounts(t *testing.T) {
	t.Parallel()
	m := day(t)
	counts, err := m.Counts(t.Context(), m.tenant, core.Query{To: noon.Add(100 * time.Minute)})
	ok(t, err)
	var text string
	for _, c := range counts {
		text += fmt.Sprintf("%s %d until %s; ", c.Type, c.Events, c.Last.Format("15:04"))
	}
	equal(t, "counts", text, "chat 1 until 12:25; map 1 until 12:50; scan 2 until 13:15; ")
}

func TestEventsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	in := scan("1")
	m.accept(t, in)
	out := m.list(t, core.Query{}).Items[0]
	equal(t, "data", string(out.Data), `{"a":1,"b":[1.0,12345678901234567890]}`)
	in.Data, out.Data = nil, nil
	equal(t, "event", fmt.Sprintf("%+v", out), fmt.Sprintf("%+v", in))
}
