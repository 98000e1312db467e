package core

import (
	"encoding/json"
	"time"
)

// Target is what an audit record or an event is about.
type Target struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Change is one field before and after. Personal values are kept beside the
// chain, behind salted commitments, so that they can be erased.
type Change struct {
	Field, Before, After string
	Personal             bool
	Erased               bool // when read: a personal value is gone
}

// Entry is what a caller says to the audit log; the log adds sequence, time,
// actor and origin, taken from the context.
type Entry struct {
	Action  string // from the registered list: unit.create, key.revoke, …
	Target  Target
	Outcome string // "" is ok; denied, failed
	Code    Code   // of a denied or failed outcome
	Reason  string // required for impersonation, export, deletion, role change
	Changes []Change
}

// Event is a fact that has happened: development.created, unit.handed_over.
// It is written to the tenant's outbox in the transaction of the change.
type Event struct {
	ID      string
	Name    string
	Subject Target
	Data    json.RawMessage
	At      time.Time
}

// UsageEvent is what a portal or a landing page reports, identified for ever
// by (Source, ID) (billing rule H10).
type UsageEvent struct {
	Source, ID, Type           string // Type: ai.openhouse.qr.scanned
	Development, Unit, Visitor string
	Time                       time.Time
	Data                       json.RawMessage
}

// Message is an e-mail on its way. Its body lives in the tenant's file, or in
// the control database when it is the platform's own.
type Message struct {
	ID       string
	Tenant   TenantID // empty: the platform's own
	Template string   // welcome_pack, user_invitation, …

	To, From, Subject, HTML, Text string

	State          string // queued, sending, sent, failed, unknown, held
	Attempts       int
	Error          string
	NextAt, SentAt *time.Time
	At             time.Time
}
