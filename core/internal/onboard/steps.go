package onboard

import (
	"context"
	"encoding/json"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// step is one step of a run. It may be begun again after a crash and must then
// do only what is missing; its result is shown on the run.
type step struct {
	name string
	do   func(*execution, context.Context) (any, error)
}

// unitsStep is the step whose size is known before it begins.
const unitsStep = "units"

// steps is the pipeline, in order.
var steps = []step{
	{"developer", (*execution).developer},
	{"branding", (*execution).branding},
	{"tenant", (*execution).tenant},
	{"development", (*execution).development},
	{unitsStep, (*execution).units},
	{"qr_codes", (*execution).qrCodes},
	{"launch_kit", (*execution).launchKit},
	{"welcome_pack", (*execution).welcomePack},
	{"crm_deal", (*execution).crmDeal},
}

// developer gives the developer its tenant id, for ever.
func (e *execution) developer(ctx context.Context) (any, error) {
	err := e.update(ctx, func(tx *tenants.Tx) (err error) {
		if e.run, err = findRun(ctx, tx, e.run.ID); err != nil || e.run.TenantID != "" {
			return err
		}
		e.run.TenantID = core.NewTenantID(tx.Now)
		return setRunTenant(ctx, tx, e.run.ID, e.run.TenantID)
	})
	return map[string]any{"name": e.request.Developer.Name, "code": e.request.Developer.Code, "tenant_id": e.run.TenantID}, err
}

// brandingResult is what the branding step shows.
type brandingResult struct {
	Primary string `json:"primary"`
	Accent  string `json:"accent"`
	Logo    string `json:"logo,omitempty"` // media type; empty: a monogram is drawn
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
}

// branding makes sure of the logo before there is a tenant to bear it. What
// cleaning leaves of it is computed again when the tenant is made, so that no
// copy lies anywhere else.
func (e *execution) branding(ctx context.Context) (any, error) {
	image, err := e.readLogo(ctx, e.request)
	return brandingResult{
		Primary: e.request.Theme.Primary, Accent: e.request.Theme.Accent, Logo: image.Type, Width: image.Width, Height: image.Height,
	}, err
}

// tenant makes the registry row and the file, with settings and brand in it.
func (e *execution) tenant(ctx context.Context) (any, error) {
	settings, err := e.settings()
	if err != nil {
		return nil, err
	}
	brand, err := e.brand(ctx, settings.Locale)
	if err != nil {
		return nil, err
	}
	row := core.Tenant{
		ID: e.run.TenantID, Name: e.request.Developer.Name, Code: e.request.Developer.Code,
		Region: e.run.Region, Status: core.TenantProvisioning, Demo: e.request.Developer.Demo,
	}
	err = e.Store.Create(ctx, row, func(tx *tenants.Tx) error {
		return e.Recorder.Record(ctx, tx, core.Entry{Action: "tenant.create", Target: core.Target{Kind: "tenant", ID: string(row.ID)}})
	})
	if err != nil {
		return nil, err
	}
	return e.once(ctx, func(tx *tenants.Tx) (any, error) {
		if err := tenants.WriteSettings(ctx, tx, settings); err != nil {
			return nil, err
		}
		if err := tenants.WriteBrand(ctx, tx, brand); err != nil {
			return nil, err
		}
		err := e.Recorder.Record(ctx, tx, core.Entry{Action: "tenant.create", Target: core.Target{Kind: "tenant", ID: string(row.ID)}})
		return map[string]any{"region": e.run.Region, "demo": row.Demo}, err
	})
}

// settings are the region's defaults with what the request says itself.
func (e *execution) settings() (core.Settings, error) {
	s, err := e.Defaults.For(e.run.Region)
	d := e.request.Developer
	s.Contact, s.PortalURL = d.Contact, d.PortalURL
	for _, override := range []struct{ value, field *string }{{&d.Locale, &s.Locale}, {&d.TimeZone, &s.TimeZone}, {&d.Currency, &s.Currency}} {
		if *override.value != "" {
			*override.field = *override.value
		}
	}
	return s, err
}

func (e *execution) development(ctx context.Context) (any, error) {
	return e.once(ctx, func(tx *tenants.Tx) (any, error) {
		d, err := e.Directory.AddDevelopment(ctx, tx, core.Development{
			Name: e.request.Development.Name, Address: e.request.Development.Address, Status: "selling",
		})
		return developmentResult{ID: d.ID, Name: d.Name}, err
	})
}

// developmentResult is what the development step hands on.
type developmentResult struct {
	ID   string `json:"development_id"`
	Name string `json:"name"`
}

func (e *execution) developmentID() (string, error) {
	var result developmentResult
	err := json.Unmarshal(stepOf(e.run, "development").Result, &result)
	return result.ID, err
}

// welcomePack queues the e-mail that tells the developer that all is ready.
func (e *execution) welcomePack(ctx context.Context) (any, error) {
	id, err := e.developmentID()
	if err != nil {
		return nil, err
	}
	site, err := e.site(ctx, e.run.TenantID, id)
	if err != nil {
		return nil, err
	}
	return e.once(ctx, func(tx *tenants.Tx) (any, error) {
		tenant := core.Tenant{ID: e.run.TenantID, Name: e.request.Developer.Name, Code: e.request.Developer.Code, Region: e.run.Region}
		id, err := e.Mailer.QueueWelcome(ctx, tx, e.run.ID+" welcome", Welcome{
			Tenant: tenant, Contact: e.request.Developer.Contact, Brand: site.Brand, Development: site.Development, Units: len(site.Units),
		})
		return map[string]any{"message_id": id, "state": "queued"}, err
	})
}

// crmDeal tells the bus that a developer is on board. The deal itself is made
// by whoever subscribes; until then the step waits, and the run is done.
func (e *execution) crmDeal(ctx context.Context) (any, error) {
	result, err := e.once(ctx, func(tx *tenants.Tx) (any, error) {
		data, err := json.Marshal(map[string]any{"run_id": e.run.ID, "code": e.request.Developer.Code, "demo": e.request.Developer.Demo})
		if err != nil {
			return nil, err
		}
		err = e.Emitter.Emit(ctx, tx, core.Event{Name: "developer.onboarded", Subject: core.Target{Kind: "tenant", ID: string(e.run.TenantID)}, Data: data})
		return map[string]any{"event": "developer.onboarded", "note": "waiting for HubSpot to be connected"}, err
	})
	if err != nil {
		return nil, err
	}
	return result, errWaiting
}
