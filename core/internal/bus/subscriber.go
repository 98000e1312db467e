package bus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// everything is the name that stands for every event.
const everything = "*"

// ErrNotNow is what a subscriber answers that can't take events at the moment:
// they wait, and no attempt is counted.
var ErrNotNow = errors.New("the subscriber takes no events now")

// Subscriber takes events of every tenant, one at a time per subject.
type Subscriber struct {
	Name   string   // plugin's id; its cursor is kept under it
	Events []string // names; "*" is every event
	// Handle acknowledges an event by returning nil. An error is retried with
	// back-off; with errors.Is(err, ErrNotNow) (plugin down, off for the
	// tenant…) all that waits in the tenant goes on waiting, without counting an
	// attempt, until Wake, the tenant's next event or ten minutes later. It
	// returns soon after its context has ended, which is after 30 s at the
	// latest. The same event may come again, with the same id.
	Handle func(ctx context.Context, tenant core.TenantID, e core.Event) error
}

// subscription is what a subscriber listens to, and since when. It outlives
// the process, so that what waits can be counted while nobody subscribes.
type subscription struct {
	name   string
	events map[string]int64 // UTC, ms, by name
}

// names returns what is listened to, in order.
func (s subscription) names() []string { return slices.Sorted(maps.Keys(s.events)) }

func (s subscription) wants(event string) bool {
	_, named := s.events[event]
	_, all := s.events[everything]
	return named || all
}

// renew returns the subscription with other names. A name that was covered
// before keeps its moment; a new one counts from now.
func (s subscription) renew(names []string, now time.Time) subscription {
	since := map[string]int64{}
	if slices.Contains(names, everything) {
		maps.Copy(since, s.events)
	}
	for _, name := range names {
		since[name] = now.UnixMilli()
		for _, known := range []string{name, everything} {
			if at, found := s.events[known]; found {
				since[name] = min(since[name], at)
			}
		}
	}
	return subscription{s.name, since}
}

// Subscribe lets a subscriber take events; it replaces one of the same name. At
// the first time it is told what happens from now on, later it goes on where it
// was; so it is with each name of Events. Returns internal for a subscriber
// without name or Handle or with an event of no possible name.
func (b *Bus) Subscribe(ctx context.Context, s Subscriber) error {
	if s.Name == "" || s.Handle == nil {
		return fmt.Errorf("subscribe %q: a subscriber has a name and a function", s.Name)
	}
	for _, name := range s.Events {
		if name != everything && !names.MatchString(name) {
			return fmt.Errorf("subscribe %s: no event is called %q", s.Name, name)
		}
	}
	err := b.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		known, err := findSubscription(ctx, tx, s.Name)
		if err != nil {
			return err
		}
		return storeSubscription(ctx, tx, known.renew(s.Events, tx.Now))
	})
	if err != nil {
		return fmt.Errorf("subscribe %s: %w", s.Name, err)
	}
	b.mu.Lock()
	b.subscribers[s.Name] = s
	b.version++
	b.mu.Unlock()
	b.Wake(s.Name)
	return nil
}

// subscribed is the version of all subscriptions. While it stays the same, what
// is read of an outbox holds nothing that a later Subscribe asks for.
func (b *Bus) subscribed() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.version
}

// Unsubscribe takes a subscriber away; its events wait. A call under way ends
// by itself and counts.
func (b *Bus) Unsubscribe(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.subscribers, name)
}

// Wake tries what waits for a subscriber, which is ready again. It returns at
// once.
func (b *Bus) Wake(name string) {
	b.mu.Lock()
	b.waking[name] = true
	b.mu.Unlock()
	select {
	case b.poke <- struct{}{}:
	default:
	}
}

// call hands an event to the subscriber of a name, as it is by now.
func (b *Bus) call(ctx context.Context, name string, tenant core.TenantID, e core.Event) (err error) {
	b.mu.Lock()
	s, found := b.subscribers[name]
	b.mu.Unlock()
	if !found {
		return ErrNotNow
	}
	limited, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the subscriber panicked: %v", cause)
		}
	}()
	err = s.Handle(limited, tenant, e)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("no answer within %s: %w", callLimit, err)
	}
	return err
}
