package process_test

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

func TestFlood(t *testing.T) {
	t.Parallel()
	var count atomic.Int64
	s := spec(t, "good")
	s.Log = func(l process.Line) {
		if l.Text == "line n="+strconv.FormatInt(count.Load(), 10) && l.Level == "warn" {
			count.Add(1)
		}
	}
	p := start(t, s)
	if _, err := call(t, p, "flood"); err != nil {
		t.Fatal(err)
	}
	p.Stop(t.Context())
	e := p.Exit()
	if count.Load() != 1_000_000 || len(e.Last) != 50 {
		t.Errorf("%d lines came, %d are kept", count.Load(), len(e.Last))
	}
	for i, line := range e.Last {
		if want := "line n=" + strconv.Itoa(1_000_000-50+i); line.Text != want {
			t.Errorf("line %d of the last is %q, not %q", i, line.Text, want)
		}
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	var seen lines
	s := spec(t, "good")
	s.Log = seen.add
	p := start(t, s)
	if _, err := call(t, p, "long"); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"long", "wide", "sync"} {
		until(t, word, func() bool { _, ok := seen.find(word); return ok })
		line, _ := seen.find(word)
		if len(line.Text) > 66<<10 || !strings.HasSuffix(line.Text, "bytes more") {
			t.Errorf("%s: the line has %d bytes", word, len(line.Text))
		}
	}
	if _, err := p.Plugin().Health(t.Context(), &wire.HealthRequest{}); err != nil {
		t.Error(err)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	var seen lines
	s := spec(t, "good")
	s.Log = seen.add
	p := start(t, s)
	if _, err := call(t, p, "print"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []process.Line{
		{Level: "info", Text: "said on standard output"},
		{Level: "info", Text: "said on standard error"},
		{Level: "error", Text: "told a=x b=2", Tenant: "ten_1", Call: "c1"},
		{Level: "info", Text: `{"@message":1,"@level":[]}`},
		{Level: "info", Text: "x"},
	} {
		until(t, want.Text, func() bool { _, ok := seen.find(want.Text); return ok })
		if got, _ := seen.find(want.Text); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
