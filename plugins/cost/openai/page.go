package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/openhouse-ai/console/plugins/cost/decimal"
)

// maxText is how long a name may be: longer ones are none.
const maxText = 300

// answer is one page. What it holds beyond that is left out.
type answer struct {
	Object   string
	Data     []bucket
	HasMore  bool    `json:"has_more"`
	NextPage *string `json:"next_page"`
}

type bucket struct {
	Object    string
	StartTime json.Number `json:"start_time"`
	Results   []result
}

type result struct {
	Object string
	Amount *struct {
		Value    json.RawMessage
		Currency string
	}
	Project  *string         `json:"project_id"`
	Line     *string         `json:"line_item"`
	Quantity json.RawMessage `json:"quantity"`
	Unit     *string         `json:"quantity_unit"`
}

// window collects the costs of some days.
type window struct {
	from, to time.Time
	days     map[int64]bool // that have come
	costs    []Cost
}

// read takes a page, and returns the cursor of the next one.
func (w *window) read(body []byte) (next string, err error) {
	var page answer
	if err := decode(body, &page); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it breaks off in the middle")
		}
		if strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 100)])), "<") {
			err = errors.New("it is a web page")
		}
		return "", err
	}
	if page.Object != "page" || page.Data == nil {
		return "", fmt.Errorf("it is not a page of costs (object is %q)", clip(page.Object))
	}
	for i, b := range page.Data {
		if err := w.day(b); err != nil {
			return "", fmt.Errorf("data[%d]: %w", i, err)
		}
	}
	if !page.HasMore {
		return "", nil
	}
	if next = trimmed(page.NextPage); next == "" {
		return "", errors.New("has_more is true, but next_page is empty")
	}
	return next, nil
}

// day takes a bucket.
func (w *window) day(b bucket) error {
	start, err := b.StartTime.Int64()
	at := time.Unix(start, 0).UTC()
	switch {
	case b.Object != "bucket":
		return fmt.Errorf("it is not a bucket (object is %q)", clip(b.Object))
	case err != nil:
		return fmt.Errorf("start_time is not a number of seconds")
	case at.Truncate(24*time.Hour) != at:
		return fmt.Errorf("start_time %d is not the beginning of a UTC day", start)
	case at.Before(w.from) || !at.Before(w.to):
		return fmt.Errorf("start_time %d is outside of the days that were asked for", start)
	case w.days[start]:
		return fmt.Errorf("the day %s comes twice", at.Format(time.DateOnly))
	}
	w.days[start] = true
	byKey := map[[2]string]int{} // of this day, in costs
	for i, r := range b.Results {
		c, err := r.cost()
		if err != nil {
			return fmt.Errorf("results[%d]: %w", i, err)
		}
		c.Date = at.Format(time.DateOnly)
		key := [2]string{c.Project, c.Line}
		if at, again := byKey[key]; again {
			if w.costs[at], err = w.costs[at].plus(c); err != nil {
				return fmt.Errorf("results[%d]: %w", i, err)
			}
			continue
		}
		byKey[key] = len(w.costs)
		w.costs = append(w.costs, c)
	}
	return nil
}

// cost is one result, with exact numbers.
func (r result) cost() (c Cost, err error) {
	if r.Object != "organization.costs.result" {
		return c, fmt.Errorf("it is not a cost (object is %q)", clip(r.Object))
	}
	if r.Amount == nil {
		return c, errors.New("amount is missing")
	}
	amount, err := number(r.Amount.Value)
	if err != nil || amount == nil {
		return c, errors.New("amount.value is not a decimal number")
	}
	c = Cost{Project: trimmed(r.Project), Line: trimmed(r.Line), Amount: decimal.Text(amount), Currency: strings.ToUpper(trimmed(&r.Amount.Currency)), Unit: trimmed(r.Unit)}
	if len(c.Currency) != 3 || strings.Trim(c.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return c, fmt.Errorf("amount.currency is %q, not an ISO 4217 code", clip(r.Amount.Currency))
	}
	quantity, err := number(r.Quantity)
	if err != nil {
		return c, errors.New("quantity is not a decimal number")
	}
	if quantity != nil {
		c.Quantity = decimal.Text(quantity)
	}
	for _, text := range [][2]string{{"project_id", c.Project}, {"line_item", c.Line}, {"quantity_unit", c.Unit}} {
		if len(text[1]) > maxText {
			return c, fmt.Errorf("%s has more than %d bytes", text[0], maxText)
		}
	}
	return c, nil
}

// number reads a number, also a quoted one; nil is none.
func number(raw json.RawMessage) (*big.Rat, error) {
	text := string(raw)
	if text == "" || text == "null" {
		return nil, nil
	}
	if quoted := ""; json.Unmarshal(raw, &quoted) == nil {
		text = strings.TrimSpace(quoted)
	}
	return decimal.Parse(text)
}

// plus adds a result of the same day, project and line.
func (c Cost) plus(more Cost) (Cost, error) {
	if c.Currency != more.Currency {
		return c, fmt.Errorf("the line %q is charged in %s and in %s", clip(c.Line), c.Currency, more.Currency)
	}
	var err error
	if c.Unit != more.Unit || (c.Quantity == "") != (more.Quantity == "") {
		c.Quantity, c.Unit = "", "" // what is counted in two ways can't be added
	} else if c.Quantity != "" {
		if c.Quantity, err = decimal.Sum(c.Quantity, more.Quantity); err != nil {
			return c, fmt.Errorf("quantity: %w", err)
		}
	}
	if c.Amount, err = decimal.Sum(c.Amount, more.Amount); err != nil {
		return c, fmt.Errorf("amount.value: %w", err)
	}
	return c, nil
}
