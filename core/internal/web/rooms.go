package web

import (
	"context"
	"io"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/jobs"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/ui"
)

// Rooms are what the pages ask. Each is an interface of what the web uses.
type Rooms struct {
	Tenants      *tenants.Store
	Settings     Settings
	Audit        Audit
	Events       Events
	Usage        Usage
	Developments Developments
	Units        Units
	Homeowners   Homeowners
	Onboarding   Onboarding
	Users        Users
	Sessions     Sessions
	Factors      Factors
	Keys         Keys
	Limiter      Limiter
	Jobs         Jobs
	Messages     Messages
	Insight      Insight
	DeadLetters  DeadLetters
	Plugins      Plugins
	// Observe counts a request for the metrics.
	Observe func(route, method string, status int, took time.Duration)
}

// Settings are what a tenant is set to, and how it looks.
type Settings interface {
	Find(ctx context.Context, tenant core.TenantID) (core.Settings, error)
	Update(ctx context.Context, tenant core.TenantID, s core.Settings) (core.Settings, error)
	Brand(ctx context.Context, tenant core.TenantID) (core.Brand, int64, error)
	UpdateBrand(ctx context.Context, tenant core.TenantID, version int64, change func(*core.Brand)) (core.Brand, int64, error)
}

// Audit is the hash-chained log.
type Audit interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Record], error)
	Verify(ctx context.Context, o audit.VerifyOptions) (audit.Report, error)
	LastCheckpoint(ctx context.Context) (core.Checkpoint, error)
	Export(ctx context.Context, w io.Writer, tenant core.TenantID, q core.Query) error
}

// Events is the outbox of a tenant's facts.
type Events interface {
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Event], error)
}

// Usage is the ledger of what portals report.
type Usage interface {
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.UsageEvent], error)
	Take(ctx context.Context, tenant core.TenantID, reports []usage.Report) (usage.Receipt, error)
	Receipts(ctx context.Context, tenant core.TenantID, days int) ([]usage.Tally, error)
	Horizon(ctx context.Context, tenant core.TenantID) (time.Time, error)
	Quarantine(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[usage.Held], error)
	Release(ctx context.Context, tenant core.TenantID, ids []string) (usage.Receipt, error)
	ReleaseType(ctx context.Context, tenant core.TenantID, kind string) (usage.Receipt, error)
	Dismiss(ctx context.Context, tenant core.TenantID, id string) error
	Conflicts(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[usage.Clash], error)
	Refusals(ctx context.Context, tenant core.TenantID) ([]usage.Refusal, error)
}

// Developments are a tenant's sites.
type Developments interface {
	Find(ctx context.Context, tenant core.TenantID, id string) (core.Development, error)
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Development], error)
	Create(ctx context.Context, tenant core.TenantID, d core.Development) (core.Development, error)
	Update(ctx context.Context, tenant core.TenantID, d core.Development) (core.Development, error)
	Delete(ctx context.Context, tenant core.TenantID, id string) error
}

// Units are a tenant's homes, and what a scanned code finds.
type Units interface {
	Find(ctx context.Context, tenant core.TenantID, id string) (core.Unit, error)
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Unit], error)
	Create(ctx context.Context, tenant core.TenantID, u core.Unit) (core.Unit, error)
	Update(ctx context.Context, tenant core.TenantID, u core.Unit) (core.Unit, error)
	HandOver(ctx context.Context, tenant core.TenantID, id string, at time.Time) (core.Unit, error)
	Delete(ctx context.Context, tenant core.TenantID, id string) error
	Locate(ctx context.Context, code string) (core.TenantID, error)
	FindByCode(ctx context.Context, tenant core.TenantID, code string) (core.Unit, error)
	Scan(ctx context.Context, tenant core.TenantID, code string, visit directory.Visit) (core.Unit, error)
}

// Homeowners are the people of a tenant's units.
type Homeowners interface {
	Find(ctx context.Context, tenant core.TenantID, id string) (core.Homeowner, error)
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Homeowner], error)
	Create(ctx context.Context, tenant core.TenantID, h core.Homeowner) (core.Homeowner, error)
	Update(ctx context.Context, tenant core.TenantID, h core.Homeowner) (core.Homeowner, error)
	Delete(ctx context.Context, tenant core.TenantID, id string) error
	SignUp(ctx context.Context, tenant core.TenantID, code string, in directory.SignUp) (core.Homeowner, error)
}

// Onboarding is the pipeline, its drafts and what it prints.
type Onboarding interface {
	Check(ctx context.Context, r core.Provision) (onboard.UnitList, error)
	Inspect(ctx context.Context, r core.Provision) (onboard.UnitList, error)
	Errors(ctx context.Context, r core.Provision, w io.Writer) error
	Start(ctx context.Context, r core.Provision, idempotencyKey string) (core.Run, error)
	Find(ctx context.Context, id string) (core.Run, error)
	FindStarted(ctx context.Context, idempotencyKey string) (core.Run, error)
	List(ctx context.Context, q core.Query) (core.List[core.Run], error)
	Resume(ctx context.Context, id string) (core.Run, error)
	Cancel(ctx context.Context, id string) (core.Run, error)
	Watch(ctx context.Context, id string) <-chan struct{}
	SaveDraft(ctx context.Context, d onboard.Draft) (onboard.Draft, error)
	FindDraft(ctx context.Context, id string) (onboard.Draft, error)
	ListDrafts(ctx context.Context) ([]onboard.Draft, error)
	DeleteDraft(ctx context.Context, id string) error
	Print(ctx context.Context, tenant core.TenantID, development, kind string, progress func(done, total int)) (core.Pack, error)
	Packs(ctx context.Context, tenant core.TenantID, development string) ([]core.Pack, error)
	OpenPack(ctx context.Context, tenant core.TenantID, development, kind string, read func(core.Pack, io.Reader) error) error
}

// Sessions are sign-ins.
type Sessions interface {
	SignIn(ctx context.Context, email, password string) (access.SignedIn, error)
	Verify(ctx context.Context, challenge, code string) (access.SignedIn, error)
	Find(ctx context.Context, token string) (core.Actor, access.Session, error)
	List(ctx context.Context) ([]access.Session, error)
	SignOut(ctx context.Context, token string) error
	End(ctx context.Context, id string) error
	SignOutEverywhere(ctx context.Context, userID string) error
	Reauthenticate(ctx context.Context, token, proof string) (string, error)
	Impersonate(ctx context.Context, token, userID, reason string) (string, error)
	StopImpersonating(ctx context.Context, token string) (string, error)
}

// Jobs is work on a schedule and its run log.
type Jobs interface {
	List(ctx context.Context) ([]core.Job, error)
	Runs(ctx context.Context, q core.Query) (core.List[core.JobRun], error)
	FindRun(ctx context.Context, id string) (core.JobRun, error)
	Lines(ctx context.Context, runID string) ([]jobs.Line, error)
	RunNow(ctx context.Context, id string) (core.JobRun, error)
	Cancel(ctx context.Context, runID string) error
	Watch(ctx context.Context, runID string) (<-chan core.JobRun, error)
}

// Messages is the outbox of e-mails.
type Messages interface {
	List(ctx context.Context, q core.Query) (core.List[core.Message], error)
	Find(ctx context.Context, tenant core.TenantID, id string) (core.Message, error)
	Retry(ctx context.Context, tenant core.TenantID, id string) error
	Release(ctx context.Context, tenant core.TenantID, id string) error
}

// Limiter refuses who asks too often.
type Limiter interface {
	Allow(bucket string, perMinute, cost int, now time.Time) (ok bool, retryAfter time.Duration)
}

// Users are the people who sign in.
type Users interface {
	FirstRun(ctx context.Context) (token string, needed bool, err error)
	ClaimOwner(ctx context.Context, token, name, email, password string) (core.User, error)
	Find(ctx context.Context, id string) (core.User, error)
	List(ctx context.Context, q core.Query) (core.List[core.User], error)
	Invite(ctx context.Context, u core.User) (user core.User, link string, err error)
	InviteAgain(ctx context.Context, id string) (link string, err error)
	Invited(ctx context.Context, token string) (core.User, error)
	Accept(ctx context.Context, token, name, password string) (core.User, error)
	Update(ctx context.Context, u core.User, reason string) (core.User, error)
	Disable(ctx context.Context, id, reason string) error
	RequestReset(ctx context.Context, email string) error
	ResetPassword(ctx context.Context, token, password string) (core.User, error)
	ChangePassword(ctx context.Context, password string) error
}

// Factors are second factors of the acting user.
type Factors interface {
	Enrol(ctx context.Context) (secret, url string, err error)
	Confirm(ctx context.Context, code string) (recovery []string, err error)
	NewRecoveryCodes(ctx context.Context) (recovery []string, err error)
	Remove(ctx context.Context, userID, reason string) error
}

// Keys are API keys.
type Keys interface {
	Authenticate(ctx context.Context, secret string) (core.Actor, error)
	Create(ctx context.Context, k core.Key) (key core.Key, secret string, err error)
	Find(ctx context.Context, id string) (core.Key, error)
	List(ctx context.Context, q core.Query) (core.List[core.Key], error)
	Revoke(ctx context.Context, id, reason string) error
}

// DeadLetters are events that a plugin did not take.
type DeadLetters interface {
	DeadLetters(ctx context.Context, q core.Query) (core.List[bus.DeadLetter], error)
	FindDeadLetter(ctx context.Context, tenant core.TenantID, id string) (bus.DeadLetter, error)
	RetryDead(ctx context.Context, tenant core.TenantID, id string) error
	DropDead(ctx context.Context, tenant core.TenantID, id, reason string) error
}

// Plugins are the processes that extend the console: how they stand, and the
// doors that lead to them.
type Plugins interface {
	Plugins() []host.Status
	Find(id string) (host.Status, error)
	Logs(id string) []host.Line
	Outside(ctx context.Context, id string, q core.Query) (core.List[host.OutsideCall], error)
	Tenants(ctx context.Context, id string, q core.Query) (core.List[host.TenantState], error)
	Restart(ctx context.Context, id string) error
	Enable(ctx context.Context, id, reason string) error
	Disable(ctx context.Context, id, reason string) error
	Approve(ctx context.Context, id, sha256 string) error
	Refuse(ctx context.Context, id, reason string) error
	Switch(ctx context.Context, id string, tenant core.TenantID, off bool, reason string) error
	Reload(ctx context.Context) (changed []string, err error)

	Places(scope sdk.Scope, portal bool) []host.Place
	Page(ctx context.Context, v host.Visit) (ui.Page, error)
	Act(ctx context.Context, v host.Visit) (sdk.Done, error)

	Settings(ctx context.Context, id string, tenant core.TenantID) (schema sdk.Schema, masked []byte, version int64, err error)
	SaveSettings(ctx context.Context, id string, tenant core.TenantID, values []byte, version int64) error

	PlanTool(ctx context.Context, id, tool string, tenant core.TenantID, params []byte) (host.ToolRun, error)
	ApplyTool(ctx context.Context, run string) (host.ToolRun, error)
	ResumeTool(ctx context.Context, run string) (host.ToolRun, error)
	CancelTool(ctx context.Context, run string) error
	FindTool(ctx context.Context, run string) (host.ToolRun, error)
	ToolRuns(ctx context.Context, q core.Query) (core.List[host.ToolRun], error)
}
