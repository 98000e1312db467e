package web

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// exportPluginTable asks a plugin for its page with every row, and answers with
// one table of it as a file.
func (q *request) exportPluginTable(g guest, format, id string) error {
	g.visit.Whole = true
	for _, name := range []string{"after", "trail", "limit"} {
		delete(g.visit.Query, name)
	}
	p, err := q.site.Plugins.Page(q.ctx, g.visit)
	if err != nil {
		return q.resting(g, err)
	}
	d := dresser{base: g.visit.Base, here: here(g.visit), query: g.visit.Query}
	if err := d.dress(&p); err != nil {
		return core.Errorf(core.Internal, "%s answered with a page that can't be shown: %v", g.ID, err)
	}
	at := slices.IndexFunc(d.tables, func(t *ui.Table) bool { return t.ID == id })
	if at < 0 {
		return core.Errorf(core.NotFound, "There is no such table on this page.")
	}
	t := d.tables[at]
	name := t.Title
	if name == "" {
		name = t.ID
	}
	var body bytes.Buffer
	if err := report.Write(q.ctx, &body, format, report.Of(name, *t, q.zone())); err != nil {
		return fmt.Errorf("export %s of %s: %w", id, g.ID, err)
	}
	return q.sendFile(format, name, body.Bytes())
}
