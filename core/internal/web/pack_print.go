package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// printRoom is the pages around the press.
type printRoom struct{ press *press }

func (r printRoom) pack(q *request) pack {
	return pack{tenant: q.tenant.ID, development: q.Params("development"), kind: q.Params("kind")}
}

// start prints a pack anew and shows how far it is.
func (r printRoom) start(q *request) (next, said string, err error) {
	d, err := q.development()
	if err != nil {
		return "", "", err
	}
	of := r.pack(q)
	switch {
	case packTitle(of.kind) == "":
		return "", "", core.Errorf(core.NotFound, "There is no such pack.")
	case d.Units == 0:
		return "", "", core.Errorf(core.Conflict, "%s has no units yet, so there is nothing to print.", d.Name)
	case !q.changes(core.DirectoryWrite):
		return "", "", core.Errorf(core.Forbidden, "This tenant can't be changed now.")
	}
	ctx := core.WithOrigin(core.WithActor(q.site.Streams, q.actor), core.OriginOf(q.ctx))
	rooms, log := q.site.Onboarding, q.site.Log
	r.press.start(ctx, of, func(ctx context.Context, progress func(done, total int)) error {
		_, err := rooms.Print(ctx, of.tenant, of.development, of.kind, progress)
		if err != nil {
			log.ErrorContext(ctx, "print pack", "tenant", of.tenant, "error", err)
		}
		return err
	})
	return q.packAddress(of.development, of.kind) + "/print", "", nil
}

// show is the page that follows a printing.
func (r printRoom) show(q *request) error {
	d, err := q.development()
	if err != nil {
		return err
	}
	of := r.pack(q)
	home := q.base + "/developments/" + d.ID
	state, known := r.press.state(of)
	if !known {
		return q.goTo(home+"#packs", "")
	}
	if state.over && state.err == nil {
		r.press.forget(of)
		return q.goTo(home+"#packs", "The "+packNoun(of.kind)+" is printed.")
	}
	p := q.leaf("/developments", "Print "+packNoun(of.kind), ui.Link{Text: d.Name, Href: home})
	p.Head.Lead = "For " + plural(d.Units, "unit") + ". You can leave this page: the printing goes on."
	address := q.packAddress(of.development, of.kind) + "/print"
	p.Blocks = append(p.Blocks, ui.Live{ID: "printing", Stream: address + "/stream", Poll: address + "/poll", Then: address, Blocks: printingBlocks(state, address)})
	if state.over { // it failed, and stays so: nothing to follow
		p.Blocks = append(q.standing(), printingBlocks(state, address)...)
		r.press.forget(of)
	}
	return q.show(http.StatusOK, p)
}

// live follows a printing over a stream, or by polling.
func (r printRoom) live(q *request) live {
	of := r.pack(q)
	address := q.packAddress(of.development, of.kind) + "/print"
	return live{
		changes: func(ctx context.Context) <-chan struct{} { return r.press.watch(ctx, of) },
		blocks: func(context.Context) (ui.Blocks, bool, error) {
			state, known := r.press.state(of)
			return printingBlocks(state, address), !known || state.over, nil
		},
	}
}

func (r printRoom) stream(q *request) error {
	if _, err := q.development(); err != nil {
		return err
	}
	return r.live(q).stream(q)
}

func (r printRoom) poll(q *request) error {
	if _, err := q.development(); err != nil {
		return err
	}
	return r.live(q).poll(q)
}

func printingBlocks(p printing, again string) ui.Blocks {
	switch {
	case p.over && p.err != nil:
		return ui.Blocks{ui.Notice{
			Tone: ui.Bad, Title: "The pack was not printed", Text: saying(p.err) + " What was printed before is still there.",
			Actions: []ui.Action{{Label: "Try again", Href: again, Post: true, Icon: ui.IconRefresh}},
		}}
	case p.total == 0:
		return ui.Blocks{ui.Section{Title: "Printing", Blocks: ui.Blocks{ui.Progress{Label: "Waiting for the printer", Note: "Packs are printed one after the other."}}}}
	}
	return ui.Blocks{ui.Section{Title: "Printing", Blocks: ui.Blocks{ui.Progress{Label: "Codes, labels and letters", Done: int64(p.done), Total: int64(p.total)}}}}
}

// saying is an error as a sentence for the person who waits.
func saying(err error) string {
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e.Message
	}
	return "Something went wrong on our side."
}
