package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// request is one call of a plugin, whatever door it comes through.
type request struct {
	door     wire.Door
	id       string        // of the page, the action, the job …
	tenant   core.TenantID // empty: the platform
	scene    sdk.Scene     // what the door knows of it
	input    []byte
	http     *wire.Request
	body     []byte
	hash     string
	writes   bool
	long     bool // work: Limits.Work instead of Limits.Call
	moved    func(done, total int64, note string)
	received func(*wire.Answer) error // of heads and chunks; nil: they are collected
}

// reply is what a call has come to.
type reply struct {
	result []byte
	head   *wire.Head
	body   []byte
	zone   string // the call's days are days there
}

// doorNames are how a door is called in sentences and dossiers.
var doorNames = map[wire.Door]string{
	wire.Door_DOOR_PAGE: "page", wire.Door_DOOR_ACTION: "action", wire.Door_DOOR_ROUTE: "route", wire.Door_DOOR_EVENT: "event",
	wire.Door_DOOR_JOB: "job", wire.Door_DOOR_PLAN: "plan of", wire.Door_DOOR_APPLY: "tool", wire.Door_DOOR_ROLL_UP: "roll-up",
	wire.Door_DOOR_VALIDATE: "settings", wire.Door_DOOR_PURGE: "purge", wire.Door_DOOR_EXPORT: "export",
}

// invoke is the one way into a plugin: state, tenant, limits, grant, call,
// account.
func (h *Host) invoke(ctx context.Context, p *plugin, r request) (reply, error) {
	i, err := p.enter()
	if err != nil {
		return reply{}, err
	}
	defer i.leave()
	select {
	case i.slots <- struct{}{}:
		defer func() { <-i.slots }()
	default:
		return reply{}, restingf(core.Unavailable, "%s is busy with %d calls. Try again in a moment.", i.manifest.Name, cap(i.slots))
	}
	if r.tenant != "" {
		if err := h.admit(ctx, p, i, r.tenant); err != nil {
			return reply{}, err
		}
	}
	limit := i.limits.Call
	if r.long {
		limit = i.limits.Work
	}
	bound, cancel := h.bounded(ctx, limit)
	defer cancel()
	end := p.tally.begin(flight{i, doorNames[r.door], r.id, r.tenant, h.Clock.Now()})
	answer, err := h.call(bound, i, r)
	if bound.Err() == nil && broken(err) {
		i.linger() // a process that ends takes its connection first
	}
	err = h.explain(ctx, bound, p, i, r, limit, err)
	end(h.Clock.Now(), core.CodeOf(err) == core.Internal || core.CodeOf(err) == core.Unavailable, i.gone())
	return answer, err
}

// call opens a grant for the time of the call, and collects the answer.
func (h *Host) call(ctx context.Context, i *instance, r request) (reply, error) {
	scene, err := h.scene(ctx, r)
	if err != nil {
		return reply{}, err
	}
	id := core.NewID("call", h.Now())
	rights := i.rights
	if r.long {
		rights.Limits.Database = i.limits.Work // the time of the work bounds its statements
	}
	token, revoke := h.desk.Open(ctx, grant.Grant{Rights: rights, Tenant: r.tenant, Actor: scene.Actor, Call: id, Writes: r.writes})
	defer revoke()
	stream, err := i.client.Invoke(ctx, &wire.Invocation{
		Grant: token, Door: r.door, Id: r.id, Call: id, Scene: scene.json, Input: r.input, Request: r.http, Body: r.body, Hash: r.hash,
	})
	if err != nil {
		return reply{}, err
	}
	answer, err := collect(stream, r)
	answer.zone = scene.Zone
	return answer, err
}

// collect reads an answer to its end.
func collect(stream grpc.ServerStreamingClient[wire.Answer], r request) (answer reply, err error) {
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return answer, nil
		}
		if err != nil {
			return answer, err
		}
		switch content := part.GetPart().(type) {
		case *wire.Answer_Progress:
			if r.moved != nil {
				r.moved(content.Progress.GetDone(), content.Progress.GetTotal(), content.Progress.GetNote())
			}
		case *wire.Answer_Result:
			if answer.result != nil || len(content.Result) > maxResult {
				return answer, garbage("an answer of %d bytes that is more than one or too long", len(content.Result))
			}
			answer.result = content.Result
		default:
			if r.received != nil {
				err = r.received(part)
			} else {
				err = answer.add(part)
			}
			if err != nil {
				return answer, err
			}
		}
	}
}

func (a *reply) add(part *wire.Answer) error {
	switch content := part.GetPart().(type) {
	case *wire.Answer_Head:
		if a.head != nil {
			return garbage("two heads")
		}
		a.head = content.Head
	case *wire.Answer_Chunk:
		if a.head == nil || len(a.body)+len(content.Chunk) > maxBody {
			return garbage("a body without a head or of more than %d MiB", maxBody>>20)
		}
		a.body = append(a.body, content.Chunk...)
	default:
		return garbage("an unknown part")
	}
	return nil
}

// nonsense is an answer that isn't what the door promises.
type nonsense struct{ what string }

func (n nonsense) Error() string { return "the plugin answered " + n.what }

func garbage(format string, args ...any) error { return nonsense{fmt.Sprintf(format, args...)} }

// explain says what a call's end means to the one who called.
func (h *Host) explain(ctx, bound context.Context, p *plugin, i *instance, r request, limit time.Duration, err error) error {
	if err == nil {
		return nil
	}
	name, where := i.manifest.Name, doorNames[r.door]+" "+r.id
	attributes := []any{"plugin", p.id, "door", doorNames[r.door], "id", r.id, "tenant", r.tenant}
	if errors.Is(context.Cause(bound), errLate) {
		h.Log.Warn("plugin call took too long", append(attributes, "limit", limit)...)
		return core.Errorf(core.Unavailable, "%s did not answer within %s (%s).", name, limit, where)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if i.gone() {
		return core.Errorf(core.Unavailable, "%s stopped while it was at work (%s). It is being started again.", name, where)
	}
	told := wire.FromStatus(err)
	if known, ok := errors.AsType[*core.Error](told); ok {
		switch known.Code {
		case core.Invalid, core.NotFound, core.Conflict, core.Forbidden, core.Unavailable:
			return told
		case core.Unauthenticated: // who is signed in is the console's to say
			return &core.Error{Code: core.Forbidden, Message: known.Message, Fields: known.Fields}
		}
	}
	if fault, ok := errors.AsType[*wire.Fault](told); ok && fault.Stack != "" {
		attributes = append(attributes, "stack", fault.Stack)
	}
	h.Log.Error("plugin call failed", append(attributes, "error", told)...)
	return failure{core.Errorf(core.Internal, "%s could not answer (%s).", name, where), told}
}

// failure is an internal error of a plugin, with its cause for the log.
type failure struct {
	said  *core.Error
	cause error
}

func (f failure) Error() string   { return f.said.Message + " " + f.cause.Error() }
func (f failure) Unwrap() []error { return []error{f.said, f.cause} }

// broken reports whether a call ended with its connection.
func broken(err error) bool {
	s, ok := status.FromError(err)
	return ok && err != nil && len(s.Details()) == 0 && (s.Code() == codes.Unavailable || s.Code() == codes.Canceled || s.Code() == codes.Internal)
}

// lingering is how long the end of a process is waited for whose connection
// is broken.
const lingering = time.Second

func (i *instance) linger() {
	timer := time.NewTimer(lingering)
	defer timer.Stop()
	select {
	case <-i.process.Done():
	case <-timer.C:
	}
}

// gone reports whether the process has ended, or is about to.
func (i *instance) gone() bool {
	select {
	case <-i.process.Done():
		return true
	default:
		return i.killedFor() != ""
	}
}

// staffZone decides the days of what is about no tenant.
const staffZone = "Europe/Dublin"

// set is a scene ready to travel.
type set struct {
	sdk.Scene
	json []byte
}

// scene completes what the door knows: who acts, for whom, and when. Of the
// actor only the kind, the id, the name and the role are told.
func (h *Host) scene(ctx context.Context, r request) (set, error) {
	scene, actor := r.scene, core.ActorOf(ctx)
	scene.Actor = core.Actor{Kind: actor.Kind, ID: actor.ID, Name: actor.Name, Role: actor.Role}
	scene.Now, scene.Request, scene.Tenant = h.Now(), core.OriginOf(ctx).Request, r.tenant
	scene.Zone = staffZone
	if r.tenant != "" {
		tenant, err := h.Store.Find(ctx, r.tenant)
		if err != nil {
			return set{}, err
		}
		scene.Name = tenant.Name
		err = h.Store.View(ctx, r.tenant, func(tx *tenants.Tx) error {
			settings, err := tenants.ReadSettings(ctx, tx)
			scene.Locale, scene.Zone, scene.Currency = settings.Locale, settings.TimeZone, settings.Currency
			if core.CodeOf(err) == core.NotFound {
				return nil
			}
			return err
		})
		if err != nil {
			return set{}, fmt.Errorf("read the tenant's settings: %w", err)
		}
	}
	body, err := json.Marshal(scene)
	return set{scene, body}, err
}
