package ui

import "time"

func contentExamples() []Example {
	return []Example{
		{"details", Blocks{sampleDetails()}},
		{"timeline", Blocks{sampleTimeline()}},
		{"notice", Blocks{
			Notice{Title: "HubSpot isn't connected yet.", Text: "The deal is made as soon as it is.", Actions: []Action{{Label: "Connect", Href: "#"}}},
			Notice{Tone: Good, Text: "20 units have been imported."},
			Notice{Tone: Warn, Title: "3 rows need a look.", Items: []string{"Line 14: the price is empty.", "Line 52: the date is in the future."}},
			Notice{Tone: Bad, Title: "The last backup is 9 hours old.", Text: "Backups should be at most one minute behind."},
		}},
		{"empty", Blocks{Empty{Title: "No units yet.", Reason: "Units come from the unit list of a development, or one at a time.", Icon: IconHome,
			Action: &Action{Label: "Import units", Href: "#", Kind: Primary}}}},
		{"code", Blocks{Code{Title: "Provision a developer", Text: "curl -H \"Authorization: Bearer $KEY\" \\\n  -F units=@register.csv http://127.0.0.1:8080/api/admin/provision/developer"}}},
		{"secret", Blocks{Secret{Label: "API key for Harpur portal", Value: "ohk_4m1v9c3a7n2b8x6z0q5w"}}},
		{"image", Blocks{Image{Src: "/q/example.svg", Alt: "QR code of 2 Harpur Park", Caption: "Scan to see the landing page.", Width: 160}}},
		{"preview", Blocks{samplePreview()}},
		{"log", Blocks{Log{Title: "Last run", Lines: []LogLine{
			{At: GalleryTime, Text: "swept 12 uploads"}, {At: GalleryTime.Add(time.Second), Tone: Warn, Text: "upload upl_06dh… is still in use"},
			{At: GalleryTime.Add(2 * time.Second), Text: "done in 2 s"}}}}},
		{"reference", Blocks{Reference{Document: "/api/openapi.json"}}},
		{"diff", Blocks{Diff{Changes: []Change{{Field: "label", Before: "2 Harpur Pk", After: "2 Harpur Park"}, {Field: "price", After: "€458,150.00"}, {Field: "email", Hidden: true}}}}},
	}
}

func sampleDetails() Details {
	return Details{Columns: 3, Items: []Detail{
		{Label: "Tenant", Value: ID{Text: "ten_06dhvqk1m8s3f0a2b4c6d8e0fg"}},
		{Label: "Region", Value: Text{Text: "eu-west", Note: "Dublin"}},
		{Label: "Status", Value: Badge{"Active", Good}},
		{Label: "Units", Value: Number{Value: 611}},
		{Label: "Created", Value: Time{At: GalleryTime.Add(-9 * 24 * time.Hour)}},
		{Label: "Portal", Hint: "The landing page is used."},
	}}
}

func sampleTimeline() Timeline {
	return Timeline{Items: []Moment{
		{At: GalleryTime.Add(-4 * time.Minute), Title: "Unit list imported", Note: "20 units, nothing rejected", Who: "Niamh Byrne", Icon: IconUpload, Tone: Good, Href: "#"},
		{At: GalleryTime.Add(-3 * time.Hour), Title: "Welcome pack sent", Note: "office@harpur.example", Who: "System", Icon: IconMail},
		{At: GalleryTime.Add(-50 * time.Hour), Title: "Sign-in refused three times", Who: "Rory Quinn", Icon: IconWarn, Tone: Warn},
	}}
}

func samplePreview() Preview {
	return Preview{Name: "Harpur Homes", Primary: "#7a2e3a", Accent: "#e6b566", Button: "Meet your home", Line: "Welcome to 2 Harpur Park"}
}

func workExamples() []Example {
	return []Example{
		{"progress", Blocks{sampleProgress(), Progress{Label: "Reading the unit list"}}},
		{"wizard", Blocks{sampleWizard()}},
		{"steps", Blocks{Steps{Items: []Step{
			{Label: "Create the developer", State: StepDone, Result: "ten_06dhvqk1m8…", Took: 400 * time.Millisecond},
			{Label: "Import the unit list", State: StepDone, Result: "20 of 611 rows matched, 20 imported", Took: 1200 * time.Millisecond, Link: &Link{Text: "Units", Href: "#"}},
			{Label: "Make the QR codes", State: StepRunning, Done: 12, Total: 20},
			{Label: "Send the welcome pack", State: StepFailed, Error: "The mail server refused the address. Correct it and resume."},
			{Label: "Make the launch kit", State: StepPending},
			{Label: "Create the deal", State: StepWaiting, Result: "Waiting for HubSpot to be connected."},
		}}}},
		{"mapping", Blocks{sampleMapping()}},
		{"upload", Blocks{Upload{Action: "#", Label: "Drop the unit list here, or choose a file", Hint: "CSV or XLSX, up to 50 MB. Any column order; the next step maps them.", Accept: ".csv,.xlsx"}}},
	}
}

func sampleProgress() Progress {
	return Progress{Label: "Making the launch kit", Done: 132, Total: 611, Note: "About a minute left."}
}

func sampleWizard() Wizard {
	return Wizard{Steps: []WizardStep{
		{Label: "Developer", Href: "#", Done: true}, {Label: "Brand", Href: "#", Done: true}, {Label: "Units", Current: true},
		{Label: "Review"}, {Label: "Launch"}}}
}

func sampleMapping() Mapping {
	targets := []Option{{Value: "address", Label: "Address"}, {Value: "price", Label: "Price"}, {Value: "sold_on", Label: "Sold on"}, {Value: "postcode", Label: "Eircode or postcode"}}
	return Mapping{Action: "#", Title: "What the columns are", Lead: "611 rows, Windows-1252, separated by commas.", Targets: targets,
		Fields: []Field{{Name: "filter", Label: "Keep rows whose address contains", Value: "Harpur Lane", Hint: "20 of 611 rows match."}},
		Columns: []MappedColumn{
			{Source: "Date of Sale (dd/mm/yyyy)", Name: "column-0", Target: "sold_on", Samples: []string{"01/02/2023", "02/02/2023"}, Detected: "by its name"},
			{Source: "Address", Name: "column-1", Target: "address", Samples: []string{"2 HARPUR PARK, HARPUR LANE, LEIXLIP"}, Detected: "by its name"},
			{Source: "Price (€)", Name: "column-2", Target: "price", Samples: []string{"€458,150.00", "€396,475.77"}, Detected: "by its values"},
			{Source: "VAT Exclusive", Name: "column-3", Samples: []string{"Yes", "No"}},
		}, Cancel: &Link{Text: "Back", Href: "#"}}
}
