package app

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/tenants"
)

// DemoPerson is somebody who can sign in to the demo.
type DemoPerson struct {
	Name, Email, Password string
	Role                  core.Role
}

// demoPassword opens the demo alone: no other data has a user with it.
const demoPassword = "harpur-lane-demo-2026"

// demoRegister is February 2023 of the Irish Residential Property Price
// Register's new dwellings, as published by the Property Services Regulatory
// Authority.
//
//go:embed demo/register.csv
var demoRegister []byte

// demoDeveloper is one developer of the demo, onboarded from the register.
type demoDeveloper struct {
	name, code, region, primary, accent, contact, email string
	development, address, filter                        string
	demo                                                bool // as roll-ups see it: shown to prospects, counted nowhere
}

var demoDevelopers = []demoDeveloper{
	{"Harpur Homes", "HARP", "eu-west", "#075a4d", "#c8862b", "Aoife Brennan", "office@harpur.example", "Harpur Lane", "Leixlip, Co. Kildare", "Harpur Lane", false},
	{"Dún Aonghasa Homes", "DUNA", "eu-west", "#274c77", "#e07a5f", "Niamh Ní Bhriain", "niamh@dunaonghasa.example", "Crodaun", "Celbridge, Co. Kildare", "Crodaun", false},
	{"Quayside Living", "QUAY", "eu-west", "#7b2d43", "#d9a441", "Conor Walsh", "hello@quayside.example", "Kilcarbery Grange", "Dublin 22", "Kilcarbery Grange", false},
	{"Rathmore Estates", "RATH", "uk", "#3b3561", "#dd7373", "Priya Shah", "sites@rathmore.example", "Castlebrook Manor", "Castletroy, Limerick", "Castlebrook Manor", true},
}

// Demo makes the demo's people and tenants where they don't exist yet, and
// returns who can sign in.
func (a *App) Demo(ctx context.Context) ([]DemoPerson, error) {
	ctx = core.WithActor(ctx, core.Actor{Kind: "system", ID: "demo", Name: "Demo", Role: core.Owner})
	for _, d := range demoDevelopers {
		if err := a.demoTenant(ctx, d); err != nil {
			return nil, fmt.Errorf("onboard %s: %w", d.name, err)
		}
	}
	harpur, err := a.Tenants.FindByCode(ctx, "HARP")
	if err != nil {
		return nil, err
	}
	people := []DemoPerson{
		{Name: "Niamh Byrne", Email: "niamh@openhouse.example", Role: core.Owner},
		{Name: "Tom Keane", Email: "tom@openhouse.example", Role: core.Support},
		{Name: "Ines Duarte", Email: "ines@openhouse.example", Role: core.Auditor},
		{Name: "Aoife Brennan", Email: "office@harpur.example", Role: core.DeveloperAdmin},
	}
	for i := range people {
		people[i].Password = demoPassword
		user := core.User{Name: people[i].Name, Email: people[i].Email, Role: people[i].Role}
		if user.Role.ForDeveloper() {
			user.Tenant = harpur.ID
		}
		if _, err := a.Access.Users.Create(ctx, user, demoPassword); err != nil && core.CodeOf(err) != core.Conflict {
			return nil, fmt.Errorf("create %s: %w", user.Email, err)
		}
	}
	return people, nil
}

// demoTenant onboards one developer as the API would; a repeated start finds
// the run of its key.
func (a *App) demoTenant(ctx context.Context, d demoDeveloper) error {
	if known, err := a.Tenants.FindByCode(ctx, d.code); err == nil {
		return a.demoUsage(ctx, d, known.ID)
	} else if core.CodeOf(err) != core.NotFound {
		return err
	}
	units, err := a.Tenants.Stage(ctx, d.region, tenants.StagedFile{Name: "register.csv", Type: "text/csv"}, bytes.NewReader(demoRegister), 1<<20)
	if err != nil {
		return err
	}
	var request core.Provision
	request.Developer.Name, request.Developer.Code, request.Developer.Region, request.Developer.Demo = d.name, d.code, d.region, d.demo
	request.Developer.Contact = core.Contact{Name: d.contact, Email: d.email}
	// The register's prices are in euro wherever the developer is.
	request.Developer.Currency = "EUR"
	request.Theme.Primary, request.Theme.Accent = d.primary, d.accent
	request.Development.Name, request.Development.Address = d.development, d.address
	request.Units.File, request.Units.Filter = units.ID, d.filter
	run, err := a.Onboarding.Start(ctx, request, "demo-"+d.code)
	if err != nil {
		return err
	}
	if run, err = a.Onboarding.Wait(ctx, run.ID, 2*time.Minute); err != nil {
		return err
	}
	if run.State != core.Done {
		return fmt.Errorf("run %s is %s", run.ID, run.State)
	}
	if err := a.demoLife(ctx, run.TenantID); err != nil {
		return err
	}
	return a.demoUsage(ctx, d, run.TenantID)
}

// demoLife hands some units over and lets homeowners move in.
func (a *App) demoLife(ctx context.Context, tenant core.TenantID) error {
	units, err := a.Directory.Units.List(ctx, tenant, core.Query{Limit: 12})
	if err != nil {
		return err
	}
	for i, u := range units.Items {
		if i >= len(demoHomeowners) {
			break
		}
		if _, err := a.Directory.Units.HandOver(ctx, tenant, u.ID, a.Clock.now().AddDate(0, 0, -7*(i+1))); err != nil {
			return err
		}
		if _, err := a.Directory.Units.Scan(ctx, tenant, u.Code, directory.Visit{UserAgent: demoBrowser, Visitor: fmt.Sprintf("demo-%d", i)}); err != nil {
			return err
		}
		name := demoHomeowners[i]
		email := fmt.Sprintf("homeowner%d@example.org", i+1)
		_, err := a.Directory.Homeowners.SignUp(ctx, tenant, u.Code, directory.SignUp{Name: name, Email: email, Consent: "2026-01"})
		if err != nil {
			return err
		}
	}
	return nil
}

const demoBrowser = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"

var demoHomeowners = []string{"Ciara Nolan", "Marek Nowak", "Orla Fitzgerald", "Daniel Okafor", "Sinéad Murphy", "Łukasz Zieliński", "Grace Kelly"}
