package ui

import "time"

func listExamples() []Example {
	none := Table{ID: "none", Title: "Units", Columns: []Column{{Title: "Unit"}}, None: Empty{
		Title: "No units yet.", Reason: "Units come from a unit list.", Action: &Action{Label: "Import units", Href: "#", Kind: Primary}}}
	missed := SampleTable()
	missed.ID, missed.Rows, missed.Filtered, missed.Total = "missed", nil, true, 0
	return []Example{{"table", Blocks{SampleTable(), missed, none}}}
}

// SampleTable is a list of tenants with everything that a table can have.
func SampleTable() Table {
	t := Table{
		ID: "tenants", Title: "Tenants", Count: new(24), Href: "/tenants",
		Views: []Tab{{Label: "All", Href: "#", Count: new(24), Current: true},
			{Label: "Needs attention", Href: "#", Count: new(3)}, {Label: "Onboarding", Href: "#", Count: new(5)}},
		Search: &Search{}, Exports: []Link{{Text: "Export", Href: "/tenants.csv"}},
		Filters: []Filter{{Name: "region", Label: "Region", Options: []Option{{Value: "eu-west"}, {Value: "uk"}}}},
		Columns: []Column{{Title: "Tenant", Sort: &Sort{Href: "#"}}, {Title: "Plan", Priority: 2}, {Title: "Status"},
			{Title: "Units", Numeric: true, Priority: 1, Sort: &Sort{Href: "#"}}, {Title: "Activated", Numeric: true, Priority: 2},
			{Title: "MRR", Numeric: true, Sort: &Sort{Href: "#", Direction: Descending}}, {Title: "Last seen", Numeric: true, Priority: 1}},
		Bulk:   []Action{{Label: "Export", Href: "/export", Icon: IconDownload}, {Label: "Suspend", Href: "/suspend", Kind: Danger, Confirm: "Their staff can read and not change anything."}},
		Totals: Values{Text{Text: "24 tenants"}, nil, nil, Number{Value: 4255}, nil, Money{9291700, "GBP"}, nil},
		From:   1, To: 8, Total: 24, Next: "#",
	}
	for _, r := range sampleTenants {
		t.Rows = append(t.Rows, Row{ID: r.name, Href: "#", Cells: Values{
			Link{Text: r.name, Href: "#", Monogram: Monogram(r.name)}, Text{Text: r.plan}, r.status, Number{Value: r.units},
			Number{Value: r.activated, Unit: "%"}, Money{r.mrr, "GBP"}, Time{At: GalleryTime.Add(-r.seen)}}})
	}
	return t
}

var sampleTenants = []struct {
	name, plan            string
	status                Badge
	units, activated, mrr int64
	seen                  time.Duration
}{
	{"Castlebrook Developments", "Growth", Badge{"Active", Good}, 838, 81, 754200, 50 * time.Hour},
	{"Quayside Living", "Growth", Badge{"Active", Good}, 650, 87, 715000, 52 * time.Hour},
	{"Elm Row Living", "Enterprise", Badge{"Trial ends 3 d", Warn}, 631, 65, 694100, 49 * time.Hour},
	{"Dún Aonghasa Homes", "Starter", Badge{"Active", Good}, 627, 85, 689700, 55 * time.Hour},
	{"Westbury Build", "Starter", Badge{"Past due", Bad}, 604, 97, 664400, 60 * time.Hour},
	{"Árd na Gréine", "Growth", Badge{"Active", Good}, 479, 85, 526900, 23 * time.Hour},
	{"Rathmore Estates", "Growth", Badge{"Active", Good}, 646, 52, 516800, 30 * time.Hour},
	{"Harpur Homes", "Starter", Badge{"Provisioning", Info}, 20, 0, 0, 4 * time.Minute},
}

func formExamples() []Example {
	wrong := SampleForm()
	wrong.Fail("code", "HARP is taken. Choose another code.")
	wrong.Fail("email", "This isn't an e-mail address.")
	remove := Form{Action: "#", Title: "Delete Harpur Homes", Danger: true, Submit: "Delete tenant", Typed: "HARP", Cancel: &Link{Text: "Cancel", Href: "#"},
		Consequence: "1 development, 20 units and 14 homeowners are removed from every copy within 30 days. A certificate is kept."}
	return []Example{{"form", Blocks{wrong, sampleControls(), remove}}}
}

// SampleForm is the form of a developer.
func SampleForm() Form {
	return Form{Action: "#", Guard: true, Submit: "Save changes", Cancel: &Link{Text: "Cancel", Href: "#"}, Extra: []Submit{{"Save draft", "draft", "on"}},
		Sections: []FieldSection{
			{Title: "Developer", Lead: "As it appears on pages, letters and labels.", Fields: []Field{
				{Name: "name", Label: "Name", Value: "Harpur Homes", Required: true},
				{Name: "code", Label: "Code", Value: "HARP", Hint: "2 to 8 capital letters and digits.", Required: true, Half: true},
				{Kind: Select, Name: "region", Label: "Region", Value: "eu-west", Required: true, Half: true, Options: []Option{{Value: "eu-west", Label: "EU West (Dublin)"}, {Value: "uk", Label: "United Kingdom"}}},
				{Kind: EmailField, Name: "email", Label: "Office e-mail", Value: "office@harpur", Required: true},
				{Name: "phone", Label: "Phone", Placeholder: "+353 1 234 5678"},
			}},
			{Title: "Brand", Lead: "Without a logo a monogram is drawn.", Fields: []Field{
				{Kind: FileField, Name: "logo", Label: "Logo", Accept: ".png,.jpg,.svg", Hint: "PNG, JPEG or SVG, up to 2 MB."},
				{Kind: ColorField, Name: "primary", Label: "Primary colour", Value: "#7a2e3a", Required: true, Half: true},
				{Kind: ColorField, Name: "accent", Label: "Accent colour", Value: "#e6b566", Half: true},
			}},
		}}
}

func sampleControls() Form {
	return Form{Action: "#", Title: "All controls", Fields: []Field{
		{Kind: Radios, Name: "plan", Label: "Plan", Value: "growth", Required: true, Options: []Option{
			{Value: "starter", Label: "Starter", Hint: "Up to 50 units"}, {Value: "growth", Label: "Growth", Hint: "Up to 1,000 units"}, {Value: "enterprise", Label: "Enterprise", Hint: "By agreement", Disabled: true}}},
		{Kind: Checkboxes, Name: "regions", Label: "Allowed regions", Values: []string{"uk"}, Options: []Option{{Value: "eu-west"}, {Value: "uk"}}},
		{Kind: NumberField, Name: "rate", Label: "API requests", Value: "600", Suffix: "per minute", Min: "1", Required: true, Half: true},
		{Kind: URLField, Name: "portal", Label: "Portal", Prefix: "https://", Placeholder: "portal.example", Half: true},
		{Kind: DateField, Name: "from", Label: "From", Value: "2026-11-22", Half: true},
		{Kind: PasswordField, Name: "password", Label: "Password", Complete: "new-password", Required: true, Half: true},
		{Kind: ListField, Name: "categories", Label: "Document categories", Values: []string{"Floor plans", "Warranties", "Manuals"}, Hint: "One on each line."},
		{Kind: TextArea, Name: "note", Label: "Note", MaxLength: 500, Rows: 3},
		{Kind: CodeField, Name: "otp", Label: "Six-digit code", Required: true, Half: true},
		{Name: "locked", Label: "Currency", Value: "EUR", ReadOnly: true, Half: true, Hint: "Fixed after the first invoice."},
		{Kind: Checkbox, Name: "demo", Label: "Demo tenant", Checked: true, Hint: "Left out of revenue figures."},
		{Kind: HiddenField, Name: "version", Value: "3"},
	}}
}
