package core

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// Prefixes of identifiers, one for each noun (docs/words.md).
const (
	PrefixTenant      = "ten"
	PrefixUser        = "usr"
	PrefixKey         = "key"
	PrefixDevelopment = "dvt"
	PrefixUnit        = "unt"
	PrefixHomeowner   = "hom"
	PrefixRun         = "run"
	PrefixDraft       = "drf"
	PrefixUpload      = "upl"
	PrefixBlob        = "blb"
	PrefixEvent       = "evt"
	PrefixMessage     = "msg"
	PrefixJobRun      = "jbr"
	PrefixRecord      = "aud"
	PrefixRequest     = "req"
)

// TenantID identifies a tenant: "ten_" and 26 lower-case base32 characters.
// It is a type of its own so that mixing it with another id does not compile.
type TenantID string

// bodyLength is the number of base32 characters that hold 128 bits.
const bodyLength = 26

var encoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// NewID returns an identifier of the prefix that sorts by time: 48 bits of
// UTC milliseconds, then 80 random bits.
func NewID(prefix string, now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	rand.Read(b[6:])
	return prefix + "_" + encoding.EncodeToString(b[:])
}

// NewTenantID returns a fresh tenant id.
func NewTenantID(now time.Time) TenantID { return TenantID(NewID(PrefixTenant, now)) }

// NewSecret returns n random bytes in lower-case base32: an unguessable code.
func NewSecret(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return encoding.EncodeToString(b)
}

// ValidID reports whether s is an identifier of the prefix.
func ValidID(prefix, s string) bool {
	body, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(body) != bodyLength {
		return false
	}
	for _, c := range body {
		if (c < '0' || c > '9') && (c < 'a' || c > 'v') {
			return false
		}
	}
	return true
}

// ParseTenantID checks the form of a tenant id. Returns not_found, so that a
// malformed id tells no more than a foreign one.
func ParseTenantID(s string) (TenantID, error) {
	if !ValidID(PrefixTenant, s) {
		return "", Errorf(NotFound, "There is no such tenant.")
	}
	return TenantID(s), nil
}
