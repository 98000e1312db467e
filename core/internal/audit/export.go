package audit

import (
	"archive/zip"
	"context"
	"crypto/x509"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Files of an export.
const (
	recordsFile    = "audit.jsonl"
	tableFile      = "audit.csv"
	checkpointFile = "checkpoint.json"
	keyFile        = "public-key.pem"
	readmeFile     = "README.txt"
)

// readme tells whoever receives an export how to check it without us.
//
//go:embed export_readme.txt
var readme []byte

// format names the lines of an export, in its first one.
const format = "ohc-audit-export-v1"

// preface is the first line of an export's records.
type preface struct {
	Format     string        `json:"format"`
	Tenant     core.TenantID `json:"tenant"`
	Chain      string        `json:"chain"` // the tenant's pseudonym in checkpoints
	ExportedAt int64         `json:"exported_at"`
	Key        string        `json:"key"` // who signs checkpoints, hexadecimal
}

// exported is a line of an export: a link, without its record where the filter
// left it out.
type exported struct {
	Seq    int64           `json:"seq"`
	Hash   string          `json:"hash"`
	Record json.RawMessage `json:"record,omitempty"`
	Values []value         `json:"values,omitempty"`
}

// witness is the last checkpoint, with the proof that its tree holds the head
// that the chain had then.
type witness struct {
	Statement json.RawMessage `json:"statement"`
	Signature string          `json:"signature"`
	Leaf      leaf            `json:"leaf"`
	Index     int             `json:"index"`
	Proof     []string        `json:"proof"`
}

// Export writes a ZIP of a tenant's chain, or of the platform's for "": the
// records that match the query with their personal values, the hashes of all
// others, the last checkpoint, the public key and how to verify it all. The
// caller records that it was made.
func (l *Log) Export(ctx context.Context, w io.Writer, tenant core.TenantID, q core.Query) error {
	archive := zip.NewWriter(w)
	if err := l.export(ctx, archive, tenant, q); err != nil {
		return fmt.Errorf("export audit log: %w", err)
	}
	return archive.Close()
}

func (l *Log) export(ctx context.Context, archive *zip.Writer, tenant core.TenantID, q core.Query) error {
	if err := l.exportKey(archive); err != nil {
		return err
	}
	if err := l.exportCheckpoint(ctx, archive, tenant); err != nil {
		return err
	}
	ends, err := l.exportRecords(ctx, archive, tenant, q)
	if err != nil {
		return err
	}
	return l.exportTable(ctx, archive, tenant, q, ends)
}

func (l *Log) exportKey(archive *zip.Writer) error {
	if err := put(archive, readmeFile, readme); err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(l.public())
	if err != nil {
		return err
	}
	return put(archive, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// exportCheckpoint comes before the records, which then reach at least as far.
func (l *Log) exportCheckpoint(ctx context.Context, archive *zip.Writer, tenant core.TenantID) error {
	var w *witness
	err := l.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		w, err = l.witness(ctx, tx, tenant)
		return err
	})
	if err != nil || w == nil {
		return err
	}
	body, err := encode(w)
	if err != nil {
		return err
	}
	return put(archive, checkpointFile, body)
}

// witness returns nil when no checkpoint has seen the chain yet.
func (l *Log) witness(ctx context.Context, tx *tenants.Tx, tenant core.TenantID) (*witness, error) {
	last, err := readLastCheckpoint(ctx, tx)
	if core.CodeOf(err) == core.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	leaves, err := readHeads(ctx, tx)
	if err != nil {
		return nil, err
	}
	chain := l.chain(tenant)
	for i, known := range leaves {
		if known.Chain == chain {
			path, err := prove(leaves, i)
			return &witness{last.Statement, last.Signature, known, i, path}, err
		}
	}
	return nil, nil
}

// exportRecords returns the last record that it wrote.
func (l *Log) exportRecords(ctx context.Context, archive *zip.Writer, tenant core.TenantID, q core.Query) (last int64, err error) {
	file, err := archive.Create(recordsFile)
	if err != nil {
		return 0, err
	}
	line, err := encode(preface{format, tenant, l.chain(tenant), l.options.Now().UnixMilli(), hex.EncodeToString(l.public())})
	if err != nil {
		return 0, err
	}
	if _, err := file.Write(line); err != nil {
		return 0, err
	}
	err = l.each(ctx, tenant, q, 0, func(e entry) error {
		last = e.seq
		line, err := encode(exported{e.seq, e.hash.String(), e.record, e.values})
		if err != nil {
			return err
		}
		_, err = file.Write(line)
		return err
	})
	return last, err
}

func (l *Log) exportTable(ctx context.Context, archive *zip.Writer, tenant core.TenantID, q core.Query, ends int64) error {
	file, err := archive.Create(tableFile)
	if err != nil {
		return err
	}
	table := csv.NewWriter(file)
	table.Write([]string{"seq", "at", "actor kind", "actor", "on behalf of", "action", "target kind", "target",
		"outcome", "code", "reason", "ip prefix", "user agent", "request", "changes", "hash"})
	err = l.each(ctx, tenant, q, ends, func(e entry) error {
		if e.record == nil {
			return nil
		}
		r, err := e.read()
		if err != nil {
			return err
		}
		return table.Write(row(r))
	})
	table.Flush()
	return errors.Join(err, table.Error())
}

// row returns a record as the cells of the table, none of which a spreadsheet
// takes for a formula.
func row(r core.Record) []string {
	var changes []string
	for _, c := range r.Changes {
		text := fmt.Sprintf("%s: %q to %q", c.Field, c.Before, c.After)
		if c.Erased {
			text = c.Field + ": erased"
		}
		changes = append(changes, text)
	}
	cells := []string{strconv.FormatInt(r.Seq, 10), r.At.Format(time.RFC3339Nano), r.Actor.Kind, r.Actor.ID, r.Actor.OnBehalfOf,
		r.Action, r.Target.Kind, r.Target.ID, r.Outcome, string(r.Code), r.Reason, r.Origin.IPPrefix, r.Origin.UserAgent,
		r.Origin.Request, strings.Join(changes, "; "), r.Hash}
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r\x00＝＋－＠", []rune(cell)[0]) {
			cells[i] = "'" + cell
		}
	}
	return cells
}

// each calls fn with every link of a chain up to ends, unless that is 0, from
// the first on; the record is nil where the query leaves it out.
func (l *Log) each(ctx context.Context, tenant core.TenantID, q core.Query, ends int64, fn func(entry) error) error {
	for last := int64(0); ; {
		var entries []entry
		err := l.view(ctx, tenant, func(tx *tenants.Tx) (err error) {
			entries, err = readMatching(ctx, tx, q, last, ends)
			return err
		})
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if err := fn(e); err != nil {
				return err
			}
			last = e.seq
		}
	}
}

func put(archive *zip.Writer, name string, body []byte) error {
	file, err := archive.Create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	return err
}

// encode returns v as a line of JSON in which canonical JSON stays as it is.
func encode(v any) ([]byte, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return []byte(b.String()), err
}
