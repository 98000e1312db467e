package core

import "time"

// Record is one link of the audit log, as it is read.
type Record struct {
	ID       string
	Seq      int64 // gapless in its chain, from 1
	At       time.Time
	Tenant   TenantID // empty: the platform's chain
	Actor    Actor    // Kind, ID, OnBehalfOf and Session alone
	Action   string
	Sentence string // how the action reads between actor and target: created unit
	Target   Target
	Outcome  string // ok, denied, failed
	Code     Code
	Reason   string
	Origin   Origin
	Changes  []Change
	Hash     string // hexadecimal
}

// Checkpoint is a signed statement of where every chain's head stood.
type Checkpoint struct {
	Number    int64 // gapless, from 1
	At        time.Time
	Chains    int
	Root      string // of the Merkle tree over the heads (RFC 6962), hexadecimal
	Signature string // Ed25519, hexadecimal
	Key       string // public, hexadecimal
}
