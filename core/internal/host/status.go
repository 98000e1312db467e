package host

import (
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// State is where a plugin stands.
type State string

// The states. A plugin that asks for more than it was granted is held before
// its first start; an upgrade that does waits while the old one keeps serving.
const (
	Verified    State = "verified" // its binary and manifest are known; not started
	Held        State = "held"     // waits for an administrator's approval
	Starting    State = "starting"
	Ready       State = "ready"
	Degraded    State = "degraded" // works, but missed its last health check
	BackingOff  State = "backing_off"
	Quarantined State = "quarantined" // five exits in ten minutes: waits for a person
	Draining    State = "draining"
	Stopped     State = "stopped" // switched off
)

// Status is a plugin as the console shows it.
type Status struct {
	ID       string
	Manifest sdk.Manifest
	Bundled  bool // a part of the console's own binary
	Path     string
	SHA256   string
	Mounts   []string   // prefixes of its routes
	Granted  sdk.Grants // what it may do
	Sandbox  string     // "landlock 7", or why there is none: "off in plugins.yaml"
	Limits   Limits

	State      State
	Why        string // one sentence, unless it is ready
	Since      time.Time
	PID        int
	StartedAt  time.Time
	NextStart  time.Time // while it backs off
	Memory     int64     // resident, in bytes, as last sampled
	MemoryPeak int64

	Calls    Calls
	Pending  int // events that wait for it
	Dead     int // its dead letters
	OffFor   int // tenants that it is switched off for
	Broken   int // tenants whose migration failed
	Proposal *Proposal
	Crashes  []Crash // latest first
}

// Limits bound what one plugin may use; plugins.yaml sets them.
type Limits struct {
	Memory    int64         `yaml:"memory"`    // bytes resident, a hard cap; GOMEMLIMIT is nine tenths of it
	Procs     int           `yaml:"procs"`     // GOMAXPROCS
	Calls     int           `yaml:"calls"`     // in flight at a time
	Database  time.Duration `yaml:"database"`  // of statements, for each call that is no work
	Call      time.Duration `yaml:"call"`      // a page, an action, a route, an event
	Work      time.Duration `yaml:"work"`      // a job or a tool, for each tenant
	Rows      int           `yaml:"rows"`      // of one result
	Bytes     int64         `yaml:"bytes"`     // of one result
	LogPerMin int           `yaml:"log_lines"` // lines a minute that are kept
}

// Calls is how the calls of the last hour went.
type Calls struct {
	InFlight int
	Total    int64
	Failed   int64
	P50, P95 time.Duration
}

// Proposal is a version of a plugin that asks for more than it was granted.
type Proposal struct {
	Manifest sdk.Manifest
	SHA256   string
	At       time.Time
	Changes  []core.Change // permission by permission
}

// Crash is the dossier of one unwanted end of a process.
type Crash struct {
	At     time.Time
	PID    int
	Exit   string   // "exit code 2", "killed: memory 310 MB over 256 MB"
	Panic  string   // the last panic with its stack
	Calls  []string // in flight: door, id, tenant
	Lines  []Line   // the last lines of its log
	Uptime time.Duration
}

// Line is one line of a plugin's log.
type Line struct {
	At     time.Time
	Level  string // debug, info, warn, error
	Text   string
	Tenant core.TenantID
	Call   string
}

// TenantState is how a plugin stands in one tenant.
type TenantState struct {
	Tenant  core.TenantID
	Name    string
	Off     bool
	Reason  string
	Version int64  // of its tables
	Error   string // why its migration failed
}

// OutsideCall is a call of a plugin to somebody else, as it was recorded.
type OutsideCall struct {
	At           time.Time
	Tenant       core.TenantID
	Method, Host string
	Path         string // without the query
	Status       int
	Took         time.Duration
	Error        string
}
