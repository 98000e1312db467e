package host

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/openhouse-ai/console/core"
)

// How a plugin is watched.
const (
	healthEvery   = 10 * time.Second
	healthTimeout = 2 * time.Second // ours: a stopped process answers nothing
	misses        = 3               // then it is killed
	memoryEvery   = 2 * time.Second

	firstPause = 250 * time.Millisecond // doubles
	longPause  = time.Minute
	steadyFor  = time.Minute // of ready: the next pause is the first again
	exitsIn    = 10 * time.Minute
	exitLimit  = 5 // within exitsIn: quarantine

	healthyWithin = time.Minute
	drainFor      = 30 * time.Second
	stopWithin    = 5 * time.Second
)

// plugin is one plugin under supervision. Its goroutine alone decides what
// becomes of it; the doors read what it has published.
type plugin struct {
	host    *Host
	id      string
	journal *journal
	tally   *tally

	orders  chan order
	results chan result
	healths chan health
	ended   chan struct{}

	// The goroutine's own.
	trying  *attempt
	good    *instance // what was ready last
	exits   []time.Time
	pause   time.Duration
	retry   clockwork.Timer
	asking  bool // a health check is under way
	missed  int
	loose   bool // not everything that calls it is connected
	removed bool // gone from plugins.yaml

	mu       sync.RWMutex // guards what is published
	entry    Entry
	state    State
	why      string
	since    time.Time
	next     time.Time
	current  *instance
	proposal *Proposal
	asked    *offer // what the manifest of a plugin that isn't running says
	memory   int64
	changed  chan struct{} // closed and replaced with each change
}

// order is something to do in the plugin's goroutine.
type order struct {
	do     func(context.Context) error
	answer chan error
}

// attempt is one try to start a version.
type attempt struct {
	entry  Entry
	before string // of the version before: why it isn't the one of plugins.yaml
	cancel context.CancelFunc
}

// result is what an attempt has come to.
type result struct {
	of       *attempt
	instance *instance
	err      error
}

// health is the answer to a health check.
type health struct {
	of  *instance
	err error // nil: healthy; a sentence of the plugin, or a miss
	hit bool  // it has answered at all
}

func newPlugin(h *Host, id string, e Entry) *plugin {
	return &plugin{
		host: h, id: id, entry: e, state: Verified, since: h.Now(), journal: &journal{limit: e.Limits.LogPerMin}, tally: newTally(),
		orders: make(chan order), results: make(chan result), healths: make(chan health), ended: make(chan struct{}),
		pause: firstPause, changed: make(chan struct{}),
	}
}

// live is the plugin's goroutine, until ctx ends or the plugin is removed.
func (p *plugin) live(ctx context.Context, off string) {
	defer close(p.ended)
	liveness, sampling := p.host.Clock.NewTicker(healthEvery), p.host.Clock.NewTicker(memoryEvery)
	defer liveness.Stop()
	defer sampling.Stop()
	if off != "" {
		p.become(Stopped, off)
	} else {
		p.begin(ctx, p.entry, "")
	}
	for !p.removed {
		var gone <-chan struct{}
		if i := p.running(); i != nil {
			gone = i.process.Done()
		}
		var due <-chan time.Time
		if p.retry != nil {
			due = p.retry.Chan()
		}
		select {
		case <-ctx.Done():
			p.stop()
			return
		case o := <-p.orders:
			o.answer <- o.do(ctx)
		case r := <-p.results:
			p.tried(ctx, r)
		case <-gone:
			p.fell(ctx)
		case <-due:
			p.again(ctx)
		case <-liveness.Chan():
			p.askHealth(ctx)
		case answer := <-p.healths:
			p.hear(ctx, answer)
		case <-sampling.Chan():
			p.sample()
		}
	}
}

// order has something done in the plugin's goroutine.
func (p *plugin) order(ctx context.Context, do func(context.Context) error) error {
	o := order{do, make(chan error, 1)}
	select {
	case p.orders <- o:
		return <-o.answer
	case <-p.ended:
		return core.Errorf(core.Unavailable, "The plugin %s is not run any more.", p.id)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// post is an order that nobody waits for.
func (p *plugin) post(do func(context.Context) error) {
	select {
	case p.orders <- order{do, make(chan error, 1)}:
	case <-p.ended:
	}
}

func (p *plugin) running() *instance {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.current
}

// enter lets a call into the process that serves now.
func (p *plugin) enter() (*instance, error) {
	for {
		p.mu.RLock()
		i, why := p.current, p.why
		p.mu.RUnlock()
		if i == nil || i.gone() {
			return nil, restingf(core.Unavailable, "%s is resting. %s", p.name(), cmp.Or(why, "It is being started."))
		}
		if i.enter() {
			return i, nil // else it was exchanged in between
		}
	}
}

// begin starts a version beside the one that serves, if any. Before says why
// it is the one before; empty: it is the one of plugins.yaml.
func (p *plugin) begin(ctx context.Context, e Entry, before string) {
	p.stopTrying()
	trial, cancel := context.WithCancel(ctx)
	a := &attempt{entry: e, before: before, cancel: cancel}
	p.trying = a
	if p.running() == nil {
		p.become(Starting, "It is being started.")
	}
	p.host.living.Go(func() {
		r := result{of: a}
		r.instance, r.err = p.host.launch(trial, p, e)
		select {
		case p.results <- r:
		case <-p.ended:
			r.discard()
		}
	})
}

// again starts what was ready last, after its end: a version that failed or
// waits is tried when a person asks for it.
func (p *plugin) again(ctx context.Context) {
	if p.good != nil && p.good.entry.SHA256 != p.entry.SHA256 {
		p.begin(ctx, p.good.kept(), p.lasting())
		return
	}
	p.begin(ctx, p.entry, "")
}

// lasting is why the version before serves.
func (p *plugin) lasting() string {
	if p.waiting() != nil {
		return "A new version waits for approval."
	}
	return "The version of plugins.yaml could not be started; this is the one before."
}

// kept is the entry of a version by the copy that was kept of it.
func (i *instance) kept() Entry {
	e := i.entry
	if !e.Bundled() {
		e.Path = i.binary
	}
	return e
}

// discard ends what nobody waits for any more.
func (r result) discard() {
	if r.instance != nil {
		r.instance.process.Kill()
	}
}

// stopTrying gives up the attempt to start, and the next one.
func (p *plugin) stopTrying() {
	if p.trying != nil {
		p.trying.cancel()
		p.trying = nil
	}
	if p.retry != nil {
		p.retry.Stop()
		p.retry = nil
	}
}

// publish changes what the doors see.
func (p *plugin) publish(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

// become says where the plugin stands. What it takes away is published before.
func (p *plugin) become(s State, why string) {
	p.publish(func() {
		if p.state != s {
			p.since = p.host.Now()
		}
		p.state, p.why, p.next = s, why, time.Time{}
	})
	level := slog.LevelInfo
	switch s {
	case Quarantined:
		level = slog.LevelError // nothing happens before somebody looks
	case Held, Degraded:
		level = slog.LevelWarn
	}
	p.host.Log.Log(context.Background(), level, "plugin "+string(s), "plugin", p.id, "why", why)
}

// backOff waits before the next start, or gives up until a person looks.
func (p *plugin) backOff(why string) {
	now := p.host.Clock.Now()
	p.exits = slices.DeleteFunc(append(p.exits, now), func(t time.Time) bool { return now.Sub(t) > exitsIn })
	if len(p.exits) >= exitLimit {
		p.become(Quarantined, why+" It ended five times within ten minutes and waits for a person.")
		return
	}
	pause := time.Duration(float64(p.pause) * (0.8 + 0.4*rand.Float64()))
	p.pause = min(2*p.pause, longPause)
	p.retry = p.host.Clock.NewTimer(pause)
	p.become(BackingOff, why)
	p.publish(func() { p.next = p.host.Now().Add(pause) })
}

// name is how the plugin is called on screen.
func (p *plugin) name() string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	switch {
	case p.current != nil:
		return p.current.manifest.Name
	case p.asked != nil:
		return p.asked.manifest.Name
	}
	return p.id
}
