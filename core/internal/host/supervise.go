package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What happens to a plugin. Everything here runs in its goroutine.

// tried takes what an attempt to start has come to.
func (p *plugin) tried(ctx context.Context, r result) {
	if r.of != p.trying {
		p.host.living.Go(r.discard)
		return
	}
	p.stopTrying()
	serving := p.running()
	if r.err == nil {
		p.swap(ctx, r)
		return
	}
	if waiting, ok := errors.AsType[*held](r.err); ok {
		p.publish(func() { p.proposal, p.asked = &waiting.proposal, &waiting.offer })
		if serving == nil {
			p.become(Held, "It asks for more than it was granted and waits for an administrator.")
			p.fallBack(ctx, r, "A new version waits for approval.")
		}
		return
	}
	why := "It could not be started: " + sentence(r.err)
	if serving != nil {
		p.host.dossier(ctx, p, Crash{Exit: why, PID: pidOf(r.err), Panic: panicOf(r.err)})
		p.publish(func() { p.why = "The new version was not taken, the one before goes on. " + why })
		return
	}
	if code := core.CodeOf(r.err); code == core.Invalid || code == core.Forbidden {
		p.become(Quarantined, why+" Somebody has to change that first.") // trying again changes nothing
		p.fallBack(ctx, r, "The version of plugins.yaml was not taken. "+why)
		return
	}
	p.host.dossier(ctx, p, Crash{Exit: why, PID: pidOf(r.err), Panic: panicOf(r.err)})
	if !p.fallBack(ctx, r, "The version of plugins.yaml was not taken. "+why) {
		p.backOff(why)
	}
}

// fallBack starts the version that was ready last, when it is another.
func (p *plugin) fallBack(ctx context.Context, r result, why string) bool {
	if r.of.before != "" {
		return false
	}
	if p.good != nil && p.good.entry.SHA256 != r.of.entry.SHA256 {
		p.begin(ctx, p.good.kept(), why)
		return true
	}
	// In another life of the console it may have been another.
	e, found := p.host.lastGood(p.id, r.of.entry)
	if found {
		p.begin(ctx, e, why)
	}
	return found
}

// swap lets new calls go to the new process, and the old one end its own.
func (p *plugin) swap(ctx context.Context, r result) {
	old, now := p.running(), r.instance
	p.missed, p.asking = 0, false
	p.good = now
	p.host.Audit.Declare(p.id, now.manifest.Records) // before the first call can record anything
	p.publish(func() {
		p.current, p.asked = now, &now.offer
		if r.of.before == "" {
			p.proposal = nil
		}
	})
	p.sample()
	p.connect(ctx, now, r.of.before)
	if r.of.before == "" {
		p.host.note("version", p.host.markGood(p.id, now.entry))
	}
	if old != nil {
		p.host.living.Go(func() { p.host.drain(old) })
	}
}

// connect attaches the process to what calls it; then it is ready. A health
// check tries again what failed.
func (p *plugin) connect(ctx context.Context, i *instance, why string) {
	err := p.host.attach(ctx, p, i)
	if p.loose = err != nil; p.loose {
		p.host.Log.Error("attach plugin", "plugin", p.id, "error", err)
		p.become(Degraded, "Not everything of it is connected: "+sentence(err))
		return
	}
	p.become(Ready, why)
}

// drain lets the calls of a process end, and then the process.
func (h *Host) drain(i *instance) {
	timer := h.Clock.NewTimer(drainFor)
	defer timer.Stop()
	select {
	case <-i.retire():
	case <-timer.Chan():
	case <-i.process.Done():
	case <-h.background.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	i.process.Stop(ctx)
}

// fell notes that the process has ended though nobody wanted it to.
func (p *plugin) fell(ctx context.Context) {
	i := p.running()
	calls := p.tally.takenBy(i)
	exit := i.process.Exit()
	why := i.killedFor()
	if why == "" {
		why = exit.String()
	}
	if p.host.Clock.Since(i.readyAt) >= steadyFor {
		p.pause = firstPause
	}
	p.publish(func() {
		p.current, p.memory = nil, 0
		p.state, p.why, p.since = BackingOff, "The process ended ("+why+").", p.host.Now()
	})
	p.asking, p.missed = false, 0
	p.host.dossier(ctx, p, Crash{Exit: why, PID: i.process.PID(), Panic: exit.Panic, Calls: calls, Uptime: p.host.Clock.Since(i.startedAt)})
	if p.trying != nil {
		p.become(Starting, "The process ended ("+why+"); the next one is being started.")
		return
	}
	p.backOff("The process ended (" + why + ").")
}

// askHealth asks the process whether it works, with a deadline of our own.
func (p *plugin) askHealth(ctx context.Context) {
	i := p.running()
	if i == nil || p.asking {
		return
	}
	p.asking = true
	go func() {
		answer := health{of: i}
		answer.err, answer.hit = p.host.healthOf(ctx, i.client)
		select {
		case p.healths <- answer:
		case <-p.ended:
		}
	}()
}

// healthOf returns what a process says of itself. Answered is false when it
// said nothing.
func (h *Host) healthOf(ctx context.Context, client wire.PluginClient) (err error, answered bool) {
	ctx, cancel := h.bounded(ctx, healthTimeout)
	defer cancel()
	_, err = client.Health(ctx, &wire.HealthRequest{})
	switch status.Code(err) {
	case codes.OK:
		return nil, true
	case codes.Canceled, codes.DeadlineExceeded:
		return fmt.Errorf("no answer within %s", healthTimeout), false
	case codes.Unavailable:
		if len(status.Convert(err).Details()) == 0 { // the connection's, not the plugin's
			return err, false
		}
	}
	return wire.FromStatus(err), true
}

// hear counts the misses: at the third the process is killed.
func (p *plugin) hear(ctx context.Context, answer health) {
	i := p.running()
	if answer.of != i {
		return
	}
	p.asking = false
	switch {
	case answer.err == nil && p.loose:
		p.missed = 0
		p.connect(ctx, i, "")
	case answer.err == nil:
		if p.missed = 0; p.stateIs(Degraded) {
			p.become(Ready, "")
		}
	case answer.hit:
		p.missed = 0
		p.become(Degraded, "It says: "+sentence(answer.err))
	default:
		p.missed++
		p.become(Degraded, fmt.Sprintf("It has missed %d of %d health checks.", p.missed, misses))
		if p.missed >= misses {
			go i.kill(fmt.Sprintf("killed: %d health checks without an answer", misses))
		}
	}
}

func (p *plugin) stateIs(s State) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.state == s
}

// sample reads how much memory the process has, and ends it over the cap.
func (p *plugin) sample() {
	i := p.running()
	if i == nil {
		return
	}
	n, err := i.process.Memory()
	if err != nil {
		return // it is about to be reaped
	}
	p.mu.Lock()
	p.memory, i.peak = n, max(i.peak, n)
	p.mu.Unlock()
	if n > i.limits.Memory && i.killedFor() == "" {
		go i.kill(fmt.Sprintf("killed: memory %d MB over %d MB", n>>20, i.limits.Memory>>20))
	}
}

// take takes the process away from the doors, and tries no other.
func (p *plugin) take(s State, why string) *instance {
	p.stopTrying()
	i := p.running()
	if i == nil && s == Draining {
		s = Stopped
	}
	p.publish(func() { p.current, p.memory = nil, 0 })
	p.become(s, why)
	return i
}

// halt ends the process, letting its calls end, and stays down.
func (p *plugin) halt(why string) {
	i := p.take(Draining, why)
	if i == nil {
		return
	}
	p.host.living.Go(func() {
		p.host.drain(i)
		p.post(func(context.Context) error {
			if p.stateIs(Draining) {
				p.become(Stopped, why)
			}
			return nil
		})
	})
}

// stop ends everything at once: the console is being stopped.
func (p *plugin) stop() {
	i := p.take(Stopped, "The console is being stopped.")
	if i != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		i.process.Stop(ctx)
	}
}

// afresh forgets what went wrong before.
func (p *plugin) afresh() {
	p.exits, p.pause = nil, firstPause
}

// sentence is what an error says to the person who reads it.
func sentence(err error) string {
	if known, ok := errors.AsType[*core.Error](err); ok {
		return known.Message
	}
	return err.Error()
}

// startFailure is a start that a process was there for.
type startFailure struct {
	error
	pid  int
	exit process.Exit
}

func (f startFailure) Unwrap() error { return f.error }

func pidOf(err error) int {
	f, _ := errors.AsType[startFailure](err)
	return f.pid
}

func panicOf(err error) string {
	f, _ := errors.AsType[startFailure](err)
	return f.exit.Panic
}

// dossier keeps what is known about an unwanted end.
func (h *Host) dossier(ctx context.Context, p *plugin, c Crash) {
	c.At, c.Lines = h.Now(), p.journal.tail(50)
	h.Log.Error("plugin ended", "plugin", p.id, "exit", c.Exit, "calls", len(c.Calls), "uptime", c.Uptime.Round(time.Millisecond))
	if err := h.keepCrash(context.WithoutCancel(ctx), p.id, c); err != nil {
		h.Log.Error("keep dossier", "plugin", p.id, "error", err)
	}
}
