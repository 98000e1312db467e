package bus

import (
	"context"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
)

// schedule says which tenant is looked at next. One goroutine at a time looks
// at a tenant.
type schedule struct {
	mu      sync.Mutex
	changed *sync.Cond // the queue has grown, or somebody stopped waiting for it
	queue   []core.TenantID
	places  map[core.TenantID]*place
	soonest time.Time // no tenant falls due before; zero: none is due by itself
}

// place is a tenant that something is to be done about.
type place struct {
	queued bool
	busy   chan struct{} // closed when nobody looks at it any more; nil: nobody does
	again  bool          // something has happened while somebody looked at it
	due    time.Time     // when it is looked at by itself; zero: never
}

func newSchedule() *schedule {
	s := &schedule{places: map[core.TenantID]*place{}}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// wake has a tenant looked at soon, once more if somebody does already.
func (s *schedule) wake(tenant core.TenantID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enqueue(tenant)
}

func (s *schedule) enqueue(tenant core.TenantID) {
	p := s.place(tenant)
	switch {
	case p.busy != nil:
		p.again = true
	case !p.queued:
		p.queued, p.due = true, time.Time{}
		s.queue = append(s.queue, tenant)
		s.changed.Signal()
	}
}

func (s *schedule) place(tenant core.TenantID) *place {
	p := s.places[tenant]
	if p == nil {
		p = &place{}
		s.places[tenant] = p
	}
	return p
}

// wakeBusy has every tenant looked at once more that is looked at now.
func (s *schedule) wakeBusy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.places {
		p.again = p.again || p.busy != nil
	}
}

// wakeDue queues the tenants whose time has come.
func (s *schedule) wakeDue(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.soonest.IsZero() || now.Before(s.soonest) {
		return
	}
	s.soonest = time.Time{}
	for tenant, p := range s.places {
		switch {
		case p.due.IsZero():
		case now.Before(p.due):
			s.expect(p.due)
		default:
			s.enqueue(tenant)
		}
	}
}

// expect notes that something falls due at a moment.
func (s *schedule) expect(due time.Time) {
	if s.soonest.IsZero() || due.Before(s.soonest) {
		s.soonest = due
	}
}

// take waits for a tenant to look at; false when ctx has ended.
func (s *schedule) take(ctx context.Context) (core.TenantID, bool) {
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if ctx.Err() != nil {
			return "", false
		}
		if len(s.queue) == 0 {
			s.changed.Wait()
			continue
		}
		tenant := s.queue[0]
		s.queue = s.queue[1:]
		p := s.places[tenant]
		p.queued = false
		if p.busy == nil {
			p.busy = make(chan struct{})
			return tenant, true
		}
		p.again = true
	}
}

// claim waits until nobody looks at a tenant, and then lets the caller.
func (s *schedule) claim(ctx context.Context, tenant core.TenantID) error {
	for {
		s.mu.Lock()
		p := s.place(tenant)
		busy := p.busy
		if busy == nil {
			p.busy = make(chan struct{})
			s.mu.Unlock()
			return nil
		}
		s.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// happened reports whether something has happened since the tenant was claimed
// or since it was asked for the last time.
func (s *schedule) happened(tenant core.TenantID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.places[tenant]
	again := p.again
	p.again = false
	return again
}

// release ends the look at a tenant. It is queued again at once when it should
// be or when something has happened meanwhile, and otherwise when it falls due.
func (s *schedule) release(tenant core.TenantID, again bool, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.places[tenant]
	close(p.busy)
	again = again || p.again
	p.busy, p.again, p.due = nil, false, due
	switch {
	case again:
		s.enqueue(tenant)
	case !due.IsZero():
		s.expect(due)
	case !p.queued:
		delete(s.places, tenant)
	}
}
