package ui

import "time"

// SampleShell is the shell of a member of staff, or with Portal of a
// developer's.
func SampleShell(accent Accent) Shell {
	s := Shell{
		Accent: accent, Locale: "en-IE", Zone: time.UTC, Now: GalleryTime, Path: "/", Palette: "/palette", Version: "v0.1.0",
		Person: Person{Name: "Niamh Byrne", Email: "niamh@openhouse.example", Role: "Owner", SignOut: "/sign-out", Links: []Link{{Text: "Profile", Href: "#", Icon: IconUser}}},
		State:  &State{Text: "All systems normal", Tone: Good, Href: "/status"},
		Nav: []NavGroup{
			{Title: "Overview", Items: []NavItem{{Label: "Executive", Href: "#", Icon: IconExecutive, Current: true}, {Label: "Revenue", Href: "#", Icon: IconRevenue}, {Label: "Analytics", Href: "#", Icon: IconAnalytics}}},
			{Title: "Developers", Items: []NavItem{{Label: "Tenants", Href: "#", Icon: IconTenant}, {Label: "Onboarding", Href: "#", Icon: IconOnboard, Count: 5}, {Label: "Billing", Href: "#", Icon: IconBilling}, {Label: "Costs", Href: "#", Icon: IconCosts}}},
			{Title: "Operate", Items: []NavItem{{Label: "Incidents", Href: "#", Icon: IconIncident, Count: 2, Tone: Bad}, {Label: "Jobs", Href: "#", Icon: IconJobs}, {Label: "Outbox", Href: "#", Icon: IconMail}, {Label: "Audit", Href: "#", Icon: IconAudit}, {Label: "API", Href: "#", Icon: IconAPI}}},
		},
	}
	if accent == Portal {
		s.Brand, s.Palette = &Brand{Name: "Harpur Homes"}, ""
		s.Nav = []NavGroup{{Items: []NavItem{{Label: "Overview", Href: "#", Icon: IconExecutive, Current: true}, {Label: "Developments", Href: "#", Icon: IconDevelop}, {Label: "Units", Href: "#", Icon: IconHome}, {Label: "Homeowners", Href: "#", Icon: IconUsers}, {Label: "Documents", Href: "#", Icon: IconDocument}}}}
		s.Impersonation = &Impersonation{Who: "Rory Quinn at Harpur Homes", Reason: "The site office asked for help", Until: GalleryTime.Add(22 * time.Minute), Exit: "/impersonation/end"}
	}
	return s
}

// SamplePage is a page with figures, charts and a list.
func SamplePage() Page {
	return Page{Title: "Executive",
		Head: Head{Title: "Good morning, Niamh", Lead: "3 tenants need attention before Friday’s billing run.",
			Segments: []Tab{{Label: "30 d", Href: "#"}, {Label: "90 d", Href: "#"}, {Label: "12 m", Href: "#", Current: true}},
			Actions:  []Action{{Label: "New tenant", Href: "#", Icon: IconPlus, Kind: Primary}}},
		Blocks: Blocks{sampleStats(), Grid{Layout: WideLeft, Blocks: Blocks{sampleLines(), sampleWeek()}}, SampleTable()}}
}

// SampleSignIn is the sign-in page.
func SampleSignIn() Bare {
	return Bare{Title: "Sign in", Lead: "To the console of OpenHouse.", Links: []Link{{Text: "Status", Href: "#"}, {Text: "Help", Href: "#"}},
		Blocks: Blocks{Form{Plain: true, Action: "/sign-in", Submit: "Sign in", Fields: []Field{
			{Kind: EmailField, Name: "email", Label: "E-mail", Required: true, Complete: "username", Autofocus: true},
			{Kind: PasswordField, Name: "password", Label: "Password", Required: true, Complete: "current-password"}}}}}
}

// SampleLanding is the page of a unit's code, before or after the sign-up.
func SampleLanding(done bool) Landing {
	l := Landing{Brand: Brand{Name: "Harpur Homes"}, Unit: "2 Harpur Park", Development: "Harpur Lane", Address: "Leixlip, Co. Kildare",
		Title: "Welcome home", Welcome: "Sign up once and everything about your new home is here: manuals, warranties, who to call, and answers at any hour.",
		Foot:  "Harpur Homes is responsible for your data and keeps it in the EU.",
		Links: []Link{{Text: "Privacy", Href: "#"}, {Text: "Contact", Href: "#"}}}
	if done {
		l.Done = &Notice{Title: "Thank you, Aoife", Text: "We have sent a letter to aoife@example.com.", Items: []string{"Open the letter and confirm your e-mail.", "Your site team checks that you are the buyer.", "Your guide opens on this phone."}}
		return l
	}
	l.Form = &Form{Plain: true, Action: "#", Submit: "Get started", Fields: []Field{
		{Name: "name", Label: "Your name", Required: true, Complete: "name"},
		{Kind: EmailField, Name: "email", Label: "E-mail", Required: true, Complete: "email"},
		{Kind: Checkbox, Name: "consent", Label: "I agree that Harpur Homes keeps my name and e-mail to look after my home.", Required: true}}}
	return l
}
