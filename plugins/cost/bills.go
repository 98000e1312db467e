package cost

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"github.com/openhouse-ai/console/plugins/cost/rate"
)

// bills are what providers charge, and how it compares.
var bills = part{
	pages: []sdk.Page{
		{ID: "bills", Path: "/bills", Title: "Bills", Scope: sdk.Platform, Nav: true, Permission: core.CostsRead, Show: showBills},
		{ID: "bill-file", Path: "/bills/import", Title: "Import Google's bill", Scope: sdk.Platform, Permission: core.CostsWrite, Show: showBillFile},
		{ID: "projects", Path: "/bills/projects", Title: "Projects", Scope: sdk.Platform, Permission: core.CostsRead, Show: showProjects},
		{ID: "lines", Path: "/bills/lines", Title: "Lines of bills", Scope: sdk.Platform, Permission: core.CostsRead, Show: showBillLines},
		{ID: "variances", Path: "/variance", Title: "Estimate against actual", Scope: sdk.Platform, Nav: true, Permission: core.CostsRead, Show: showVariances},
		{ID: "variance", Path: "/variance", Title: "Estimate against actual", Permission: core.CostsRead, Show: variancePage},
	},
	actions: []sdk.Action{
		sdk.NewAction("import-openai", core.CostsWrite, importNow).OnPlatform(),
		sdk.NewAction("import-google", core.CostsWrite, importTable).OnPlatform(),
		sdk.NewAction("assign-project", core.CostsWrite, assign).OnPlatform(),
		sdk.NewAction("map-line", core.CostsWrite, explainLine).OnPlatform(),
	},
	routes: []sdk.Route{
		sdk.NewRoute("POST", "/bills/google", "Import a cost table of Google Cloud Billing", core.CostsWrite, postTable).OnPlatform(),
	},
	jobs: []sdk.Job{
		{ID: "import-openai", Summary: "Imports what OpenAI has charged in the last days, which may still change.", Schedule: "20 5 * * *", Scope: sdk.Platform, Run: importDaily},
		{ID: "convert-bills", Summary: "Converts what was charged in other currencies at the exchange rates of its days.", Schedule: "50 * * * *", Scope: sdk.Platform, Run: convert},
		{ID: "check-variance", Summary: "Tells of SKUs whose bill is far from its estimate.", Schedule: "40 5 * * *", Scope: sdk.Tenant, Run: checkVariance},
	},
	records: map[string]string{
		"bill.import": "imported", "project.assign": "assigned", "line.map": "explained",
	},
}

// PlatformSettings are the installation's.
type PlatformSettings struct {
	OpenAIKey  string `json:"openai_key,omitempty" label:"OpenAI admin key" doc:"Reads the organisation's costs. Empty: nothing is imported." writeOnly:"true" maxLength:"400"`
	OpenAIBase string `json:"openai_base,omitempty" label:"OpenAI address" doc:"Where the costs API is." default:"https://api.openai.com/v1" format:"uri" maxLength:"200"`

	VarianceFloor int64 `json:"variance_floor,omitempty" label:"Tell variances from" doc:"US dollars. What was charged for a SKU in a month, and is less than this from its estimate, is watched and not told." minimum:"0" maximum:"1000000" default:"5"`
}

var platformSettings = sdk.NewSettings(func(context.Context, sdk.Call, PlatformSettings) error { return nil })

// varianceFloor is the difference below which nothing is a breach.
func varianceFloor(ctx context.Context, c sdk.Call) (rate.Amount, error) {
	var settings PlatformSettings
	err := c.PlatformSettings(ctx, &settings)
	return rate.Amount(settings.VarianceFloor) * rate.USD, err
}

// How long an import may wait for OpenAI: somebody waits for an action.
const (
	ofJob    = 5 * time.Minute
	ofAction = 6 * time.Second
)

// said is one line about an import.
func (i imported) said() string {
	return fmt.Sprintf("%d rows, %d changed, %s", i.Rows, i.Changed, words(i.Amount, i.Currency))
}

func importDaily(ctx context.Context, c sdk.Call) (string, error) {
	done, err := importOpenAI(ctx, c, ofJob)
	if core.CodeOf(err) == core.NotFound {
		return "", nil // no key: nothing to import
	}
	if err != nil {
		return "", err
	}
	return done.said(), nil
}

func importNow(ctx context.Context, c sdk.Call, _ struct{}) (sdk.Done, error) {
	done, err := importOpenAI(ctx, c, ofAction)
	if core.CodeOf(err) == core.NotFound {
		return sdk.Done{}, core.Errorf(core.Conflict, "No OpenAI admin key is set: an administrator sets it in the plugin's settings.")
	}
	return sdk.Done{Next: "/bills", Said: "Imported: " + done.said() + "."}, inFile(err)
}

// tableForm is a cost table of Google, as a file.
type tableForm struct {
	File []byte `json:"file" label:"Cost table" doc:"The CSV that Google Cloud gives under Billing, Cost table, with the columns Project ID, SKU ID, Usage start date and Unrounded Cost." format:"file" accept:".csv,text/csv"`
}

func importTable(ctx context.Context, c sdk.Call, f tableForm) (sdk.Done, error) {
	done, err := importGoogle(ctx, c, f.File)
	return sdk.Done{Next: "/bills", Said: "Imported: " + done.said() + "."}, inFile(err)
}

type tableInput struct {
	RawBody []byte `contentType:"text/csv" doc:"The cost table as it was downloaded."`
}

type tableOutput struct {
	Body struct {
		ID       string `json:"id"`
		From     string `json:"from" doc:"First day of the window."`
		To       string `json:"to" doc:"The day after its last."`
		Rows     int    `json:"rows" doc:"Charges: rows of the file, with credits and discounts taken off."`
		Changed  int    `json:"changed" doc:"Charges that are new, other than before, or gone."`
		Amount   string `json:"amount" doc:"Their sum, a decimal."`
		Currency string `json:"currency"`
		Net      bool   `json:"net" doc:"Credits and discounts are in it."`
		Note     string `json:"note,omitempty"`
	}
}

func postTable(ctx context.Context, c sdk.Call, in *tableInput) (*tableOutput, error) {
	done, err := importGoogle(ctx, c, in.RawBody)
	out := new(tableOutput)
	b := &out.Body
	b.ID, b.From, b.To, b.Rows, b.Changed, b.Amount, b.Currency, b.Net, b.Note = done.ID, done.From, done.To, done.Rows, done.Changed, done.Amount, done.Currency, done.Net, done.Note
	return out, err
}

// ownership is a project with the developer whose usage it is.
type ownership struct {
	Project string `json:"project" label:"Project" doc:"Provider and project: openai/proj_a." minLength:"1" maxLength:"400"`
	Tenant  string `json:"tenant,omitempty" label:"Developer" maxLength:"60"`
}

func assign(ctx context.Context, c sdk.Call, o ownership) (sdk.Done, error) {
	provider, project, _ := strings.Cut(o.Project, "/")
	return sdk.Done{Next: "/bills/projects", Said: "Assigned."}, assignProject(ctx, c, provider, project, core.TenantID(o.Tenant))
}

// explanation is what a line of a bill means.
type explanation struct {
	Line     string `json:"line" label:"Line" doc:"Provider and line: google/A1B2-C3D4." minLength:"1" maxLength:"400"`
	SKU      string `json:"sku,omitempty" label:"Is our SKU" doc:"SKU and what is counted: gpt-6-luna/input. Empty: none of ours." maxLength:"200"`
	Category string `json:"category" label:"Category" enum:"llm,embeddings,rag,maps,geocoding,storage,bandwidth,other" default:"other"`
	Per      int64  `json:"per" label:"Our units in one of the provider's" doc:"1,000 where the provider counts thousands." minimum:"1" maximum:"1000000000000" default:"1"`
}

func explainLine(ctx context.Context, c sdk.Call, e explanation) (sdk.Done, error) {
	provider, line, _ := strings.Cut(e.Line, "/")
	m := meaning{Category: e.Category, Per: e.Per}
	if e.SKU != "" {
		m.SKU, m.Usage, _ = strings.Cut(e.SKU, "/")
		priced, err := selectPriced(ctx, c.DB())
		if err != nil {
			return sdk.Done{}, err
		}
		if !priced[price.Key{Provider: provider, SKU: m.SKU, Usage: m.Usage}] {
			return sdk.Done{}, core.Problems{{Field: "sku", Value: e.SKU, Reason: "is not in the price book of " + provider}}.Err()
		}
	}
	return sdk.Done{Next: "/bills/lines", Said: "Saved: it holds for all bills."}, mapLine(ctx, c, provider, line, m)
}

func convert(ctx context.Context, c sdk.Call) (string, error) { return "", convertBills(ctx, c) }
