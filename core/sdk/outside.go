package sdk

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// HTTP is the one way out of a plugin that the console vouches for: to granted
// hosts alone, never into a private network or on to another host, with
// time-outs and retries, and with a record of each try that the console shows
// (method, host, path, status, duration; never query, header or body).
//
// Requests that may be repeated (GET, PUT, DELETE, or with an Idempotency-Key)
// are tried three times when the other side is busy or the network fails.
func (c Call) HTTP() *http.Client {
	return &http.Client{Transport: &outside{c.session}, Timeout: wholeTime, CheckRedirect: stay}
}

// stay follows redirects within the same host alone.
func stay(req *http.Request, via []*http.Request) error {
	if first := via[0].URL; req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
		return core.Errorf(core.Forbidden, "%s redirects to another host, %s.", first.Host, req.URL.Host)
	}
	if len(via) > maxRedirects {
		return core.Errorf(core.Unavailable, "%s redirects more than %d times.", req.URL.Host, maxRedirects)
	}
	return nil
}

type limitKey struct{}

// WithBodyLimit returns a context in which answers of outside calls may have so
// many bytes, in place of 32 MiB.
func WithBodyLimit(ctx context.Context, bytes int64) context.Context {
	return context.WithValue(ctx, limitKey{}, bytes)
}

// outside is the http.RoundTripper of one call.
type outside struct{ session *session }

// RoundTrip implements http.RoundTripper, with every rule of HTTP: a client of
// the plugin's own around it keeps them too.
func (o *outside) RoundTrip(req *http.Request) (*http.Response, error) {
	n, err := o.network(req)
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // it was not sent
		}
		return nil, err
	}
	n.retries.earn()
	for try := 1; ; try++ {
		res, err := o.once(n, req, try)
		pause, again := n.again(req, res, err, try)
		if !again || !n.retries.spend() {
			return res, err
		}
		if res != nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, headerBytes)) // so that the connection can be used again
			_ = res.Body.Close()
		}
		if err := n.Wait(req.Context(), pause); err != nil {
			return nil, err
		}
		if req, err = replay(req); err != nil {
			return nil, err
		}
	}
}

// network is the way out, if the request may take it.
func (o *outside) network(req *http.Request) (*network, error) {
	if err := o.session.alive(); err != nil {
		return nil, err
	}
	o.session.server.mu.Lock()
	n := o.session.server.network
	o.session.server.mu.Unlock()
	if n == nil {
		return nil, errNoHost
	}
	ports := map[string]string{"http": "80", "https": "443"}
	standard, known := ports[req.URL.Scheme]
	host, port := req.URL.Hostname(), cmp.Or(req.URL.Port(), standard)
	if !known || !n.egress.allows(host, port) || req.Host != "" && !strings.EqualFold(req.Host, req.URL.Host) {
		return nil, core.Errorf(core.Forbidden, "The plugin may not call %s:%s: it was not granted (egress).", host, port)
	}
	return n, nil
}

// once makes one try and records it when its answer has been read.
func (o *outside) once(n *network, req *http.Request, try int) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	stop := context.AfterFunc(o.session.ctx, cancel)
	sent := new(atomic.Int64)
	out := req.Clone(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		out.Body = counted{req.Body, sent}
	}
	record := &wire.OutsideCall{Method: cmp.Or(req.Method, "GET"), Host: req.URL.Host, Path: req.URL.EscapedPath(), Attempt: int32(try)}
	begun := n.Now()
	finish := func(received int64, err error) {
		stop()
		cancel()
		record.Microseconds, record.Sent, record.Received = n.Now().Sub(begun).Microseconds(), sent.Load(), received
		if err != nil {
			record.Error = strings.ToValidUTF8(err.Error(), "")
		}
		o.session.note(record)
	}
	res, err := n.Transport.RoundTrip(out)
	if err != nil {
		finish(0, err)
		return nil, err
	}
	record.Status = int32(res.StatusCode)
	limit, ok := req.Context().Value(limitKey{}).(int64)
	if !ok {
		limit = bodyBytes
	}
	body := &received{ReadCloser: res.Body, session: o.session, host: req.URL.Host, limit: limit, finish: finish}
	o.session.reading(body, true)
	res.Body = body
	return res, nil
}

// note tells the host of one outside call.
func (s *session) note(record *wire.OutsideCall) {
	if s.alive() != nil {
		return
	}
	ctx, cancel := s.lastWords()
	defer cancel()
	if _, err := s.host.NoteCall(ctx, record); err != nil {
		s.server.logger().Warn("an outside call could not be recorded", "error", err)
	}
}

// reading keeps the bodies that are still read, so that they end with the call.
func (s *session) reading(body io.Closer, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bodies == nil {
		s.bodies = map[io.Closer]bool{}
	}
	if open {
		s.bodies[body] = true
	} else {
		delete(s.bodies, body)
	}
}

// counted counts what is sent.
type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// received is the body of an answer: bounded, and recorded at its end.
type received struct {
	io.ReadCloser
	session *session
	host    string
	limit   int64
	n       int64
	failed  error
	once    sync.Once
	finish  func(received int64, err error)
}

func (r *received) Read(b []byte) (int, error) {
	if r.failed != nil {
		return 0, r.failed
	}
	n, err := r.ReadCloser.Read(b)
	r.n += int64(n)
	if r.n > r.limit {
		n, err = n-int(r.n-r.limit), core.Errorf(core.Invalid, "The answer of %s has more than %d bytes.", r.host, r.limit)
	}
	if err != nil && err != io.EOF {
		r.failed = err
	}
	return n, err
}

// Close ends the answer.
func (r *received) Close() error {
	err := r.ReadCloser.Close()
	r.once.Do(func() {
		r.session.reading(r, false)
		r.finish(r.n, r.failed)
	})
	return err
}

// errReplay is said when a body can't be sent once more.
var errReplay = errors.New("the request's body can't be sent again")

// replay is the request once more, with its body from the beginning.
func replay(req *http.Request) (*http.Request, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil
	}
	if req.GetBody == nil {
		return nil, errReplay
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again := req.Clone(req.Context())
	again.Body = body
	return again, nil
}

// Retries are paid from a budget: a fifth of the calls, and a few at first.
const (
	maxTokens    = 10
	tokensOfCall = 0.2
)

// budget holds down retries when the other side is down for everybody.
type budget struct {
	mu     sync.Mutex
	tokens float64
}

func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(maxTokens, b.tokens+tokensOfCall)
}

func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
