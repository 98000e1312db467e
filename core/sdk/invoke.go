package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// doors lead to the plugin's functions. What one returns is the answer's
// JSON; nil is none.
var doors = map[wire.Door]func(*Server, context.Context, Call, *wire.Invocation) (any, error){
	wire.Door_DOOR_PAGE:     (*Server).page,
	wire.Door_DOOR_ACTION:   (*Server).action,
	wire.Door_DOOR_ROUTE:    (*Server).route,
	wire.Door_DOOR_EVENT:    (*Server).event,
	wire.Door_DOOR_JOB:      (*Server).job,
	wire.Door_DOOR_PLAN:     (*Server).planTool,
	wire.Door_DOOR_APPLY:    (*Server).applyTool,
	wire.Door_DOOR_ROLL_UP:  (*Server).rollUp,
	wire.Door_DOOR_VALIDATE: (*Server).validate,
	wire.Door_DOOR_PURGE:    (*Server).purge,
	wire.Door_DOOR_EXPORT:   (*Server).export,
}

// Invoke calls what is behind one of the plugin's doors. When it returns, the
// call is dead.
func (s *Server) Invoke(in *wire.Invocation, stream grpc.ServerStreamingServer[wire.Answer]) error {
	door, known := doors[in.GetDoor()]
	if !known {
		return wire.ToStatus(&wire.Fault{Text: fmt.Sprintf("there is no door %d", in.GetDoor())})
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	call := Call{ID: in.GetCall(), session: &session{server: s, grant: in.GetGrant(), ctx: ctx, send: stream.Send}}
	s.mu.Lock()
	call.session.host = s.host
	s.mu.Unlock()
	defer call.session.end()
	return wire.ToStatus(guarded(func() error {
		if err := json.Unmarshal(in.GetScene(), &call.Scene); err != nil {
			return fmt.Errorf("read the scene: %w", err)
		}
		result, err := door(s, ctx, call, in)
		if err != nil || result == nil {
			return err
		}
		raw, err := json.Marshal(result)
		if err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		return call.session.answer(&wire.Answer{Part: &wire.Answer_Result{Result: raw}})
	}))
}

// missing is the answer to a door that the plugin doesn't have.
func missing(what, id string) error {
	return core.Errorf(core.NotFound, "The plugin has no %s %q.", what, id)
}

func (s *Server) page(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	i := slices.IndexFunc(s.plugin.Pages, func(p Page) bool { return p.ID == in.GetId() })
	if i < 0 {
		return nil, missing("page", in.GetId())
	}
	return s.plugin.Pages[i].Show(ctx, c)
}

func (s *Server) action(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	i := slices.IndexFunc(s.plugin.Actions, func(a Action) bool { return a.ID == in.GetId() })
	if i < 0 {
		return nil, missing("action", in.GetId())
	}
	return s.plugin.Actions[i].do(ctx, c, in.GetInput())
}

func (s *Server) event(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	var e core.Event
	if err := json.Unmarshal(in.GetInput(), &e); err != nil {
		return nil, fmt.Errorf("read the event: %w", err)
	}
	i := slices.IndexFunc(s.plugin.Events, func(sub Subscription) bool { return sub.Event == e.Name })
	if i < 0 {
		return nil, missing("subscription to", e.Name)
	}
	return nil, s.plugin.Events[i].Handle(ctx, c, e)
}

func (s *Server) job(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	i := slices.IndexFunc(s.plugin.Jobs, func(j Job) bool { return j.ID == in.GetId() })
	if i < 0 {
		return nil, missing("job", in.GetId())
	}
	return s.plugin.Jobs[i].Run(ctx, c)
}

func (s *Server) tool(in *wire.Invocation) (Tool, error) {
	i := slices.IndexFunc(s.plugin.Tools, func(t Tool) bool { return t.ID == in.GetId() })
	if i < 0 {
		return Tool{}, missing("tool", in.GetId())
	}
	return s.plugin.Tools[i], nil
}

func (s *Server) planTool(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	t, err := s.tool(in)
	if err != nil {
		return nil, err
	}
	return t.sealed(ctx, c, in.GetInput())
}

func (s *Server) applyTool(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	t, err := s.tool(in)
	if err != nil {
		return nil, err
	}
	plan, err := t.sealed(ctx, c, in.GetInput())
	if err != nil {
		return nil, err
	}
	if in.GetHash() != "" && plan.Hash != in.GetHash() {
		return nil, core.Errorf(core.Conflict, "The data has changed since the plan was made.")
	}
	return t.apply(ctx, c, in.GetInput(), plan)
}

func (s *Server) rollUp(ctx context.Context, c Call, _ *wire.Invocation) (any, error) {
	if s.plugin.RollUp == nil {
		return nil, missing("roll-up", s.plugin.ID)
	}
	figures, err := s.plugin.RollUp(ctx, c)
	return append([]core.Figure{}, figures...), err
}

// validate asks the settings of the scene: a tenant's, or the platform's.
func (s *Server) validate(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	declared := s.plugin.Settings
	if c.Tenant == "" {
		declared = s.plugin.PlatformSettings
	}
	if declared == nil {
		return nil, missing("settings", s.plugin.ID)
	}
	return nil, declared.validate(ctx, c, in.GetInput())
}

func (s *Server) purge(ctx context.Context, c Call, _ *wire.Invocation) (any, error) {
	if s.plugin.Purge == nil {
		return nil, nil
	}
	return nil, s.plugin.Purge(ctx, c)
}

func (s *Server) export(ctx context.Context, c Call, _ *wire.Invocation) (any, error) {
	if s.plugin.Export == nil {
		return nil, nil
	}
	return nil, s.plugin.Export(ctx, c, &Files{session: c.session})
}
