// Package openaitest is OpenAI's costs API in a test, with what goes wrong
// there in life.
package openaitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Key is an admin key; other keys are refused as those of a project are.
const Key = "sk-admin-stand-in"

// Fault is something that goes wrong, until another one is set.
type Fault string

// The faults.
const (
	None         Fault = ""
	TooOften     Fault = "429 for the rate"
	NoQuota      Fault = "429 for the quota"
	OutOfOrder   Fault = "503"
	NotAllowed   Fault = "403"
	WebPage      Fault = "a web page"
	Truncated    Fault = "JSON that breaks off"
	BrokenOff    Fault = "a connection that breaks off"
	WrongObject  Fault = "another object"
	Circle       Fault = "a cursor that comes again"
	NoCursor     Fault = "more without a cursor"
	DayTwice     Fault = "a day on two pages"
	MiddleFails  Fault = "500 on the second page, after a slow first one"
	QuotedNumber Fault = "numbers in quotes" // tolerated
)

// Row is what one project was charged for one line on one day. Value and
// Quantity are written into the JSON as they are.
type Row struct {
	Date          string // UTC
	Project, Line string // empty: null
	Value         string // 0.0612
	Currency      string // empty: usd
	Quantity      string // empty: null
}

// Server is the stand-in. It ends with the test.
type Server struct {
	*httptest.Server
	mu    sync.Mutex
	rows  []Row
	fault Fault
	days  int // on a page
	asked []url.Values
}

// New starts a stand-in without any costs. A page has a week.
func New(t testing.TB) *Server {
	s := &Server{days: 7}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Host is where the stand-in listens, as an egress of the plugin: host:port.
func (s *Server) Host() string { return strings.TrimPrefix(s.URL, "http://") }

// Set puts rows in place of what was charged: days change late.
func (s *Server) Set(rows ...Row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = slices.Clone(rows)
}

// Break sets a fault.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Asked are the queries that have come.
func (s *Server) Asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// list reads an array of the query, with brackets or repeated.
func list(query url.Values, name string) []string {
	return append(slices.Clone(query[name]), query[name+"[]"]...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	s.asked = append(s.asked, query)
	from, err := strconv.ParseInt(query.Get("start_time"), 10, 64)
	limit, wrong := strconv.Atoi(query.Get("limit"))
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer sk-admin-"):
		refuse(w, http.StatusUnauthorized, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: this endpoint needs an admin key.")
	case r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/organization/costs"):
		refuse(w, http.StatusNotFound, "invalid_request_error", "not_found", "Unknown request URL.")
	case err != nil || wrong != nil || limit < 1 || limit > 180 || query.Get("bucket_width") != "1d":
		refuse(w, http.StatusBadRequest, "invalid_request_error", "invalid_value", "start_time, limit or bucket_width is invalid.")
	case !s.fails(w, query.Get("page")):
		s.answer(w, query, from)
	}
}

// fails answers as the fault wants it, if it wants anything at this point.
func (s *Server) fails(w http.ResponseWriter, cursor string) bool {
	switch {
	case s.fault == TooOften:
		w.Header().Set("Retry-After", "30")
		w.Header().Set("X-Ratelimit-Limit-Requests", "60")
		w.Header().Set("X-Ratelimit-Remaining-Requests", "0")
		w.Header().Set("X-Ratelimit-Reset-Requests", "30s")
		refuse(w, http.StatusTooManyRequests, "requests", "rate_limit_exceeded", "Rate limit reached for requests.")
	case s.fault == NoQuota:
		w.Header().Set("X-Ratelimit-Remaining-Requests", "59")
		refuse(w, http.StatusTooManyRequests, "insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details.")
	case s.fault == OutOfOrder:
		refuse(w, http.StatusServiceUnavailable, "server_error", "", "The engine is overloaded.")
	case s.fault == NotAllowed:
		refuse(w, http.StatusForbidden, "invalid_request_error", "insufficient_permissions", "You have insufficient permissions: api.usage.read is missing.")
	case s.fault == WebPage:
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, "<!doctype html><title>Just a moment...</title>") // the client may be gone
	case s.fault == MiddleFails && cursor != "":
		refuse(w, http.StatusInternalServerError, "server_error", "", "The server had an error.")
	default:
		return false
	}
	return true
}

// answer writes one page of the days that were asked for.
func (s *Server) answer(w http.ResponseWriter, query url.Values, from int64) {
	to, err := strconv.ParseInt(query.Get("end_time"), 10, 64)
	if err != nil {
		to = from + 7*86400
	}
	if at, err := strconv.ParseInt(strings.TrimPrefix(query.Get("page"), "page_"), 10, 64); err == nil {
		from = at
	}
	until := min(to, from+int64(s.days)*86400)
	var buckets []string
	for day := from; day < until; day += 86400 {
		buckets = append(buckets, s.bucket(day, list(query, "group_by")))
	}
	next, object := "null", "page"
	if until < to {
		next = fmt.Sprintf(`"page_%d"`, until)
	}
	switch {
	case s.fault == Circle && query.Get("page") != "":
		next = `"page_` + strconv.FormatInt(from, 10) + `"`
	case s.fault == NoCursor:
		next = "null"
	case s.fault == DayTwice && query.Get("page") != "":
		buckets = append(buckets, s.bucket(from-86400, list(query, "group_by")))
	case s.fault == WrongObject:
		object = "list"
	}
	body := fmt.Sprintf(`{"object":%q,"has_more":%t,"next_page":%s,"data":[%s],"later":{"added":[1]}}`,
		object, until < to || s.fault == Circle || s.fault == NoCursor, next, strings.Join(buckets, ","))
	s.write(w, body)
}

// write sends the body in pieces, as a slow server does, and ends it early when
// the fault wants it.
func (s *Server) write(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", "req_stand_in")
	half := len(body) / 2
	if s.fault == BrokenOff {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	_, _ = fmt.Fprint(w, body[:half]) // the client may be gone
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	switch s.fault {
	case Truncated:
	case BrokenOff:
		if hijacker, ok := w.(http.Hijacker); ok {
			if conn, _, err := hijacker.Hijack(); err == nil {
				_ = conn.Close() // in the middle of the answer
			}
		}
	default:
		_, _ = fmt.Fprint(w, body[half:])
	}
}

// bucket is one day. What isn't grouped by is null, and added up.
func (s *Server) bucket(day int64, groups []string) string {
	date := time.Unix(day, 0).UTC().Format(time.DateOnly)
	var results []string
	for _, r := range s.rows {
		if r.Date != date {
			continue
		}
		if !slices.Contains(groups, "project_id") {
			r.Project = ""
		}
		if !slices.Contains(groups, "line_item") {
			r.Line, r.Quantity = "", ""
		}
		value, currency, quantity := r.Value, r.Currency, r.Quantity
		if currency == "" {
			currency = "usd"
		}
		if quantity == "" {
			quantity = "null"
		}
		if s.fault == QuotedNumber {
			value = strconv.Quote(value)
		}
		results = append(results, fmt.Sprintf(
			`{"object":"organization.costs.result","amount":{"value":%s,"currency":%q},"project_id":%s,"line_item":%s,"api_key_id":null,"quantity":%s,"quantity_unit":"tokens"}`,
			value, currency, quoted(r.Project), quoted(r.Line), quantity))
	}
	return fmt.Sprintf(`{"object":"bucket","start_time":%d,"end_time":%d,"results":[%s]}`, day, day+86400, strings.Join(results, ","))
}

func quoted(text string) string {
	if text == "" {
		return "null"
	}
	b, err := json.Marshal(text)
	if err != nil {
		return "null"
	}
	return string(b)
}

func refuse(w http.ResponseWriter, status int, kind, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": message, "type": kind, "param": nil, "code": code}}) // the client may be gone
}
