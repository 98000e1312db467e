package sdktest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// start stands in for process.Start: the plugin's server runs in this process,
// and speaks to the host over the same wire.
func (r *room) start(_ context.Context, s process.Spec) (host.Process, error) {
	p := r.plugin
	p.Jobs = append(append([]sdk.Job{}, p.Jobs...), r.parking()...)
	server, err := sdk.New(p)
	if err != nil {
		return nil, err
	}
	server.Log = slog.New(slog.NewTextHandler(r.log, nil)).With("plugin", p.ID)
	server.Outside = r.outside()
	conn, closeBoth, err := wire.Local(func(g *grpc.Server) { wire.RegisterPluginServer(g, &watched{server, r.watch}) })
	if err != nil {
		return nil, err
	}
	return &inside{client: wire.NewPluginClient(conn), server: server, watch: r.watch, started: s.Now(), ends: []func(){closeBoth}, done: make(chan struct{})}, nil
}

// inside is a plugin that runs in the test's process.
type inside struct {
	client  wire.PluginClient
	server  *sdk.Server
	watch   *watch
	started time.Time
	offer   sync.Once
	end     sync.Once
	ends    []func()
	done    chan struct{}
}

func (i *inside) Plugin() wire.PluginClient { return i.client }

// Offer serves the host's side and names it to the plugin.
func (i *inside) Offer(register func(*grpc.Server)) uint32 {
	i.offer.Do(func() {
		conn, closeBoth, err := wire.Local(register)
		if err != nil {
			return // the plugin says that it has no host
		}
		i.ends = append(i.ends, closeBoth)
		i.server.Connect(outgoing{conn, i.watch})
	})
	return 1
}

func (i *inside) PID() int               { return 0 }
func (i *inside) StartedAt() time.Time   { return i.started }
func (i *inside) Done() <-chan struct{}  { return i.done }
func (i *inside) Exit() process.Exit     { return process.Exit{} }
func (i *inside) Memory() (int64, error) { return 0, nil }
func (i *inside) Stop(context.Context)   { i.Kill() }

// Kill closes the connections. Functions of the plugin that don't heed their
// context go on until the test's process ends.
func (i *inside) Kill() {
	i.end.Do(func() {
		for _, end := range i.ends {
			end()
		}
		close(i.done)
	})
}

// outside is how the plugin's outside calls are made.
func (r *room) outside() sdk.Outside {
	o := sdk.Outside{Now: r.clock.now, Wait: func(ctx context.Context, d time.Duration) error {
		r.clock.advance(d)
		return ctx.Err()
	}}
	if !r.options.network {
		o.Transport = fixture{r.options.answer}
	}
	return o
}

// fixture answers outside calls.
type fixture struct {
	answer func(*http.Request) *http.Response
}

// RoundTrip implements http.RoundTripper.
func (f fixture) RoundTrip(req *http.Request) (*http.Response, error) {
	if f.answer == nil {
		return nil, core.Errorf(core.Unavailable, "The test has no answer for %s %s: give sdktest.Host the option sdktest.HTTP.", req.Method, req.URL)
	}
	res := f.answer(req)
	if res == nil {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	if res.Body == nil {
		res.Body = http.NoBody
	}
	if res.Header == nil {
		res.Header = http.Header{}
	}
	if res.StatusCode == 0 {
		res.StatusCode = http.StatusOK
	}
	res.Request = req
	return res, nil
}
