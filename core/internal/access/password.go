package access

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Argon2id as OWASP and ASVS ask at least: 19 MiB, two passes, one lane.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32 // bytes
	argonSalt   = 16 // bytes
)

// passwords hashes at most two passwords at a time, so that a burst of
// sign-ins takes neither the memory nor the processors from everybody else.
type passwords struct {
	slots chan struct{}
	decoy string // what an unknown user's password is compared with
}

func newPasswords() passwords {
	decoy := phc{argonMemory, argonTime, argonLanes, make([]byte, argonSalt), make([]byte, argonKey)}
	return passwords{slots: make(chan struct{}, 2), decoy: decoy.String()}
}

// hash returns the PHC string of a password under a fresh salt.
func (p passwords) hash(ctx context.Context, password string) (string, error) {
	h := phc{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, argonSalt)}
	rand.Read(h.salt)
	var err error
	h.key, err = p.derive(ctx, password, h)
	return h.String(), err
}

// matches reports whether text is the PHC string of the password. It takes as
// long for a user who has none (text is empty) as for one who has.
func (p passwords) matches(ctx context.Context, text, password string) (bool, error) {
	h, err := parsePHC(cmp.Or(text, p.decoy))
	if err != nil {
		return false, err
	}
	key, err := p.derive(ctx, password, h)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, h.key) == 1 && text != "", nil
}

func (p passwords) derive(ctx context.Context, password string, h phc) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), h.salt, h.time, h.memory, h.lanes, argonKey), nil
}

// phc is a password's hash with all that is needed to compute it again, so
// that hashes made under older parameters still match after a raise.
type phc struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

var phcBase64 = base64.RawStdEncoding

func (h phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.lanes,
		phcBase64.EncodeToString(h.salt), phcBase64.EncodeToString(h.key))
}

func parsePHC(text string) (h phc, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errors.New("read password hash: not an argon2id string")
	}
	_, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes)
	if err == nil {
		h.salt, err = phcBase64.DecodeString(parts[4])
	}
	if err == nil {
		h.key, err = phcBase64.DecodeString(parts[5])
	}
	if err != nil {
		return h, fmt.Errorf("read password hash: %w", err)
	}
	return h, nil
}
