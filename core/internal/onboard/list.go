package onboard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

// UnitList is what reading a unit list found: counts, columns and a sample.
type UnitList struct {
	Format, Encoding, Delimiter string
	Columns                     []UnitColumn
	Sample                      []core.Unit
	Errors                      []core.FieldError // of rows, and of the file as a whole
	MoreErrors                  int               // beyond those listed
	Repeats                     []core.FieldError // rows that name a unit of an earlier row

	Rows, Matched, Imported, Duplicates, Rejected int
}

// UnitColumn is a column of a unit list and the field that it fills, if any.
type UnitColumn struct {
	Name, Field string
	Samples     []string
}

// Inspect reads the beginning of the request's unit list for the wizard: its
// columns with what each would fill, and the first units. Returns invalid for
// a file that can't be read.
func (p *Pipeline) Inspect(ctx context.Context, r core.Provision) (UnitList, error) {
	name, content, options, err := p.openUnits(ctx, r)
	if err != nil || content == nil {
		return UnitList{}, err
	}
	defer content.Close()
	preview, err := unitlist.Inspect(ctx, content, name, options)
	list := listOf(preview.Report)
	list.Errors = append(preview.Problems, list.Errors...)
	for _, row := range preview.First {
		list.Sample = append(list.Sample, row.Unit)
	}
	return list, err
}

// Errors writes every row of the request's unit list that can't be imported,
// as a CSV with the line, the column and the reason.
func (p *Pipeline) Errors(ctx context.Context, r core.Provision, w io.Writer) error {
	name, content, options, err := p.openUnits(ctx, r)
	if err != nil || content == nil {
		return err
	}
	defer content.Close()
	options.MaxErrors = unitlist.DefaultMaxRows
	report, err := unitlist.Read(ctx, content, name, options, nil)
	if err != nil {
		return err
	}
	return unitlist.WriteErrors(w, report.Errors)
}

// readUnits reads the request's unit list, if it names one, and hands each good
// row to each, which may be nil. Rows that can't be read are in the list's
// Errors; the error is about the file as a whole.
func (p *Pipeline) readUnits(ctx context.Context, r core.Provision, each func(unitlist.Row) error) (UnitList, error) {
	name, content, options, err := p.openUnits(ctx, r)
	if err != nil || content == nil {
		return UnitList{}, err
	}
	defer content.Close()
	report, err := unitlist.Read(ctx, content, name, options, each)
	return listOf(report), err
}

// openUnits opens the request's unit list; content is nil when it names none.
func (p *Pipeline) openUnits(ctx context.Context, r core.Provision) (name string, content io.ReadCloser, o unitlist.Options, err error) {
	if r.Units.File == "" {
		return "", nil, o, nil
	}
	settings, err := p.Defaults.For(r.Developer.Region)
	if err != nil {
		return "", nil, o, err
	}
	if o.Mapping, err = mappingOf(r.Units.Mapping); err != nil {
		return "", nil, o, err
	}
	o.Filter, o.Currency, o.Key = r.Units.Filter, settings.Currency, p.Directory.AddressKey
	if r.Developer.Currency != "" {
		o.Currency = r.Developer.Currency
	}
	file, content, err := p.Store.Staged(ctx, r.Units.File)
	if err != nil {
		return "", nil, o, core.Problems{{Field: "units.file", Value: r.Units.File, Reason: "is not an upload that exists"}}.Err()
	}
	return file.Name, content, o, nil
}

// mappingOf checks the names of the request's fields.
func mappingOf(fields map[string]string) (unitlist.Mapping, error) {
	var m unitlist.Mapping
	body, err := json.Marshal(fields)
	if err != nil {
		return m, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		reason := strings.TrimPrefix(err.Error(), "json: ") + "; the fields are address, label, county, postcode, price, sold_on, kind, size and beds"
		return m, core.Problems{{Field: "units.mapping", Reason: reason}}.Err()
	}
	return m, nil
}

func listOf(r unitlist.Report) UnitList {
	list := UnitList{
		Format: r.Format, Encoding: r.Encoding, Delimiter: r.Delimiter, Errors: r.Errors, MoreErrors: r.MoreErrors,
		Rows: r.Rows, Matched: r.Matched, Imported: r.Imported, Duplicates: r.Duplicates, Rejected: r.Rejected,
	}
	for _, repeat := range r.Repeats {
		list.Repeats = append(list.Repeats, core.FieldError{Line: repeat.Line, Value: repeat.Address, Reason: fmt.Sprintf("repeats line %d", repeat.First)})
	}
	for _, c := range r.Columns {
		list.Columns = append(list.Columns, UnitColumn{Name: c.Name, Field: c.Field, Samples: c.Samples})
	}
	return list
}
