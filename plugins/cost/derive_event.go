package cost

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// costing are the types of usage events that cost something, and under what.
var costing = map[string]string{
	"ai.openhouse.llm.called":         "llm",
	"ai.openhouse.embedding.created":  "embeddings",
	"ai.openhouse.rag.indexed":        "rag",
	"ai.openhouse.map.loaded":         "maps",
	"ai.openhouse.place.requested":    "maps",
	"ai.openhouse.geocode.requested":  "geocoding",
	"ai.openhouse.storage.measured":   "storage",
	"ai.openhouse.bandwidth.measured": "bandwidth",
}

// use is what one event has used of one thing that has a price.
type use struct {
	price.Key
	category string
	quantity int64
}

// fields are what is read of an event's data.
type fields struct {
	provider, model, tier, status, kind, store, direction string
	regional                                              bool

	prompt, cached, write, completion, reasoning, tokens, bytes int64
	count                                                       int64
}

// most is beyond what one event can mean: a quantity that is larger is taken
// for a mistake of the sender, so that no sum runs over.
const (
	mostTokens = 100_000_000
	mostBytes  = 100_000_000_000_000
)

// eventReader reads the data of events, one after the other.
type eventReader struct {
	decoder *jsontext.Decoder
	source  bytes.Reader
	words   map[string]string // texts that come again and again
	uses    []use
}

func newEventReader() *eventReader {
	return &eventReader{decoder: new(jsontext.Decoder), words: map[string]string{}}
}

// word is the text of a value, kept once.
func (r *eventReader) word(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", v.Kind() == 'n'
	}
	inside := v[1 : len(v)-1]
	if bytes.IndexByte(inside, '\\') >= 0 {
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return "", false
		}
		inside = text
	}
	known, ok := r.words[string(inside)]
	if !ok {
		if len(r.words) > 10_000 {
			clear(r.words)
		}
		known = string(inside)
		r.words[known] = known
	}
	return known, true
}

// whole is a number in digits, up to a limit.
func whole(v jsontext.Value, most int64) (int64, bool) {
	if v.Kind() == 'n' {
		return 0, true
	}
	n := int64(0)
	for _, digit := range v {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		if n = 10*n + int64(digit-'0'); n > most {
			return 0, false
		}
	}
	return n, len(v) > 0
}

// read is false for data that can't be read.
func (r *eventReader) read(body string) (f fields, ok bool) {
	r.source.Reset([]byte(body))
	r.decoder.Reset(&r.source)
	if open, err := r.decoder.ReadToken(); err != nil || open.Kind() != '{' {
		return f, false
	}
	f.count = 1
	var name [32]byte
	for r.decoder.PeekKind() == '"' {
		raw, err := r.decoder.ReadValue()
		if err != nil {
			return f, false
		}
		known := name[:copy(name[:], raw)] // the decoder's bytes change with the next value
		if len(raw) > len(name) {
			known = nil
		}
		value, err := r.decoder.ReadValue()
		if err != nil || !r.put(&f, known, value) {
			return f, false
		}
	}
	end, err := r.decoder.ReadToken()
	return f, err == nil && end.Kind() == '}'
}

// put keeps one field, and says whether it can be read.
func (r *eventReader) put(f *fields, name []byte, v jsontext.Value) (ok bool) {
	switch string(name) {
	case `"provider"`:
		f.provider, ok = r.word(v)
	case `"model"`:
		f.model, ok = r.word(v)
	case `"service_tier"`:
		f.tier, ok = r.word(v)
	case `"kind"`:
		f.kind, ok = r.word(v)
	case `"store"`:
		f.store, ok = r.word(v)
	case `"direction"`:
		f.direction, ok = r.word(v)
	case `"status"`:
		if v.Kind() == '"' { // of other types a number
			f.status, _ = r.word(v)
		}
		return true
	case `"regional"`:
		f.regional = v.Kind() == 't'
		return true
	case `"prompt_tokens"`:
		f.prompt, ok = whole(v, mostTokens)
	case `"cached_tokens"`:
		f.cached, ok = whole(v, mostTokens)
	case `"cache_write_tokens"`:
		f.write, ok = whole(v, mostTokens)
	case `"completion_tokens"`:
		f.completion, ok = whole(v, mostTokens)
	case `"reasoning_tokens"`:
		f.reasoning, ok = whole(v, mostTokens)
	case `"tokens"`:
		f.tokens, ok = whole(v, mostTokens)
	case `"bytes"`:
		f.bytes, ok = whole(v, mostBytes)
	case `"count"`:
		f.count, ok = whole(v, mostTokens)
		f.count = max(f.count, 1)
	default:
		return true
	}
	return ok
}

// unreadable stands for an event whose data can't be read: it is counted as
// one without a price.
const unreadable = "unreadable"

// usesOf says what an event has used. Storage is left to readings.
func (r *eventReader) usesOf(kind, body string, at time.Time, book *price.Book) []use {
	r.uses = r.uses[:0]
	category := costing[kind]
	f, ok := r.read(body)
	if ok {
		switch category {
		case "llm":
			ok = r.model(f, at, book)
		case "embeddings", "rag":
			r.add(price.Key{Provider: f.provider, SKU: skuOf(book, f, at), Usage: "input", Tier: tierOf(f)}, category, f.tokens)
		case "maps", "geocoding":
			r.google(kind, f, category)
		case "bandwidth":
			if f.direction == "out" {
				r.add(price.Key{Provider: "hosting", SKU: "egress", Usage: "bytes", Tier: price.Standard}, category, f.bytes)
			}
		}
	}
	if !ok {
		r.uses = append(r.uses[:0], use{price.Key{SKU: unreadable, Usage: "requests", Tier: price.Standard}, category, 0})
	}
	return r.uses
}

func (r *eventReader) add(key price.Key, category string, quantity int64) {
	if quantity > 0 {
		r.uses = append(r.uses, use{key, category, quantity})
	}
}

// model splits the tokens of a call (H19). A call that the provider has
// refused has none, and costs nothing.
func (r *eventReader) model(f fields, at time.Time, book *price.Book) bool {
	q, ok := rate.Tokens(f.prompt, f.cached, f.write, f.completion, f.reasoning)
	key := price.Key{Provider: f.provider, SKU: skuOf(book, f, at), Tier: tierOf(f)}
	if rate.Long(f.prompt) {
		long := price.Key{Provider: key.Provider, SKU: key.SKU, Usage: "input", Tier: key.Tier, Band: price.Long}
		if _, banded := book.At(long, at); banded { // other models have one price for any context
			key.Band = price.Long
		}
	}
	for _, part := range []struct {
		usage    string
		quantity int64
	}{{"input", q.Input}, {"cached", q.Cached}, {"cache_write", q.CacheWrite}, {"output", q.Output}} {
		key.Usage = part.usage
		r.add(key, "llm", part.quantity)
	}
	return ok
}

// tierOf is the service tier; regional processing has prices of its own.
func tierOf(f fields) string {
	tier := f.tier
	if tier == "" || tier == "default" || tier == "auto" {
		tier = price.Standard
	}
	if f.regional {
		tier += price.Regional
	}
	return tier
}

// snapshot is the date at the end of a model's name: gpt-5-mini-2025-08-07.
var snapshot = regexp.MustCompile(`-20\d\d-\d\d-\d\d$`)

// skuOf is the model as the price book has it: a dated snapshot is its model,
// unless the book knows the snapshot itself.
func skuOf(book *price.Book, f fields, at time.Time) string {
	if !strings.Contains(f.model, "-20") {
		return f.model
	}
	family := snapshot.ReplaceAllString(f.model, "")
	if _, known := book.At(price.Key{Provider: f.provider, SKU: f.model, Usage: "input", Tier: price.Standard}, at); known || family == "" {
		return f.model
	}
	return family
}

// mapSKUs are Google's SKUs by what the portals call them.
var mapSKUs = map[string]string{
	"dynamic": "dynamic-maps", "static": "static-maps", "tiles": "map-tiles", "embed": "embed", "sdk": "maps-sdk",
	"autocomplete": "autocomplete", "autocomplete_session": "autocomplete-session",
	"details_essentials": "place-details-essentials", "details_pro": "place-details-pro",
	"details_enterprise": "place-details-enterprise", "details_ids": "place-details-ids",
	"text_search_pro": "text-search-pro", "text_search_ids": "text-search-ids",
	"nearby_pro": "nearby-search-pro", "nearby_enterprise": "nearby-search-enterprise", "nearby_atmosphere": "nearby-search-atmosphere",
	"photo": "place-photos",
}

// google adds a request of Google Maps Platform, which is billed when it was
// answered, be it with no results.
func (r *eventReader) google(kind string, f fields, category string) {
	sku, known := mapSKUs[f.kind]
	switch {
	case kind == "ai.openhouse.geocode.requested":
		sku = "geocoding"
	case !known:
		sku = f.kind
	}
	if kind != "ai.openhouse.map.loaded" && f.status != "OK" && f.status != "ZERO_RESULTS" && f.status != "NOT_FOUND" {
		return
	}
	r.add(price.Key{Provider: "google", SKU: sku, Usage: "requests", Tier: price.Standard}, category, f.count)
}
