package otlp_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/otlp"
)

func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		code   int32
	}{{400, 3}, {401, 16}, {413, 8}, {415, 3}, {422, 3}, {429, 8}, {500, 13}, {503, 14}, {418, 2}} {
		for _, media := range []string{otlp.Protobuf, otlp.JSON, "text/plain"} {
			body := otlp.Refusal(media, test.status, "Not \"now\"\n\xff")
			s := status.New(0, "").Proto() // a google.rpc.Status
			read := proto.Unmarshal
			if media == otlp.JSON {
				read = protojson.Unmarshal
			}
			if err := read(body, s); err != nil || s.Code != test.code || s.Message != "Not \"now\"\n\uFFFD" {
				t.Errorf("%d as %s: %q is %v (%v)", test.status, media, body, s, err)
			}
		}
	}
}

func TestRejected(t *testing.T) {
	t.Parallel()
	fields := []core.FieldError{{Field: "gen_ai.response.model", Reason: "is missing"}, {Field: "spanId", Reason: "is missing"}}
	for _, test := range []struct {
		receipt usage.Receipt
		n       int
		message string
	}{
		{usage.Receipt{Received: 2, Accepted: 1, Quarantined: 1, Results: []usage.Result{{Outcome: usage.Accepted}, {Outcome: usage.Quarantined, Hold: usage.HoldTokens}}}, 0, ""},
		{usage.Receipt{Received: 3, Invalid: 2, Conflict: 1, Results: []usage.Result{{ID: "a/b", Outcome: usage.Invalid, Fields: fields}, {ID: "a/c", Outcome: usage.Conflict}, {Outcome: usage.Invalid, Fields: fields}}},
			3, "Span a/b: gen_ai.response.model is missing."},
		{usage.Receipt{Received: 1, Conflict: 1, Results: []usage.Result{{ID: "a/c", Outcome: usage.Conflict}}}, 1, "Span a/c: another one of the same id was reported before."},
	} {
		if n, message := otlp.Rejected(test.receipt); n != test.n || message != test.message {
			t.Errorf("%d %q, want %d %q", n, message, test.n, test.message)
		}
	}
}

func TestAnswerJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rejected int
		message  string
		want     string
	}{{0, "", `{}`}, {2, `a "b"`, `{"partialSuccess":{"rejectedSpans":"2","errorMessage":"a \"b\""}}`}} {
		var got, want any
		if err := json.Unmarshal(otlp.Answer(otlp.JSON, test.rejected, test.message), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(test.want), &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}
