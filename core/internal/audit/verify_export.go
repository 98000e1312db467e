package audit

import (
	"archive/zip"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// VerifyExport follows the chain in an export, a ZIP or the audit.jsonl out of
// one, without a server. Without a key in the options it trusts the one that
// the export names, which proves less.
func VerifyExport(ctx context.Context, o VerifyOptions) (Report, error) {
	report, err := verifyExport(ctx, o)
	if err != nil {
		return Report{}, fmt.Errorf("verify %s: %w", o.Export, err)
	}
	return report, nil
}

func verifyExport(ctx context.Context, o VerifyOptions) (Report, error) {
	if !strings.HasSuffix(o.Export, ".zip") {
		file, err := os.Open(o.Export)
		if err != nil {
			return Report{}, err
		}
		defer file.Close()
		return verifyLines(ctx, o, file, nil)
	}
	archive, err := zip.OpenReader(o.Export)
	if err != nil {
		return Report{}, err
	}
	defer archive.Close()
	file, err := archive.Open(recordsFile)
	if err != nil {
		return Report{}, err
	}
	defer file.Close()
	seen, err := fs.ReadFile(archive, checkpointFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Report{}, err
	}
	return verifyLines(ctx, o, file, seen)
}

// verifyLines follows the lines of an export; seen is its checkpoint, if any.
func verifyLines(ctx context.Context, o VerifyOptions, r io.Reader, seen []byte) (Report, error) {
	var c *checker
	err := eachLine(r, func(line []byte) (err error) {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case c == nil:
			c, err = openExport(o, line, seen)
			return err
		case c.severed:
			return nil
		}
		e, err := parseLine(line)
		if err != nil {
			c.broken(c.last.seq+1, "line of record %d is not readable", c.last.seq+1)
			return nil
		}
		c.next(e)
		return nil
	})
	switch {
	case err != nil:
		return Report{}, err
	case c == nil:
		return Report{}, errors.New("it is empty")
	}
	return c.finish(), nil
}

// openExport reads the first line of an export and what checkpoints say.
func openExport(o VerifyOptions, line, seen []byte) (*checker, error) {
	var p preface
	if err := json.Unmarshal(line, &p); err != nil || p.Format != format {
		return nil, errors.New("it is not an export of the audit log")
	}
	if o.Tenant != "" && o.Tenant != p.Tenant {
		return nil, fmt.Errorf("it holds the chain of another tenant than %s", o.Tenant)
	}
	if o.Key == nil {
		key, err := hex.DecodeString(p.Key)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, errors.New("its key is not readable")
		}
		o.Key = key
	}
	s := newSheet(p.Chain, o.Key)
	if seen != nil {
		s.addWitness(seen)
	}
	if o.Anchors != "" {
		if err := s.readFile(o.Anchors); err != nil {
			return nil, err
		}
	}
	c := newChecker(p.Tenant, s.pins)
	c.report.Findings = s.findings
	return c, nil
}

// addWitness takes the word of an export's own checkpoint.
func (s *sheet) addWitness(body []byte) {
	var w witness
	if err := json.Unmarshal(body, &w); err != nil {
		s.forged(0, "it is not readable")
		return
	}
	said, err := anchor{Statement: w.Statement, Signature: w.Signature}.open(s.key)
	switch {
	case err != nil:
		s.forged(said.Number, err.Error())
	case w.Leaf.Chain != s.chain || !included(w.Leaf, w.Index, said.Chains, w.Proof, said.Root):
		s.forged(said.Number, "it does not prove the head of this chain")
	default:
		s.pin(said.Number, w.Leaf)
	}
}

func parseLine(line []byte) (entry, error) {
	var x exported
	if err := json.Unmarshal(line, &x); err != nil {
		return entry{}, err
	}
	h, err := parseHash(x.Hash)
	return entry{seq: x.Seq, record: x.Record, hash: h, values: x.Values}, err
}
