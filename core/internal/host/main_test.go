package host_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/sandbox"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/ui"
)

// TestMain makes the test binary what the console's is: its own plugins, the
// launcher of others and, as a copy with a mark at its end, such another one.
func TestMain(m *testing.M) {
	if len(os.Args) >= 2 && os.Args[1] == "plugin" {
		if err := servePlugin(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if kind := markOf(); kind != "" {
		kind, egress, _ = strings.Cut(kind, " to ")
		sdk.Serve(kinds[kind]())
	}
	os.Exit(m.Run())
}

func servePlugin(args []string) error {
	if args[0] == "launch" {
		return sandbox.Launch(nil)
	}
	if text := os.Getenv(wire.SandboxKey); text != "" {
		rules, err := sandbox.Decode(text)
		if err == nil {
			err = sandbox.Enter(rules)
		}
		if err != nil {
			return err
		}
	}
	if args[1] == "noisy" {
		fmt.Println("loading the configuration …")
	}
	if args[1] == "liar" {
		serveLiar()
	}
	sdk.Serve(kinds[args[1]]())
	return nil
}

// egress is where a copy of the test binary may call.
var egress string

// mark is what a copy of the test binary ends with, before its kind.
const mark = "\nthis binary is a plugin: "

func markOf() string {
	if os.Getenv(wire.Handshake.MagicCookieKey) == "" {
		return ""
	}
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(self)
	if err != nil {
		return ""
	}
	defer f.Close()
	end := make([]byte, 64)
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	if _, err := f.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		return ""
	}
	_, kind, _ := strings.Cut(string(end), mark)
	return kind
}

// kinds are the plugins of the tests.
var kinds = map[string]func() sdk.Plugin{
	"probe":    func() sdk.Plugin { return probe("probe", "1.0.0") },
	"second":   func() sdk.Plugin { return probe("second", "1.0.0") },
	"third":    func() sdk.Plugin { return probe("third", "1.0.0") },
	"fourth":   func() sdk.Plugin { return probe("fourth", "1.0.0") },
	"fifth":    func() sdk.Plugin { return probe("fifth", "1.0.0") },
	"liar":     func() sdk.Plugin { return probe("liar", "1.0.0") },
	"noisy":    func() sdk.Plugin { return probe("noisy", "1.0.0") },
	"follower": follower,
	"greedy": func() sdk.Plugin {
		p := probe("greedy", "1.0.0")
		p.Needs.Read = map[string][]string{"units": {"id", "label"}}
		return p
	},
	"brittle":   func() sdk.Plugin { return probe("brittle", "1.0.0") }, // something is in the way of its tables
	"outside-1": func() sdk.Plugin { return probe("outside", "1.0.0") },
	"outside-2": func() sdk.Plugin { return probe("outside", "2.0.0") },
	"outside-sick": func() sdk.Plugin {
		p := probe("outside", "2.1.0")
		p.Health = func(context.Context) error { return core.Errorf(core.Unavailable, "My account is closed.") }
		return p
	},
	"outside-caller": func() sdk.Plugin {
		p := probe("outside", "4.0.0")
		p.Needs.Egress = []string{egress}
		return p
	},
	"outside-greedy": func() sdk.Plugin {
		p := probe("outside", "3.0.0")
		p.Needs = sdk.Grants{Read: map[string][]string{"units": {"id", "label"}}}
		return p
	},
}

const schema = `-- +goose Up
create table probe_effects (
  id text    not null primary key,
  n  integer not null
) strict;
-- +goose Down
drop table probe_effects;
`

// probe is a plugin that does what it is told to.
func probe(id, version string) sdk.Plugin {
	p := prober{id}
	return sdk.Plugin{
		ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Version: version, Summary: "Does what it is told to.",
		Migrations: fstest.MapFS{"00001_effects.sql": {Data: []byte(strings.ReplaceAll(schema, "probe_", id+"_"))}},
		Pages: []sdk.Page{
			{ID: "home", Path: "/", Title: "Home", Nav: true, Permission: core.DirectoryRead, Show: p.show},
			{ID: "thing", Path: "/things/{thing}", Title: "Thing", Permission: core.DirectoryRead, Show: p.show},
			{ID: "new", Path: "/things/new", Title: "New thing", Permission: core.DirectoryWrite, Hidden: true, Show: p.show},
		},
		Actions: []sdk.Action{sdk.NewAction("put", core.DirectoryWrite, p.put)},
		Routes: []sdk.Route{
			sdk.NewRoute("GET", "/effects", "List effects", core.DirectoryRead, p.list),
			sdk.NewRoute("POST", "/effects", "Add an effect", core.DirectoryWrite, p.post),
		},
		Events:  []sdk.Subscription{{Event: "unit.handed_over", Handle: p.handle}},
		Jobs:    []sdk.Job{{ID: "sweep", Summary: "Counts effects.", Schedule: "0 3 * * *", Scope: sdk.Tenant, Run: p.sweep}},
		Tools:   []sdk.Tool{sdk.NewTool("double", "Double", "Doubles every effect.", core.DirectoryWrite, p.plan, p.double)},
		Metrics: []core.Metric{{Name: id + ".effects", Unit: "effects", Meaning: "Effects that are there.", Level: true}},
		RollUp:  p.rollUp,
		Purge: func(ctx context.Context, c sdk.Call) error {
			return sdk.Update(ctx, c, func(tx *sql.Tx) error { return p.insert(ctx, tx, "purged", 1) })
		},
		Export: func(_ context.Context, c sdk.Call, files *sdk.Files) error {
			for _, name := range []string{"effects/one.txt", "two.txt"} {
				f, err := files.Create(name)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(f, "%s of %s", name, c.Name); err != nil {
					return err
				}
				if err := f.Close(); err != nil {
					return err
				}
			}
			return nil
		},
		Records: map[string]string{"effect.create": "made effect"},
		Settings: sdk.NewSettings(func(_ context.Context, _ sdk.Call, s settings) error {
			if s.Account == "closed" {
				return &core.Error{Code: core.Invalid, Message: "Some values need correcting.", Fields: []core.FieldError{{Field: "account", Reason: "is closed"}}}
			}
			return nil
		}),
	}
}

type settings struct {
	Account string `json:"account" label:"Account"`
	Secret  string `json:"secret,omitempty" label:"Secret" writeOnly:"true"`
}

type prober struct{ id string }

// show is a page that does what the query says.
func (p prober) show(ctx context.Context, c sdk.Call) (ui.Page, error) {
	page := ui.Page{Title: "Probe", Head: ui.Head{Title: c.QueryValue("do"), Lead: c.Param("thing")}}
	argument := c.QueryValue("with")
	switch c.QueryValue("do") {
	case "panic":
		panic("told to panic")
	case "hang":
		select {}
	case "die":
		return page, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "wait":
		<-ctx.Done()
		return page, ctx.Err()
	case "until": // somebody has put it
		for found := false; !found; {
			var err error
			if _, found, err = c.KV().Get(ctx, argument); err != nil {
				return page, err
			}
		}
	case "hoard":
		hoard = append(hoard, make([]byte, 400<<20))
		for i := 0; i < len(hoard[0]); i += 4096 {
			hoard[0][i] = 1
		}
	case "flood":
		for i := range 50_000 {
			c.Log().Info("flood", "line", i)
		}
	case "link":
		page.Head.Actions = []ui.Action{{Label: "Go", Href: argument}}
	case "long":
		page.Head.Lead = strings.Repeat("a", 1<<20)
	case "actor":
		page.Head.Lead = fmt.Sprintf("%+v", c.Actor)
	case "read":
		_, err := os.ReadFile(argument)
		page.Head.Lead = fmt.Sprint(err)
	case "dial":
		conn, err := net.Dial("tcp", argument)
		if err == nil {
			err = conn.Close()
		}
		page.Head.Lead = fmt.Sprint(err)
	case "fetch":
		reply, err := c.HTTP().Get(argument)
		if err != nil {
			page.Head.Lead = err.Error()
			return page, nil
		}
		page.Head.Lead = reply.Status
		return page, reply.Body.Close()
	case "signal":
		page.Head.Lead = fmt.Sprint(syscall.Kill(os.Getppid(), 0))
	case "write":
		_, err := c.DB().ExecContext(ctx, "insert into "+p.id+"_effects (id, n) values ('page', 1)")
		return page, err
	}
	return page, nil
}

var hoard [][]byte

type effect struct {
	ID   string `json:"id"`
	N    int64  `json:"n" maximum:"1000"`
	Then string `json:"then,omitempty"`
}

func (p prober) put(ctx context.Context, c sdk.Call, e effect) (sdk.Done, error) {
	err := sdk.Update(ctx, c, func(tx *sql.Tx) error { return p.insert(ctx, tx, e.ID, e.N) })
	if e.Then == "remember" {
		err = c.KV().Put(ctx, e.ID, []byte("yes"))
	}
	if e.Then == "leave" {
		return sdk.Done{Next: "//elsewhere.example"}, err
	}
	return sdk.Done{Next: "/things/" + e.ID, Said: "Put."}, err
}

func (p prober) insert(ctx context.Context, tx *sql.Tx, id string, n int64) error {
	_, err := tx.ExecContext(ctx, "insert into "+p.id+"_effects (id, n) values (?, ?) on conflict (id) do nothing", id, n)
	return err
}

type effects struct {
	Body struct {
		Effects []effect `json:"effects"`
	}
}

func (p prober) list(ctx context.Context, c sdk.Call, _ *struct{}) (*effects, error) {
	out := &effects{}
	rows, err := c.DB().QueryContext(ctx, "select id, n from "+p.id+"_effects order by id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e effect
		if err := rows.Scan(&e.ID, &e.N); err != nil {
			return nil, err
		}
		out.Body.Effects = append(out.Body.Effects, e)
	}
	return out, rows.Err()
}

type posting struct{ Body effect }

func (p prober) post(ctx context.Context, c sdk.Call, in *posting) (*effects, error) {
	if err := sdk.Update(ctx, c, func(tx *sql.Tx) error { return p.insert(ctx, tx, in.Body.ID, in.Body.N) }); err != nil {
		return nil, err
	}
	return p.list(ctx, c, nil)
}

// dieOnce kills the process the first time that it is called with a name.
func dieOnce(ctx context.Context, c sdk.Call, name string) error {
	_, died, err := c.KV().Get(ctx, name)
	if err != nil || died {
		return err
	}
	if err := c.KV().Put(ctx, name, []byte("once")); err != nil {
		return err
	}
	return syscall.Kill(os.Getpid(), syscall.SIGKILL)
}

func (p prober) handle(ctx context.Context, c sdk.Call, e core.Event) error {
	if err := sdk.Update(ctx, c, func(tx *sql.Tx) error { return p.insert(ctx, tx, e.ID, 1) }); err != nil {
		return err
	}
	if strings.HasPrefix(e.Subject.ID, "fatal") {
		return dieOnce(ctx, c, e.ID) // done, and not acknowledged
	}
	return nil
}

func (p prober) sweep(ctx context.Context, c sdk.Call) (string, error) {
	err := sdk.Update(ctx, c, func(tx *sql.Tx) error { return p.insert(ctx, tx, "sweep-"+c.Now.Format("2006-01-02"), 1) })
	if err == nil {
		err = dieOnce(ctx, c, "sweep")
	}
	return "1 effect swept", err
}

type doubling struct {
	Wait bool `json:"wait,omitempty"`
}

func (p prober) plan(ctx context.Context, c sdk.Call, _ doubling) (sdk.Plan, error) {
	var n int64
	err := c.DB().QueryRowContext(ctx, "select count(*) from "+p.id+"_effects where id like 'e%' and n < 100").Scan(&n)
	return sdk.Plan{Counts: []sdk.Count{{Label: "Effects", Value: n}}, Samples: ui.Table{}}, err
}

func (p prober) double(ctx context.Context, c sdk.Call, d doubling, plan sdk.Plan) (string, error) {
	c.Progress(0, plan.Counts[0].Value, "")
	if d.Wait {
		<-ctx.Done()
		return "", ctx.Err()
	}
	_, err := c.DB().ExecContext(ctx, "update "+p.id+"_effects set n = n + 100 where id like 'e%' and n < 100")
	c.Progress(plan.Counts[0].Value, plan.Counts[0].Value, "")
	if err == nil {
		err = dieOnce(ctx, c, "double")
	}
	return fmt.Sprintf("%d doubled", plan.Counts[0].Value), err
}

func (p prober) rollUp(ctx context.Context, c sdk.Call) ([]core.Figure, error) {
	var n int64
	err := c.DB().QueryRowContext(ctx, "select count(*) from "+p.id+"_effects").Scan(&n)
	return []core.Figure{{Metric: p.id + ".effects", Value: n}}, err
}
