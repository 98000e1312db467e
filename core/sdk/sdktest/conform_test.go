package sdktest_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/ui"
)

const tables = `-- +goose Up
create table good_things (
  id       text    not null primary key,
  event_id text    unique,
  made_at  integer not null
) strict;
-- +goose Down
drop table good_things;
`

// good is a small plugin that keeps every promise.
func good() sdk.Plugin {
	return sdk.Plugin{
		ID: "good", Name: "Good", Version: "1.0.0", Summary: "Keeps its promises.",
		Migrations: fstest.MapFS{"00001_things.sql": {Data: []byte(tables)}},
		Needs:      sdk.Grants{Read: map[string][]string{"units": {"id", "label"}}},
		Pages: []sdk.Page{
			{ID: "home", Path: "/", Title: "Things", Nav: true, Permission: core.DirectoryRead, Show: showCount},
			{ID: "thing", Path: "/things/{thing}", Title: "Thing", Permission: core.DirectoryRead, Show: showThing},
		},
		Actions: []sdk.Action{sdk.NewAction("make", core.DirectoryWrite, func(ctx context.Context, c sdk.Call, _ struct{}) (sdk.Done, error) {
			return sdk.Done{Said: "Made."}, makeThing(ctx, c, c.Now)
		})},
		Routes: []sdk.Route{sdk.NewRoute("GET", "/things/{thing}", "Find a thing", core.DirectoryRead, findThing)},
		Events: []sdk.Subscription{{Event: "unit.handed_over", Handle: onHandedOver}},
		Jobs:   []sdk.Job{{ID: "tidy", Summary: "Tidies.", Schedule: "0 3 * * *", Scope: sdk.Tenant, Run: func(context.Context, sdk.Call) (string, error) { return "", nil }}},
		Tools: []sdk.Tool{sdk.NewTool("drop", "Drop", "Drops every thing.", core.DirectoryWrite,
			func(ctx context.Context, c sdk.Call, _ struct{}) (sdk.Plan, error) {
				n, err := count(ctx, c)
				return sdk.Plan{Counts: []sdk.Count{{Label: "Things", Value: n}}}, err
			},
			func(ctx context.Context, c sdk.Call, _ struct{}, _ sdk.Plan) (string, error) {
				return "", exec(ctx, c, `delete from good_things`)
			})},
		Metrics: []core.Metric{{Name: "good.things.made", Unit: "things", Meaning: "Things that were made."}},
		RollUp: func(ctx context.Context, c sdk.Call) ([]core.Figure, error) {
			n, err := count(ctx, c)
			if err != nil || n == 0 {
				return nil, err
			}
			return sdk.Sum(sdk.Happened(c, "good.things.made", "", c.Now, n)), nil
		},
		Settings: sdk.NewSettings(func(context.Context, sdk.Call, settings) error { return nil }),
	}
}

type settings struct {
	Days int `json:"days,omitempty" minimum:"1" default:"7"`
}

func exec(ctx context.Context, c sdk.Call, query string, args ...any) error {
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

func makeThing(ctx context.Context, c sdk.Call, at time.Time) error {
	return exec(ctx, c, `insert into good_things (id, made_at) values (?, ?)`, core.NewID("thg", c.Now), at.UnixMilli())
}

func count(ctx context.Context, c sdk.Call) (n int64, err error) {
	err = c.DB().QueryRowContext(ctx, `select count(*) from good_things`).Scan(&n)
	return n, err
}

func showCount(ctx context.Context, c sdk.Call) (ui.Page, error) {
	n, err := count(ctx, c)
	return ui.Page{Head: ui.Head{Title: "Things", Lead: fmt.Sprintf("There are %d.", n)}}, err
}

func showThing(ctx context.Context, c sdk.Call) (ui.Page, error) {
	var id string
	err := c.DB().QueryRowContext(ctx, `select id from good_things where id = ?`, c.Param("thing")).Scan(&id)
	if err == sql.ErrNoRows {
		err = core.Errorf(core.NotFound, "There is no such thing.")
	}
	return ui.Page{Head: ui.Head{Title: id}}, err
}

type thingInput struct {
	Thing string `path:"thing"`
}

type thingOutput struct {
	Body struct {
		ID string `json:"id"`
	}
}

func findThing(ctx context.Context, c sdk.Call, in *thingInput) (*thingOutput, error) {
	out := new(thingOutput)
	err := c.DB().QueryRowContext(ctx, `select id from good_things where id = ?`, in.Thing).Scan(&out.Body.ID)
	if err == sql.ErrNoRows {
		err = core.Errorf(core.NotFound, "There is no such thing.")
	}
	return out, err
}

func onHandedOver(ctx context.Context, c sdk.Call, e core.Event) error {
	return exec(ctx, c, `insert into good_things (id, event_id, made_at) values (?, ?, ?) on conflict (event_id) do nothing`, core.NewID("thg", c.Now), e.ID, c.Now.UnixMilli())
}

func page(show func(context.Context, sdk.Call) (ui.Page, error)) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) { p.Pages[0].Show = show }
}

func job(run func(context.Context, sdk.Call) (string, error)) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) { p.Jobs[0].Run = run }
}

func figures(all ...core.Figure) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) {
		p.RollUp = func(context.Context, sdk.Call) ([]core.Figure, error) { return all, nil }
	}
}

func migration(sql string) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) {
		p.Migrations = fstest.MapFS{"00001_things.sql": {Data: []byte(sql)}}
	}
}

// moody are migrations that are others each time.
type moody struct{ n *atomic.Int64 }

func (m moody) Open(name string) (fs.File, error) {
	text := strings.Replace(tables, "made_at", fmt.Sprintf("made_at%d", m.n.Add(1)), 1)
	return fstest.MapFS{"00001_things.sql": {Data: []byte(text)}}.Open(name)
}

// remembered is what a careless plugin keeps of all tenants.
var remembered atomic.Int64

// bad plugins break one promise each; said is in the failure, which tells
// what to mend.
var bad = []struct {
	name, promise string
	spoil         func(*sdk.Plugin)
	said          string
}{
	{"no name", "describes itself", func(p *sdk.Plugin) { p.Name = "" }, "has mistakes"},
	{"another each time", "describes itself", func(p *sdk.Plugin) { p.Migrations = moody{new(atomic.Int64)} }, "another each time"},
	{"a table without the prefix", "migrations go up, down and up", migration(strings.ReplaceAll(tables, "good_things", "things")), "have to be called good_"},
	{"a way down that leaves something", "migrations go up, down and up", migration(strings.Replace(tables, "drop table good_things", "select 1", 1)), "leaves something behind"},
	{"a table that isn't strict", "migrations go up, down and up", migration(strings.Replace(tables, ") strict", ")", 1)), "isn't strict"},
	{"a change of the console's tables", "migrations go up, down and up", migration(strings.Replace(tables, "-- +goose Down", "alter table units add column x;\n-- +goose Down", 1)), "migration 00001_things.sql"},
	{"ill", "starts", func(p *sdk.Plugin) {
		p.Migrations = nil
		p.Platform = fstest.MapFS{"00001_things.sql": {Data: []byte(strings.ReplaceAll(tables, "good_things", "things"))}}
	}, "could not be started"},
	{"a page that fails", "pages are drawn", page(func(context.Context, sdk.Call) (ui.Page, error) { return ui.Page{}, fmt.Errorf("no") }), "can't be shown in a tenant without data"},
	{"a page that panics", "pages are drawn", page(func(_ context.Context, c sdk.Call) (ui.Page, error) {
		panic("no page for " + c.Name)
	}), "has panicked"},
	{"a picture that is text", "pages are drawn", page(func(context.Context, sdk.Call) (ui.Page, error) {
		return ui.Page{Head: ui.Head{Title: "x"}, Blocks: ui.Blocks{ui.Image{Src: "data:text/plain;base64,QQ=="}}}, nil
	}), "in the page: data:image/png;base64,… (or jpeg, gif, webp, svg+xml). Return an error"},
	{"a page that leads elsewhere", "pages are drawn", page(func(context.Context, sdk.Call) (ui.Page, error) {
		return ui.Page{Head: ui.Head{Title: "x", Actions: []ui.Action{{Label: "Go", Href: "https://elsewhere.example"}}}}, nil
	}), "a link stays in the console"},
	{"a page without its grant", "pages are drawn", func(p *sdk.Plugin) {
		p.Needs = sdk.Grants{}
		page(func(ctx context.Context, c sdk.Call) (ui.Page, error) {
			var n int
			return ui.Page{Head: ui.Head{Title: "x"}}, c.DB().QueryRowContext(ctx, `select count(label) from units`).Scan(&n)
		})(p)
	}, "Plugin.Needs"},
	{"an unknown id as a page", "unknown ids are not found", func(p *sdk.Plugin) { p.Pages[1].Show = showCount }, "answers a page, not not_found"},
	{"an unknown id as a fault", "unknown ids are not found", func(p *sdk.Plugin) {
		p.Routes = []sdk.Route{sdk.NewRoute("GET", "/things/{thing}", "Find a thing", core.DirectoryRead, func(context.Context, sdk.Call, *thingInput) (*thingOutput, error) {
			return nil, sql.ErrNoRows
		})}
	}, "answers 500, not 404"},
	{"an action that fails", "input is checked", func(p *sdk.Plugin) {
		p.Actions = []sdk.Action{sdk.NewAction("make", core.DirectoryWrite, func(context.Context, sdk.Call, struct{}) (sdk.Done, error) { return sdk.Done{}, sql.ErrNoRows })}
	}, "The action make fails"},
	{"an event that counts twice", "events may come twice", func(p *sdk.Plugin) {
		p.Events[0].Handle = func(ctx context.Context, c sdk.Call, _ core.Event) error { return makeThing(ctx, c, c.Now) }
	}, "has an effect each time it comes"},
	{"an event that is told of twice", "events may come twice", func(p *sdk.Plugin) {
		p.Events[0].Handle = func(ctx context.Context, c sdk.Call, e core.Event) error {
			return c.Emit(ctx, nil, "good.thing.made", e.Subject, nil)
		}
	}, "is told of once more"},
	{"a job that counts twice", "jobs may run twice", job(func(ctx context.Context, c sdk.Call) (string, error) { return "", makeThing(ctx, c, c.Now) }), "when it runs a second time"},
	{"a job that emits twice", "jobs may run twice", job(func(ctx context.Context, c sdk.Call) (string, error) {
		return "", c.Emit(ctx, nil, "good.thing.made", core.Target{Kind: "thing", ID: "1"}, nil)
	}), "emits its events again"},
	{"a job that calls out", "jobs may run twice", func(p *sdk.Plugin) {
		p.Needs.Egress = []string{"api.example.com:443"}
		job(func(ctx context.Context, c sdk.Call) (string, error) {
			res, err := c.HTTP().Get("https://api.example.com/")
			if err == nil {
				res.Body.Close()
			}
			return "", err
		})(p)
	}, "sdktest.HTTP"},
	{"a page that writes", "looking changes nothing", page(func(ctx context.Context, c sdk.Call) (ui.Page, error) {
		return ui.Page{Head: ui.Head{Title: "x"}}, makeThing(ctx, c, c.Now)
	}), "can't be shown after something has happened: "},
	{"a route that writes", "looking changes nothing", func(p *sdk.Plugin) {
		p.Routes = append(p.Routes, sdk.NewRoute("GET", "/make", "Make", core.DirectoryRead, func(ctx context.Context, c sdk.Call, _ *struct{}) (*struct{}, error) {
			return nil, makeThing(ctx, c, c.Now)
		}))
	}, "A GET route changes nothing"},
	{"figures that write", "looking changes nothing", func(p *sdk.Plugin) {
		p.RollUp = func(ctx context.Context, c sdk.Call) ([]core.Figure, error) { return nil, makeThing(ctx, c, c.Now) }
	}, "A roll-up changes nothing"},
	{"a plan of chance", "tools do what they planned", func(p *sdk.Plugin) {
		p.Tools = []sdk.Tool{sdk.NewTool("drop", "Drop", "Drops.", core.DirectoryWrite,
			func(context.Context, sdk.Call, struct{}) (sdk.Plan, error) {
				return sdk.Plan{Cost: core.NewSecret(5)}, nil
			},
			func(context.Context, sdk.Call, struct{}, sdk.Plan) (string, error) { return "", nil })}
	}, "differ though nothing has changed"},
	{"a tool that fails", "tools do what they planned", func(p *sdk.Plugin) {
		p.Tools = []sdk.Tool{sdk.NewTool("drop", "Drop", "Drops.", core.DirectoryWrite,
			func(context.Context, sdk.Call, struct{}) (sdk.Plan, error) { return sdk.Plan{}, nil },
			func(context.Context, sdk.Call, struct{}, sdk.Plan) (string, error) { return "", sql.ErrNoRows })}
	}, "can't apply its plan"},
	{"figures of no metric", "figures add up", figures(core.Figure{Metric: "good.things.lost", Value: 1}), "none of Plugin.Metrics"},
	{"figures of a week", "figures add up", figures(core.Figure{Metric: "good.things.made", Period: "2025-W01", Value: 1}), "no day, month or year"},
	{"figures twice", "figures add up", figures(core.Figure{Metric: "good.things.made"}, core.Figure{Metric: "good.things.made"}), "return sdk.Sum"},
	{"figures that don't add up", "figures add up", figures(core.Figure{Metric: "good.things.made", Value: 3}, core.Figure{Metric: "good.things.made", Period: "2025", Value: 2}), "use sdk.Happened"},
	{"figures of developments alone", "figures add up", figures(core.Figure{Metric: "good.things.made", Development: "dvt_1"}), "none of the whole tenant"},
	{"money without a currency", "figures add up", figures(core.Figure{Metric: "good.things.made", Currency: "EUR"}), "money has a currency"},
	{"a default that is refused", "settings have good defaults", func(p *sdk.Plugin) {
		p.Settings = sdk.NewSettings(func(_ context.Context, _ sdk.Call, s settings) error {
			var problems core.Problems
			problems.Add("days", fmt.Sprint(s.Days), "is too few")
			return problems.Err()
		})
	}, "The default of the setting days is refused"},
	{"a job that changes the console's tables", "jobs may run twice", job(func(ctx context.Context, c sdk.Call) (string, error) {
		return "", exec(ctx, c, `update units set label = 'mine'`)
	}), "write to the plugin's own tables alone"},
	{"a page that hangs", "cancelled calls end", page(func(context.Context, sdk.Call) (ui.Page, error) { select {} }), "The page home goes on"},
	{"a job that hangs", "cancelled calls end", job(func(ctx context.Context, c sdk.Call) (string, error) {
		if _, err := count(ctx, c); err != nil {
			select {}
		}
		return "", nil
	}), "The job tidy goes on"},
	{"a page that remembers", "tenants stay apart", func(p *sdk.Plugin) {
		p.Events[0].Handle = func(context.Context, sdk.Call, core.Event) error { remembered.Add(1); return nil }
		page(func(context.Context, sdk.Call) (ui.Page, error) {
			return ui.Page{Head: ui.Head{Title: fmt.Sprintf("%d handovers", remembered.Load())}}, nil
		})(p)
	}, "shows on another's pages"},
	{"the machine's time in a row", "time is the call's", job(func(ctx context.Context, c sdk.Call) (string, error) {
		return "", makeThing(ctx, c, time.Now())
	}), "keeps the machine's time"},
	{"the machine's time on a page", "time is the call's", page(func(context.Context, sdk.Call) (ui.Page, error) {
		return ui.Page{Head: ui.Head{Title: "Now"}, Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{{Label: "At", Value: ui.Time{At: time.Now()}}}}}}, nil
	}), "shows the machine's time"},
	{"chance", "time is the call's", job(func(ctx context.Context, c sdk.Call) (string, error) {
		return "", exec(ctx, c, `insert into good_things (id, made_at) values ('one', random())`)
	}), "come to different data"},
}

func TestGood(t *testing.T) {
	t.Parallel()
	sdktest.Conform(t, good())
}

func TestConformFails(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{"nothing of others is changed": true} // the console's own rights don't let it
	for _, b := range bad {
		tried[b.promise] = true
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := good()
			b.spoil(&p)
			if said := sdktest.Try(t, b.promise, p); !strings.Contains(said, b.said) {
				t.Errorf("%s: said %q, want %q", b.promise, said, b.said)
			}
		})
	}
	for _, name := range sdktest.Promises() {
		if !tried[name] {
			t.Errorf("no plugin breaks the promise %q", name)
		}
	}
}
