package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/openhouse-ai/console/core/sdk/wire"
)

// lines is a slog.Handler that writes each record as one line of JSON, which
// go-plugin on the host's side understands: level, message, tenant and call.
// All other attributes stand in the message.
type lines struct {
	to           *lineWriter
	text         slog.Handler // writes attributes to to.text
	tenant, call string
	grouped      bool
}

// lineWriter is what all handlers of one output share.
type lineWriter struct {
	mu   sync.Mutex
	out  io.Writer
	text bytes.Buffer
}

// newLines returns a logger that writes to out.
func newLines(out io.Writer) *slog.Logger {
	to := &lineWriter{out: out}
	return slog.New(&lines{to: to, text: slog.NewTextHandler(&to.text, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: bare})})
}

// bare drops what the line says elsewhere.
func bare(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	return a
}

// Enabled lets everything through: the host filters.
func (*lines) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs takes tenant and call out, which have members of their own.
func (l *lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *l
	var rest []slog.Attr
	for _, a := range attrs {
		switch {
		case !l.grouped && a.Key == "tenant":
			with.tenant = a.Value.String()
		case !l.grouped && a.Key == "call":
			with.call = a.Value.String()
		default:
			rest = append(rest, a)
		}
	}
	with.text = l.text.WithAttrs(rest)
	return &with
}

// WithGroup begins a group of attributes.
func (l *lines) WithGroup(name string) slog.Handler {
	with := *l
	with.text, with.grouped = l.text.WithGroup(name), with.grouped || name != ""
	return &with
}

// line is hclog's form, which go-plugin reads.
type line struct {
	Level   string `json:"@level"`
	Message string `json:"@message"`
	At      string `json:"@timestamp"`
	Tenant  string `json:"tenant,omitempty"`
	Call    string `json:"call,omitempty"`
}

// Handle writes one record.
func (l *lines) Handle(ctx context.Context, r slog.Record) error {
	l.to.mu.Lock()
	defer l.to.mu.Unlock()
	l.to.text.Reset()
	if err := l.text.Handle(ctx, r); err != nil {
		return err
	}
	message := strings.TrimSpace(r.Message + " " + strings.TrimSpace(l.to.text.String()))
	out := line{Level: levelName(r.Level), Message: message, At: r.Time.UTC().Format("2006-01-02T15:04:05.000000Z07:00"), Tenant: l.tenant, Call: l.call}
	raw, err := fit(out)
	if err != nil {
		return err
	}
	_, err = l.to.out.Write(append(raw, '\n'))
	return err
}

// fit shortens the message until the line is short enough to keep its level.
func fit(out line) ([]byte, error) {
	for {
		raw, err := json.Marshal(out)
		if err != nil || len(raw) < wire.MaxLogBytes || out.Message == "" {
			return raw, err
		}
		keep := len(out.Message) * (wire.MaxLogBytes - 512) / len(raw)
		out.Message = strings.ToValidUTF8(out.Message[:min(keep, len(out.Message)-1)], "")
	}
}

func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "debug"
	case l < slog.LevelWarn:
		return "info"
	case l < slog.LevelError:
		return "warn"
	}
	return "error"
}
