package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/qr"
	"github.com/openhouse-ai/console/ui"
)

// unit is the one that the address names.
func (q *request) unit() (core.Unit, error) {
	return q.site.Units.Find(q.ctx, q.tenant.ID, q.Params("unit"))
}

// codeURL is what a unit's QR code holds.
func (s *site) codeURL(code string) string { return s.BaseURL + "/q/" + code }

// showUnit is one unit with its code and its homeowners.
func showUnit(q *request) (ui.Page, error) {
	u, err := q.unit()
	if err != nil {
		return ui.Page{}, err
	}
	address := q.base + "/units/" + u.ID
	p := q.leaf("/units", u.Label)
	badge := unitBadge(u)
	p.Head.Status, p.Head.Lead = &badge, joinNonEmpty(" · ", u.Development, u.Address, u.Postcode)
	if q.changes(core.DirectoryWrite) {
		p.Head.Actions = unitActions(u, address)
	}
	people, err := q.unitHomeowners(u)
	if err != nil {
		return p, err
	}
	p.Blocks = append(p.Blocks, ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{
		ui.Stack{Blocks: ui.Blocks{q.unitFacts(u), people}},
		q.codeSection(u, address),
	}})
	return p, nil
}

func unitActions(u core.Unit, address string) []ui.Action {
	handOver := ui.Action{Label: "Hand over…", Href: address + "/hand-over", Icon: ui.IconKey, Kind: ui.Primary}
	if u.HandedOverAt != nil {
		handOver.Label, handOver.Kind = "Correct hand-over…", ui.Default
	}
	remove := ui.Action{Label: "Delete…", Href: address + "/delete", Kind: ui.Quiet, Icon: ui.IconTrash}
	if u.Homeowners > 0 {
		remove.Disabled = "A unit with homeowners can't be deleted: it has " + plural(u.Homeowners, "homeowner") + "."
	}
	return []ui.Action{remove, {Label: "Edit", Href: address + "/edit", Icon: ui.IconEdit}, handOver}
}

func (q *request) unitFacts(u core.Unit) ui.Section {
	var price ui.Value
	if u.Price != nil {
		price = ui.Money(*u.Price)
	}
	return ui.Section{Title: "About this unit", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
		{Label: "Development", Value: ui.Link{Text: u.Development, Href: q.base + "/developments/" + u.DevelopmentID}},
		{Label: "Address", Value: textOrNil(u.Address)},
		{Label: "County", Value: textOrNil(u.County)},
		{Label: "Postcode", Value: textOrNil(u.Postcode)},
		{Label: "Kind", Value: textOrNil(u.Kind)},
		{Label: "Size", Value: textOrNil(u.Size)},
		{Label: "Price", Value: price},
		{Label: "Sold on", Value: dayValue(u.SoldOn)},
		{Label: "Handed over", Value: moment(u.HandedOverAt)},
		{Label: "First scan", Value: moment(u.FirstScanAt)},
		{Label: "Id", Value: ui.ID{Text: u.ID}},
		{Label: "Changed", Value: ui.Time{At: u.UpdatedAt}},
	}}}}
}

// codeSection shows the unit's QR code as it is printed.
func (q *request) codeSection(u core.Unit, address string) ui.Section {
	section := ui.Section{Title: "QR code"}
	if u.Code == "" {
		section.Blocks = ui.Blocks{ui.Empty{Title: "No code yet.", Reason: "Codes are given at the end of an onboarding, when its run reaches that step.", Icon: ui.IconQR}}
		return section
	}
	section.Lead = "Never scanned so far."
	if u.FirstScanAt != nil {
		section.Lead = "It has been scanned, so it is out in the world."
	}
	section.Actions = []ui.Action{
		{Label: "SVG", Href: address + "/qr.svg", Icon: ui.IconDownload, Download: true},
		{Label: "PNG", Href: address + "/qr.png", Icon: ui.IconDownload, Download: true},
	}
	url := q.site.codeURL(u.Code)
	section.Blocks = ui.Blocks{
		ui.Image{Src: address + "/qr.svg", Alt: "QR code of " + u.Label, Width: 220, Link: &ui.Link{Text: "Open what it leads to", Href: url, External: true}},
		ui.Details{Columns: 1, Items: []ui.Detail{{Label: "Address", Value: ui.ID{Text: url}}}},
	}
	return section
}

// unitHomeowners are the people of a unit.
func (q *request) unitHomeowners(u core.Unit) (ui.Table, error) {
	list, err := q.site.Homeowners.List(q.ctx, q.tenant.ID, core.Query{Unit: u.ID, Limit: core.MaxLimit})
	if err != nil {
		return ui.Table{}, err
	}
	add := q.addHomeowner(u.ID)
	t := ui.Table{
		ID: "homeowners", Title: "Homeowners", Count: &list.Total,
		Columns: []ui.Column{{Title: "Name"}, {Title: "State"}, {Title: "Onboarded", Numeric: true, Priority: 1}},
		None:    ui.Empty{Title: "Nobody yet.", Reason: "Buyers sign up when they scan the code, or you add them here.", Icon: ui.IconUsers, Action: add},
	}
	if add != nil && list.Total > 0 {
		add.Kind = ui.Default
		t.Actions = []ui.Action{*add}
	}
	for _, h := range list.Items {
		href := q.base + "/homeowners/" + h.ID
		t.Rows = append(t.Rows, ui.Row{Href: href, Cells: ui.Values{
			ui.Link{Text: h.Name, Href: href, Monogram: ui.Monogram(h.Name), Note: h.Email}, homeownerBadge(h), moment(h.OnboardedAt),
		}})
	}
	return t, nil
}

// pngScale is the width of a module in a downloaded PNG, in pixels.
const pngScale = 16

// unitQR answers with a unit's code as a picture: qr.svg or qr.png.
func unitQR(format string) func(*request) error {
	return func(q *request) error {
		u, err := q.unit()
		if err != nil {
			return err
		}
		if u.Code == "" {
			return core.Errorf(core.NotFound, "%s has no code yet.", u.Label)
		}
		code, err := qr.Encode(q.site.codeURL(u.Code))
		if err != nil {
			return fmt.Errorf("draw code of %s: %w", u.ID, err)
		}
		body, media := code.SVG(), "image/svg+xml"
		if format == "png" {
			media = "image/png"
			if body, err = code.PNG(pngScale); err != nil {
				return err
			}
		}
		q.Set(fiber.HeaderContentDisposition, `inline; filename="`+headerName(strings.ReplaceAll(strings.ToLower(u.Label), " ", "-"))+"."+format+`"`)
		return q.picture(media, body)
	}
}

// pictureRules keep a picture from being anything else, also when it is opened
// by its address.
const pictureRules = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

// picture answers with an image.
func (q *request) picture(media string, body []byte) error {
	q.Set(fiber.HeaderContentSecurityPolicy, pictureRules)
	q.Set(fiber.HeaderContentType, media)
	return q.Status(http.StatusOK).Send(body)
}

func textOrNil(s string) ui.Value {
	if s == "" {
		return nil
	}
	return ui.Text{Text: s}
}

// dayValue is a local date as the directory keeps it.
func dayValue(day string) ui.Value {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	return ui.Text{Text: at.Format("2 Jan 2006")}
}

func joinNonEmpty(by string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, by)
}
