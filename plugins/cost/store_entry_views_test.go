package cost

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/ui"
)

// Each entry leads to a page of its own, with the events behind it and no
// others: whatever the portal called their development, on the entry's date, in
// its category.
func TestEntriesLeadToTheirEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	embedding := map[string]any{"provider": "openai", "model": "text-embedding-3-small", "tokens": 1000}
	stray := w.call("stray", 30, "gpt-5", 10, 0, 0)
	stray.Development, stray.Unit = "somewhere", "nobody's"
	homeless := w.call("homeless", 40, "gpt-5", 10, 0, 0)
	homeless.Development = "" // its unit has one
	shared := w.call("shared", 50, "gpt-5", 10, 0, 0)
	shared.Unit = ""
	w.Report(
		w.event("embedding.created", "vector", 20, 0, embedding), w.event("rag.indexed", "index", 20, 0, embedding),
		stray, homeless, shared,
		w.event("storage.measured", "morning", 60, 1, map[string]any{"store": "media", "bytes": 7}),
		w.event("storage.measured", "evening", 54, 1, map[string]any{"store": "media", "bytes": 9}),
	)
	w.derive()
	page, err := w.Page("/entries")
	w.must(err)
	var found []string
	for _, row := range tables(page)["entries"].Rows {
		_, path, _ := strings.Cut(row.Href, "/entries/")
		entry, err := w.Page("/entries/" + path)
		w.must(err)
		var ids []string
		for _, event := range tables(entry)["events"].Rows {
			ids = append(ids, event.Cells[1].(ui.Text).Text)
		}
		found = append(found, entry.Head.Title+": "+strings.Join(ids, ", "))
	}
	slices.Sort(found)
	want := []string{
		"gpt-5, input tokens: homeless", "gpt-5, input tokens: shared", "gpt-5, input tokens: stray", "storage, stored bytes: morning, evening",
		"text-embedding-3-small, input tokens: index", "text-embedding-3-small, input tokens: vector",
	}
	if !slices.Equal(found, want) {
		t.Errorf("the entries are\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

// An hour with very many events is read page by page, each of them once.
func TestLongHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range strings.Split("abcdefghijklm", "") {
		w.Report(w.call(id, 1, "gpt-5", 10, 0, 0), w.event("chat.sent", id+id, 1, 0, map[string]any{}))
	}
	c, hour := w.Call(), derivedAt.UnixMilli()/hourMS-1
	for _, page := range []int{1, 4, 13, 100} {
		seen := 0
		err := selectLongHour(w.Context(), c, hour, page, func(e event) {
			seen++
			if !json.Valid([]byte(e.body)) || e.kind != "ai.openhouse.llm.called" || e.hour != hour {
				t.Errorf("the event is %+v", e)
			}
		})
		if err != nil || seen != 13 {
			t.Errorf("in pages of %d there are %d events (%v), want 13", page, seen, err)
		}
	}
}
