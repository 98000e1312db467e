package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
)

// What inputs have in common is embedded, under exported names: huma reads no
// others.

// Paging is what every list takes.
type Paging struct {
	After string `query:"after" doc:"The next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"25" doc:"Entries on a page."`
}

func (p Paging) query() core.Query { return core.Query{After: p.After, Limit: p.Limit} }

// Sorting is what a list takes that has columns.
type Sorting struct {
	Paging
	Sort string `query:"sort" maxLength:"40" doc:"A column; with a minus before it, downwards." example:"-created_at"`
	Text string `query:"q" maxLength:"200" doc:"Words that an entry contains."`
}

func (s Sorting) query() core.Query {
	q := s.Paging.query()
	q.Sort, q.Desc = strings.CutPrefix(s.Sort, "-")
	q.Text = s.Text
	return q
}

// Timeline is what a list takes that is a log: newest first, in a span of time.
type Timeline struct {
	Paging
	From time.Time `query:"from" doc:"Nothing before it." example:"2026-03-01T00:00:00Z"`
	To   time.Time `query:"to" doc:"Nothing from here on." example:"2026-04-01T00:00:00Z"`
}

func (t Timeline) query() core.Query {
	q := t.Paging.query()
	q.From, q.To = t.From, t.To
	return q
}

// page is one page of a list.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Pass as after for the page behind; absent on the last."`
	Total int    `json:"total" doc:"Entries that Match, on all pages."`
}

// pageOutput is a list's answer.
type pageOutput[T any] struct{ Body page[T] }

func pageOf[N, T any](list core.List[N], shape func(N) T) *pageOutput[T] {
	out := &pageOutput[T]{Body: page[T]{Items: []T{}, Next: list.Next, Total: list.Total}}
	for _, noun := range list.Items {
		out.Body.Items = append(out.Body.Items, shape(noun))
	}
	return out
}

// one is a single noun's answer, with the version that If-Match takes.
type one[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

func oneOf[T any](version int64, body T) *one[T] {
	return &one[T]{ETag: `"` + strconv.FormatInt(version, 10) + `"`, Body: body}
}

// created is a new noun's answer: 201 and its address.
type created[T any] struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     T
}

func createdAt[T any](location string, version int64, body T) *created[T] {
	return &created[T]{Location: location, ETag: oneOf(version, body).ETag, Body: body}
}

// locate is the address of a noun, as this caller reaches it.
func locate(ctx context.Context, path string) string {
	switch {
	case core.ActorOf(ctx).Tenant != "":
		return ownPrefix + path
	case tenantOf(ctx) == "":
		return adminPrefix + path
	}
	return strings.Replace(tenantPrefix, "{tenant_id}", string(tenantOf(ctx)), 1) + path
}

// IDInput names one noun by its id.
type IDInput struct {
	ID string `path:"id" doc:"The id."`
}

// Match is If-Match: the version that the caller has read.
type Match struct {
	IfMatch string `header:"If-Match" doc:"The ETag of what you have read; the change is refused (412) when somebody else was faster."`
}

// version is the number in If-Match; 0, for any, without one.
func (m Match) version() (int64, error) {
	text := strings.Trim(strings.TrimPrefix(m.IfMatch, "W/"), `"`)
	if text == "" || text == "*" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, core.Problems{{Field: "If-Match", Value: m.IfMatch, Reason: "is not an ETag of this API"}}.Err()
	}
	return n, nil
}

// stale turns a conflict into 412 when it comes of an outdated If-Match: when
// the noun has another version now. Other conflicts stay what they are.
func (m Match) stale(ctx context.Context, err error, current func() (int64, error)) error {
	seen, wrong := m.version()
	if wrong != nil || seen == 0 || core.CodeOf(err) != core.Conflict {
		return err
	}
	if now, unread := current(); unread != nil || now == seen {
		return err
	}
	p := problem.New(err, core.OriginOf(ctx).Request)
	p.Status, p.Title = http.StatusPreconditionFailed, http.StatusText(http.StatusPreconditionFailed)
	return p
}

// money is an amount: minor units of an ISO 4217 currency.
type money struct {
	Minor    int64  `json:"minor" doc:"Integer minor units: cents." example:"45815000"`
	Currency string `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR"`
}

func timeOf(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func moneyOf(m *core.Money) *money {
	if m == nil {
		return nil
	}
	return &money{Minor: m.Minor, Currency: m.Currency}
}
