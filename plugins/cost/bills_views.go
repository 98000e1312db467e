package cost

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// providerNames are the providers for reading.
var providerNames = map[string]string{"openai": "OpenAI", "google": "Google", "hosting": "Hosting"}

func providerName(id string) string {
	if name, known := providerNames[id]; known {
		return name
	}
	return id
}

// nanoMoney is an amount in 10^-9 of its currency, in minor units.
func nanoMoney(nano int64, currency string) ui.Value {
	return decimalMoney(fmt.Sprintf("%de-9", nano), currency)
}

// decimalMoney is a decimal amount in minor units, rounded once, half to even.
func decimalMoney(amount, currency string) ui.Value {
	minor, ok := minorOf(amount, currency)
	if !ok {
		return nil
	}
	return ui.Money{Minor: minor, Currency: currency}
}

// showBills is what was imported, what it comes to, and what is to be explained.
func showBills(ctx context.Context, c sdk.Call) (ui.Page, error) {
	since := c.Now.UTC().AddDate(0, -11, 0).Format(monthForm) + "-01"
	sums, err := selectBillSums(ctx, c.DB(), since)
	if err != nil {
		return ui.Page{}, err
	}
	list, err := selectImports(ctx, c, c.List(), c.Limit())
	if err != nil {
		return ui.Page{}, err
	}
	now := ui.Action{Label: "Import from OpenAI now", Icon: ui.IconDownload, Kind: ui.Primary, Post: true, Href: c.ActionURL("import-openai")}
	var blocks ui.Blocks
	if _, err := c.Secret(ctx, "openai_key"); core.CodeOf(err) == core.NotFound {
		now.Disabled = "No OpenAI admin key is set"
		blocks = append(blocks, ui.Notice{Tone: ui.Info, Title: "OpenAI's bill isn't imported.", Text: "An administrator sets an OpenAI admin key in the plugin's settings; then it is imported every morning."})
	} else if err != nil {
		return ui.Page{}, err
	}
	blocks = append(blocks, toExplain(c, sums)...)
	blocks = append(blocks, sumTable(sums))
	if imports := importListing(c).Table(c, list); list.Total > 0 || imports.Filtered {
		blocks = append(blocks, imports)
	}
	return ui.Page{
		Head: ui.Head{Title: "Bills", Lead: "What the providers have charged, by their own days.", Actions: []ui.Action{
			{Label: "Projects", Href: c.URL("/bills/projects")}, {Label: "Lines", Href: c.URL("/bills/lines")},
			{Label: "Import Google's bill", Icon: ui.IconUpload, Href: c.URL("/bills/import")}, now,
		}},
		Blocks: blocks,
	}, nil
}

// showBillFile asks for a bill that comes as a file.
func showBillFile(_ context.Context, c sdk.Call) (ui.Page, error) {
	form := c.Form("import-google", "")
	form.Submit, form.Cancel = "Import cost table", &ui.Link{Text: "Cancel", Href: c.URL("/bills")}
	return ui.Page{
		Crumbs: []ui.Link{{Text: "Bills", Href: c.URL("/bills")}},
		Head:   ui.Head{Title: "Import Google's bill", Lead: "A month is imported whole or not at all. Importing it again takes over what has changed."},
		Blocks: ui.Blocks{form},
	}, nil
}

// toExplain are notices of what nobody can be told of yet.
func toExplain(c sdk.Call, sums []billSum) (blocks ui.Blocks) {
	var unowned, unexplained, foreign []string
	for _, s := range sums {
		at := providerName(s.Provider) + ", " + periodName(s.Month) + ": "
		if s.Unassigned != 0 {
			unowned = append(unowned, at+plainMoney(s.Unassigned, s.Currency))
		}
		if s.Unmapped != 0 {
			unexplained = append(unexplained, at+plainMoney(s.Unmapped, s.Currency))
		}
		if s.Unconverted > 0 {
			count := "1 charge"
			if s.Unconverted != 1 {
				count = thousands(s.Unconverted) + " charges"
			}
			foreign = append(foreign, at+count+" in "+s.Currency)
		}
	}
	if len(unowned) > 0 {
		blocks = append(blocks, ui.Notice{Tone: ui.Warn, Title: "Some projects are no developer's.", Text: "What they were charged is in no developer's costs.", Items: firstFew(unowned),
			Actions: []ui.Action{{Label: "Assign projects", Href: ui.Address(c.URL("/bills/projects"), nil, "status", "unassigned")}}})
	}
	if len(unexplained) > 0 {
		blocks = append(blocks, ui.Notice{Tone: ui.Warn, Title: "Some lines of bills are no SKU of ours.", Text: "They are in the costs as “Other”, and can't be held against an estimate.", Items: firstFew(unexplained),
			Actions: []ui.Action{{Label: "Explain lines", Href: ui.Address(c.URL("/bills/lines"), nil, "status", "unmapped")}}})
	}
	if len(foreign) > 0 {
		blocks = append(blocks, ui.Notice{Tone: ui.Warn, Title: "Some charges can't be converted to US dollars.", Text: "The exchange rate of their day is missing. They are counted when it is added.", Items: firstFew(foreign),
			Actions: []ui.Action{{Label: "Exchange rates", Href: c.URL("/rates")}}})
	}
	return blocks
}

func firstFew(items []string) []string {
	if len(items) > 6 {
		return append(items[:5:5], fmt.Sprintf("and %d more", len(items)-5))
	}
	return items
}

// plainMoney is an amount in words: 12.50 USD.
func plainMoney(nano int64, currency string) string {
	minor, _ := minorOf(fmt.Sprintf("%de-9", nano), currency)
	return core.Money{Minor: minor, Currency: currency}.String()
}

// sumTable is what each provider charged in each month.
func sumTable(sums []billSum) ui.Table {
	t := ui.Table{ID: "bill-months", Title: "By month", Lead: "Twelve months. What is no developer's includes taxes and the account's own charges.", Columns: []ui.Column{
		{Title: "Month"}, {Title: "Provider"}, {Title: "Charged", Numeric: true}, {Title: "Of developers", Numeric: true}, {Title: "Of nobody", Numeric: true, Priority: 1},
		{Title: "Not explained", Numeric: true, Priority: 1}, {Title: "Not converted", Numeric: true, Priority: 2},
	}, None: ui.Empty{Title: "Nothing was charged yet.", Reason: "Import a bill to see it here.", Icon: ui.IconBilling}}
	for _, s := range sums {
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{
			ui.Text{Text: periodName(s.Month)}, ui.Text{Text: providerName(s.Provider)}, nanoMoney(s.Charged, s.Currency), nanoMoney(s.Charged-s.Unowned, s.Currency),
			nanoMoney(s.Unowned, s.Currency), nanoMoney(s.Unmapped, s.Currency), ui.Number{Value: s.Unconverted},
		}})
	}
	return t
}

func importListing(c sdk.Call) sdk.Listing[imported] {
	return sdk.Listing[imported]{
		ID: "imports", Title: "Imports", Path: "/bills",
		Filters: []ui.Filter{{Name: "status", Label: "State", Options: []ui.Option{{Value: "done", Label: "Done"}, {Value: "failed", Label: "Failed"}}}},
		None:    ui.Empty{Title: "No imports yet."},
		Columns: []sdk.Column[imported]{
			{Title: "When", Cell: func(i imported) ui.Value { return ui.Time{At: i.At} }},
			{Title: "Bill", Cell: func(i imported) ui.Value { return ui.Text{Text: providerName(i.Provider), Note: i.window()} }},
			{Title: "State", Cell: func(i imported) ui.Value {
				if i.Failed {
					return ui.Badge{Text: "Failed", Tone: ui.Bad}
				}
				return ui.Badge{Text: "Done", Tone: ui.Good}
			}},
			{Title: "Rows", Numeric: true, Priority: 1, Cell: func(i imported) ui.Value { return ui.Number{Value: int64(i.Rows)} }},
			{Title: "Changed", Numeric: true, Priority: 1, Cell: func(i imported) ui.Value { return ui.Number{Value: int64(i.Changed)} }},
			{Title: "Amount", Numeric: true, Cell: func(i imported) ui.Value { return decimalMoney(i.Amount, i.Currency) }},
			{Title: "Note", Priority: 2, Cell: func(i imported) ui.Value { return ui.Text{Text: i.Note, Note: i.By} }},
		},
	}
}

// window are the days of an import for reading.
func (i imported) window() string {
	from, err := time.Parse(time.DateOnly, i.From)
	to, also := time.Parse(time.DateOnly, i.To)
	if err != nil || also != nil {
		return ""
	}
	return period{from: from, to: to}.words()
}

// showProjects are the providers' projects, and whose they are.
func showProjects(ctx context.Context, c sdk.Call) (ui.Page, error) {
	list, err := selectProjects(ctx, c, c.List(), c.Limit())
	if err != nil {
		return ui.Page{}, err
	}
	all, err := selectProjects(ctx, c, core.Query{}, maxOptions)
	if err != nil {
		return ui.Page{}, err
	}
	developers, err := selectTenants(ctx, c.DB())
	if err != nil {
		return ui.Page{}, err
	}
	form := c.Form("assign-project", "Assign a project")
	form.Submit, form.Lead = "Assign project", "Its charges, also earlier ones, go to the developer, and are taken from who had it before."
	project := form.Field("project")
	project.Kind, project.Hint = ui.Select, ""
	for _, p := range all.Items {
		label := providerName(p.Provider) + ": " + p.Project
		if p.Developer != "" {
			label += " (" + p.Developer + ")"
		}
		project.Options = append(project.Options, ui.Option{Value: p.Provider + "/" + p.Project, Label: label})
	}
	tenant := form.Field("tenant")
	tenant.Kind, tenant.Options = ui.Select, append([]ui.Option{{Value: "", Label: "Nobody"}}, developers...)
	return ui.Page{
		Crumbs: []ui.Link{{Text: "Bills", Href: c.URL("/bills")}},
		Head:   ui.Head{Title: "Projects", Lead: "Each developer has a project of its own at a provider; what it was charged is that developer's."},
		Blocks: ui.Blocks{ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{projectListing(c).Table(c, list), form}}},
	}, nil
}

// maxOptions bounds the choices of a form.
const maxOptions = 500

func projectListing(c sdk.Call) sdk.Listing[billProject] {
	return sdk.Listing[billProject]{
		ID: "projects", Title: "Projects", Path: "/bills/projects", Search: "Project or developer",
		Filters: []ui.Filter{{Name: "status", Label: "Developer", Options: []ui.Option{{Value: "assigned", Label: "Assigned"}, {Value: "unassigned", Label: "Nobody's"}}}},
		None:    ui.Empty{Title: "No projects yet.", Reason: "They come with the first bill.", Icon: ui.IconBilling},
		Columns: []sdk.Column[billProject]{
			{Title: "Project", Cell: func(p billProject) ui.Value { return ui.Text{Text: p.Project, Note: providerName(p.Provider)} }},
			{Title: "Developer", Cell: func(p billProject) ui.Value {
				if p.Developer == "" {
					return ui.Badge{Text: "Nobody's", Tone: ui.Warn}
				}
				return ui.Link{Text: p.Developer, Href: c.URL("/tenants/" + p.Tenant)}
			}},
			{Title: "Charged in 12 months", Numeric: true, Cell: func(p billProject) ui.Value { return nanoMoney(p.Charged, p.Currency) }},
			{Title: "Last day", Numeric: true, Priority: 1, Cell: func(p billProject) ui.Value { return ui.Text{Text: p.Last} }},
		},
	}
}

// showBillLines are the lines of bills, and what they mean.
func showBillLines(ctx context.Context, c sdk.Call) (ui.Page, error) {
	list, err := selectBillLines(ctx, c, c.List(), c.Limit())
	if err != nil {
		return ui.Page{}, err
	}
	all, err := selectBillLines(ctx, c, core.Query{}, maxOptions)
	if err != nil {
		return ui.Page{}, err
	}
	form := c.Form("map-line", "Explain a line", map[string]any{"category": "other", "per": 1})
	form.Submit, form.Lead = "Save", "It holds for all bills, also earlier ones."
	line := form.Field("line")
	line.Kind, line.Hint = ui.Select, ""
	for _, l := range all.Items {
		line.Options = append(line.Options, ui.Option{Value: l.Provider + "/" + l.Line, Label: providerName(l.Provider) + ": " + l.title()})
	}
	priced, err := selectPriced(ctx, c.DB())
	if err != nil {
		return ui.Page{}, err
	}
	sku := form.Field("sku")
	sku.Kind, sku.Options = ui.Select, append([]ui.Option{{Value: "", Label: "None of ours"}}, pricedOptions(priced)...)
	return ui.Page{
		Crumbs: []ui.Link{{Text: "Bills", Href: c.URL("/bills")}},
		Head:   ui.Head{Title: "Lines of bills", Lead: "A line whose exact name is known explains itself. The others wait for a person: nothing is guessed."},
		Blocks: ui.Blocks{ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{lineListing().Table(c, list), form}}},
	}, nil
}

func lineListing() sdk.Listing[billLine] {
	return sdk.Listing[billLine]{
		ID: "lines", Title: "Lines", Path: "/bills/lines", Search: "Line or SKU",
		Filters: []ui.Filter{{Name: "status", Label: "Meaning", Options: []ui.Option{{Value: "mapped", Label: "Explained"}, {Value: "unmapped", Label: "Not explained"}}}},
		None:    ui.Empty{Title: "No lines yet.", Reason: "They come with the first bill.", Icon: ui.IconBilling},
		Columns: []sdk.Column[billLine]{
			{Title: "Line", Cell: func(l billLine) ui.Value { return ui.Text{Text: l.title(), Note: providerName(l.Provider)} }},
			{Title: "Our SKU", Cell: func(l billLine) ui.Value {
				switch {
				case l.SKU != "":
					return ui.Text{Text: l.SKU, Note: usageName(l.Usage)}
				case l.Category != "other":
					return ui.Text{Text: "None", Muted: true}
				}
				return ui.Badge{Text: "Not explained", Tone: ui.Warn}
			}},
			{Title: "Category", Priority: 1, Cell: func(l billLine) ui.Value { return ui.Text{Text: categoryName(l.Category)} }},
			{Title: "Units", Numeric: true, Priority: 2, Cell: func(l billLine) ui.Value { return ui.Number{Value: l.Per} }},
		},
	}
}

// title is the line as people know it.
func (l billLine) title() string {
	switch {
	case l.Name != "" && l.Name != l.Line:
		return l.Name + " (" + l.Line + ")"
	case l.Line == "":
		return "Without a line item"
	}
	return l.Line
}
