package web

import (
	"fmt"
	"mime/multipart"
	"path"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/ui"
)

func readUnitsStep(q *request, d *onboard.Draft, sent values) error {
	r := &d.Provision
	r.Development.Name, r.Development.Address = trimmed(sent, "development.name"), trimmed(sent, "development.address")
	if sent.Has("remove_units") {
		r.Units.File, r.Units.Filter, r.Units.Mapping, r.Units.SkipInvalid = "", "", nil, false
	}
	file := q.upload("units.file")
	if file == nil {
		return nil
	}
	with, err := q.stageUnits(*d, file)
	if core.CodeOf(err) == core.Invalid {
		problems := fieldErrors(err, "units.file")
		for i := range problems {
			problems[i].Field = "units.file"
		}
		return problems.Err()
	}
	if err == nil {
		d.Provision = with
		d.Step = "units" // its columns are to be looked at
	}
	return err
}

// stageUnits keeps a unit list in the draft's region if it can be read at all.
func (q *request) stageUnits(d onboard.Draft, file *multipart.FileHeader) (core.Provision, error) {
	content, err := file.Open()
	if err != nil {
		return core.Provision{}, err
	}
	defer content.Close()
	about := tenants.StagedFile{Name: path.Base(file.Filename), Type: "text/csv"}
	staged, err := q.site.Tenants.Stage(q.ctx, d.Region, about, content, unitlist.MaxBytes)
	if err != nil {
		return core.Provision{}, err
	}
	r := d.Provision
	r.Units.File, r.Units.Mapping, r.Units.SkipInvalid = staged.ID, nil, false
	unfiltered := r
	unfiltered.Units.Filter = ""
	if _, err := q.site.Onboarding.Inspect(q.ctx, unfiltered); err != nil {
		q.release(map[string]bool{staged.ID: true}, nil)
		return core.Provision{}, err
	}
	return r, nil
}

func drawUnitsStep(q *request, d onboard.Draft, problems core.Problems) (ui.Blocks, error) {
	r := d.Provision
	list := []ui.Field{{
		Kind: ui.FileField, Name: "units.file", Label: "File", Accept: ".csv,.txt,.tsv,.xlsx",
		Hint: fmt.Sprintf("CSV or Excel, up to %d,000 rows. Columns, encoding and separators are found by themselves.", unitlist.DefaultMaxRows/1000),
	}}
	if r.Units.File != "" {
		name := "The unit list"
		if file, ok := q.staged(r.Units.File); ok {
			name = file.Name + ", " + fileSize(file.Size) + ","
		}
		list[0].Hint = name + " is uploaded. Choose another file to replace it."
		list = append(list, ui.Field{Kind: ui.Checkbox, Name: "remove_units", Label: "Remove the unit list", Hint: "The development then starts without units."})
	}
	body := ui.Form{
		Action: stepAddress(d, "units"), Submit: "Continue", Guard: true,
		Extra: []ui.Submit{closeDraft}, Cancel: &ui.Link{Text: "Back", Href: stepAddress(d, "brand")},
		Sections: []ui.FieldSection{
			{Title: "First development", Lead: "The site whose units are onboarded now. More can follow.", Fields: []ui.Field{
				versionField(d.Version),
				{Name: "development.name", Label: "Name", Value: r.Development.Name, Placeholder: "Harpur Lane", Required: true, MaxLength: 120, Half: true},
				{Name: "development.address", Label: "Address", Value: r.Development.Address, Placeholder: "Leixlip, Co. Kildare", Half: true},
			}},
			{Title: "Unit list", Lead: "What the developer has: a price list, a register, a sales sheet. Without one, units can be added later.", Fields: list},
		},
	}
	failStep(&body, problems)
	return ui.Blocks{body}, nil
}
