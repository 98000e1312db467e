package web_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// browser is a real Chromium with one tab, signed in to a house.
type browser struct {
	t     *testing.T
	ctx   context.Context
	url   string
	axe   string
	mu    sync.Mutex
	noted []string // violations of the content policy, errors of scripts
}

// openBrowser starts Chromium. The Makefile's tools target installs it.
func openBrowser(t *testing.T, h *house) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no Chromium on this machine: run make tools")
	}
	axe, err := os.ReadFile("../../../assets/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("the browser packages are not installed: run make assets (%v)", err)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-features", "Translate,OptimizationHints"))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, url: h.url, axe: string(axe)}
	chromedp.ListenTarget(ctx, b.note)
	b.do(log.Enable())
	return b
}

// note keeps what a page complains about.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Source == log.SourceSecurity {
			b.noted = append(b.noted, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.noted = append(b.noted, e.ExceptionDetails.Error())
	}
}

// complaints returns what was noted since it was asked last.
func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	noted := b.noted
	b.noted = nil
	return noted
}

func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// signIn fills in the form as a person does.
func (b *browser) signIn(email string) {
	b.t.Helper()
	b.do(
		chromedp.Navigate(b.url+"/sign-in"),
		chromedp.SendKeys(`input[name=email]`, email),
		chromedp.SendKeys(`input[name=password]`, password),
		chromedp.Click(`form[action^="/sign-in"] button`),
		chromedp.WaitVisible(`body.in-shell main, .in-shell main`, chromedp.ByQuery),
	)
}

// look is a size of window and a palette, and the rules of accessibility that
// a page is checked by in it; none: it is only looked at.
type look struct {
	width, height int64
	theme, rules  string
}

var (
	deskLight = look{1440, 900, "light", ""}
	phoneDark = look{390, 844, "dark", `{rules: {"landmark-no-duplicate-main": {enabled: !document.querySelector(".swagger-ui")}}}`}
)

// open goes to a page in a look and returns its links. The look comes before
// the page, so that no colour is on its way when it is judged.
func (b *browser) open(path string, l look) []string {
	b.t.Helper()
	var status int
	var links []string
	b.do(
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}),
		chromedp.EmulateViewport(l.width, l.height),
		chromedp.Navigate(b.url+path),
		chromedp.Evaluate(`performance.getEntriesByType("navigation")[0].responseStatus`, &status),
		chromedp.Evaluate(`[...document.querySelectorAll("a[href]")].filter(a => !a.hasAttribute("download") && a.origin === location.origin).map(a => a.pathname + a.search)`, &links),
	)
	if status >= 400 {
		b.t.Errorf("%s answers %d", path, status)
	}
	return links
}

// violation is one accessibility rule that a page breaks.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// check asserts that the page in view is not wider than its window, complained
// of nothing, and breaks no rule of the look.
func (b *browser) check(path string, l look) {
	b.t.Helper()
	var wide bool
	b.do(chromedp.Evaluate(`document.documentElement.scrollWidth > innerWidth`, &wide))
	if wide {
		b.t.Errorf("%s at %d is wider than its window", path, l.width)
	}
	for _, v := range b.violations(l.rules) {
		b.t.Errorf("%s at %d %s: %s (%s): %q", path, l.width, l.theme, v.Help, v.ID, v.Nodes)
	}
	for _, text := range b.complaints() {
		b.t.Errorf("%s at %d %s complains: %s", path, l.width, l.theme, text)
	}
}

// violations are the rules that the page in view breaks. Swagger UI's inside,
// which has a main landmark of its own, is not ours to mend.
func (b *browser) violations(rules string) (found []violation) {
	b.t.Helper()
	if rules == "" {
		return nil
	}
	var text string
	b.do(
		chromedp.Evaluate(b.axe, nil),
		chromedp.Evaluate(`axe.run({exclude: [[".swagger-ui"]]}, `+rules+`).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 160))}))))`,
			&text, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
	)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	return found
}

var (
	identifier = regexp.MustCompile(`(ten|usr|key|dvt|unt|hom|run|drf|msg|jbr|aud|evt)_[0-9a-v]{26}|/\d+\b`)
	download   = regexp.MustCompile(`format=|\.(csv|zip|svg|png)\b|/(qr_pack|launch_kit)$|/export$|^/(readyz|healthz|metrics|api/)|/html$`)
)

// crawl follows every link from a page on, one page of each kind, and checks
// each at a desk in daylight and on a phone at night.
func (b *browser) crawl(start string) int {
	b.t.Helper()
	seen, queue := map[string]bool{}, []string{start}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		kind := identifier.ReplaceAllString(withoutQuery(path), "*")
		if seen[kind] || download.MatchString(path) || download.MatchString(withoutQuery(path)) {
			continue
		}
		seen[kind] = true
		links := b.open(path, deskLight)
		if !strings.HasPrefix(path, "/dev/") { // the gallery's links are made up
			queue = append(queue, links...)
		}
		b.check(path, deskLight)
		b.open(path, phoneDark)
		b.check(path, phoneDark)
	}
	return len(seen)
}

func withoutQuery(path string) string {
	bare, _, _ := strings.Cut(path, "?")
	return bare
}

// onboard takes one more developer through the pipeline with the register as
// it is published, and gives Harpur Homes, whose staff see the portal, a home.
func (h *house) onboard() core.TenantID {
	h.t.Helper()
	register, err := os.Open("../onboard/unitlist/testdata/property-price-register-2023-02-new-dwellings.csv")
	h.must(err)
	defer register.Close()
	staged, err := h.Tenants.Stage(system, "eu-west", tenants.StagedFile{Name: "register.csv", Type: "text/csv"}, register, 1<<20)
	h.must(err)
	var r core.Provision
	r.Developer.Name, r.Developer.Code, r.Developer.Region = "Lane Homes", "LANE", "eu-west"
	r.Developer.Contact = core.Contact{Name: "Site office", Email: "office@lane.example"}
	r.Development.Name, r.Units.Filter, r.Units.File = "Harpur Lane", "Harpur Lane", staged.ID
	run, err := h.Onboarding.Start(system, r, "")
	h.must(err)
	run, err = h.Onboarding.Wait(system, run.ID, 5*time.Minute)
	h.must(err)
	if run.State != core.Done {
		h.t.Fatalf("the onboarding is %s: %+v", run.State, run.Steps)
	}
	d, err := h.Directory.Developments.Create(system, h.harpur, core.Development{Name: "Harpur Park", Address: "Leixlip", Status: "selling"})
	h.must(err)
	u, err := h.Directory.Units.Create(system, h.harpur, core.Unit{DevelopmentID: d.ID, Label: "1 Harpur Park", Address: "1 Harpur Park, Leixlip"})
	h.must(err)
	_, err = h.Directory.Homeowners.Create(system, h.harpur, core.Homeowner{UnitID: u.ID, Name: "Ciara Nolan", Email: "ciara@example.org"})
	h.must(err)
	return run.TenantID
}

// TestEveryPageInABrowser crawls the console as its owner and the portal as a
// developer's admin, with a developer in it that was onboarded from the
// register.
func TestEveryPageInABrowser(t *testing.T) {
	h := newHouse(t)
	h.onboard()
	h.everyOutcome()
	for _, walk := range []struct {
		role  core.Role
		start string
		pages int
	}{{core.Owner, "/admin", 30}, {core.DeveloperAdmin, "/portal", 10}} {
		t.Run(string(walk.role), func(t *testing.T) {
			b := openBrowser(t, h)
			b.signIn(h.as(walk.role).Email)
			if n := b.crawl(walk.start); n < walk.pages {
				t.Errorf("only %d kinds of pages were reached, want %d", n, walk.pages)
			}
		})
	}
}

// TestPublicPagesInABrowser: what nobody signs in for, and the gallery of every
// component, by day and by night.
func TestPublicPagesInABrowser(t *testing.T) {
	h := newHouse(t)
	tenant := h.onboard()
	units, err := h.Directory.Units.List(system, tenant, core.Query{Limit: 1})
	h.must(err)
	b := openBrowser(t, h)
	for _, path := range []string{"/sign-in", "/reset", "/q/" + units.Items[0].Code, "/dev/components"} {
		day := deskLight
		day.rules = phoneDark.rules
		for _, l := range []look{day, phoneDark} {
			b.open(path, l)
			b.check(path, l)
		}
	}
}
