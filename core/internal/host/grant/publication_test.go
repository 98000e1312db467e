package grant_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"pgregory.net/rapid"
)

func (c caller) publish(tenant core.TenantID, key string, value []byte) error {
	_, err := c.host.Publish(c.with(), &wire.PublishRequest{Transaction: c.transaction, Tenant: string(tenant), Key: key, Value: value, Withdraw: value == nil})
	return wire.FromStatus(err)
}

// published reads everything after a revision, page by page.
func (c caller) published(after int64) (all []*wire.Publication, pages int, err error) {
	for more := true; more; {
		reply, err := c.host.Published(c.with(), &wire.PublishedRequest{After: after})
		if err != nil {
			return all, pages, wire.FromStatus(err)
		}
		for _, p := range reply.List {
			if p.Revision <= after {
				return all, pages, fmt.Errorf("revision %d comes after %d", p.Revision, after)
			}
			after = p.Revision
		}
		all, more = append(all, reply.List...), reply.More
		pages++
	}
	return all, pages, nil
}

// text is what was published, in one line.
func text(all []*wire.Publication) string {
	var parts []string
	for _, p := range all {
		value := fmt.Sprintf("%q", p.Value)
		if p.Withdrawn {
			value = "withdrawn"
		}
		if p.Own {
			value += " own"
		}
		parts = append(parts, fmt.Sprintf("%d %s=%s", p.Revision, p.Key, value))
	}
	return strings.Join(parts, "; ")
}

func (h *house) wantPublished(tenant core.TenantID, after int64, want string) {
	h.t.Helper()
	all, _, err := h.call(tenant).published(after)
	h.must(err)
	if got := text(all); got != want {
		h.t.Errorf("tenant %q sees after %d: %s\nwant %s", tenant, after, got, want)
	}
}

func TestPublishedIsForWhomItWasMeant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	platform := h.call("")
	h.must(platform.publish("", "rates", []byte("EUR 0.92")))
	h.must(platform.publish(h.one, "bill", []byte("120")))
	h.must(platform.publish(h.two, "bill", []byte("7")))
	h.must(platform.publish("", "rates", []byte("EUR 0.92"))) // the same again
	h.must(platform.publish("", "rates", []byte("EUR 0.93")))
	h.must(platform.publish(h.one, "empty", []byte{}))
	h.must(platform.publish(h.two, "never", nil))
	h.must(platform.publish(h.two, "bill", nil))
	h.wantPublished(h.one, 0, `2 bill="120" own; 4 rates="EUR 0.93"; 5 empty="" own`)
	h.wantPublished(h.one, 2, `4 rates="EUR 0.93"; 5 empty="" own`)
	h.wantPublished(h.two, 0, `4 rates="EUR 0.93"; 6 bill=withdrawn own`)
	h.wantPublished(h.two, 6, ``)
	h.wantPublished("", 0, `4 rates="EUR 0.93"`)
	h.wantPublished(h.one, math.MaxInt64, ``)
	h.wantPublished(h.two, math.MinInt64, `4 rates="EUR 0.93"; 6 bill=withdrawn own`)

	other := h.open(grant.Grant{Rights: grant.Rights{Plugin: "other"}, Tenant: h.one})
	other.host = h.other
	if all, _, err := other.published(0); err != nil || len(all) != 0 {
		t.Errorf("another plugin sees %s, %v", text(all), err)
	}

	h.must(h.store.Remove(t.Context(), h.one, "certificate"))
	if err := platform.publish(h.one, "bill", []byte("1")); core.CodeOf(err) != core.NotFound {
		t.Errorf("to a deleted tenant: %v", err)
	}
	sights, err := h.keep.Sights(t.Context(), "notes")
	h.must(err)
	if _, there := sights[h.one]; there || sights[h.two].Revision != 6 {
		t.Errorf("sights after the deletion: %v", sights)
	}
	h.must(platform.publish("", "rates", []byte("EUR 0.94")))
	h.wantPublished(h.two, 6, `7 rates="EUR 0.94"`)
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reading := h.open(grant.Grant{Rights: rights(), Call: "page"})
	snapshot, err := h.call("").begin(true)
	h.must(err)
	for name, c := range map[string]struct {
		caller caller
		tenant core.TenantID
		key    string
		value  []byte
		code   core.Code
	}{
		"a tenant's call, for itself":   {h.call(h.one), h.one, "k", []byte("v"), core.Forbidden},
		"a tenant's call, for another":  {h.call(h.one), h.two, "k", []byte("v"), core.Forbidden},
		"a tenant's call, for all":      {h.call(h.one), "", "k", []byte("v"), core.Forbidden},
		"a tenant's call, withdrawing":  {h.call(h.one), "", "k", nil, core.Forbidden},
		"a call that only reads":        {reading, "", "k", []byte("v"), core.Forbidden},
		"a transaction that only reads": {snapshot, "", "k", []byte("v"), core.Forbidden},
		"an unknown tenant":             {h.call(""), core.NewTenantID(h.clock.now()), "k", []byte("v"), core.NotFound},
		"what is no tenant":             {h.call(""), "' or 1=1 --", "k", []byte("v"), core.NotFound},
		"no key":                        {h.call(""), "", "", []byte("v"), core.Invalid},
		"a long key":                    {h.call(""), "", strings.Repeat("k", keep.MaxKey+1), []byte("v"), core.Invalid},
		"a long value":                  {h.call(""), "", "k", make([]byte, keep.MaxPublication+1), core.Invalid},
		"a transaction of another call": {caller{ctx: t.Context(), host: h.notes, token: h.call("").token, transaction: snapshot.transaction}, "", "k", []byte("v"), core.Invalid},
	} {
		if err := c.caller.publish(c.tenant, c.key, c.value); core.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	h.wantPublished(h.one, 0, "")
	h.wantPublished("", 0, "")
	if all, _, err := reading.published(0); err != nil || len(all) != 0 {
		t.Errorf("a call that only reads can't read: %s, %v", text(all), err)
	}
}

// What is published shares the transaction of the plugin's own tables.
func TestPublishCommitsWithItsTransaction(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	platform := h.call("")
	for _, commit := range []bool{false, true} {
		tx, err := platform.begin(false)
		h.must(err)
		_, err = tx.exec(`insert into notes_notes (body) values ('kept')`)
		h.must(err)
		h.must(tx.publish(h.one, "k", []byte("v")))
		h.wantPublished(h.one, 0, "")
		h.must(tx.end(commit))
	}
	h.wantPublished(h.one, 0, `1 k="v" own`)
	if got, err := platform.text(`select count(*) from notes_notes`); err != nil || got != "1" {
		t.Errorf("notes %s, %v", got, err)
	}
}

func TestPublishedComesInPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	platform := h.call("")
	tx, err := platform.begin(false)
	h.must(err)
	for i := range 70 {
		h.must(tx.publish(h.one, fmt.Sprintf("small %02d", i), []byte{byte(i)}))
		h.must(tx.publish(h.two, fmt.Sprintf("small %02d", i), []byte{byte(i)}))
	}
	for i := range 10 {
		h.must(tx.publish("", fmt.Sprintf("large %d", i), bytes.Repeat([]byte{byte(i)}, keep.MaxPublication)))
	}
	h.must(tx.end(true))
	all, pages, err := h.call(h.one).published(0)
	h.must(err)
	if len(all) != 80 || pages != 3 { // 64; 6 and 8 MiB less those; the rest
		t.Errorf("%d publications on %d pages", len(all), pages)
	}
	if all, pages, err = h.call("").published(0); err != nil || len(all) != 10 || pages != 2 {
		t.Errorf("the platform: %d publications on %d pages, %v", len(all), pages, err)
	}
}

// Whatever is published to whom in whatever order, a reader who asks now and
// then from the last revision it has seen knows what a reader of everything
// knows, and nothing of another tenant.
func TestReadersCatchUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	platform := h.call("")
	callers := map[core.TenantID]caller{h.one: h.call(h.one), h.two: h.call(h.two), "": platform}
	type place struct {
		tenant core.TenantID
		key    string
	}
	model := map[place]string{}
	type entry struct {
		own bool
		key string
	}
	last, known := map[core.TenantID]int64{}, map[core.TenantID]map[entry]string{h.one: {}, h.two: {}, "": {}}
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(r, "steps") {
			at := place{rapid.SampledFrom([]core.TenantID{"", h.one, h.two}).Draw(r, "tenant"), rapid.SampledFrom([]string{"a", "b"}).Draw(r, "key")}
			value := rapid.SampledFrom([]string{"", "1", "2"}).Draw(r, "value")
			if rapid.IntRange(0, 3).Draw(r, "withdraw") == 0 {
				delete(model, at)
				h.must(platform.publish(at.tenant, at.key, nil))
			} else {
				model[at] = value
				h.must(platform.publish(at.tenant, at.key, []byte(value)))
			}
			reader := rapid.SampledFrom([]core.TenantID{"", h.one, h.two}).Draw(r, "reader")
			all, _, err := callers[reader].published(last[reader])
			h.must(err)
			for _, p := range all {
				last[reader] = p.Revision
				if p.Withdrawn {
					delete(known[reader], entry{p.Own, p.Key})
				} else {
					known[reader][entry{p.Own, p.Key}] = string(p.Value)
				}
			}
			var want, got []string
			for at, value := range model {
				if at.tenant == "" || at.tenant == reader {
					want = append(want, fmt.Sprint(at.tenant != "", at.key, value))
				}
			}
			for e, value := range known[reader] {
				got = append(got, fmt.Sprint(e.own, e.key, value))
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				r.Fatalf("tenant %q knows %q, want %q", reader, got, want)
			}
		}
	})
}
