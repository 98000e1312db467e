// Package openai reads what an organisation of OpenAI was charged: the costs
// API, by project, line and UTC day.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Cost is what one project was charged for one line on one day.
type Cost struct {
	Date     string // of the day in UTC: 2026-11-02
	Project  string // empty: none
	Line     string // line item: free text of the provider, which may change; empty: none
	Amount   string // decimal, below zero for a credit
	Currency string // ISO 4217
	Quantity string // decimal; empty: not told
	Unit     string // of the quantity: tokens
}

// Client asks the costs API. It keeps nothing between two calls.
type Client struct {
	HTTP *http.Client
	Base string // https://api.openai.com/v1
	Key  string // an admin key
}

// Bounds of one import.
const (
	bucketsPerPage = 180 // the most that the API allows
	maxPages       = 1000
	pageBytes      = 16 << 20
	errorBytes     = 64 << 10
)

// Costs returns the costs of the UTC days from one to before another, all of
// them or none: whatever goes wrong on the way is an error, which says what it
// was. It is unauthenticated when the key isn't an admin key, forbidden when it
// may not read costs, unavailable when the other side is busy, out of quota or
// out of order, and invalid when its answer can't be understood.
func (c Client) Costs(ctx context.Context, from, to time.Time) ([]Cost, error) {
	w := window{from: from, to: to, days: map[int64]bool{}}
	seen := map[string]bool{"": true}
	for cursor, page := "", 1; ; page++ {
		body, err := c.page(ctx, from, to, cursor)
		if err != nil {
			return nil, err
		}
		next, err := w.read(body)
		if err != nil {
			return nil, core.Errorf(core.Invalid, "Page %d of OpenAI's answer can't be read: %v.", page, err)
		}
		if next == "" {
			return w.costs, nil
		}
		if seen[next] {
			return nil, core.Errorf(core.Invalid, "OpenAI's answer goes round in circles: page %d leads back to a page that was read.", page)
		}
		if page == maxPages {
			return nil, core.Errorf(core.Invalid, "OpenAI's answer has more than %d pages.", maxPages)
		}
		cursor, seen[next] = next, true
	}
}

// page fetches one page.
func (c Client) page(ctx context.Context, from, to time.Time, cursor string) ([]byte, error) {
	query := url.Values{
		"start_time": {strconv.FormatInt(from.Unix(), 10)}, "end_time": {strconv.FormatInt(to.Unix(), 10)},
		"bucket_width": {"1d"}, "group_by[]": {"project_id", "line_item"}, "limit": {strconv.Itoa(bucketsPerPage)},
	}
	if cursor != "" {
		query.Set("page", cursor)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.Base, "/")+"/organization/costs?"+query.Encode(), nil)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "The address of OpenAI can't be used: %v.", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Key)
	req.Header.Set("Accept", "application/json")
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	defer func() { _ = res.Body.Close() }() // read, or given up
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, errorBytes)) // what came is enough to say why
		return nil, refused(res, text)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, pageBytes+1))
	if err != nil {
		return nil, unreached(ctx, err)
	}
	if len(body) > pageBytes {
		return nil, core.Errorf(core.Invalid, "A page of OpenAI's answer has more than %d MiB.", pageBytes>>20)
	}
	return body, nil
}

// unreached is why no whole answer came.
func unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if told, ok := errors.AsType[*core.Error](err); ok {
		return told
	}
	var inner *url.Error // its text has the address with its query
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return core.Errorf(core.Unavailable, "OpenAI's answer broke off: %v.", err)
}

// refused is what an answer means that isn't 200.
func refused(res *http.Response, body []byte) error {
	var told struct {
		Error struct{ Message, Type, Code string }
	}
	if json.Unmarshal(body, &told) != nil {
		told.Error.Message = ""
	}
	said := ""
	if told.Error.Message != "" {
		said = fmt.Sprintf(" It says: %s", clip(told.Error.Message))
	}
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized:
		return core.Errorf(core.Unauthenticated, "OpenAI refuses the key. Costs need an admin key (an organisation owner makes one); a project's key can't read them.%s", said)
	case status == http.StatusForbidden:
		return core.Errorf(core.Forbidden, "OpenAI doesn't let the key read the organisation's costs.%s", said)
	case status == http.StatusTooManyRequests && (told.Error.Code == "insufficient_quota" || told.Error.Type == "insufficient_quota"):
		return core.Errorf(core.Unavailable, "The OpenAI account is out of quota: somebody has to look at its billing.%s", said)
	case status == http.StatusTooManyRequests:
		when := ""
		if after := res.Header.Get("Retry-After"); after != "" {
			when = " It asks to wait " + clip(after) + " s."
		}
		return core.Errorf(core.Unavailable, "OpenAI is asked too often.%s%s", when, said)
	case status >= http.StatusInternalServerError:
		return core.Errorf(core.Unavailable, "OpenAI is out of order (%d).%s", status, said)
	default:
		return core.Errorf(core.Invalid, "OpenAI answers %d.%s", status, said)
	}
}

// clip bounds what is repeated of another's words, and keeps it on one line.
func clip(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "…"
	}
	return text
}

// trimmed is a text for a column: no byte that isn't UTF-8, nothing around it.
func trimmed(text *string) string {
	if text == nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(*text, ""))
}

// decode reads one JSON value that fills the whole text.
func decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the answer")
	}
	return nil
}
