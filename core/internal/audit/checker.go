package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/openhouse-ai/console/core"
)

// checker follows a chain link by link. Records are hashed as they are stored;
// their JSON is read only where a value may stand beside them.
type checker struct {
	owner   []byte // what every record of the chain contains
	last    head
	ends    int64 // last record to look at; 0: to the end of the chain
	pins    map[int64][]pin
	missing map[core.Target]gone
	report  Report
	severed bool // the chain is broken: nothing after can be judged
}

// pin is a head that a checkpoint saw.
type pin struct {
	checkpoint int64
	hash       hash
}

// gone are the personal values of one target that are missing and not yet
// explained by an erasure.
type gone struct {
	first  int64
	values int
}

// Marks that tell, without reading the JSON, which records need reading. A
// quote inside a JSON string is escaped, so no value can fake them.
var (
	committed = []byte(`_commitment":"`)
	erasing   = []byte(`"action":"` + erase + `"`)
)

func newChecker(tenant core.TenantID, pins map[int64][]pin) *checker {
	return &checker{
		owner:   []byte(`"tenant":"` + string(tenant) + `"`),
		pins:    pins,
		missing: map[core.Target]gone{},
		report:  Report{Tenant: tenant},
	}
}

// next checks one link; false means that the chain is broken there.
func (c *checker) next(e entry) bool {
	seq := c.last.seq + 1
	if c.report.First == 0 {
		c.report.First = seq
	}
	switch {
	case e.seq != seq:
		return c.broken(seq, "record %d is missing", seq)
	case e.record == nil:
		c.report.LeftOut++
	case link(seq, c.last.hash, e.record) != e.hash:
		return c.broken(seq, "record %d does not match its hash", seq)
	case !bytes.Contains(e.record, c.owner):
		return c.broken(seq, "record %d belongs to another chain", seq)
	case !c.values(e):
		return false
	}
	c.last = head{seq, e.hash}
	for _, p := range c.pins[seq] {
		if p.hash != e.hash {
			return c.broken(seq, "record %d differs from what checkpoint %d saw: the chain was rewritten", seq, p.checkpoint)
		}
		c.report.Checkpoints++
	}
	return true
}

func (c *checker) broken(seq int64, format string, args ...any) bool {
	c.report.add(Broken, seq, format, args...)
	c.severed = true
	return false
}

// values compares the values beside a record with its commitments, and takes
// note of those that are gone and of erasures.
func (c *checker) values(e entry) bool {
	if len(e.values) == 0 && !bytes.Contains(e.record, committed) && !bytes.Contains(e.record, erasing) {
		return true
	}
	var r record
	if err := json.Unmarshal(e.record, &r); err != nil {
		return c.broken(e.seq, "record %d is not readable", e.seq)
	}
	open := r.commitments()
	for _, v := range e.values {
		if commitment(v.Salt, v.Value) != open[v.place] {
			return c.broken(e.seq, "a personal value of record %d does not match its commitment", e.seq)
		}
		delete(open, v.place)
	}
	if r.Action == erase {
		c.report.Erased += c.missing[r.Target].values
		delete(c.missing, r.Target)
	}
	if len(open) > 0 {
		m := c.missing[r.Target]
		if m.values == 0 {
			m.first = e.seq
		}
		m.values += len(open)
		c.missing[r.Target] = m
	}
	return true
}

// explain takes note of an erasure after the part of the chain that is checked.
func (c *checker) explain(target core.Target) {
	c.report.Erased += c.missing[target].values
	delete(c.missing, target)
}

// finish judges what only the end shows, and returns the report.
func (c *checker) finish() Report {
	c.report.Last, c.report.Head = c.last.seq, c.last.hash.String()
	if c.severed {
		return c.report
	}
	for seq, pins := range c.pins {
		if c.ends == 0 && seq > c.last.seq {
			c.report.add(Short, c.last.seq+1, "the chain ends at record %d; checkpoint %d saw record %d", c.last.seq, pins[0].checkpoint, seq)
		}
	}
	for target, m := range c.missing {
		c.report.add(Unexplained, m.first, "%d personal values of %s %s are gone since record %d and no erasure is recorded",
			m.values, target.Kind, target.ID, m.first)
	}
	slices.SortFunc(c.report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Fault, b.Fault), cmp.Compare(a.Seq, b.Seq))
	})
	return c.report
}
