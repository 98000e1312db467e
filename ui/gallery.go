package ui

import (
	"slices"
	"time"
)

// Example is one kind of block or value with made-up data, in the states that
// it has. Development shows them all at /dev/components.
type Example struct {
	Kind   string // see Kind
	Blocks Blocks
}

// GalleryTime is when the made-up data of the gallery is from.
var GalleryTime = time.Date(2026, 11, 22, 9, 12, 0, 0, time.UTC)

// Gallery returns an example of every block and every value.
func Gallery() []Example {
	return slices.Concat(figureExamples(), listExamples(), formExamples(), frameExamples(),
		contentExamples(), workExamples(), valueExamples())
}

// GalleryPage is the gallery as a page, each kind under its name.
func GalleryPage() Page {
	page := Page{Head: Head{Title: "Components", Lead: "Every block and value, with made-up data."}}
	for _, e := range Gallery() {
		page.Blocks = append(page.Blocks, Section{ID: e.Kind, Title: e.Kind})
		page.Blocks = append(page.Blocks, e.Blocks...)
	}
	return page
}

func figureExamples() []Example {
	return []Example{
		{"stats", Blocks{sampleStats()}},
		{"chart", Blocks{Grid{Blocks: Blocks{sampleLines(), sampleBars()}}}},
		{"heatmap", Blocks{sampleWeek()}},
	}
}

func sampleStats() Stats {
	return Stats{Items: []Stat{
		{Label: "MRR", Value: Money{9291700, "GBP"}, Change: "+4.2%", Tone: Good, Versus: "vs October", Href: "/revenue",
			Spark: []int64{58, 60, 62, 65, 67, 71, 74, 75, 78, 82, 89, 93}},
		{Label: "Net revenue retention", Value: Number{Value: 112, Unit: "%"}, Change: "+1.1 pt", Tone: Good, Versus: "vs October",
			Spark: []int64{101, 103, 105, 106, 108, 108, 109, 110, 111, 111, 112, 112}},
		{Label: "Homeowners activated", Value: Number{Value: 714, Decimals: 1, Unit: "%"}, Change: "−0.8 pt", Tone: Bad, Versus: "vs October",
			Spark: []int64{70, 69, 71, 72, 71, 70, 69, 70, 72, 73, 74, 71}},
		{Label: "Cost per unit", Value: Money{183, "GBP"}, Change: "−£0.12", Tone: Good, Versus: "vs October",
			Spark: []int64{24, 23, 23, 22, 21, 20, 20, 19, 18, 19, 18, 18}},
	}}
}

var months = []string{"Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov"}

func sampleLines() Chart {
	return Chart{Title: "Monthly recurring revenue", Labels: months, Unit: Unit{Currency: "GBP"}, Series: []Series{
		{Name: "This year", Values: []int64{5800000, 6010000, 6220000, 6470000, 6740000, 7080000, 7330000, 7490000, 7800000, 8120000, 8917000, 9291700}},
		{Name: "Last year", Comparison: true, Values: []int64{3900000, 4010000, 4100000, 4190000, 4280000, 4380000, 4540000, 4700000, 4860000, 5010000, 5150000, 5310000}},
	}}
}

func sampleBars() Chart {
	return Chart{Title: "Cost by category", Lead: "last 6 months", Kind: Bars, Labels: months[6:], Unit: Unit{Currency: "GBP"}, Series: []Series{
		{Name: "Models", Values: []int64{182000, 191000, 204000, 211000, 246000, 251000}},
		{Name: "Speech", Values: []int64{64000, 69000, 71000, 70000, 88000, 92000}},
		{Name: "Maps", Values: []int64{31000, 30000, 33000, 36000, 39000, 41000}},
		{Name: "Budget", Values: []int64{350000, 350000, 350000, 350000, 350000, 350000}, Comparison: true},
	}}
}

func sampleWeek() Heatmap {
	h := Heatmap{Title: "When homeowners sign in", Lead: "last 28 days", Zone: "Europe/Dublin", Noun: "sign-ins"}
	weekday := [24]int64{0, 0, 0, 0, 0, 0, 6, 19, 31, 22, 14, 9, 12, 10, 9, 8, 10, 14, 29, 48, 54, 52, 41, 20}
	weekend := [24]int64{0, 0, 0, 0, 0, 4, 7, 12, 15, 24, 46, 51, 44, 39, 31, 27, 22, 20, 24, 28, 26, 22, 12, 7}
	for day := range h.Cells {
		for hour := range 24 {
			n := weekday[hour]
			if day > 4 {
				n = weekend[hour]
			}
			if n > 0 {
				n += int64((day*7 + hour*5) % 6)
			}
			h.Cells[day][hour] = n
		}
	}
	return h
}

func frameExamples() []Example {
	panel := Section{Title: "Residency", Lead: "Where this tenant's data may be.", Status: &Badge{"Within policy", Good},
		Actions: []Action{{Label: "Change", Href: "/settings", Icon: IconEdit}}, Blocks: Blocks{sampleDetails()}}
	danger := Section{Title: "Delete tenant", Danger: true, Blocks: Blocks{Notice{Tone: Warn, Text: "Deleting can't be undone."}},
		Actions: []Action{{Label: "Delete tenant", Href: "/delete", Kind: Danger, Icon: IconTrash}}}
	return []Example{
		{"section", Blocks{panel, danger}},
		{"grid", Blocks{Grid{Layout: Thirds, Blocks: Blocks{sampleProgress(), sampleProgress(), sampleProgress()}}}},
		{"stack", Blocks{Grid{Layout: WideLeft, Blocks: Blocks{panel, Stack{Blocks{sampleProgress(), sampleTimeline()}}}}}},
		{"tabs", Blocks{Tabs{Items: []Tab{{Label: "Overview", Href: "#", Current: true}, {Label: "Units", Href: "#", Count: new(611)}, {Label: "Audit", Href: "#"}}}}},
		{"live", Blocks{Live{ID: "example-live", Blocks: Blocks{sampleProgress()}}}},
	}
}

func valueExamples() []Example {
	show := func(kind string, items ...Detail) Example {
		return Example{kind, Blocks{Details{Columns: 3, Items: items}}}
	}
	return []Example{
		show("text", Detail{Label: "Plain", Value: Text{Text: "Growth"}}, Detail{Label: "With a note", Value: Text{Text: "Growth", Note: "since March"}}, Detail{Label: "Nothing"}),
		show("link", Detail{Label: "Plain", Value: Link{Text: "Harpur Lane", Href: "#"}}, Detail{Label: "Monogram", Value: Link{Text: "Harpur Homes", Href: "#", Monogram: "HH", Note: "HARP"}}, Detail{Label: "External", Value: Link{Text: "Portal", Href: "https://portal.example", External: true}}),
		show("badge", Detail{Label: "Good", Value: Badge{"Active", Good}}, Detail{Label: "Warn", Value: Badge{"Trial ends 3 d", Warn}}, Detail{Label: "Bad", Value: Badge{"Past due", Bad}}, Detail{Label: "Info", Value: Badge{"Running", Info}}, Detail{Label: "Plain", Value: Badge{"Draft", Plain}}),
		show("number", Detail{Label: "Whole", Value: Number{Value: 1234567}}, Detail{Label: "Share", Value: Number{Value: 714, Decimals: 1, Unit: "%"}}, Detail{Label: "Signed", Value: Number{Value: 12, Signed: true, Tone: Good}}),
		show("money", Detail{Label: "Euro", Value: Money{45815000, "EUR"}}, Detail{Label: "Credit", Value: Money{-120050, "GBP"}}, Detail{Label: "Yen", Value: Money{120000, "JPY"}}),
		show("time", Detail{Label: "Relative", Value: Time{At: GalleryTime.Add(-50 * time.Hour)}}, Detail{Label: "Exact", Value: Time{At: GalleryTime, Exact: true}}, Detail{Label: "Date", Value: Time{At: GalleryTime, Date: true}}, Detail{Label: "Never", Value: Time{}}),
		show("meter", Detail{Label: "Share", Value: Meter{Done: 81, Total: 100}}, Detail{Label: "Over", Value: Meter{Done: 12, Total: 10, Tone: Bad}}),
		show("id", Detail{Label: "Id", Value: ID{Text: "ten_06dhvqk1m8s3f0a2b4c6d8e0fg"}}, Detail{Label: "Linked", Value: ID{Text: "run_06dhvqk1m8", Href: "#"}}),
		show("actions", Detail{Label: "One and a menu", Value: Actions{[]Action{{Label: "Resend", Href: "/resend", Post: true}, {Label: "Edit", Href: "#"}, {Label: "Delete", Href: "/delete", Kind: Danger, Post: true, Confirm: "The unit and its 2 homeowners go."}}}}),
	}
}
