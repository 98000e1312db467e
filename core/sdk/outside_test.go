package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// waits is a clock that stands still but when it is waited for.
type waits struct {
	mu    sync.Mutex
	now   time.Time
	asked []time.Duration
}

func (w *waits) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *waits) wait(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now, w.asked = w.now.Add(d), append(w.asked, d)
	return nil
}

// calling runs fn in a job whose plugin may reach the places.
func calling(t *testing.T, outside sdk.Outside, places []string, fn func(context.Context, *http.Client) error) (*host, error) {
	t.Helper()
	h := start(t, working(func(ctx context.Context, c sdk.Call) error { return fn(ctx, c.HTTP()) }), outside, places...)
	_, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "work"}, sdk.Scene{Tenant: "ten_a"})
	return h, err
}

func place(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }

func server(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s
}

func get(ctx context.Context, client *http.Client, address string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

func TestOutsideCallIsRecordedWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	})
	h, err := calling(t, sdk.Outside{}, []string{place(s)}, func(ctx context.Context, client *http.Client) error {
		req, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/v1/a%20b?key=secret", strings.NewReader("hello"))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer secret")
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(res.Body)
		if string(body) != "hello" {
			t.Errorf("answer %q", body)
		}
		return errors.Join(err, res.Body.Close())
	})
	must(t, err)
	if len(h.notes) != 1 {
		t.Fatalf("%d records", len(h.notes))
	}
	n := h.notes[0]
	if n.GetMethod() != "POST" || n.GetHost() != place(s) || n.GetPath() != "/v1/a%20b" || n.GetStatus() != 200 || n.GetSent() != 5 || n.GetReceived() != 5 || n.GetAttempt() != 1 || n.GetError() != "" {
		t.Errorf("%v", n)
	}
	if strings.Contains(n.String(), "secret") {
		t.Errorf("the record has the secret: %v", n)
	}
}

func TestOnlyGrantedPlaces(t *testing.T) {
	t.Parallel()
	other := server(t, func(w http.ResponseWriter, _ *http.Request) { t.Error("the other host was reached") })
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/near":
			http.Redirect(w, r, "/", http.StatusFound)
		default:
			fmt.Fprint(w, "here")
		}
	})
	resolve := func(_ context.Context, name string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.9")}, nil
	}
	_, port, _ := strings.Cut(place(s), ":")
	_, err := calling(t, sdk.Outside{Resolve: resolve}, []string{place(s), place(other) + "0", "inside.example:" + port, "localhost:1"}, func(ctx context.Context, client *http.Client) error {
		for address, want := range map[string]string{
			other.URL:                          "was not granted",
			"ftp://127.0.0.1/":                 "was not granted",
			"http://inside.example/":           "was not granted",
			"http://inside.example:" + port:    "isn't a public address",
			s.URL + "/away":                    "redirects to another host",
			s.URL + "/round":                   "redirects more than",
			"http://user:pass@127.0.0.1:65535": "was not granted",
		} {
			_, _, err := get(ctx, client, address)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", address, err)
			}
		}
		if _, body, err := get(ctx, client, s.URL+"/near"); err != nil || body != "here" {
			t.Errorf("a redirect on the same host: %q %v", body, err)
		}
		req, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		if err != nil {
			return err
		}
		req.Host = "front.example"
		if _, err := client.Do(req); core.CodeOf(err) != core.Forbidden {
			t.Errorf("another name on a granted host: %v", err)
		}
		return nil
	})
	must(t, err)
}

func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "10.0.0.1": false, "172.16.9.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "198.18.0.1": false, "::": false, "fe80::1%eth0": false, "fd00::1": false, "::ffff:10.0.0.1": false, "::ffff:93.184.216.34": true,
		"64:ff9b::a00:1": false, "2002:a00:1::1": false, "::10.0.0.1": false, "10.1.2.3": true, "127.0.0.1": true, "10.1.2.4": false,
	} {
		if got := sdk.Reaches([]string{"10.1.2.3:443", "localhost:443"}, netip.MustParseAddr(address), "443"); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	for _, place := range []string{"10.1.2.3:80", "[::1]:443", "127.0.0.1:443"} { // a host's other port, and the machine itself
		at := netip.MustParseAddrPort(place)
		if sdk.Reaches([]string{"10.1.2.3:443", "*.example.com:443"}, at.Addr(), strconv.Itoa(int(at.Port()))) {
			t.Errorf("%s was reached", place)
		}
	}
	for _, one := range []struct {
		host string
		want bool
	}{{"a.example.com", true}, {"a.b.Example.com", true}, {"example.com", false}, {"evilexample.com", false}, {"a.example.com.", true}} {
		if got := sdk.Allows([]string{"*.example.com:443"}, one.host, "443"); got != one.want {
			t.Errorf("%s: %v", one.host, got)
		}
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	type answer struct {
		status int
		after  string
	}
	for name, one := range map[string]struct {
		method string
		header string // Idempotency-Key
		answer []answer
		status int
		tries  int
		pauses []time.Duration // 0: any
	}{
		"at once":           {"GET", "", []answer{{200, ""}}, 200, 1, nil},
		"busy":              {"GET", "", []answer{{429, "3"}, {503, ""}, {200, ""}}, 200, 3, []time.Duration{3 * time.Second, 0}},
		"a date":            {"GET", "", []answer{{503, noon.Add(7 * time.Second).Format(http.TimeFormat)}, {200, ""}}, 200, 2, []time.Duration{7 * time.Second}},
		"for long":          {"GET", "", []answer{{503, "3600"}}, 503, 1, nil},
		"for ever":          {"GET", "", []answer{{502, ""}, {504, ""}, {503, ""}}, 503, 3, []time.Duration{0, 0}},
		"not ours":          {"GET", "", []answer{{500, ""}}, 500, 1, nil},
		"a post":            {"POST", "", []answer{{503, ""}}, 503, 1, nil},
		"a post with a key": {"POST", "k", []answer{{503, ""}, {200, ""}}, 200, 2, []time.Duration{0}},
		"a put":             {"PUT", "", []answer{{503, "0"}, {200, ""}}, 200, 2, []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tried atomic.Int32
			s := server(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if r.Method != "GET" && string(body) != "body" {
					t.Errorf("try %d sent %q", tried.Load(), body)
				}
				a := one.answer[tried.Add(1)-1]
				if a.after != "" {
					w.Header().Set("Retry-After", a.after)
				}
				w.WriteHeader(a.status)
			})
			clock := &waits{now: noon}
			h, err := calling(t, sdk.Outside{Now: clock.Now, Wait: clock.wait}, []string{place(s)}, func(ctx context.Context, client *http.Client) error {
				var body io.Reader
				if one.method != "GET" {
					body = strings.NewReader("body")
				}
				req, err := http.NewRequestWithContext(ctx, one.method, s.URL, body)
				if err != nil {
					return err
				}
				if one.header != "" {
					req.Header.Set("Idempotency-Key", one.header)
				}
				res, err := client.Do(req)
				if err != nil {
					return err
				}
				if res.StatusCode != one.status {
					t.Errorf("status %d", res.StatusCode)
				}
				return nil // the body is closed with the call
			})
			must(t, err)
			if int(tried.Load()) != one.tries || len(h.notes) != one.tries || len(clock.asked) != len(one.pauses) {
				t.Fatalf("%d tries, %d records, pauses %v", tried.Load(), len(h.notes), clock.asked)
			}
			for i, want := range one.pauses {
				if got := clock.asked[i]; want != 0 && got != want || got > 10*time.Second {
					t.Errorf("pause %d was %v", i+1, got)
				}
			}
			for i, n := range h.notes {
				if int(n.GetAttempt()) != i+1 || int(n.GetStatus()) != one.answer[i].status {
					t.Errorf("record %d: %v", i+1, n)
				}
			}
		})
	}
}

func TestRetriesEndWithTheirBudget(t *testing.T) {
	t.Parallel()
	var tried atomic.Int32
	s := server(t, func(w http.ResponseWriter, _ *http.Request) {
		tried.Add(1)
		w.WriteHeader(503)
	})
	clock := &waits{now: noon}
	_, err := calling(t, sdk.Outside{Now: clock.Now, Wait: clock.wait}, []string{place(s)}, func(ctx context.Context, client *http.Client) error {
		for range 100 {
			if _, _, err := get(ctx, client, s.URL); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, err)
	if n := tried.Load(); n < 110 || n > 131 {
		t.Errorf("100 calls were tried %d times", n)
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	s := server(t, func(http.ResponseWriter, *http.Request) {})
	s.Close()
	clock := &waits{now: noon}
	h, err := calling(t, sdk.Outside{Now: clock.Now, Wait: clock.wait}, []string{place(s)}, func(ctx context.Context, client *http.Client) error {
		_, _, err := get(ctx, client, s.URL+"/?key=secret")
		return err
	})
	if err == nil || len(h.notes) != 3 || h.notes[2].GetStatus() != 0 || !strings.Contains(h.notes[2].GetError(), "refused") || strings.Contains(h.notes[2].GetError(), "secret") {
		t.Errorf("%v, %v", err, h.notes)
	}
}

func TestHugeAnswer(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		for range 33 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	})
	h, err := calling(t, sdk.Outside{}, []string{place(s)}, func(ctx context.Context, client *http.Client) error {
		if _, body, err := get(ctx, client, s.URL); core.CodeOf(err) != core.Invalid || len(body) != 32<<20 {
			t.Errorf("%d bytes, %v", len(body), err)
		}
		_, body, err := get(sdk.WithBodyLimit(ctx, 40<<20), client, s.URL)
		if len(body) != 33<<20 {
			t.Errorf("%d bytes", len(body))
		}
		return err
	})
	must(t, err)
	if h.notes[0].GetError() == "" || h.notes[1].GetReceived() != 33<<20 {
		t.Errorf("%v", h.notes)
	}
}

// Fixtures stand in for the network; the rules stay.
func TestFixtures(t *testing.T) {
	t.Parallel()
	fixture := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(r.URL.Path)), Request: r}, nil
	})
	h, err := calling(t, sdk.Outside{Transport: fixture}, []string{"api.example.com:443"}, func(ctx context.Context, client *http.Client) error {
		if _, body, err := get(ctx, client, "https://api.example.com/v1"); err != nil || body != "/v1" {
			t.Errorf("%q %v", body, err)
		}
		_, _, err := get(ctx, client, "https://api.example.org/v1")
		if u, ok := errors.AsType[*url.Error](err); !ok || core.CodeOf(u.Err) != core.Forbidden {
			t.Errorf("%v", err)
		}
		return nil
	})
	must(t, err)
	if len(h.notes) != 1 {
		t.Errorf("%v", h.notes)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }
