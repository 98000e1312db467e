package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Limits of what is kept of a plugin's output, in bytes and lines.
const (
	maxLine  = 64 << 10 // of one line; the rest is counted
	maxKept  = 4 << 10  // of one of the last lines
	maxPanic = 32 << 10
	maxQuote = 300 // of what an error quotes
	lastKept = 50
)

// Line is one line that a plugin printed.
type Line struct {
	Level  string // debug, info, warn, error
	Text   string
	Tenant string // of the call that logged it, as the plugin says
	Call   string
	Panic  bool // part of a panic or of a fatal error
}

// log turns what a process prints into lines, and remembers the last ones and
// the last panic.
type log struct {
	out func(Line)

	mu    sync.Mutex
	last  []Line // a ring, once it is full
	next  int
	panic strings.Builder
}

func newLog(out func(Line)) *log {
	if out == nil {
		out = func(Line) {}
	}
	return &log{out: out}
}

// end returns the last panic and the last lines.
func (l *log) end() (string, []Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(l.panic.String()), slices.Concat(l.last[l.next:], l.last[:l.next])
}

// add takes one line. Without a level it comes from the process's own standard
// error, where panics are.
func (l *log) add(text, level string) {
	line := parse(text)
	l.mu.Lock()
	if line.Level == "" && level == "" {
		line.Panic = l.panics(line.Text)
	}
	switch {
	case line.Panic:
		line.Level = "error"
	case line.Level == "":
		line.Level = "info"
	}
	kept := line
	kept.Text = clip(kept.Text, maxKept)
	if len(l.last) < lastKept {
		l.last = append(l.last, kept)
	} else {
		l.last[l.next] = kept
		l.next = (l.next + 1) % lastKept
	}
	l.mu.Unlock()
	l.out(line)
}

// panics says whether a line belongs to a panic. One that begins anew takes
// the place of the one before; it lasts until the process ends.
func (l *log) panics(text string) bool {
	if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
		l.panic.Reset()
	} else if l.panic.Len() == 0 {
		return false
	}
	if l.panic.Len()+len(text) < maxPanic {
		l.panic.WriteString(text + "\n")
	}
	return true
}

// parse reads the JSON that the SDK and hclog write; the level of another
// line is empty.
func parse(text string) Line {
	if !strings.HasPrefix(text, "{") {
		return Line{Text: text}
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return Line{Text: text}
	}
	message, ok := fields["@message"].(string)
	if !ok {
		return Line{Text: text}
	}
	take := func(key string) string {
		s, _ := fields[key].(string)
		delete(fields, key)
		return s
	}
	line := Line{Tenant: take("tenant"), Call: take("call")}
	switch level := take("@level"); level {
	case "debug", "info", "warn", "error":
		line.Level = level
	case "trace":
		line.Level = "debug"
	default:
		line.Level = "info"
	}
	for _, key := range []string{"@message", "@timestamp", "@module", "@caller"} {
		delete(fields, key)
	}
	line.Text = message
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		line.Text += fmt.Sprintf(" %s=%v", key, fields[key])
	}
	return line
}

// writer returns a writer that cuts what comes in pieces into lines.
func (l *log) writer(level string) *splitter { return &splitter{log: l, level: level} }

// splitter holds the beginning of a line until its end comes.
type splitter struct {
	log     *log
	level   string
	line    []byte
	dropped int
}

// Write implements io.Writer; it never fails.
func (s *splitter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		part, after, end := bytes.Cut(rest, []byte{'\n'})
		room := min(len(part), maxLine-len(s.line))
		s.line = append(s.line, part[:room]...)
		s.dropped += len(part) - room
		if end {
			s.flush()
		}
		rest = after
	}
	return len(p), nil
}

// flush ends the line, if there is one.
func (s *splitter) flush() {
	text := strings.ToValidUTF8(strings.TrimRight(string(s.line), "\r"), "\uFFFD")
	if s.dropped > 0 {
		text += fmt.Sprintf("… and %d bytes more", s.dropped)
	}
	s.line, s.dropped = s.line[:0], 0
	if text != "" {
		s.log.add(text, s.level)
	}
}

// clip cuts a text after n bytes.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}
