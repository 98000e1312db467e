package unitlist

import (
	"regexp"
	"slices"
	"strings"
)

// field is what a column fills.
type field string

const (
	address  field = "address"
	label    field = "label"
	county   field = "county"
	postcode field = "postcode"
	price    field = "price"
	soldOn   field = "sold_on"
	kind     field = "kind"
	size     field = "size"
	beds     field = "beds"
)

// synonym is the meaning of a heading. Part orders the columns of an address
// that comes in several; rank says which of two headings for the same is
// meant, lower first.
type synonym struct {
	field field
	part  int
	rank  int
}

// slot is what only one column may fill.
func (s synonym) slot() string { return string(s.field) + string(rune('0'+s.part)) }

// Parts of an address in the order in which they are written.
const (
	flatPart = iota + 1
	numberPart
	streetPart
	secondPart
	thirdPart
	estatePart
	localityPart
	townPart
)

// headings lists the known headings, folded: the Irish property price
// register, the price-paid data of HM Land Registry, and the sheets that
// developers and their agents keep. The first of a line is the clearest.
var headings = []struct {
	field field
	part  int
	names string // separated by commas
}{
	{address, flatPart, "saon, flat, flat no, flat number, apartment no, apartment number, apt no"},
	{address, numberPart, "house no, house number, paon, street no, street number, door no, building number"},
	{address, streetPart, "address, full address, property address, unit address, site address, postal address, address 1, address line 1, address1, addr 1, street, street name, street address, road, seoladh"},
	{address, secondPart, "address 2, address line 2, address2, addr 2"},
	{address, thirdPart, "address 3, address line 3, address3, addr 3, address 4, address line 4"},
	{address, estatePart, "estate, estate name, development, development name, scheme, phase name"},
	{address, localityPart, "locality, area name, townland, suburb"},
	{address, townPart, "town, town city, city, town or city, post town"},
	{label, 0, "unit no, unit number, unit, unit ref, unit reference, unit name, plot no, plot number, plot, site no, site number, site, label, home, house name"},
	{county, 0, "county, contae, region"},
	{postcode, 0, "eircode, postcode, post code, postal code, eir code, zip, zip code, eirchod"},
	{price, 0, "sale price, sales price, selling price, price paid, contract price, purchase price, price, list price, asking price, unit price, price inc vat, price incl vat, price including vat, price ex vat, price excl vat, luach, praghas"},
	{soldOn, 0, "date of sale, sale date, sold on, date sold, sold date, closing date, date closed, close date, completion date, date of transfer, transfer date, deed date, contract date, closed, sold, date"},
	{kind, 0, "description of property, property type, house type, unit type, home type, dwelling type, type of property, type, kind, house style, style"},
	{size, 0, "property size description, size, floor area, gross internal area, internal area, gia, gifa, area, sq m, sqm, m2, sq metres, square metres, area sq m, area sqm, area m2, floor area sq m, floor area sqm, floor area m2, size sq m, size sqm, size m2, sq ft, sqft, ft2, square feet, area sq ft, area sqft, floor area sq ft, floor area sqft, size sq ft, size sqft"},
	{beds, 0, "beds, bedrooms, no of beds, no of bedrooms, number of bedrooms, number of beds, bed"},
}

var synonyms = func() map[string]synonym {
	all := map[string]synonym{}
	for _, h := range headings {
		for rank, name := range strings.Split(h.names, ", ") {
			all[name] = synonym{field: h.field, part: h.part, rank: rank}
		}
	}
	return all
}()

var (
	parentheses = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`)
	currencies  = []string{"eur", "gbp", "euro", "euros", "usd"}
)

// heading folds a heading to the form of the list: without hints in
// parentheses, currencies, case and punctuation. A hint is kept when nothing
// else is there.
func heading(s string) string {
	words := strings.Fields(fold(parentheses.ReplaceAllString(s, " ")))
	if len(words) == 0 {
		words = strings.Fields(fold(s))
	}
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(currencies, w) })
	return strings.Join(words, " ")
}
