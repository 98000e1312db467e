package api

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/tenants"
)

const uploadsPath = adminPrefix + "/uploads"

type upload struct {
	ID        string    `json:"id" doc:"What developer.theme.logo or units.file of an onboarding names." example:"upl_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Region    string    `json:"region" doc:"The file lies here and nowhere else." example:"eu-west"`
	Name      string    `json:"name" example:"register.csv"`
	Type      string    `json:"type" example:"text/csv"`
	Size      int64     `json:"size" doc:"Bytes." example:"68213"`
	SHA256    string    `json:"sha256" doc:"Hexadecimal."`
	CreatedAt time.Time `json:"created_at"`
}

func shapeUpload(f tenants.StagedFile) upload {
	return upload{ID: f.ID, Region: f.Region, Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, CreatedAt: f.CreatedAt}
}

type uploadForm struct {
	Region string        `form:"region" required:"true" doc:"Where the tenant will be." example:"eu-west"`
	File   huma.FormFile `form:"file" required:"true" contentType:"application/octet-stream" doc:"A unit list (CSV, XLSX) or a logo (PNG, JPEG, SVG)."`
}

// inspection is how to read an uploaded unit list.
type inspection struct {
	Filter  string            `json:"filter,omitempty" maxLength:"200" doc:"Keeps the rows whose address contains it." example:"Harpur Lane"`
	Mapping map[string]string `json:"mapping,omitempty" doc:"Field to the column that fills it; columns are found by their names otherwise." example:"{\"address\":\"Address\"}"`
}

type unitList struct {
	Format     string            `json:"format" enum:"csv,xlsx"`
	Encoding   string            `json:"encoding,omitempty" example:"windows-1252"`
	Delimiter  string            `json:"delimiter,omitempty" example:","`
	Columns    []unitColumn      `json:"columns"`
	Sample     []unitSample      `json:"sample" doc:"The first units as they would be imported."`
	Errors     []core.FieldError `json:"errors"`
	Rows       int               `json:"rows"`
	Matched    int               `json:"matched" doc:"Rows that the filter keeps."`
	Imported   int               `json:"imported" doc:"Rows that would become units."`
	Duplicates int               `json:"duplicates"`
	Rejected   int               `json:"rejected"`
}

type unitColumn struct {
	Name    string   `json:"name" example:"Address"`
	Field   string   `json:"field,omitempty" doc:"What it fills; absent for a column that is left out." example:"address"`
	Samples []string `json:"samples"`
}

type unitSample struct {
	Label    string `json:"label" example:"2 Harpur Park"`
	Address  string `json:"address"`
	County   string `json:"county,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Kind     string `json:"kind,omitempty"`
	Size     string `json:"size,omitempty"`
	Price    *money `json:"price,omitempty"`
	SoldOn   string `json:"sold_on,omitempty" format:"date"`
}

func shapeUnitList(l onboard.UnitList) unitList {
	out := unitList{
		Format: l.Format, Encoding: l.Encoding, Delimiter: l.Delimiter, Columns: []unitColumn{}, Sample: []unitSample{}, Errors: l.Errors,
		Rows: l.Rows, Matched: l.Matched, Imported: l.Imported, Duplicates: l.Duplicates, Rejected: l.Rejected,
	}
	if out.Errors == nil {
		out.Errors = []core.FieldError{}
	}
	for _, c := range l.Columns {
		out.Columns = append(out.Columns, unitColumn{Name: c.Name, Field: c.Field, Samples: append([]string{}, c.Samples...)})
	}
	for _, u := range l.Sample {
		out.Sample = append(out.Sample, unitSample{
			Label: u.Label, Address: u.Address, County: u.County, Postcode: u.Postcode, Kind: u.Kind, Size: u.Size, Price: moneyOf(u.Price), SoldOn: u.SoldOn,
		})
	}
	return out
}

func (a *api) uploads() {
	add(a, operation{id: "create-upload", method: http.MethodPost, path: uploadsPath, permission: core.Onboard, summary: "Upload a file for an onboarding", status: http.StatusCreated,
		about: "The file waits in its region for the onboarding that names its id, 30 days at most."}, a.createUpload)
	add(a, operation{id: "find-upload", method: http.MethodGet, path: uploadsPath + "/{id}", permission: core.Onboard, summary: "Read what is known of an upload"},
		func(ctx context.Context, in *IDInput) (*struct{ Body upload }, error) {
			f, err := a.staged(ctx, in.ID)
			return &struct{ Body upload }{shapeUpload(f)}, err
		})
	add(a, operation{id: "inspect-upload", method: http.MethodPost, path: uploadsPath + "/{id}/inspect", permission: core.Onboard, summary: "Read an uploaded unit list without importing it",
		about: "Says which field each column would fill, how the first units would look, and what is wrong with which row."},
		func(ctx context.Context, in *struct {
			IDInput
			Body inspection
		}) (*struct{ Body unitList }, error) {
			f, err := a.staged(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			var request core.Provision
			request.Developer.Region = f.Region
			request.Units.File, request.Units.Filter, request.Units.Mapping = f.ID, in.Body.Filter, in.Body.Mapping
			list, err := a.Onboarding.Inspect(ctx, request)
			return &struct{ Body unitList }{shapeUnitList(list)}, err
		})
}

func (a *api) createUpload(ctx context.Context, in *struct {
	RawBody huma.MultipartFormFiles[uploadForm]
}) (*created[upload], error) {
	form := in.RawBody.Data()
	defer form.File.Close()
	f, err := a.Tenants.Stage(ctx, form.Region, tenants.StagedFile{Name: path.Base(form.File.Filename), Type: form.File.ContentType}, form.File, unitsLimit)
	if err != nil {
		return nil, err
	}
	err = a.Tenants.UpdateControl(ctx, func(tx *tenants.Tx) error {
		return a.Audit.Record(ctx, tx, core.Entry{Action: "upload.create", Target: core.Target{Kind: "upload", ID: f.ID}})
	})
	if err != nil {
		a.unstage(ctx, []string{f.ID})
		return nil, err
	}
	return &created[upload]{Location: uploadsPath + "/" + f.ID, Body: shapeUpload(f)}, nil
}

// staged describes an upload without its bytes.
func (a *api) staged(ctx context.Context, id string) (tenants.StagedFile, error) {
	f, content, err := a.Tenants.Staged(ctx, id)
	if err != nil {
		return f, err
	}
	if err := content.Close(); err != nil {
		return f, fmt.Errorf("close upload %s: %w", id, err)
	}
	return f, nil
}
