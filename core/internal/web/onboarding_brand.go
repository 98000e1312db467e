package web

import (
	"bytes"
	"cmp"
	"io"
	"mime/multipart"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/onboard/logo"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/ui"
)

func readBrand(q *request, d *onboard.Draft, sent values) error {
	theme := &d.Provision.Theme
	theme.Primary, theme.Accent = strings.ToLower(trimmed(sent, "theme.primary")), strings.ToLower(trimmed(sent, "theme.accent"))
	if sent.Has("remove_logo") {
		theme.Logo = ""
	}
	file := q.upload("theme.logo")
	if file == nil {
		return nil
	}
	id, err := q.stageLogo(d.Region, file)
	if core.CodeOf(err) == core.Invalid {
		problems := fieldErrors(err, "theme.logo")
		for i := range problems {
			problems[i].Field = "theme.logo"
		}
		return problems.Err()
	}
	theme.Logo = id
	return err
}

// stageLogo cleans a logo and keeps what is left of it in the draft's region.
func (q *request) stageLogo(region string, file *multipart.FileHeader) (string, error) {
	content, err := file.Open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	body, err := io.ReadAll(io.LimitReader(content, logo.MaxBytes+1))
	if err != nil {
		return "", err
	}
	image, err := logo.Clean(body, file.Filename)
	if err != nil {
		return "", err
	}
	extensions := map[string]string{logo.PNG: ".png", logo.JPEG: ".jpg", logo.SVG: ".svg"}
	staged, err := q.site.Tenants.Stage(q.ctx, region, tenants.StagedFile{Name: "logo" + extensions[image.Type], Type: image.Type}, bytes.NewReader(image.Bytes), logo.MaxBytes)
	return staged.ID, err
}

// housePrimary is the colour of a brand that names none.
const housePrimary = "#075a4d"

func drawBrand(_ *request, d onboard.Draft, problems core.Problems) (ui.Blocks, error) {
	theme := d.Provision.Theme
	file := ui.Field{Kind: ui.FileField, Name: "theme.logo", Label: "Logo", Accept: ".png,.jpg,.jpeg,.svg,image/png,image/jpeg,image/svg+xml", Hint: "PNG, JPEG or SVG, up to 2 MB. Without one, a monogram is drawn."}
	fields := []ui.Field{
		versionField(d.Version),
		{Kind: ui.ColorField, Name: "theme.primary", Label: "Primary colour", Value: cmp.Or(theme.Primary, housePrimary), Required: true, Half: true, Hint: "Of buttons, headings and codes."},
		{Kind: ui.ColorField, Name: "theme.accent", Label: "Accent colour", Value: cmp.Or(theme.Accent, theme.Primary, housePrimary), Required: true, Half: true, Hint: "Of small marks beside it."},
		file,
	}
	if theme.Logo != "" {
		fields[3].Hint = "Choose another file to replace the logo."
		fields = append(fields, ui.Field{Kind: ui.Checkbox, Name: "remove_logo", Label: "Remove the logo"})
	}
	body := ui.Form{
		Action: stepAddress(d, "brand"), Submit: "Continue", Guard: true, Fields: fields,
		Title: "Brand", Lead: "What homeowners see: on pages, letters and labels.",
		Extra:  []ui.Submit{{Label: "Update preview", Name: "then", Value: "stay"}, closeDraft},
		Cancel: &ui.Link{Text: "Back", Href: stepAddress(d, "developer")},
	}
	failStep(&body, problems)
	return ui.Blocks{ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{body, ui.Section{Title: "Preview", Blocks: ui.Blocks{brandPreview(d)}}}}}, nil
}

func brandPreview(d onboard.Draft) ui.Preview {
	r := d.Provision
	p := ui.Preview{Name: r.Developer.Name, Primary: cmp.Or(r.Theme.Primary, housePrimary), Button: "Get your keys", Line: "Welcome to your new home"}
	p.Accent = cmp.Or(r.Theme.Accent, p.Primary)
	if r.Theme.Logo != "" {
		p.Logo = stepAddress(d, "logo") + "?of=" + r.Theme.Logo
	}
	if r.Development.Name != "" {
		p.Line = "Welcome to " + r.Development.Name
	}
	return p
}
