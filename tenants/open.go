package tenants

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"

	"github.com/openhouse-ai/console/core"
)

// files are the tenants' files that are open. The least recently used ones are
// closed in the background; one in use never is. Each tenant has one open file
// at most.
type files struct {
	open openFunc
	max  int

	mu      sync.Mutex
	entries map[core.TenantID]*entry
	recent  *list.List // of *entry, most recently used first; without those that close
	stopped bool
}

// openFunc opens the file of a tenant and tells the tenant's status.
type openFunc func(context.Context, core.TenantID) (*file, core.TenantStatus, error)

type entry struct {
	id     core.TenantID
	status atomic.Value  // core.TenantStatus
	opened chan struct{} // closed when file or err is there
	file   *file
	err    error

	users   int           // guarded by files.mu
	place   *list.Element // nil: leaving as soon as nobody uses it
	closed  chan struct{} // closed when the file is
	closing bool
}

func newFiles(max int, open openFunc) *files {
	return &files{open: open, max: max, entries: map[core.TenantID]*entry{}, recent: list.New()}
}

// use runs fn with the open file of a tenant and the tenant's status.
func (s *files) use(ctx context.Context, id core.TenantID, fn func(*file, core.TenantStatus) error) error {
	e, err := s.acquire(ctx, id)
	if err != nil {
		return err
	}
	defer s.release(e)
	status := e.status.Load().(core.TenantStatus)
	if err := closedTo(status); err != nil {
		return err
	}
	return fn(e.file, status)
}

func (s *files) acquire(ctx context.Context, id core.TenantID) (*entry, error) {
	e, fresh, err := s.enter(ctx, id)
	if err != nil {
		return nil, err
	}
	if fresh {
		// Others wait for this opening, so it is not one caller's to cancel.
		var status core.TenantStatus
		e.file, status, e.err = s.open(context.WithoutCancel(ctx), id)
		e.status.CompareAndSwap(nil, status) // unless setStatus knows better by now
		close(e.opened)
	}
	<-e.opened
	if e.err != nil {
		s.mu.Lock()
		s.leave(e)
		s.mu.Unlock()
		s.release(e)
		return nil, e.err
	}
	return e, nil
}

// enter counts the caller as a user of the tenant's entry, which is fresh when
// the caller has to open the file.
func (s *files) enter(ctx context.Context, id core.TenantID) (e *entry, fresh bool, err error) {
	for {
		s.mu.Lock()
		if s.stopped {
			s.mu.Unlock()
			return nil, false, errClosed
		}
		e = s.entries[id]
		if e == nil {
			e = &entry{id: id, opened: make(chan struct{}), closed: make(chan struct{})}
			s.entries[id], e.place, fresh = e, s.recent.PushFront(e), true
		}
		if e.place != nil || e.users > 0 { // one that leaves can be joined until it closes
			e.users++
			s.touch(e)
			s.mu.Unlock()
			return e, fresh, nil
		}
		s.mu.Unlock()
		select {
		case <-e.closed: // then it can be opened again
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// await returns when the commits of tenants that are on their way can be read.
// A file that isn't open has none.
func (s *files) await(ids ...core.TenantID) {
	s.mu.Lock()
	var open []*entry
	for _, id := range ids {
		if e := s.entries[id]; e != nil {
			open = append(open, e)
		}
	}
	s.mu.Unlock()
	for _, e := range open {
		if <-e.opened; e.file != nil {
			e.file.await()
		}
	}
}

// touch makes an entry the most recently used one.
func (s *files) touch(e *entry) {
	if e.place != nil {
		s.recent.MoveToFront(e.place)
		s.evict()
	}
}

func (s *files) release(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.users--
	s.close(e)
	s.evict()
}

// evict lets the least recently used files go until few enough are open.
func (s *files) evict() {
	for at := s.recent.Back(); at != nil && s.recent.Len() > s.max; {
		e := at.Value.(*entry)
		at = at.Prev()
		if e.users == 0 {
			s.leave(e)
		}
	}
}

// leave takes an entry from the open ones and closes it once nobody uses it.
func (s *files) leave(e *entry) {
	if e.place != nil {
		s.recent.Remove(e.place)
		e.place = nil
	}
	s.close(e)
}

// close closes the file of an entry that has left and that nobody uses, in the
// background: a checkpoint is no part of a request.
func (s *files) close(e *entry) {
	if e.place != nil || e.users > 0 || e.closing {
		return
	}
	e.closing = true
	go func() {
		if e.file != nil {
			if err := e.file.close(); err != nil {
				e.file.log.Error("close file", "tenant", e.id, "error", err)
			}
		}
		s.forget(e)
	}()
}

// alone runs fn while the file of one tenant is closed and nobody can open it.
func (s *files) alone(ctx context.Context, id core.TenantID, fn func() error) error {
	place := &entry{id: id, closed: make(chan struct{}), closing: true}
	for {
		s.mu.Lock()
		e := s.entries[id]
		switch {
		case s.stopped:
			s.mu.Unlock()
			return errClosed
		case e == nil:
			s.entries[id] = place
			s.mu.Unlock()
			defer s.forget(place)
			return fn()
		}
		s.leave(e)
		s.mu.Unlock()
		select {
		case <-e.closed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// forget ends an entry whose file is closed.
func (s *files) forget(e *entry) {
	s.mu.Lock()
	delete(s.entries, e.id)
	s.mu.Unlock()
	close(e.closed)
}

// setStatus tells an open file that the registry has changed.
func (s *files) setStatus(id core.TenantID, status core.TenantStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[id]; e != nil {
		e.status.Store(status)
	}
}

// all returns the files that are open.
func (s *files) all() (open []*file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		select {
		case <-e.opened: // never, for a place that only keeps others out
			if e.file != nil {
				open = append(open, e.file)
			}
		default:
		}
	}
	return open
}

// stop refuses new users, waits for those that are there, and closes all.
func (s *files) stop() {
	s.mu.Lock()
	s.stopped = true
	var left []*entry
	for _, e := range s.entries {
		s.leave(e)
		left = append(left, e)
	}
	s.mu.Unlock()
	for _, e := range left {
		<-e.closed
	}
}
