package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// createUnit adds a unit, which gets a fresh code.
var createUnit = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		developments, err := q.developmentFilter()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		currency, err := q.currency()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		if len(developments.Options) == 0 {
			return ui.Page{}, ui.Form{}, core.Errorf(core.Conflict, "Add a development first: every unit belongs to one.")
		}
		f := unitForm(core.Unit{}, currency)
		chosen := ui.Field{Kind: ui.Select, Name: "development_id", Label: "Development", Value: developments.Value, Options: developments.Options, Required: true, Placeholder: "Choose…"}
		if chosen.Value == "" && len(developments.Options) == 1 {
			chosen.Value = developments.Options[0].Value
		}
		f.Fields = append([]ui.Field{chosen}, f.Fields...)
		f.Action, f.Submit = ui.Address(q.base+"/units/new", nil, "development", developments.Value), "Add unit"
		f.Cancel = &ui.Link{Text: "Cancel", Href: q.base + "/units"}
		return q.leaf("/units", "Add unit"), f, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		currency, err := q.currency()
		if err != nil {
			return "", "", err
		}
		u, err := sentUnit(sent, currency)
		if err != nil {
			return "", "", err
		}
		u.DevelopmentID = sent.Get("development_id")
		u, err = q.site.Units.Create(q.ctx, q.tenant.ID, u)
		return q.base + "/units/" + u.ID, u.Label + " is added and has its code.", err
	},
}

// editUnit changes what describes a unit.
var editUnit = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		u, err := q.unit()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		currency, err := q.currencyOf(u)
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/units/" + u.ID
		f := unitForm(u, currency)
		f.Lead = "In " + u.Development + ". Its code stays the same."
		f.Action, f.Cancel = address+"/edit", &ui.Link{Text: "Cancel", Href: address}
		return q.leaf("/units", "Edit "+u.Label, ui.Link{Text: u.Label, Href: address}), f, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		before, err := q.unit()
		if err != nil {
			return "", "", err
		}
		currency, err := q.currencyOf(before)
		if err != nil {
			return "", "", err
		}
		u, err := sentUnit(sent, currency)
		if err != nil {
			return "", "", err
		}
		u.ID = before.ID
		u, err = q.site.Units.Update(q.ctx, q.tenant.ID, u)
		return q.base + "/units/" + before.ID, u.Label + " is saved.", err
	},
}

func unitForm(u core.Unit, currency string) ui.Form {
	price := ""
	if u.Price != nil {
		price, _, _ = strings.Cut(u.Price.String(), " ")
	}
	return ui.Form{Guard: true, Fields: []ui.Field{
		{Name: "label", Label: "Label", Value: u.Label, Required: true, MaxLength: 120, Hint: "How people on site name it: 2 Harpur Park. It is printed beside the code."},
		{Name: "address", Label: "Address", Value: u.Address, MaxLength: 300},
		{Name: "county", Label: "County", Value: u.County, MaxLength: 60, Half: true},
		{Name: "postcode", Label: "Postcode", Value: u.Postcode, MaxLength: 12, Half: true, Hint: "Eircode or UK postcode."},
		{Name: "kind", Label: "Kind", Value: u.Kind, MaxLength: 60, Half: true, Placeholder: "House"},
		{Name: "size", Label: "Size", Value: u.Size, MaxLength: 120, Half: true},
		{Name: "price", Label: "Price", Value: price, Prefix: currency, MaxLength: 20, Half: true},
		{Kind: ui.DateField, Name: "sold_on", Label: "Sold on", Value: u.SoldOn, Half: true},
		versionField(u.Version),
	}}
}

// sentUnit reads the form. Returns invalid for a price that can't be read.
func sentUnit(sent values, currency string) (core.Unit, error) {
	u := core.Unit{
		Label: sent.Get("label"), Address: sent.Get("address"), County: sent.Get("county"), Postcode: sent.Get("postcode"),
		Kind: sent.Get("kind"), Size: sent.Get("size"), SoldOn: sent.Get("sold_on"), Version: sentVersion(sent),
	}
	if price := strings.TrimSpace(sent.Get("price")); price != "" {
		minor, ok := minorUnits(price, core.Exponent(currency))
		if !ok {
			return u, core.Problems{{Field: "price", Value: price, Reason: "is not an amount such as 395,000 or 395000.50"}}.Err()
		}
		u.Price = &core.Money{Minor: minor, Currency: currency}
	}
	return u, nil
}

// minorUnits reads an amount with so many decimals; commas, spaces and
// apostrophes between the thousands don't matter.
func minorUnits(s string, exponent int) (int64, bool) {
	s = strings.NewReplacer(",", "", " ", "", "'", "", "\u00a0", "").Replace(s)
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" || len(whole) > 12 || len(fraction) > exponent {
		return 0, false
	}
	for _, r := range whole + fraction {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", exponent-len(fraction)), 10, 64)
	return minor, err == nil
}

// currency is what the tenant's prices are in.
func (q *request) currency() (string, error) {
	settings, err := q.site.Tenants.Settings(q.ctx, q.tenant.ID)
	if core.CodeOf(err) == core.NotFound {
		return "EUR", nil
	}
	return settings.Currency, err
}

// currencyOf is the currency that a unit's price is in already.
func (q *request) currencyOf(u core.Unit) (string, error) {
	if u.Price != nil {
		return u.Price.Currency, nil
	}
	return q.currency()
}

// handOver notes on which day the buyer got the keys.
var handOver = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		u, err := q.unit()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/units/" + u.ID
		today := q.site.Now().In(q.zone()).Format(time.DateOnly)
		day, title, lead := today, "Hand over "+u.Label, "From this day the unit counts as handed over, and subscribers are told."
		if u.HandedOverAt != nil {
			day, title, lead = u.HandedOverAt.In(q.zone()).Format(time.DateOnly), "Correct the hand-over of "+u.Label, "It stays handed over; the day changes, and the audit log keeps both."
		}
		return q.leaf("/units", title, ui.Link{Text: u.Label, Href: address}), ui.Form{
			Action: address + "/hand-over", Lead: lead, Submit: "Hand over", Cancel: &ui.Link{Text: "Cancel", Href: address},
			Fields: []ui.Field{{Kind: ui.DateField, Name: "handed_over_at", Label: "Day of the hand-over", Value: day, Max: today, Required: true}},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		at, err := q.handOverTime(sent.Get("handed_over_at"))
		if err != nil {
			return "", "", err
		}
		u, err := q.site.Units.HandOver(q.ctx, q.tenant.ID, q.Params("unit"), at)
		return q.base + "/units/" + u.ID, u.Label + " is handed over.", err
	},
}

// handOverTime is noon of the day that was said, or now if that is to come.
func (q *request) handOverTime(day string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(day), q.zone())
	if err != nil {
		return at, core.Problems{{Field: "handed_over_at", Value: day, Reason: "is not a date such as 2026-03-31"}}.Err()
	}
	now := q.site.Now().In(q.zone())
	if noon := at.Add(12 * time.Hour); noon.Before(now) || at.Format(time.DateOnly) != now.Format(time.DateOnly) {
		return noon, nil
	}
	return time.Time{}, nil
}

// deleteUnit removes a unit without homeowners.
var deleteUnit = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		u, err := q.unit()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		address := q.base + "/units/" + u.ID
		gone := deletion{
			page: q.leaf("/units", "Delete "+u.Label, ui.Link{Text: u.Label, Href: address}), name: u.Label,
			action: address + "/delete", back: address, verb: "Delete unit",
			consequence: "The unit goes for good, and its code leads nowhere from then on: a label or letter that is printed already can't be mended.",
		}
		if u.Homeowners > 0 {
			gone.blocked = u.Label + " has " + plural(u.Homeowners, "homeowner") + ". Delete those first."
		}
		return gone.build()
	},
	do: func(q *request, sent values) (string, string, error) {
		u, err := q.unit()
		if err == nil {
			err = typed(sent, u.Label)
		}
		if err == nil {
			err = q.site.Units.Delete(q.ctx, q.tenant.ID, u.ID)
		}
		return q.base + "/developments/" + u.DevelopmentID, u.Label + " is deleted.", err
	},
}
