package web_test

import (
	"github.com/openhouse-ai/console/tenants"
)

// letterTo returns the text of the newest message of a template, as its
// receiver reads it: the outbox shows links that let somebody in to nobody.
func (h *house) letterTo(template string) (text string) {
	h.t.Helper()
	h.must(h.Tenants.ViewControl(system, func(tx *tenants.Tx) error {
		return tx.QueryRow(system, `select text from messages where template = ? order by created_at desc limit 1`, template).Scan(&text)
	}))
	return text
}
