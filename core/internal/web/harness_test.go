package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// house is a whole console that answers on a port of its own: real files, real
// rooms, a test clock, two developers.
type house struct {
	*app.App
	t                *testing.T
	url, setup       string
	clock            *clockwork.FakeClock
	harpur, rathmore core.TenantID
	stop             func()

	mu     sync.Mutex
	people map[core.Role]*person
}

const password = "correct-horse-battery-9"

// system acts for the harness where a person doesn't.
var system = core.WithActor(context.Background(), core.System)

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 9, 12, 0, 0, time.UTC)), people: map[core.Role]*person{}}
	config := app.DefaultConfig()
	config.Data, config.Listen, config.Development = fresh.Dir(t), "127.0.0.1:0", true
	listener, err := app.Listen(&config)
	h.must(err)
	h.App, err = app.Open(system, app.Options{Config: config, Clock: app.Clock{Clock: h.clock}, Log: slog.New(slog.DiscardHandler), Version: "test"})
	h.must(err)
	ctx, cancel := context.WithCancel(system)
	ready, served := make(chan app.Ready, 1), make(chan error, 1)
	go func() { served <- h.Serve(ctx, listener, func(r app.Ready) { ready <- r }) }()
	select {
	case r := <-ready:
		h.url, h.setup = r.URL, r.Setup
	case err := <-served:
		t.Fatal(err)
	}
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		h.stop()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	h.harpur = h.tenant("Harpur Homes", "HARP", "eu-west")
	h.rathmore = h.tenant("Rathmore Estates", "RATH", "uk")
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) tenant(name, code, region string) core.TenantID {
	h.t.Helper()
	tenant := core.Tenant{ID: core.NewTenantID(h.clock.Now()), Name: name, Code: code, Region: region, Status: core.TenantActive}
	h.must(h.Tenants.Create(system, tenant))
	defaults, err := onboard.ReadDefaults(nil)
	h.must(err)
	settings, err := defaults.For(region)
	h.must(err)
	h.must(h.Tenants.SaveSettings(system, tenant.ID, settings))
	return tenant.ID
}

// as returns a person of the role, signed in; a developer's is of Harpur Homes.
func (h *house) as(role core.Role) *person {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.people[role]; p != nil {
		return p
	}
	user := core.User{Name: "Niamh " + string(role), Email: string(role) + "@openhouse.example", Role: role}
	if role.ForDeveloper() {
		user.Tenant = h.harpur
	}
	user, err := h.Access.Users.Create(system, user, password)
	h.must(err)
	p := h.nobody()
	p.User = user
	p.signIn()
	h.people[role] = p
	return p
}

// nobody is a browser that has not signed in.
func (h *house) nobody() *person {
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &person{house: h, client: &http.Client{
		Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// person is a browser and who uses it.
type person struct {
	core.User
	house  *house
	client *http.Client
}

// answer is what came back, without redirects followed.
type answer struct {
	status   int
	header   http.Header
	location string
	body     string
}

func (p *person) signIn() {
	p.house.t.Helper()
	if a := p.post("/sign-in", "email", p.Email, "password", password); a.status != http.StatusSeeOther {
		p.house.t.Fatalf("sign in as %s: %d\n%s", p.Email, a.status, a.body)
	}
}

func (p *person) get(path string) answer {
	p.house.t.Helper()
	return p.do(http.MethodGet, path, "")
}

// post sends a form of names and values in pairs, as the browser would.
func (p *person) post(path string, pairs ...string) answer {
	p.house.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return p.do(http.MethodPost, path, form.Encode())
}

func (p *person) do(method, path, body string, headers ...string) answer {
	p.house.t.Helper()
	r, err := http.NewRequest(method, p.house.url+path, strings.NewReader(body))
	p.house.must(err)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := p.client.Do(r)
	p.house.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	p.house.must(err)
	return answer{status: resp.StatusCode, header: resp.Header, location: resp.Header.Get("Location"), body: string(text)}
}

// wants fails the test unless the answer has the status and holds the texts.
func (a answer) wants(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d; to %q\n%s", a.status, status, a.location, a.main())
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Fatalf("no %q in\n%s", text, a.main())
		}
	}
	return a
}

// leads fails the test unless the answer sends the browser to the address.
func (a answer) leads(t *testing.T, to string) answer {
	t.Helper()
	if a.status != http.StatusSeeOther || a.location != to {
		t.Fatalf("status %d to %q, want 303 to %q\n%s", a.status, a.location, to, a.main())
	}
	return a
}

// cookie is the value that the browser keeps under the name.
func (p *person) cookie(name string) string {
	address, err := url.Parse(p.house.url)
	p.house.must(err)
	for _, c := range p.client.Jar.Cookies(address) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// main is the page without what surrounds it.
func (a answer) main() string {
	if _, rest, ok := strings.Cut(a.body, "<main"); ok {
		inside, _, _ := strings.Cut(rest, "</main>")
		return inside
	}
	return a.body
}
