package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"github.com/gowebpki/jcs"
	"github.com/openhouse-ai/console/core"
)

// version is the version of the record's fields and of the hash.
const version = 1

// hash is the link of a record; the zero hash comes before the first one.
type hash [sha256.Size]byte

func (h hash) String() string { return hex.EncodeToString(h[:]) }

// parseHash reads what String wrote.
func parseHash(s string) (h hash, err error) {
	if hex.DecodedLen(len(s)) != len(h) {
		return h, errors.New("a hash has 64 hexadecimal digits")
	}
	_, err = hex.Decode(h[:], []byte(s))
	return h, err
}

// tag keeps hashes of this chain apart from any other use of SHA-256.
const tag = "ohc-audit-v1"

// link returns the hash of a record:
//
//	SHA-256( "ohc-audit-v1" | seq | prev | canonical )
//
// The tag is 12 bytes of ASCII, seq 8 bytes with the highest first, prev 32
// bytes, and canonical all the rest. Only the last part varies in length, so
// no two inputs have the same bytes.
func link(seq int64, prev hash, canonical []byte) hash {
	buffer := make([]byte, 0, len(tag)+8+len(prev)+len(canonical))
	buffer = append(buffer, tag...)
	buffer = binary.BigEndian.AppendUint64(buffer, uint64(seq))
	buffer = append(buffer, prev[:]...)
	return sha256.Sum256(append(buffer, canonical...))
}

// record is what is hashed: its canonical JSON (RFC 8785). The hash of the
// record before it enters the link, so it isn't repeated here. V tells the
// fields, Software the program that wrote them and with it the schema.
type record struct {
	V         int           `json:"v"`
	Seq       int64         `json:"seq"`
	ID        string        `json:"id"`
	At        int64         `json:"at"` // UTC, ms
	Tenant    core.TenantID `json:"tenant"`
	Actor     actor         `json:"actor"`
	Session   string        `json:"session,omitempty"`
	Action    string        `json:"action"`
	Target    core.Target   `json:"target"`
	Outcome   string        `json:"outcome"`
	Code      core.Code     `json:"code,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	IPPrefix  string        `json:"ip_prefix,omitempty"`
	UserAgent string        `json:"user_agent,omitempty"`
	Request   string        `json:"request,omitempty"`
	Changes   []change      `json:"changes,omitempty"`
	External  *external     `json:"external,omitempty"`
	Software  string        `json:"software,omitempty"`
}

type actor struct {
	Kind       string `json:"kind"`
	ID         string `json:"id"`
	OnBehalfOf string `json:"on_behalf_of,omitempty"`
}

// change holds plain values, or commitments of personal ones in hexadecimal.
// An empty value has neither.
type change struct {
	Field            string `json:"field"`
	Before           string `json:"before,omitempty"`
	After            string `json:"after,omitempty"`
	BeforeCommitment string `json:"before_commitment,omitempty"`
	AfterCommitment  string `json:"after_commitment,omitempty"`
}

// external is the part of another system in the action.
type external struct {
	System         string `json:"system"` // hubspot, stripe, openai, slack
	Object         string `json:"object"`
	RemoteID       string `json:"remote_id,omitempty"`
	IdempotencyKey string `json:"idempotency_key"`
	Phase          string `json:"phase"` // intent, result
	Status         string `json:"status,omitempty"`
}

// value is a personal value beside the chain: what a commitment commits to.
type value struct {
	seq int64
	place
	Salt  []byte `json:"salt"`
	Value string `json:"value"`
}

// place says which commitment of a record a value belongs to.
type place struct {
	Change int    `json:"change"` // index in the record's changes
	Side   string `json:"side"`
}

// Sides of a change.
const (
	before = "before"
	after  = "after"
)

// canonical returns the bytes of r that are hashed and stored.
func canonical(r any) ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(b)
}

// commitment returns HMAC-SHA-256(salt, value) in hexadecimal.
func commitment(salt []byte, value string) string {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil))
}

// commitments returns what the record committed to, by place.
func (r *record) commitments() map[place]string {
	found := map[place]string{}
	for i, c := range r.Changes {
		if c.BeforeCommitment != "" {
			found[place{i, before}] = c.BeforeCommitment
		}
		if c.AfterCommitment != "" {
			found[place{i, after}] = c.AfterCommitment
		}
	}
	return found
}

// commit turns changes into what the record holds and what stands beside it.
func commit(changes []core.Change) (held []change, beside []value) {
	for i, c := range changes {
		h := change{Field: c.Field}
		if !c.Personal {
			h.Before, h.After = c.Before, c.After
			held = append(held, h)
			continue
		}
		seal := func(side, text string) string {
			if text == "" {
				return ""
			}
			text = strings.ToValidUTF8(text, "\uFFFD") // as JSON would have it, so that an export verifies
			salt := make([]byte, 32)
			rand.Read(salt)
			beside = append(beside, value{place: place{i, side}, Salt: salt, Value: text})
			return commitment(salt, text)
		}
		h.BeforeCommitment, h.AfterCommitment = seal(before, c.Before), seal(after, c.After)
		held = append(held, h)
	}
	return held, beside
}
