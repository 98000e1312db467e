package sdk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

func TestLinesAreWhatTheHostReads(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := sdk.Lines(&out)
	call := log.With("tenant", "ten_a", "call", "call-1")
	log.Debug("first")
	call.Warn("two\nlines", "n", 3, "why", errors.New("it is so"))
	call.With("unit", "unt_1").WithGroup("g").Error("third", "call", "mine")
	log.Info(strings.Repeat("\x01<é", 60_000), slog.String("k", strings.Repeat("v", 70_000)))
	var got []map[string]string
	for line := range strings.Lines(out.String()) {
		if len(line) > wire.MaxLogBytes {
			t.Errorf("a line has %d bytes", len(line))
		}
		var one map[string]string
		must(t, json.Unmarshal([]byte(line), &one))
		if one["@timestamp"] == "" {
			t.Errorf("no time in %s", line)
		}
		got = append(got, one)
	}
	for i, want := range []struct{ level, message, tenant, call string }{
		{"debug", "first", "", ""},
		{"warn", "two\nlines n=3 why=\"it is so\"", "ten_a", "call-1"},
		{"error", "third unit=unt_1 g.call=mine", "ten_a", "call-1"},
	} {
		if g := got[i]; g["@level"] != want.level || g["@message"] != want.message || g["tenant"] != want.tenant || g["call"] != want.call {
			t.Errorf("%v", g)
		}
	}
	if len(got) != 4 || got[3]["@level"] != "info" || len(got[3]["@message"]) < 10_000 {
		t.Errorf("%d lines", len(got))
	}
}
