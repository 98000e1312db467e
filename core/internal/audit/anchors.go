package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/openhouse-ai/console/tenants"
)

// anchor is one line of the anchors file: a checkpoint, and the heads that
// moved since the one before. Statement and Moved are canonical JSON.
type anchor struct {
	number    int64
	Statement json.RawMessage `json:"statement"`
	Moved     json.RawMessage `json:"moved"`
	Signature string          `json:"signature"`
}

// ship appends to the anchors file every checkpoint that isn't in it.
func (l *Log) ship(ctx context.Context) error {
	if l.options.Anchors == "" {
		return nil
	}
	file, err := os.OpenFile(l.options.Anchors, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if l.shipped < 0 {
		if l.shipped, err = mend(file); err != nil {
			return err
		}
	}
	for {
		var a anchor
		err := l.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
			a, err = readAnchor(ctx, tx, l.shipped, "")
			return err
		})
		if errors.Is(err, sql.ErrNoRows) {
			return file.Sync()
		}
		if err != nil {
			return err
		}
		if err := json.NewEncoder(file).Encode(a); err != nil {
			return err
		}
		l.shipped = a.number
	}
}

// mend cuts off a line that a crash left unfinished and returns the number of
// the last checkpoint in the file: 0 for an empty one.
func mend(file *os.File) (last int64, err error) {
	var whole int64
	err = eachLine(file, func(line []byte) error {
		if !bytes.HasSuffix(line, []byte("\n")) {
			return nil
		}
		whole += int64(len(line))
		var a anchor
		var s statement
		if err := errors.Join(json.Unmarshal(line, &a), json.Unmarshal(a.Statement, &s)); err != nil {
			return nil // its content is for Verify to judge
		}
		last = s.Number
		return nil
	})
	if err != nil {
		return 0, err
	}
	return last, file.Truncate(whole)
}

// eachLine calls fn with each line, its line feed included. Lines may be long:
// one holds the heads of all tenants that moved in an hour.
func eachLine(r io.Reader, fn func([]byte) error) error {
	lines := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := fn(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (l *Log) signature(statement []byte) []byte {
	return ed25519.Sign(l.options.Signer, signed(statement))
}

// open checks the signature of a checkpoint and returns its statement.
func (a anchor) open(key ed25519.PublicKey) (statement, error) {
	var s statement
	if err := json.Unmarshal(a.Statement, &s); err != nil {
		return s, errors.New("its statement is not readable")
	}
	signature, err := hex.DecodeString(a.Signature)
	if err != nil || !ed25519.Verify(key, signed(a.Statement), signature) {
		return s, errors.New("its signature is wrong")
	}
	return s, nil
}

// sheet collects what checkpoints say about one chain.
type sheet struct {
	chain    string
	key      ed25519.PublicKey
	pins     map[int64][]pin
	findings []Finding
	last     int64 // number of the checkpoint before
}

func newSheet(chain string, key ed25519.PublicKey) *sheet {
	return &sheet{chain: chain, key: key, pins: map[int64][]pin{}}
}

func (s *sheet) forged(number int64, reason string) {
	s.findings = append(s.findings, Finding{Forged, number, fmt.Sprintf("checkpoint %d: %s", number, reason)})
}

// add takes a checkpoint's word for the chain when its signature holds.
func (s *sheet) add(a anchor) error {
	said, err := a.open(s.key)
	if err != nil {
		s.forged(s.last+1, err.Error())
		return nil
	}
	s.last = said.Number
	digest := sha256.Sum256(a.Moved)
	if hex.EncodeToString(digest[:]) != said.Moved {
		s.forged(said.Number, "its heads were altered")
		return nil
	}
	if !bytes.Contains(a.Moved, []byte(s.chain)) {
		return nil
	}
	var leaves []leaf
	if err := json.Unmarshal(a.Moved, &leaves); err != nil {
		return err
	}
	for _, l := range leaves {
		if l.Chain == s.chain {
			s.pin(said.Number, l)
		}
	}
	return nil
}

func (s *sheet) pin(number int64, l leaf) {
	h, err := parseHash(l.Head)
	if err != nil {
		s.forged(number, err.Error())
		return
	}
	s.pins[l.Seq] = append(s.pins[l.Seq], pin{number, h})
}

// readFile adds every checkpoint of an anchors file, of which none between the
// first and the last may be missing.
func (s *sheet) readFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return eachLine(file, func(line []byte) error {
		var a anchor
		if err := json.Unmarshal(line, &a); err != nil {
			s.forged(s.last+1, "its line is not readable")
			return nil
		}
		before := s.last
		err := s.add(a)
		if before > 0 && s.last > before+1 {
			s.forged(before+1, "it is missing")
		}
		return err
	})
}

// readStore adds the checkpoints of the control database in which the chain's
// head moved.
func (s *sheet) readStore(ctx context.Context, tx *tenants.Tx) error {
	for after := int64(0); ; {
		a, err := readAnchor(ctx, tx, after, s.chain)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = s.add(a)
		}
		if err != nil {
			return err
		}
		after = a.number
	}
}
