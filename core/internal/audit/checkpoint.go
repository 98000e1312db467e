package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// statement is what a checkpoint signs. Moved is the SHA-256 of the canonical
// JSON of the heads that moved since the checkpoint before; Root covers the
// heads of all chains.
type statement struct {
	V      int    `json:"v"`
	Number int64  `json:"number"`
	At     int64  `json:"at"` // UTC, ms
	Chains int    `json:"chains"`
	Root   string `json:"root"`
	Moved  string `json:"moved"`
	Key    string `json:"key"`
}

// signed is what the signature covers: a tag, so that it is good for nothing
// else, and the canonical JSON of the statement.
func signed(statement []byte) []byte {
	return append([]byte("ohc-checkpoint-v1\n"), statement...)
}

// moved remembers the heads that were committed since the last checkpoint.
type moved struct {
	sync.Mutex
	heads map[core.TenantID]head
}

// note keeps a head. Commits may be told out of order; the later one stays.
func (m *moved) note(tenant core.TenantID, h head) {
	m.Lock()
	defer m.Unlock()
	if m.heads == nil {
		m.heads = map[core.TenantID]head{}
	}
	if h.seq > m.heads[tenant].seq {
		m.heads[tenant] = h
	}
}

func (m *moved) take() map[core.TenantID]head {
	m.Lock()
	defer m.Unlock()
	taken := m.heads
	m.heads = nil
	return taken
}

// Reread notes the heads of tenants whose records a crash may have kept from
// the next checkpoint: those that the store finds changed at the start.
func (l *Log) Reread(ctx context.Context, changed []core.TenantID) error {
	for _, tenant := range changed {
		var h head
		err := l.view(ctx, tenant, func(tx *tenants.Tx) (err error) {
			h, err = readHead(ctx, tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("reread audit head of %s: %w", tenant, err)
		}
		l.moved.note(tenant, h)
	}
	return nil
}

// Checkpoint signs where every chain stands and appends it to the anchors
// file, together with any that did not get there before. Without a new record
// since the last checkpoint there is none. Run it every hour and at shutdown:
// it opens no tenant's file.
func (l *Log) Checkpoint(ctx context.Context) error {
	l.anchoring.Lock()
	defer l.anchoring.Unlock()
	heads := l.moved.take()
	var made statement
	err := l.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		made, err = l.sign(ctx, tx, heads)
		return err
	})
	if err != nil {
		for tenant, h := range heads {
			l.moved.note(tenant, h)
		}
		return fmt.Errorf("checkpoint audit log: %w", err)
	}
	if made.Number > 0 { // logs leave the machine too: one more place that holds the root
		l.options.Log.InfoContext(ctx, "audit checkpoint", "number", made.Number, "chains", made.Chains, "root", made.Root)
	}
	if err := l.ship(ctx); err != nil {
		return fmt.Errorf("anchor audit log: %w", err)
	}
	return nil
}

// sign writes a checkpoint over the heads of all chains, of which some moved; it
// returns a zero statement when none did.
func (l *Log) sign(ctx context.Context, tx *tenants.Tx, heads map[core.TenantID]head) (s statement, err error) {
	platform, err := readHead(ctx, tx)
	if err != nil {
		return s, err
	}
	leaves, err := readHeads(ctx, tx)
	if err != nil {
		return s, err
	}
	fresh := []leaf{{l.chain(""), platform.seq, platform.hash.String()}}
	for tenant, h := range heads {
		fresh = append(fresh, leaf{l.chain(tenant), h.seq, h.hash.String()})
	}
	leaves, fresh = merge(leaves, fresh)
	if len(fresh) == 0 {
		return s, nil
	}
	top, err := root(leaves, nil)
	if err != nil {
		return s, err
	}
	list, err := canonical(fresh)
	if err != nil {
		return s, err
	}
	digest := sha256.Sum256(list)
	s = statement{V: version, At: tx.Now.UnixMilli(), Chains: len(leaves),
		Root: hex.EncodeToString(top), Moved: hex.EncodeToString(digest[:]), Key: hex.EncodeToString(l.public())}
	err = l.writeCheckpoint(ctx, tx, &s, fresh)
	return s, err
}

// merge puts fresh heads into leaves, a new chain after the others, and returns
// all leaves and, by chain, those that really moved.
func merge(leaves, fresh []leaf) (all, changed []leaf) {
	position := make(map[string]int, len(leaves))
	for i, known := range leaves {
		position[known.Chain] = i
	}
	slices.SortFunc(fresh, func(a, b leaf) int { return strings.Compare(a.Chain, b.Chain) })
	for _, f := range fresh {
		i, known := position[f.Chain]
		switch {
		case f.Seq == 0 || known && leaves[i] == f:
			continue
		case known:
			leaves[i] = f
		default:
			leaves = append(leaves, f)
		}
		changed = append(changed, f)
	}
	return leaves, changed
}

// chain returns the pseudonym of a tenant's chain: the same for ever, and not
// to be guessed without the signer's key.
func (l *Log) chain(tenant core.TenantID) string {
	mac := hmac.New(sha256.New, l.options.Signer.Seed())
	mac.Write([]byte("ohc-audit-chain-v1\n" + tenant))
	return hex.EncodeToString(mac.Sum(nil))
}

func (l *Log) public() ed25519.PublicKey {
	return l.options.Signer.Public().(ed25519.PublicKey)
}

// LastCheckpoint returns the newest checkpoint, and not_found before the first.
func (l *Log) LastCheckpoint(ctx context.Context) (core.Checkpoint, error) {
	var line anchor
	err := l.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		line, err = readLastCheckpoint(ctx, tx)
		return err
	})
	if err != nil {
		return core.Checkpoint{}, fmt.Errorf("find last checkpoint: %w", err)
	}
	var s statement
	if err := json.Unmarshal(line.Statement, &s); err != nil {
		return core.Checkpoint{}, fmt.Errorf("read checkpoint: %w", err)
	}
	return core.Checkpoint{Number: s.Number, At: time.UnixMilli(s.At).UTC(), Chains: s.Chains,
		Root: s.Root, Signature: line.Signature, Key: s.Key}, nil
}
