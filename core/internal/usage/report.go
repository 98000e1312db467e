package usage

import "github.com/openhouse-ai/console/core"

// Report is one event as a sender reported it: decoded and held against the
// catalogue. The packages below usage make reports out of requests; Take takes
// them into the ledger.
type Report struct {
	Event core.UsageEvent

	// Fields say what is wrong with the event; one with fields is invalid.
	Fields []core.FieldError

	// Hold is why a person decides about the event: it is quarantined.
	Hold Hold
}

// Hold is a reason for quarantine.
type Hold string

// Events of unknown types, those that come more than 35 days after their own
// time (billing.md H11), and those whose tokens don't add up (H19) are held.
const (
	HoldNone        Hold = ""
	HoldUnknownType Hold = "unknown_type"
	HoldTooLate     Hold = "too_late"
	HoldTokens      Hold = "tokens"
)

// Result is what became of one event of a request.
type Result struct {
	Source, ID string
	Outcome    Outcome
	Hold       Hold              // of a quarantined one
	Fields     []core.FieldError // of an invalid one
}

// Receipt is what became of all events of a request. Received is always the
// sum of the others, and of the results.
type Receipt struct {
	Received, Accepted, Duplicate, Conflict, Invalid, Quarantined int
	Results                                                       []Result
}
