package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Fault is a kind of damage that a verification finds; its number is the exit
// code of the command that verifies.
type Fault int

// The faults, the worst first.
const (
	Broken      Fault = 2 // a record, or one of its personal values, was altered, added or left out
	Short       Fault = 3 // the chain ends before a head that a checkpoint saw
	Forged      Fault = 4 // a checkpoint's signature or its contents don't hold
	Unexplained Fault = 5 // a personal value is gone and no erasure is recorded
)

// Finding is one fault and where it lies.
type Finding struct {
	Fault Fault
	Seq   int64 // the first record concerned; of Forged, the checkpoint's number
	Text  string
}

// Report is what a verification found out about one chain.
type Report struct {
	Tenant      core.TenantID // empty: the platform's chain
	First, Last int64         // records looked at; Last is 0 for an empty chain
	Head        string        // hash of the last one, hexadecimal
	LeftOut     int64         // records of which an export holds the hash alone
	Checkpoints int           // that the chain was compared with
	Erased      int           // personal values that a recorded erasure took away
	Findings    []Finding
}

func (r *Report) add(f Fault, seq int64, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{f, seq, fmt.Sprintf(format, args...)})
}

// ExitCode is 0 for a chain without a fault, else the number of the worst one.
func (r Report) ExitCode() int {
	if len(r.Findings) == 0 {
		return 0
	}
	worst := slices.MinFunc(r.Findings, func(a, b Finding) int { return int(a.Fault - b.Fault) })
	return int(worst.Fault)
}

// String tells the report in a line, and each finding in a line of its own.
func (r Report) String() string {
	var b strings.Builder
	name := string(r.Tenant)
	if name == "" {
		name = "platform"
	}
	state := "fine"
	if len(r.Findings) > 0 {
		state = "NOT fine"
	}
	fmt.Fprintf(&b, "%s: %s: records %d to %d", name, state, r.First, r.Last)
	if r.LeftOut > 0 {
		fmt.Fprintf(&b, " (%d by hash alone)", r.LeftOut)
	}
	fmt.Fprintf(&b, ", %d checkpoints compared, %d values erased, head %s\n", r.Checkpoints, r.Erased, r.Head)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %d: %s\n", f.Fault, f.Text)
	}
	return b.String()
}
