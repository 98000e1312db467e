package onboard

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"golang.org/x/text/language"
)

var (
	codeForm     = regexp.MustCompile(`^[A-Z0-9]{2,8}$`)
	colourForm   = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

// Limits of text, in characters.
const (
	maxName    = 120
	maxAddress = 300
)

// defaultPrimary is the colour of a brand that names none.
const defaultPrimary = "#075a4d"

// Check reads the whole request, its logo and its unit list, and changes
// nothing. Returns invalid with every problem at once, or what the unit list
// holds.
func (p *Pipeline) Check(ctx context.Context, request core.Provision) (UnitList, error) {
	request = tidy(request)
	problems := p.checkDeveloper(ctx, request)
	problems = append(problems, checkTheme(request)...)
	if _, err := p.readLogo(ctx, request); err != nil {
		for _, problem := range fieldsOf(err, "theme.logo") {
			problems.Add("theme.logo", problem.Value, problem.Reason)
		}
	}
	checkText(&problems, "development.name", request.Development.Name, maxName, "is missing: the name of the first development")
	checkText(&problems, "development.address", request.Development.Address, maxAddress, "")
	problems = append(problems, p.checkUploads(ctx, request)...)
	list, err := p.readUnits(ctx, request, nil)
	if err != nil {
		problems = append(problems, fieldsOf(err, "units.file")...)
	}
	if !request.Units.SkipInvalid {
		problems = append(problems, list.Errors...)
	}
	if request.Units.File != "" && err == nil && list.Imported == 0 && len(problems) == 0 {
		problems.Add("units.filter", request.Units.Filter, fmt.Sprintf("matches none of the file's %d rows", list.Rows))
	}
	return list, problems.Err()
}

// tidy trims what people type, and fills in what follows from the rest.
func tidy(r core.Provision) core.Provision {
	for _, s := range []*string{
		&r.Developer.Name, &r.Developer.Code, &r.Developer.Region, &r.Developer.Contact.Name, &r.Developer.Contact.Email,
		&r.Developer.Contact.Phone, &r.Developer.PortalURL, &r.Theme.Primary, &r.Theme.Accent, &r.Development.Name, &r.Development.Address,
	} {
		*s = strings.Join(strings.Fields(*s), " ")
	}
	r.Developer.Code = strings.ToUpper(r.Developer.Code)
	if r.Theme.Primary == "" {
		r.Theme.Primary = defaultPrimary
	}
	if r.Theme.Accent == "" {
		r.Theme.Accent = r.Theme.Primary
	}
	return r
}

func (p *Pipeline) checkDeveloper(ctx context.Context, r core.Provision) core.Problems {
	var problems core.Problems
	d := r.Developer
	checkText(&problems, "developer.name", d.Name, maxName, "is missing")
	checkText(&problems, "developer.contact.name", d.Contact.Name, maxName, "is missing")
	checkText(&problems, "developer.contact.phone", d.Contact.Phone, maxName, "")
	if !codeForm.MatchString(d.Code) {
		problems.Add("developer.code", d.Code, "takes 2 to 8 letters and digits, such as HARP")
	} else if _, err := p.Store.FindByCode(ctx, d.Code); err == nil {
		problems.Add("developer.code", d.Code, "belongs to another tenant")
	}
	if !p.hasRegion(d.Region) {
		problems.Add("developer.region", d.Region, "is not one of "+strings.Join(p.regionNames(), ", "))
	}
	if address, err := mail.ParseAddress(d.Contact.Email); err != nil || address.Address != d.Contact.Email {
		problems.Add("developer.contact.email", d.Contact.Email, "is not an e-mail address")
	}
	if _, err := language.Parse(d.Locale); d.Locale != "" && err != nil {
		problems.Add("developer.locale", d.Locale, "is not a language tag such as en-IE")
	}
	if _, err := time.LoadLocation(d.TimeZone); err != nil || d.TimeZone == "Local" {
		problems.Add("developer.time_zone", d.TimeZone, "is not an IANA time zone such as Europe/Dublin")
	}
	if d.Currency != "" && !currencyForm.MatchString(d.Currency) {
		problems.Add("developer.currency", d.Currency, "is not an ISO 4217 code such as EUR")
	}
	if u, err := url.Parse(d.PortalURL); d.PortalURL != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		problems.Add("developer.portal_url", d.PortalURL, "is not an https address")
	}
	return problems
}

// checkText says whether a text is missing, unless missing is empty, too long
// or not for reading.
func checkText(problems *core.Problems, field, value string, limit int, missing string) {
	switch {
	case value == "" && missing != "":
		problems.Add(field, "", missing)
	case utf8.RuneCountInString(value) > limit:
		problems.Add(field, value, fmt.Sprintf("is longer than %d characters", limit))
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		problems.Add(field, "", "contains control characters")
	}
}

// checkUploads says which uploads are not this request's to use. That they
// exist is seen when they are read.
func (p *Pipeline) checkUploads(ctx context.Context, r core.Provision) core.Problems {
	var problems core.Problems
	if r.Units.File == "" && (r.Units.Filter != "" || len(r.Units.Mapping) > 0) {
		problems.Add("units.file", "", "is missing, though there is a filter or a mapping for it")
	}
	for _, upload := range []struct{ field, id string }{{"theme.logo", r.Theme.Logo}, {"units.file", r.Units.File}} {
		file, content, err := p.Store.Staged(ctx, upload.id)
		if err != nil {
			continue
		}
		content.Close()
		switch {
		case file.Owner != "":
			problems.Add(upload.field, upload.id, "is used by another onboarding; upload the file again")
		case file.Region != r.Developer.Region && p.hasRegion(r.Developer.Region):
			problems.Add(upload.field, upload.id, "lies in "+file.Region+"; upload the file again, to "+r.Developer.Region)
		}
	}
	return problems
}

func checkTheme(r core.Provision) core.Problems {
	var problems core.Problems
	for _, colour := range []struct{ field, value string }{{"theme.primary", r.Theme.Primary}, {"theme.accent", r.Theme.Accent}} {
		if !colourForm.MatchString(colour.value) {
			problems.Add(colour.field, colour.value, "is not a colour such as #075a4d")
		}
	}
	return problems
}

func (p *Pipeline) regionNames() []string {
	var names []string
	for _, region := range p.Store.Regions() {
		names = append(names, region.Name)
	}
	return names
}

func (p *Pipeline) hasRegion(name string) bool { return slices.Contains(p.regionNames(), name) }

// fieldsOf is the field errors inside err, or err itself as a problem of field.
func fieldsOf(err error, field string) core.Problems {
	e, ok := errors.AsType[*core.Error](err)
	switch {
	case ok && len(e.Fields) > 0:
		return e.Fields
	case ok:
		return core.Problems{{Field: field, Reason: e.Message}}
	}
	return core.Problems{{Field: field, Reason: "can't be read"}}
}
