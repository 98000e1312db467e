package sdk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/openhouse-ai/console/ui"
)

// NewAction makes an action of a tenant from a struct F of what its form
// sends: the fields' tags (json, label, doc, enum, minimum, maxLength, format,
// required …) make the form, check what was sent and name what is wrong. A
// []byte with format:"file" takes a file: accept names its kinds (".csv,text/csv"),
// maxLength its bytes (8 MiB without it); the files of a form have at most 11 MiB
// together.
func NewAction[F any](id string, permission core.Permission, do func(context.Context, Call, F) (Done, error)) Action {
	a := Action{ID: id, Scope: Tenant, Permission: permission}
	a.schema, a.wrong = schemaOf(reflect.TypeFor[F]())
	if do == nil {
		return a
	}
	a.do = func(ctx context.Context, c Call, raw []byte) (Done, error) {
		var form F
		if err := decodeForm(a.schema, raw, &form); err != nil {
			return Done{}, err
		}
		return do(ctx, c, form)
	}
	return a
}

// OnPlatform returns the action as one of the platform, without a tenant.
func (a Action) OnPlatform() Action {
	a.Scope = Platform
	return a
}

// decodeForm reads a form's values, which are JSON of names with lists of
// texts, into a struct.
func decodeForm(s Schema, raw []byte, into any) error {
	var values map[string][]string
	if err := json.Unmarshal(raw, &values); err != nil {
		return fmt.Errorf("read the form: %w", err)
	}
	document, err := schema.Decode(s, values)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(document, into); err != nil {
		return core.Errorf(core.Invalid, "The form can't be read: %v.", err)
	}
	return nil
}

// FormOf is the form of an action, with values to begin with: a struct like
// the action's, a map, or nil. Where it is posted to is the caller's to say.
func FormOf(a Action, values any) (ui.Form, error) {
	filled := map[string]any{}
	if values != nil {
		raw, err := json.Marshal(values)
		if err == nil {
			err = json.Unmarshal(raw, &filled)
		}
		if err != nil {
			return ui.Form{}, fmt.Errorf("read the values of %s: %w", a.ID, err)
		}
	}
	fields, err := schema.Fields(a.schema, filled)
	if err != nil {
		return ui.Form{}, fmt.Errorf("draw the form of %s: %w", a.ID, err)
	}
	return ui.Form{ID: a.ID, Fields: fields}, nil
}

// Form draws the form of one of the plugin's actions, posted to it, with
// values to begin with, if any. An action that can't be drawn says so in the
// form.
func (c Call) Form(action, title string, values ...any) ui.Form {
	failed := ui.Form{ID: action, Title: title, Error: fmt.Sprintf("There is no action %q.", action)}
	if c.session == nil {
		return failed
	}
	for _, a := range c.session.server.plugin.Actions {
		if a.ID != action {
			continue
		}
		var first any
		if len(values) > 0 {
			first = values[0]
		}
		form, err := FormOf(a, first)
		if err != nil {
			failed.Error = err.Error()
			return failed
		}
		form.Title, form.Action = title, c.ActionURL(action)
		return form
	}
	return failed
}

// NewTool makes a tool of a tenant from a struct P of its parameters. Plan
// changes nothing; apply gets a plan that was made again and found to be the
// one that the operator saw.
func NewTool[P any](id, title, summary string, permission core.Permission,
	plan func(context.Context, Call, P) (Plan, error), apply func(context.Context, Call, P, Plan) (string, error)) Tool {
	t := Tool{ID: id, Title: title, Summary: summary, Scope: Tenant, Permission: permission}
	t.schema, t.wrong = schemaOf(reflect.TypeFor[P]())
	if plan != nil {
		t.plan = func(ctx context.Context, c Call, raw []byte) (Plan, error) {
			params, err := t.read(raw, new(P))
			if err != nil {
				return Plan{}, err
			}
			return plan(ctx, c, *params.(*P))
		}
	}
	if apply != nil {
		t.apply = func(ctx context.Context, c Call, raw []byte, p Plan) (string, error) {
			params, err := t.read(raw, new(P))
			if err != nil {
				return "", err
			}
			return apply(ctx, c, *params.(*P), p)
		}
	}
	return t
}

// OnPlatform returns the tool as one of the platform, without a tenant.
func (t Tool) OnPlatform() Tool {
	t.Scope = Platform
	return t
}

// read checks parameters and unpacks them.
func (t Tool) read(raw []byte, into any) (any, error) {
	raw, err := withDefaults(t.schema, raw)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "The parameters can't be read: %v.", err)
	}
	if err := schema.Check(t.schema, raw); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return nil, core.Errorf(core.Invalid, "The parameters can't be read: %v.", err)
	}
	return into, nil
}

// sealed is the plan with its hash, which also covers tool and parameters.
func (t Tool) sealed(ctx context.Context, c Call, raw []byte) (Plan, error) {
	plan, err := t.plan(ctx, c, raw)
	if err != nil {
		return Plan{}, err
	}
	plan.Hash = ""
	body, err := json.Marshal([]any{t.ID, json.RawMessage(orEmpty(raw)), plan})
	if err != nil {
		return Plan{}, fmt.Errorf("write the plan: %w", err)
	}
	sum := sha256.Sum256(body)
	plan.Hash = hex.EncodeToString(sum[:])
	return plan, nil
}

func orEmpty(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}
