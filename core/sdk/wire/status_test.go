package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// failing is a plugin whose health is an error.
type failing struct {
	wire.UnimplementedPluginServer
	err error
}

func (f failing) Health(context.Context, *wire.HealthRequest) (*wire.HealthReply, error) {
	return nil, wire.ToStatus(f.err)
}

// over sends an error over a connection.
func over(t *testing.T, err error) error {
	t.Helper()
	conn, closeBoth, failed := wire.Local(func(s *grpc.Server) { wire.RegisterPluginServer(s, failing{err: err}) })
	if failed != nil {
		t.Fatal(failed)
	}
	defer closeBoth()
	_, got := wire.NewPluginClient(conn).Health(t.Context(), &wire.HealthRequest{})
	return wire.FromStatus(got)
}

func TestErrorsArriveWhole(t *testing.T) {
	t.Parallel()
	for _, code := range []core.Code{core.Invalid, core.NotFound, core.Conflict, core.Forbidden, core.Unauthenticated, core.Unavailable, core.Internal, "teapot"} {
		sent := &core.Error{Code: code, Message: "It didn’t work.", Fields: []core.FieldError{{Field: "a.b", Line: 3, Column: "c", Value: "v", Reason: "is wrong"}}}
		got, ok := errors.AsType[*core.Error](over(t, fmt.Errorf("do it: %w", sent)))
		if !ok || !reflect.DeepEqual(got, sent) {
			t.Errorf("%s: %#v", code, got)
		}
	}
	fault, ok := errors.AsType[*wire.Fault](over(t, &wire.Fault{Text: "panic: a", Stack: "goroutine 1"}))
	if !ok || fault.Text != "panic: a" || fault.Stack != "goroutine 1" || core.CodeOf(fault) != core.Internal {
		t.Errorf("fault %#v", fault)
	}
	if err := over(t, io.ErrUnexpectedEOF); err.Error() != "unexpected EOF" || core.CodeOf(err) != core.Internal {
		t.Errorf("plain: %v", err)
	}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if err := over(t, fmt.Errorf("read: %w", end)); !errors.Is(err, end) {
			t.Errorf("%v: %v", end, err)
		}
	}
}

func TestLongAndDamagedErrors(t *testing.T) {
	t.Parallel()
	many := &core.Error{Code: core.Invalid, Message: strings.Repeat("é", 1<<20)}
	for range 100_000 {
		many.Fields = append(many.Fields, core.FieldError{Field: "row", Reason: "is wrong"})
	}
	got, ok := errors.AsType[*core.Error](over(t, many))
	if !ok || got.Code != core.Invalid || len(got.Message) < 1000 || len(got.Fields) < 100 {
		t.Errorf("long: %v", ok)
	}
	if err := over(t, errors.New("\xff\xfebad")); err.Error() != "bad" {
		t.Errorf("damaged: %v", err)
	}
	if err := over(t, &wire.Fault{Text: "panic", Stack: strings.Repeat("x", 1<<20)}); err.Error() != "panic" {
		t.Errorf("stack: %v", err)
	}
}

func TestFromStatusOfOthers(t *testing.T) {
	t.Parallel()
	if wire.FromStatus(nil) != nil || wire.ToStatus(nil) != nil || wire.FromStatus(io.EOF) != io.EOF {
		t.Error("nothing became something")
	}
	if err := wire.FromStatus(status.Error(codes.Unavailable, "refused")); core.CodeOf(err) != core.Unavailable {
		t.Errorf("%v", err)
	}
	if err := wire.FromStatus(status.Error(codes.ResourceExhausted, "too large")); core.CodeOf(err) != core.Internal || !strings.Contains(err.Error(), "too large") {
		t.Errorf("%v", err)
	}
	twice := wire.FromStatus(wire.ToStatus(wire.ToStatus(core.Errorf(core.Conflict, "No."))))
	if core.CodeOf(twice) != core.Conflict {
		t.Errorf("sent on: %v", twice)
	}
}
