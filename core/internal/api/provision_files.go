package api

import (
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"path"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Limits of uploaded files, in bytes.
const (
	unitsLimit = 64 << 20
	logoLimit  = 2 << 20
)

// stagedFiles are the files that came with a request.
type stagedFiles struct {
	ids      []string
	problems core.Problems // with files that were not taken
}

// stageParts stages the files of the form and names them in the request.
func (a *api) stageParts(ctx context.Context, form *multipart.Form, request *core.Provision) (files stagedFiles, err error) {
	region := a.shelf(request.Developer.Region)
	for _, part := range []struct {
		name, field string
		limit       int64
		into        *string
	}{{"units", "units.file", unitsLimit, &request.Units.File}, {"logo", "theme.logo", logoLimit, &request.Theme.Logo}} {
		sent := form.File[part.name]
		if len(sent) == 0 {
			continue
		}
		*part.into, err = a.stage(ctx, region, sent[0], part.limit)
		if e, ok := errors.AsType[*core.Error](err); ok && e.Code == core.Invalid {
			files.problems.Add(part.field, sent[0].Filename, e.Message)
			continue
		}
		if err != nil {
			a.unstage(ctx, files.ids)
			return stagedFiles{}, err
		}
		files.ids = append(files.ids, *part.into)
	}
	return files, nil
}

// shelf is the region that the files of a request are staged in: the
// request's own. Files that come with a region that doesn't exist lie in the
// first one for as long as they are checked, so that the refusal, which is
// certain, names what is wrong with them too.
func (a *api) shelf(region string) string {
	region = strings.TrimSpace(region)
	regions := a.Tenants.Regions()
	if slices.ContainsFunc(regions, func(r tenants.Region) bool { return r.Name == region }) {
		return region
	}
	return regions[0].Name
}

func (a *api) stage(ctx context.Context, region string, part *multipart.FileHeader, limit int64) (string, error) {
	f, err := part.Open()
	if err != nil {
		return "", fmt.Errorf("read %s: %w", part.Filename, err)
	}
	defer f.Close()
	staged, err := a.Tenants.Stage(ctx, region, tenants.StagedFile{Name: path.Base(part.Filename), Type: part.Header.Get("Content-Type")}, f, limit)
	return staged.ID, err
}

// refuse says everything that is wrong with a request whose files were not
// all taken: about those, what is known already.
func (a *api) refuse(ctx context.Context, request core.Provision, problems core.Problems) error {
	_, err := a.Onboarding.Check(ctx, request)
	if err != nil && core.CodeOf(err) != core.Invalid {
		return err
	}
	if e, ok := errors.AsType[*core.Error](err); ok {
		untaken := problems
		for _, f := range e.Fields {
			if !slices.ContainsFunc(untaken, func(known core.FieldError) bool { return known.Field == f.Field }) {
				problems = append(problems, f)
			}
		}
	}
	return problems.Err()
}

// dropUnclaimed drops the files that no run has taken: those of a request that
// was refused, and of one that had begun its run before.
func (a *api) dropUnclaimed(ctx context.Context, ids []string) {
	ctx = context.WithoutCancel(ctx)
	unclaimed := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		f, err := a.staged(ctx, id)
		return core.CodeOf(err) == core.NotFound || f.Owner != ""
	})
	a.unstage(ctx, unclaimed)
}

func (a *api) unstage(ctx context.Context, ids []string) {
	for _, id := range ids {
		if err := a.Tenants.Unstage(context.WithoutCancel(ctx), id); err != nil {
			a.Log.WarnContext(ctx, "drop staged file", "file", id, "error", err)
		}
	}
}
