package host

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
	"pgregory.net/rapid"
)

func TestCovers(t *testing.T) {
	t.Parallel()
	granted := sdk.Grants{
		Read: map[string][]string{"units": {"id", "label"}}, ReadPlatform: map[string][]string{"tenants": {"id"}},
		Egress: []string{"api.example.com:443", "*.blob.example:443"}, Env: []string{"PROXY"},
	}
	for _, test := range []struct {
		asked sdk.Grants
		want  bool
	}{
		{sdk.Grants{}, true},
		{granted, true},
		{sdk.Grants{Read: map[string][]string{"units": {"label"}}}, true},
		{sdk.Grants{Read: map[string][]string{"units": {"label", "price"}}}, false},
		{sdk.Grants{Read: map[string][]string{"tenants": {"id"}}}, false},
		{sdk.Grants{ReadPlatform: map[string][]string{"units": {"id"}}}, false},
		{sdk.Grants{Egress: []string{"eu.blob.example:443"}}, true},
		{sdk.Grants{Egress: []string{"a.b.blob.example:443"}}, true},
		{sdk.Grants{Egress: []string{"blob.example:443"}}, false},
		{sdk.Grants{Egress: []string{"evilblob.example:443"}}, false},
		{sdk.Grants{Egress: []string{"api.example.com:80"}}, false},
		{sdk.Grants{Egress: []string{"*.example.com:443"}}, false},
		{sdk.Grants{Env: []string{"HOME"}}, false},
	} {
		if got := covers(granted, test.asked); got != test.want {
			t.Errorf("covers(%+v) = %v", test.asked, got)
		}
		if changes := compare(granted, test.asked); (len(changes) == 0) != test.want {
			t.Errorf("changes of %+v = %+v", test.asked, changes)
		}
	}
	if got := ports([]string{"a.example:443", "b.example:8443", "c.example:443"}); !slices.Equal(got, []uint16{443, 8443}) {
		t.Errorf("ports = %v", got)
	}
	got := compare(granted, sdk.Grants{Read: map[string][]string{"units": {"id", "price"}}, Egress: []string{"x.example:1"}})
	want := []core.Change{
		{Field: "reads of each developer's units", Before: "id, label", After: "id, price"},
		{Field: "calls", Before: "api.example.com:443, *.blob.example:443", After: "x.example:1"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("changes = %+v", got)
	}
}

// TestUnionCovers: what is granted in addition covers both, whatever they are.
func TestUnionCovers(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3)
	hosts := rapid.SliceOfN(rapid.SampledFrom([]string{"a.example:1", "*.example:1", "b.example:2"}), 0, 3)
	grants := rapid.Custom(func(t *rapid.T) sdk.Grants {
		columns := rapid.MapOfN(rapid.SampledFrom([]string{"units", "tenants"}), words, 0, 2)
		return sdk.Grants{Read: columns.Draw(t, "read"), ReadPlatform: columns.Draw(t, "platform"), Egress: hosts.Draw(t, "egress"), Env: words.Draw(t, "env")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := grants.Draw(t, "a"), grants.Draw(t, "b")
		both := union(a, b)
		if !covers(both, a) || !covers(both, b) {
			t.Fatalf("%+v doesn't cover %+v and %+v", both, a, b)
		}
		if covers(a, b) && revision(union(a, b)) == "" {
			t.Fatal("rights without a revision")
		}
	})
}

// TestDocumentedKeys reads what plugins.yaml documents: its example, without the
// signs of comments, is a good file, and the limits that it shows are the usual ones.
func TestDocumentedKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../plugins.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(text), "  # weather:\n")
	if !found {
		t.Fatal("plugins.yaml has no example of an outside plugin")
	}
	body := "plugins:\n  weather:\n" + strings.ReplaceAll("\n"+example, "\n  #", "\n ")
	entries, err := reader{file: "plugins.yaml", body: []byte(body)}.read()
	if err != nil {
		t.Fatal(err)
	}
	e := entries["weather"]
	if e.Limits != DefaultLimits || !e.Sandbox || e.Bundled() || len(e.Grants.Env) != 1 || len(e.Grants.Egress) != 2 || len(e.Grants.ReadPlatform) != 1 {
		t.Errorf("the example says %+v", e)
	}
	for _, key := range []string{"memory", "procs", "calls", "call", "work", "database", "rows", "bytes", "log_lines"} {
		wrong := reader{file: "plugins.yaml", body: []byte(strings.Replace(body, " "+key+": ", " "+key+": -", 1))}
		if _, err := wrong.read(); err == nil || !strings.Contains(err.Error(), "plugins.weather.limits."+key+": a limit is more than nothing") {
			t.Errorf("a %s below zero: %v", key, err)
		}
	}
}

// TestPictures: a page may hold pictures itself, and they can be nothing else.
func TestPictures(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("AAAA", maxText)
	for src, good := range map[string]bool{
		"":                                   true,
		"/api/plugins/notes/plan.png":        true,
		"data:image/png;base64,iVBORw0KGgo=": true,
		"data:image/svg+xml;base64," + long:  true,
		"data:image/jpeg;base64," + strings.Repeat(long, maxImage/len(long)): false,
		"data:image/png;base64,<script>":                                     false,
		"data:image/png,iVBORw0KGgo=":                                        false,
		"data:image/bmp;base64,AAAA":                                         false,
		"data:text/html;base64,AAAA":                                         false,
		"data:png;base64,AAAA":                                               false,
		"https://elsewhere.example/pixel.png":                                false,
		"/" + long:                                                           false,
	} {
		page, err := json.Marshal(ui.Page{Blocks: ui.Blocks{ui.Image{Src: src}, ui.Preview{Logo: src}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pageFrom(page); (err == nil) != good {
			t.Errorf("a picture %.60q: %v", src, err)
		}
		link, err := json.Marshal(ui.Page{Crumbs: []ui.Link{{Text: "Picture", Href: src}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pageFrom(link); (err == nil) != (good && !strings.HasPrefix(src, "data:")) {
			t.Errorf("a link to %.60q: %v", src, err)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	var patterns []pattern
	for _, p := range []string{"/", "/notes/{note}", "/notes/new", "/{kind}/new", "/notes/{note}/edit"} {
		patterns = append(patterns, parsePattern(p))
	}
	for path, want := range map[string]string{
		"/": "0 map[]", "": "0 map[]", "/notes/3": "1 map[note:3]", "/notes/new": "2 map[]", "/units/new": "3 map[kind:units]",
		"/notes/a%2Fb": "1 map[note:a/b]", "/notes/3/edit/": "4 map[note:3]", "/notes": "-1 map[]", "/notes//edit": "-1 map[]", "/notes/%zz": "-1 map[]",
	} {
		index, params := find(patterns, path)
		if got := fmt.Sprintf("%d %v", index, params); got != want {
			t.Errorf("%s leads to %s, want %s", path, got, want)
		}
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	calls := newTally()
	for n := range 100 {
		end := calls.begin(flight{since: now})
		end(now.Add(time.Duration(n+1)*time.Millisecond), n%10 == 0, false)
	}
	open := calls.begin(flight{since: now, door: "page", id: "home"})
	got := calls.calls(now.Add(time.Minute))
	if got.Total != 100 || got.Failed != 10 || got.InFlight != 1 || !near(got.P50, 50*time.Millisecond) || !near(got.P95, 95*time.Millisecond) {
		t.Errorf("calls = %+v", got)
	}
	if got := calls.calls(now.Add(2 * time.Hour)); got.Total != 0 || got.P95 != 0 {
		t.Errorf("calls of two hours ago count: %+v", got)
	}
	open(now, false, true)
	if taken := calls.takenBy(nil); !slices.Equal(taken, []string{"page home of the platform"}) {
		t.Errorf("taken = %q", taken)
	}
	if taken := calls.takenBy(nil); len(taken) != 0 {
		t.Errorf("taken twice: %q", taken)
	}
}

// near allows for the width of a bucket.
func near(got, want time.Duration) bool { return got >= want && got < want*5/4 }

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	j := &journal{limit: 10}
	for minute := range 100 {
		for n := range 30 {
			j.add(Line{At: now.Add(time.Duration(minute) * time.Minute), Text: fmt.Sprint(n)})
		}
	}
	lines := j.tail(linesKept)
	if len(lines) > linesKept+1 || len(lines) < linesKept*8/10 {
		t.Errorf("%d lines", len(lines))
	}
	if last := lines[len(lines)-1].Text; last != "20 more lines of this minute were dropped: the limit is 10." {
		t.Errorf("the last line is %q", last)
	}
	if before := j.tail(11)[0].Text; !strings.HasPrefix(before, "20 more lines of the minute before") {
		t.Errorf("the minute begins with %q", before)
	}
}
