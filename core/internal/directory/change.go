package directory

import (
	"time"

	"github.com/openhouse-ai/console/core"
)

// diff collects the fields in which two versions of a noun differ.
type diff []core.Change

func (d *diff) add(field, before, after string) {
	if before != after {
		*d = append(*d, core.Change{Field: field, Before: before, After: after})
	}
}

func (d *diff) personal(field, before, after string) {
	if before != after {
		*d = append(*d, core.Change{Field: field, Before: before, After: after, Personal: true})
	}
}

// fields names what has changed, without the values.
func (d diff) fields() []string {
	names := make([]string, len(d))
	for i, change := range d {
		names[i] = change.Field
	}
	return names
}

// moment writes an instant as the audit log shows it; nil is the empty string.
func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func amount(m *core.Money) string {
	if m == nil {
		return ""
	}
	return m.String()
}

// matches checks the version that a caller expects; 0 accepts any.
func matches(noun string, expected, actual int64) error {
	if expected == 0 || expected == actual {
		return nil
	}
	return core.Errorf(core.Conflict, "Somebody else has changed this %s meanwhile. Look at it again before you save.", noun)
}
