package tenants

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
)

// storeMarksEvery is how long a mark of change lives in memory alone. What a
// crash makes forget is found by ScanChanged.
const storeMarksEvery = time.Second

// changes are the tenants with a commit that is not yet noted in the control
// database.
type changes struct {
	store    *Store
	flushing sync.Mutex // one flush at a time: who asks what has changed waits for the marks on their way
	mu       sync.Mutex
	marks    map[core.TenantID]time.Time
	moves    map[core.TenantID]move
	watchers map[chan struct{}]struct{}
	quit     chan struct{}
	ended    chan struct{}
}

func watchChanges(s *Store) *changes {
	c := &changes{store: s, marks: map[core.TenantID]time.Time{}, moves: map[core.TenantID]move{}, watchers: map[chan struct{}]struct{}{}, quit: make(chan struct{}), ended: make(chan struct{})}
	go c.run()
	return c
}

// mark notes that a tenant has changed, since when, and wakes who watches.
func (c *changes) mark(id core.TenantID) {
	at := c.store.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, noted := c.marks[id]; !noted {
		c.marks[id] = at
	}
	for w := range c.watchers {
		select {
		case w <- struct{}{}:
		default: // is awake already
		}
	}
}

// move is a signature that became another one without a commit.
type move struct{ before, after string }

// moved notes that closing a file has moved its signature, so that the settled
// one can follow: otherwise every tenant that was written to would be found
// again at the next start.
func (c *changes) moved(id core.TenantID, before, after string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if earlier, waiting := c.moves[id]; waiting && earlier.after == before {
		before = earlier.before
	}
	c.moves[id] = move{before, after}
}

// Watch returns a channel that receives at once when a tenant is marked as
// changed, until ctx ends. Changes that come before it is read come as one.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	c, w := s.changes, make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchers[w] = struct{}{}
	context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers, w)
	})
	return w
}

func (c *changes) unmark(id core.TenantID) {
	c.mu.Lock()
	delete(c.marks, id)
	c.mu.Unlock()
}

func (c *changes) run() {
	defer close(c.ended)
	ticker := time.NewTicker(storeMarksEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := c.flush(context.Background()); err != nil {
				c.store.options.Log.Error("store marks of change", "error", err)
			}
		case <-c.quit:
			return
		}
	}
}

// flush moves what was noted from memory to the control database. Moves that
// can't be stored are let go: the next scan finds their tenants.
func (c *changes) flush(ctx context.Context) error {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	c.mu.Lock()
	marks, moves := c.marks, c.moves
	c.marks, c.moves = map[core.TenantID]time.Time{}, map[core.TenantID]move{}
	c.mu.Unlock()
	if len(marks)+len(moves) == 0 {
		return nil
	}
	err := c.store.UpdateControl(ctx, func(tx *Tx) error {
		if err := followMoves(ctx, tx, moves); err != nil {
			return err
		}
		return insertMarks(ctx, tx, marks)
	})
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, at := range marks { // try them again
		c.marks[id] = at
	}
	return err
}

func (c *changes) stop() error {
	close(c.quit)
	<-c.ended
	return c.flush(context.Background())
}

// Changed returns the tenants with commits since they were settled, longest
// waiting first.
func (s *Store) Changed(ctx context.Context) ([]core.TenantID, error) {
	if err := s.changes.flush(ctx); err != nil {
		return nil, fmt.Errorf("list changed tenants: %w", err)
	}
	return s.listMarks(ctx)
}

// Signature identifies the state of a tenant's file: modification time and
// size of the file and of its write-ahead log. Every commit moves it; a
// checkpoint moves it too. What has moved it can be read from then on. Returns
// not_found for a tenant that does not exist or is deleted.
func (s *Store) Signature(ctx context.Context, id core.TenantID) (string, error) {
	root, err := s.rootOf(ctx, id)
	if err != nil {
		return "", err
	}
	found, err := signature(root, id)
	s.files.await(id)
	return found, err
}

// rootOf is the root of the region that a tenant's file lies in.
func (s *Store) rootOf(ctx context.Context, id core.TenantID) (*os.Root, error) {
	t, err := s.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.root(t.Region)
}

func signature(root *os.Root, id core.TenantID) (string, error) {
	return signatureAt(root.Stat, tenantPath(id))
}

func signatureAt(stat func(name string) (fs.FileInfo, error), name string) (string, error) {
	var parts []string
	for _, suffix := range []string{"", "-wal"} {
		info, err := stat(name + suffix)
		switch {
		case err == nil && suffix != "" && info.Size() == 0:
			// Whoever reads a file makes an empty log beside it.
			parts = append(parts, "0:0")
		case err == nil:
			parts = append(parts, strconv.FormatInt(info.ModTime().UnixNano(), 36)+":"+strconv.FormatInt(info.Size(), 36))
		case suffix != "" && errors.Is(err, fs.ErrNotExist):
			parts = append(parts, "0:0")
		default:
			return "", fmt.Errorf("read signature of %s: %w", name, err)
		}
	}
	return strings.Join(parts, "/"), nil
}

// Settle notes that figures were computed from the state of the signature,
// which the caller took before it read them. The tenant stays changed when a
// commit has come since.
func (s *Store) Settle(ctx context.Context, id core.TenantID, computed string) error {
	return s.SettleWith(ctx, id, computed, func(*Tx) error { return nil })
}

// SettleWith is Settle in one control transaction with what keep stores of the
// tenant: its figures. Returns not_found for a tenant that was deleted
// meanwhile; then nothing is stored.
func (s *Store) SettleWith(ctx context.Context, id core.TenantID, computed string, keep func(*Tx) error) error {
	root, err := s.rootOf(ctx, id)
	if err != nil {
		return err
	}
	// The mark goes first: a commit after it is marked again. The signature is
	// compared inside the transaction: a commit whose mark has reached the
	// control database before it shows in the signature, and the mark of a later
	// one comes after the settling, which takes away what was there.
	s.changes.unmark(id)
	var current string
	err = s.UpdateControl(ctx, func(tx *Tx) (err error) {
		if current, err = signature(root, id); err != nil {
			return err
		}
		if err := keep(tx); err != nil {
			return err
		}
		return settle(ctx, tx, id, computed, current == computed)
	})
	if err != nil || current != computed {
		s.changes.mark(id)
	}
	return err
}

// ScanChanged compares the signature of every tenant with the settled one,
// marks those that differ and returns them. It finds the commits whose marks a
// crash has lost; it runs at start and now and then.
func (s *Store) ScanChanged(ctx context.Context) ([]core.TenantID, error) {
	settled, err := s.listSettled(ctx)
	if err != nil {
		return nil, fmt.Errorf("scan for changes: %w", err)
	}
	var found []core.TenantID
	for _, t := range settled {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		root, err := s.root(t.region)
		if err != nil {
			continue // a region that is configured no more has no reachable files
		}
		current, err := signature(root, t.id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // not made yet, or removed meanwhile
		}
		if err != nil {
			return found, err
		}
		if current != t.signature {
			s.changes.mark(t.id)
			found = append(found, t.id)
		}
	}
	return found, nil
}
