package web

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/ui"
	"golang.org/x/text/unicode/norm"
)

// trimmed is a line that was typed, without stray spaces.
func trimmed(sent values, name string) string {
	return strings.Join(strings.Fields(sent.Get(name)), " ")
}

func readDeveloper(q *request, d *onboard.Draft, sent values) error {
	r := &d.Provision.Developer
	r.Name, r.Region, r.PortalURL = trimmed(sent, "developer.name"), sent.Get("developer.region"), trimmed(sent, "developer.portal_url")
	r.Currency = sent.Get("developer.currency")
	r.Contact = core.Contact{
		Name: trimmed(sent, "developer.contact.name"), Email: trimmed(sent, "developer.contact.email"), Phone: trimmed(sent, "developer.contact.phone"),
	}
	r.Demo = sent.Has("developer.demo")
	if r.Code = strings.ToUpper(trimmed(sent, "developer.code")); r.Code != "" {
		return nil
	}
	code, err := q.suggestCode(r.Name)
	r.Code = code
	return err
}

// checkDeveloper leaves out that the code is missing when there is no name to
// make it from.
func checkDeveloper(q *request, d onboard.Draft) error {
	err := checkAnswers("developer.")(q, d)
	if d.Provision.Developer.Code != "" || !hasField(err, "developer.name") {
		return err
	}
	problems := slices.DeleteFunc(fieldErrors(err, ""), func(f core.FieldError) bool { return f.Field == "developer.code" })
	return problems.Err()
}

// suggestCode is the beginning of a name as a code that no tenant has: Harpur
// Homes is HARP, or HARP2.
func (q *request) suggestCode(name string) (string, error) {
	base := codeBase(name)
	if len(base) < 2 {
		return "", nil
	}
	for n := 1; n < 100; n++ {
		code := base
		if n > 1 {
			code += strconv.Itoa(n)
		}
		_, err := q.site.Tenants.FindByCode(q.ctx, code)
		if core.CodeOf(err) == core.NotFound {
			return code, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// codeBase is the first four letters of a name, in capitals, without accents.
func codeBase(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(name) {
		if r = unicode.ToUpper(r); r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) && b.Len() < 4 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func drawDeveloper(q *request, d onboard.Draft, problems core.Problems) (ui.Blocks, error) {
	r := d.Provision.Developer
	region := ui.Field{Kind: ui.Radios, Name: "developer.region", Label: "Region", Value: r.Region, Required: true, Hint: "Where this developer's file lies. It can't be changed afterwards."}
	if len(uploads(d)) > 0 {
		region.Hint += " Changing it here removes what has been uploaded."
	}
	for _, known := range q.site.Tenants.Regions() {
		region.Options = append(region.Options, ui.Option{Value: known.Name, Label: q.regionLabel(known.Name), Hint: known.Name})
	}
	body := ui.Form{
		Action: stepAddress(d, "developer"), Submit: "Continue", Guard: true, Extra: []ui.Submit{closeDraft}, Cancel: &ui.Link{Text: "Cancel", Href: onboardingPath},
		Sections: []ui.FieldSection{
			{Title: "Developer", Lead: "The home builder that becomes a tenant.", Fields: []ui.Field{
				versionField(d.Version),
				{Name: "developer.name", Label: "Name", Value: r.Name, Placeholder: "Harpur Homes", Required: true, MaxLength: 120, Half: true, Autofocus: r.Name == "", Complete: "off"},
				{Name: "developer.code", Label: "Code", Value: r.Code, Placeholder: "HARP", MaxLength: 8, Half: true, Complete: "off", Hint: "2 to 8 letters and digits; left empty, it is made from the name."},
				region,
			}},
			{Title: "Contact", Lead: "Gets the welcome pack, and is printed on letters.", Fields: []ui.Field{
				{Name: "developer.contact.name", Label: "Name", Value: r.Contact.Name, Placeholder: "Site office", Required: true, Half: true, Complete: "off"},
				{Name: "developer.contact.phone", Label: "Phone", Value: r.Contact.Phone, Half: true, Complete: "off"},
				{Kind: ui.EmailField, Name: "developer.contact.email", Label: "E-mail", Value: r.Contact.Email, Placeholder: "office@harpur.example", Required: true, Complete: "off"},
			}},
			{Title: "Particulars", Fields: []ui.Field{
				{Kind: ui.URLField, Name: "developer.portal_url", Label: "Portal address", Value: r.PortalURL, Placeholder: "https://homes.harpur.example", Hint: "Where a scanned code leads. Without one it leads to a page in the developer's colours."},
				{Kind: ui.Select, Name: "developer.currency", Label: "Currency", Value: r.Currency, Placeholder: "As usual in the region", Options: currencies, Half: true, Hint: "Of the prices in the unit list."},
				{Kind: ui.Checkbox, Name: "developer.demo", Label: "This is a demo tenant", Checked: r.Demo, Hint: "Marked as such wherever it is listed."},
			}},
		},
	}
	failStep(&body, problems)
	return ui.Blocks{body}, nil
}
