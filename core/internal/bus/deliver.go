package bus

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// How an event is tried, and how often.
const (
	callLimit   = 30 * time.Second
	firstDelay  = time.Second
	longestWait = time.Hour
	maxAttempts = 12
	maxError    = 2000 // bytes of an error that are kept
	batch       = 100  // calls between two commits, at most
	lag         = 256  // events of no concern that a cursor may stay behind
)

// States of a delivery that was not acknowledged at once.
const (
	waiting = "waiting"
	dead    = "dead"
	dropped = "dropped"
)

// prospect is what is left to do in a tenant.
type prospect struct {
	more bool      // now
	due  time.Time // zero: nothing falls due by itself
}

// delivery is one event on its way to a subscriber.
type delivery struct {
	seq    int64
	event  core.Event
	round  int  // attempts so far since it was queued
	fresh  bool // comes from the outbox, and has no row of its own
	behind bool // an earlier event of its subject waits
	letter bool // has been a dead letter
}

// outcome is a delivery that is over for now.
type outcome struct {
	delivery
	state    string    // waiting, dead; empty: acknowledged
	sentence string    // of the failed attempt; empty: there was none
	at, next time.Time // of the attempt, and of the next one
}

// work is what one subscriber is to be told in one tenant.
type work struct {
	deliveries   []delivery // in order: those that waited, or else the next of the outbox
	cursor, head int64      // the subscriber's place, and the end of the outbox
}

// letterKey names a dead letter of a tenant.
type letterKey struct{ event, subscriber string }

// visit is a look at one tenant.
type visit struct {
	bus     *Bus
	tenant  core.TenantID
	version int             // of the subscriptions
	held    map[string]bool // subscribers that take nothing now
	touched []letterKey     // letters that have moved
}

// visit serves the subscribers of a tenant in turns until nothing is left that
// is due, or limited ends, and then tells the control database.
func (b *Bus) visit(ctx, limited context.Context, tenant core.TenantID) (prospect, error) {
	v := &visit{bus: b, tenant: tenant, version: b.subscribed(), held: map[string]bool{}}
	known, err := b.outlook(ctx, tenant)
	if err != nil {
		return prospect{}, err
	}
	if known.status == core.TenantSuspended { // its file can't be changed: what is delivered could not be noted
		for _, s := range known.subscriptions {
			v.held[s.name] = true
		}
	}
	more, err := v.serve(ctx, limited, known.subscriptions)
	due, told := b.mirror(context.WithoutCancel(ctx), tenant, known.subscriptions, v.held, v.touched)
	return prospect{more, due}, errors.Join(err, told)
}

// serve begins with any of the subscribers, so that a slow one does not always
// come before the others. It reports whether there is more to do at once, also
// because somebody has subscribed meanwhile: a cursor must not pass events that
// are only asked for now.
func (v *visit) serve(ctx, limited context.Context, subscriptions []subscription) (more bool, err error) {
	if len(subscriptions) == 0 {
		return false, nil
	}
	first := rand.IntN(len(subscriptions))
	order := slices.Concat(subscriptions[first:], subscriptions[:first])
	for more = true; more; {
		more = false
		for _, s := range order {
			if v.held[s.name] {
				continue
			}
			again, err := v.turn(ctx, limited, s)
			if err != nil {
				return false, err
			}
			if limited.Err() != nil || v.bus.subscribed() != v.version {
				return true, nil
			}
			more = more || again
		}
	}
	return false, nil
}

// turn tells one subscriber of up to batch events and notes what became of
// them. It reports whether there may be more.
func (v *visit) turn(ctx, limited context.Context, s subscription) (more bool, err error) {
	store := v.bus.options.Store
	var w work
	err = store.View(ctx, v.tenant, func(tx *tenants.Tx) (err error) {
		w, err = readWork(ctx, tx, s)
		return err
	})
	if err != nil || v.bus.subscribed() != v.version {
		return false, err
	}
	outcomes, cursor, done := v.attempt(ctx, limited, s, w)
	if len(outcomes) == 0 && cursor-w.cursor < lag {
		return false, nil
	}
	// The calls have been made: the end of the process must not part them from
	// what is noted about them.
	ctx = context.WithoutCancel(ctx)
	err = store.Update(ctx, v.tenant, func(tx *tenants.Tx) error {
		if err := settle(ctx, tx, s.name, outcomes); err != nil || cursor == w.cursor {
			return err
		}
		return moveCursor(ctx, tx, s.name, cursor)
	})
	if err != nil {
		return false, err
	}
	for _, o := range outcomes {
		if o.letter || o.state == dead {
			v.touched = append(v.touched, letterKey{o.event.ID, s.name})
		}
		more = more || !o.fresh || o.state != ""
	}
	return done && (more || len(w.deliveries) == batch), nil
}

// attempt makes the calls of a turn, in order, until the work is done or has to
// stop: because the subscriber takes nothing now, or because time is up, which
// leaves time for one call. The cursor comes behind what has an outcome.
func (v *visit) attempt(ctx, limited context.Context, s subscription, w work) (outcomes []outcome, cursor int64, done bool) {
	cursor = w.cursor
	blocked := map[core.Target]bool{}
	for i, d := range w.deliveries {
		o := outcome{delivery: d, state: waiting}
		switch {
		case d.behind, blocked[d.event.Subject]:
		case !s.wants(d.event.Name): // any more
			o.state = ""
		case i > 0 && limited.Err() != nil:
			return outcomes, cursor, true
		default:
			var over bool
			if o, over = v.try(ctx, s, d); !over {
				return outcomes, cursor, false
			}
		}
		blocked[d.event.Subject] = o.state == waiting
		if d.fresh {
			cursor = d.seq
		}
		if d.fresh || o.state != waiting || o.sentence != "" {
			outcomes = append(outcomes, o)
		}
	}
	if len(w.deliveries) < batch && (len(w.deliveries) == 0 || w.deliveries[0].fresh) {
		cursor = max(cursor, w.head)
	}
	return outcomes, cursor, true
}

// try makes one call. It reports false when the call doesn't count: the
// subscriber takes nothing now, or the console stops.
func (v *visit) try(ctx context.Context, s subscription, d delivery) (outcome, bool) {
	b := v.bus
	err := b.call(ctx, s.name, v.tenant, d.event)
	o := outcome{delivery: d, at: b.now()}
	switch {
	case err == nil:
		return o, true
	case errors.Is(err, ErrNotNow):
		v.held[s.name] = true
		return o, false
	case ctx.Err() != nil:
		return o, false
	}
	o.sentence = cut(err.Error())
	o.round++
	if o.round < maxAttempts {
		o.state, o.next = waiting, o.at.Add(spread(backOff(o.round), b.options.Jitter()))
		return o, true
	}
	o.state = dead
	b.options.Log.Warn("event given up", "tenant", v.tenant, "subscriber", s.name, "event", d.event.ID, "name", d.event.Name)
	return o, true
}

// cut returns the sentence of an error as it is kept: never empty, and whole
// letters.
func cut(sentence string) string {
	if sentence == "" {
		return "The subscriber gave no reason."
	}
	if len(sentence) > maxError {
		sentence = sentence[:maxError]
	}
	return strings.ToValidUTF8(sentence, "")
}

// backOff is the wait after the given number of attempts: a second, doubled
// with each, at most an hour.
func backOff(attempts int) time.Duration {
	wait := firstDelay
	for range attempts - 1 {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

// spread moves a wait by up to a fifth, so that what failed together does not
// come back together.
func spread(wait time.Duration, chance float64) time.Duration {
	return time.Duration(float64(wait) * (0.8 + 0.4*chance))
}
