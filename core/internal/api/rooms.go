package api

import (
	"context"
	"io"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants"
)

// Rooms are what the operations ask. Each is an interface of what the API uses.
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
	Keys         Keys
	Jobs         Jobs
	Messages     Messages
	Insight      Insight
	DeadLetters  DeadLetters
	Plugins      Plugins
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

// Units are a tenant's homes.
type Units interface {
	Find(ctx context.Context, tenant core.TenantID, id string) (core.Unit, error)
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Unit], error)
	Create(ctx context.Context, tenant core.TenantID, u core.Unit) (core.Unit, error)
	Update(ctx context.Context, tenant core.TenantID, u core.Unit) (core.Unit, error)
	HandOver(ctx context.Context, tenant core.TenantID, id string, at time.Time) (core.Unit, error)
	Delete(ctx context.Context, tenant core.TenantID, id string) error
}

// Homeowners are the people of a tenant's units.
type Homeowners interface {
	Find(ctx context.Context, tenant core.TenantID, id string) (core.Homeowner, error)
	List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Homeowner], error)
	Create(ctx context.Context, tenant core.TenantID, h core.Homeowner) (core.Homeowner, error)
	Update(ctx context.Context, tenant core.TenantID, h core.Homeowner) (core.Homeowner, error)
	Onboard(ctx context.Context, tenant core.TenantID, id, consent string) (core.Homeowner, error)
	Delete(ctx context.Context, tenant core.TenantID, id string) error
}

// Onboarding is the pipeline and what it prints.
type Onboarding interface {
	Check(ctx context.Context, r core.Provision) (onboard.UnitList, error)
	Inspect(ctx context.Context, r core.Provision) (onboard.UnitList, error)
	Start(ctx context.Context, r core.Provision, idempotencyKey string) (core.Run, error)
	Find(ctx context.Context, id string) (core.Run, error)
	List(ctx context.Context, q core.Query) (core.List[core.Run], error)
	Resume(ctx context.Context, id string) (core.Run, error)
	Cancel(ctx context.Context, id string) (core.Run, error)
	Wait(ctx context.Context, id string, patience time.Duration) (core.Run, error)
	Print(ctx context.Context, tenant core.TenantID, development, kind string, progress func(done, total int)) (core.Pack, error)
	Packs(ctx context.Context, tenant core.TenantID, development string) ([]core.Pack, error)
	OpenPack(ctx context.Context, tenant core.TenantID, development, kind string, read func(core.Pack, io.Reader) error) error
}

// Users are the people who sign in.
type Users interface {
	Find(ctx context.Context, id string) (core.User, error)
	List(ctx context.Context, q core.Query) (core.List[core.User], error)
	Invite(ctx context.Context, u core.User) (user core.User, link string, err error)
	InviteAgain(ctx context.Context, id string) (link string, err error)
	Update(ctx context.Context, u core.User, reason string) (core.User, error)
	Disable(ctx context.Context, id, reason string) error
}

// Keys are API keys.
type Keys interface {
	Create(ctx context.Context, k core.Key) (key core.Key, secret string, err error)
	Find(ctx context.Context, id string) (core.Key, error)
	List(ctx context.Context, q core.Query) (core.List[core.Key], error)
	Revoke(ctx context.Context, id, reason string) error
}

// Jobs is work on a schedule and its run log.
type Jobs interface {
	List(ctx context.Context) ([]core.Job, error)
	Runs(ctx context.Context, q core.Query) (core.List[core.JobRun], error)
	FindRun(ctx context.Context, id string) (core.JobRun, error)
	RunNow(ctx context.Context, id string) (core.JobRun, error)
	Cancel(ctx context.Context, runID string) error
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
