package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
	"github.com/openhouse-ai/console/ui"
)

// unitFields are what a column can become.
var unitFields = []ui.Option{
	{Value: "address", Label: "Address"}, {Value: "label", Label: "Unit number"}, {Value: "county", Label: "County"},
	{Value: "postcode", Label: "Postcode"}, {Value: "price", Label: "Price"}, {Value: "sold_on", Label: "Date of sale"},
	{Value: "kind", Label: "Kind of home"}, {Value: "size", Label: "Size"}, {Value: "beds", Label: "Bedrooms"},
}

func columnField(i int) string { return "column." + strconv.Itoa(i) }

// readColumns takes the filter and the choices. Choices that are what the
// reader finds by itself are left to it: it knows the order of an address.
func readColumns(q *request, d *onboard.Draft, sent values) error {
	units := &d.Provision.Units
	units.Filter, units.SkipInvalid = trimmed(sent, "units.filter"), sent.Has("units.skip_invalid")
	found := d.Provision
	found.Units.Mapping = nil
	list, err := q.site.Onboarding.Inspect(q.ctx, found)
	if err != nil {
		return err
	}
	var problems core.Problems
	mapping, chosen, detected := map[string]string{}, map[string]bool{}, true
	for i, c := range list.Columns {
		field := sent.Get(columnField(i))
		detected = detected && field == c.Field
		switch {
		case field == "" || c.Name == "":
		case !chosen[field]:
			mapping[field], chosen[field] = c.Name, true
		case field == "address":
			mapping[field] += " + " + c.Name
		default:
			problems.Add(columnField(i), "", "Another column fills this already")
		}
	}
	for _, field := range unitFields {
		if !chosen[field.Value] && field.Value != "address" {
			mapping[field.Value] = unitlist.None
		}
	}
	if !chosen["address"] {
		mapping["address"] = unitlist.None
	}
	if units.Mapping = mapping; detected {
		units.Mapping = nil
	}
	return problems.Err()
}

// checkColumns says what keeps the unit list from being imported.
func checkColumns(q *request, d onboard.Draft) error {
	list, err := q.site.Onboarding.Inspect(q.ctx, d.Provision)
	if err != nil {
		return err
	}
	problems := aboutFile(list)
	units := d.Provision.Units
	switch {
	case len(problems) > 0:
	case list.Rejected > 0 && !units.SkipInvalid:
		problems.Add("units.skip_invalid", "", fmt.Sprintf("%s can't be imported. Correct the file, or import the rows that are right", plural(list.Rejected, "row")))
	case list.Imported == 0:
		problems.Add("units.filter", units.Filter, fmt.Sprintf("None of the file's %s would be imported", plural(list.Rows, "row")))
	}
	return problems.Err()
}

// aboutFile are the errors of the file as a whole: what keeps its rows from
// being read.
func aboutFile(list onboard.UnitList) (problems core.Problems) {
	for _, e := range list.Errors {
		if e.Line == 0 {
			problems = append(problems, e)
		}
	}
	return problems
}

func drawColumns(q *request, d onboard.Draft, problems core.Problems) (ui.Blocks, error) {
	list, err := q.site.Onboarding.Inspect(q.ctx, d.Provision)
	if core.CodeOf(err) == core.Invalid && hasField(err, "units.filter") {
		unfiltered := d.Provision
		unfiltered.Units.Filter = ""
		problems = append(problems[:0:0], fieldErrors(err, "")...)
		list, err = q.site.Onboarding.Inspect(q.ctx, unfiltered)
	}
	if core.CodeOf(err) == core.Invalid {
		return ui.Blocks{ui.Notice{
			Tone: ui.Bad, Title: "The unit list can't be read", Text: saying(err), Items: reasons(fieldErrors(err, "")),
			Actions: []ui.Action{{Label: "Upload another file", Href: stepAddress(d, "units"), Icon: ui.IconUpload}},
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	if len(problems) == 0 {
		problems = aboutFile(list)
	}
	blocks := ui.Blocks{listStats(list), columnsForm(d, list, problems)}
	if len(list.Sample) > 0 {
		blocks = append(blocks, sampleTable(list))
	}
	if list.Rejected > 0 {
		blocks = append(blocks, rejectedTable(d, list))
	}
	if len(list.Repeats) > 0 {
		blocks = append(blocks, repeatsTable(list))
	}
	return blocks, nil
}

func hasField(err error, field string) bool {
	return slices.ContainsFunc(fieldErrors(err, ""), func(f core.FieldError) bool { return f.Field == field })
}

func reasons(problems core.Problems) (items []string) {
	for _, p := range problems {
		items = append(items, sentence(p.Reason))
	}
	return items
}

// columnsForm assigns the file's columns to fields of a unit.
func columnsForm(d onboard.Draft, list onboard.UnitList, problems core.Problems) ui.Mapping {
	units := d.Provision.Units
	m := ui.Mapping{
		Action: stepAddress(d, "columns"), Title: "Columns", Lead: fileFacts(list), Targets: unitFields,
		Hidden: []ui.Hidden{{Name: "version", Value: versionField(d.Version).Value}},
		Fields: []ui.Field{{Name: "units.filter", Label: "Keep rows whose address contains", Value: units.Filter, Placeholder: d.Provision.Development.Name, Half: true, Hint: "Left empty, all rows are kept."}},
		Extra:  []ui.Submit{{Label: "Update preview", Name: "then", Value: "stay"}, closeDraft},
		Cancel: &ui.Link{Text: "Back", Href: stepAddress(d, "units")},
	}
	if list.Rejected > 0 || units.SkipInvalid {
		m.Fields = append(m.Fields, ui.Field{Kind: ui.Checkbox, Name: "units.skip_invalid", Label: "Import the rows that are right", Checked: units.SkipInvalid, Hint: "Those that can't be read are left out."})
	}
	byHand := len(units.Mapping) > 0
	for i, c := range list.Columns {
		if c.Name == "" {
			continue
		}
		column := ui.MappedColumn{Source: c.Name, Samples: c.Samples, Name: columnField(i), Target: c.Field}
		switch {
		case byHand && c.Field != "":
			column.Detected = "as you chose"
		case c.Field != "":
			column.Detected = "by its name"
		}
		m.Columns = append(m.Columns, column)
	}
	failColumns(&m, problems)
	return m
}

// failColumns puts problems beside columns and fields; others join the whole.
func failColumns(m *ui.Mapping, problems core.Problems) {
	for _, p := range problems {
		reason := sentence(p.Reason)
		column := slices.IndexFunc(m.Columns, func(c ui.MappedColumn) bool { return c.Name == p.Field })
		field := slices.IndexFunc(m.Fields, func(f ui.Field) bool { return f.Name == p.Field })
		switch {
		case column >= 0:
			m.Columns[column].Error = reason
		case field >= 0:
			m.Fields[field].Error = reason
		default:
			m.Error = strings.TrimSpace(m.Error + " " + reason)
		}
	}
}

// fileFacts say how the file was read.
func fileFacts(list onboard.UnitList) string {
	if list.Format == "xlsx" {
		return "An Excel workbook. Choose what each column becomes; several can make up the address."
	}
	separators := map[string]string{",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
	facts := "Read as " + list.Encoding
	if s := separators[list.Delimiter]; s != "" {
		facts += ", separated by " + s
	}
	return facts + ". Choose what each column becomes; several can make up the address."
}
