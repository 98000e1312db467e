package web

import (
	"errors"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// landingPage is what a buyer sees: the form to sign up, or with nil that this
// is done, or that the developer rests.
func landingPage(d door, u core.Unit, f *ui.Form) ui.Landing {
	page := ui.Landing{
		Brand: ui.Brand{Name: d.brand.Name}, Style: "/q/" + d.code + "/brand.css",
		Unit: u.Label, Development: u.Development, Address: placeOf(u),
		Title: "Welcome home", Form: f,
		Welcome: "Sign up once, and " + d.brand.Name + " can reach you about your new home: manuals, warranties and everything around the hand-over.",
		Foot:    d.brand.Name + " is responsible for your data.",
	}
	if len(d.brand.Logo) > 0 {
		page.Brand.Logo = "/q/" + d.code + "/logo"
	}
	if d.settings.Contact.Email != "" {
		page.Links = []ui.Link{{Text: "Write to " + d.brand.Name, Href: "mailto:" + d.settings.Contact.Email}}
	}
	if f != nil {
		return page
	}
	if d.tenant.Status == core.TenantSuspended {
		page.Title, page.Welcome = "Please come back later", "Signing up isn't possible at the moment. Your code stays as it is."
		return page
	}
	page.Done = &ui.Notice{
		Title: "Thank you", Text: "You are signed up for " + u.Label + ".",
		Items: []string{"Keep the letter with the code: it opens this page at any time.", d.brand.Name + " writes to you by e-mail when there is something for you.", "To change or withdraw what you have told us, write to " + d.brand.Name + "."},
	}
	return page
}

// placeOf is a unit's address without what the label has said already.
func placeOf(u core.Unit) string {
	address := strings.TrimSpace(u.Address)
	if rest, ok := strings.CutPrefix(address, u.Label); ok {
		address = strings.TrimLeft(rest, ", ")
	}
	return joinNonEmpty(", ", address, u.Postcode)
}

// signUpForm asks for no more than it takes. A changed consent text needs a
// new consentVersion.
func signUpForm(d door) ui.Form {
	return ui.Form{
		Plain: true, Action: "/q/" + d.code, Submit: "Sign up",
		Fields: []ui.Field{
			{Name: "name", Label: "Your name", Required: true, Complete: "name", MaxLength: 120},
			{Kind: ui.EmailField, Name: "email", Label: "E-mail", Required: true, Complete: "email", MaxLength: 254},
			{Kind: ui.Checkbox, Name: "consent", Required: true, Label: "I agree that " + d.brand.Name + " keeps my name and e-mail to look after my home and to write to me about it. I can withdraw this at any time."},
		},
	}
}

// signUpWords says to a buyer what the directory says to staff.
func signUpWords(err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}
	words := map[string]string{
		"name":    "Please tell us your name, in up to 120 characters.",
		"email":   "Please write an e-mail address such as name@example.com.",
		"consent": "We can sign you up only if you agree.",
	}
	said := &core.Error{Code: e.Code, Message: e.Message}
	for _, f := range e.Fields {
		if word, ok := words[f.Field]; ok {
			f.Reason = word
		}
		said.Fields = append(said.Fields, f)
	}
	return said
}
