package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/ui"
)

// heartbeat finds out whether the browser is still there: Fiber doesn't say.
const heartbeat = 15 * time.Second

// statusStopPolling ends htmx's polling of a Live.
const statusStopPolling = 286

// live keeps a region of a page fresh: changes signals when blocks may differ,
// blocks draws it and says whether that was the last time.
type live struct {
	changes func(ctx context.Context) <-chan struct{}
	blocks  func(ctx context.Context) (ui.Blocks, bool, error)
}

// poll answers a Live's fallback.
func (l live) poll(q *request) error {
	blocks, over, err := l.blocks(q.ctx)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if over {
		status = statusStopPolling
	}
	return q.fragment(status, blocks)
}

// stream answers with server-sent events until the work is over, the browser
// has gone, or the console stops.
func (l live) stream(q *request) error {
	q.Set(fiber.HeaderContentType, "text/event-stream")
	q.Set("X-Accel-Buffering", "no")
	ctx, cancel := context.WithCancel(q.site.Streams)
	draw := q.detached()
	q.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer cancel()
		changes := l.changes(ctx)
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		for {
			blocks, over, err := l.blocks(draw.ctx)
			if err != nil {
				return
			}
			html, err := draw.rendered(blocks)
			if err != nil || sendEvent(w, "update", html) != nil {
				return
			}
			if over {
				_ = sendEvent(w, "done", nil) // nobody is left to tell that it failed
				return
			}
			if !await(ctx, changes, beat.C, w) {
				return
			}
		}
	})
	return nil
}

// await returns true when there is something new to draw, false when the
// stream is over.
func await(ctx context.Context, changes <-chan struct{}, beat <-chan time.Time, w *bufio.Writer) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-changes:
			return true
		case <-beat:
			if _, err := w.WriteString(": still here\n\n"); err != nil || w.Flush() != nil {
				return false
			}
		}
	}
}

func sendEvent(w *bufio.Writer, name string, html []byte) error {
	fmt.Fprintf(w, "event: %s\n", name)
	for line := range bytes.Lines(html) {
		fmt.Fprintf(w, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	if len(html) == 0 {
		fmt.Fprint(w, "data:\n")
	}
	fmt.Fprint(w, "\n")
	return w.Flush()
}

// detached is the request as its stream needs it after the handler returned:
// Fiber reuses the context, so nothing of it may be kept.
func (q *request) detached() *request {
	ctx := context.WithoutCancel(q.ctx)
	return &request{site: q.site, ctx: ctx, actor: q.actor, tenant: q.tenant, base: q.base, portal: q.portal}
}
