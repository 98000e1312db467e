package core

import (
	"encoding/json"
	"time"
)

// WorkState is the state of a run, of its steps and of a job's run.
type WorkState string

// A waiting step needs somebody else first (a CRM that is not connected yet)
// and doesn't stop its run from being done.
const (
	Pending   WorkState = "pending"
	Running   WorkState = "running"
	Waiting   WorkState = "waiting"
	Done      WorkState = "done"
	Failed    WorkState = "failed"
	Cancelled WorkState = "cancelled"
)

// Run is one onboarding of a developer.
type Run struct {
	ID        string
	Name      string // of the developer
	Region    string
	TenantID  TenantID // empty until the developer is created
	State     WorkState
	Steps     []Step
	CreatedBy string

	CreatedAt, UpdatedAt time.Time
}

// Step is one step of a run.
type Step struct {
	Name   string
	State  WorkState
	Result json.RawMessage
	Error  *Error

	Done, Total        int // progress; both 0 when unknown
	StartedAt, EndedAt *time.Time
}

// Job is work on a schedule.
type Job struct {
	ID       string // onboard.sweep-uploads
	Summary  string // one human sentence
	Schedule string // cron, in UTC; empty: on demand alone
	Next     *time.Time
	Last     *JobRun
}

// JobRun is one run of a job: an entry of the run log.
type JobRun struct {
	ID, Job     string
	State       WorkState
	Done, Total int
	Summary     string // one line, written by the job
	Error       string
	StartedBy   string
	StartedAt   time.Time
	EndedAt     *time.Time
}

// Key is an API key. Its secret is shown once and stored as a hash.
type Key struct {
	ID         string
	Name       string
	Role       Role
	Tenant     TenantID // empty: the platform
	Hint       string   // its last four characters
	CreatedBy  string
	CreatedAt  time.Time
	LastUsedAt *time.Time
	ExpiresAt  *time.Time // nil: never
	RevokedAt  *time.Time
}

// User is a person who signs in.
type User struct {
	ID         string
	Name       string
	Email      string
	Role       Role
	Tenant     TenantID // set for a developer's staff
	Status     string   // invited, active, disabled
	TOTP       bool     // a second factor is set up
	CreatedAt  time.Time
	LastSeenAt *time.Time
	Version    int64
}
