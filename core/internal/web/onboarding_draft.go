package web

import (
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/ui"
)

// draft is the draft of the address, of the acting user alone; on the page
// that begins one it is empty.
func (q *request) draft() (onboard.Draft, error) {
	id := q.Params("draft")
	if id == "" {
		d := onboard.Draft{Step: "developer"}
		if regions := q.site.Tenants.Regions(); len(regions) == 1 {
			d.Provision.Developer.Region = regions[0].Name
		}
		return d, nil
	}
	return q.site.Onboarding.FindDraft(q.ctx, id)
}

// keep saves the draft and drops the uploads that it no longer names; when it
// can't be saved, those that it would have named.
func (q *request) keep(before, d onboard.Draft) (onboard.Draft, error) {
	saved, err := q.site.Onboarding.SaveDraft(q.ctx, d)
	if err != nil {
		q.release(uploads(d), uploads(before))
		return d, err
	}
	q.release(uploads(before), uploads(saved))
	return saved, nil
}

// uploads are the ids of a draft's files.
func uploads(d onboard.Draft) map[string]bool {
	ids := map[string]bool{d.Provision.Theme.Logo: true, d.Provision.Units.File: true}
	delete(ids, "")
	return ids
}

// release drops uploads but those to keep. What can't be dropped now is swept
// later, as everything that was staged and never used.
func (q *request) release(ids, keep map[string]bool) {
	for id := range ids {
		if keep[id] {
			continue
		}
		if err := q.site.Tenants.Unstage(q.ctx, id); err != nil {
			q.site.Log.WarnContext(q.ctx, "drop upload", "file", id, "error", err)
		}
	}
}

// dropMoved takes the uploads out of a draft whose region has changed, for
// they lie in the region before, and returns the sentence that says so.
func dropMoved(before onboard.Draft, d *onboard.Draft) string {
	if before.Region == "" || before.Region == d.Provision.Developer.Region || len(uploads(*d)) == 0 {
		return ""
	}
	d.Provision.Theme.Logo, d.Provision.Units.File = "", ""
	d.Provision.Units.Mapping, d.Provision.Units.SkipInvalid = nil, false
	d.Step = "developer"
	return "The region has changed, so the uploads were removed from the one before. Please upload them again."
}

// staged describes an upload; ok is false when it is gone.
func (q *request) staged(id string) (file tenants.StagedFile, ok bool) {
	if id == "" {
		return file, false
	}
	file, content, err := q.site.Tenants.Staged(q.ctx, id)
	if err != nil {
		return file, false
	}
	content.Close()
	return file, true
}

// upload is the file that a form sent under the name; nil without one.
func (q *request) upload(name string) *multipart.FileHeader {
	if !strings.HasPrefix(q.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
		return nil
	}
	sent, err := q.MultipartForm()
	if err != nil || len(sent.File[name]) == 0 || sent.File[name][0].Filename == "" {
		return nil
	}
	return sent.File[name][0]
}

// resumeDraft goes to the step that was reached.
func resumeDraft(q *request) error {
	d, err := q.draft()
	if err != nil {
		return err
	}
	return q.goTo(stepAddress(d, d.Step), "")
}

func deleteDraft(q *request) (next, said string, err error) {
	d, err := q.draft()
	if err != nil {
		return "", "", err
	}
	if err := q.site.Onboarding.DeleteDraft(q.ctx, d.ID); err != nil {
		return "", "", err
	}
	q.release(uploads(d), nil)
	return onboardingPath, "The draft and its uploads are gone.", nil
}

// showDraftLogo answers with a draft's logo, which was cleaned when it came.
func showDraftLogo(q *request) error {
	d, err := q.draft()
	if err != nil {
		return err
	}
	if d.Provision.Theme.Logo == "" {
		return core.Errorf(core.NotFound, "This draft has no logo.")
	}
	file, content, err := q.site.Tenants.Staged(q.ctx, d.Provision.Theme.Logo)
	if err != nil {
		return err
	}
	defer content.Close()
	body, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	q.Set(fiber.HeaderContentType, file.Type)
	return q.Status(http.StatusOK).Send(body)
}

// startOnboarding begins the run of a draft that was reviewed. Its id is the
// idempotency key: a second click finds the run of the first.
func startOnboarding(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	d, err := q.draft()
	if core.CodeOf(err) == core.NotFound {
		run, err := q.site.Onboarding.FindStarted(q.ctx, q.Params("draft"))
		if err != nil {
			return err
		}
		return q.goTo(runAddress(run.ID), "")
	}
	if err != nil {
		return err
	}
	review := wizardSteps()[stepAt("review")]
	if d.Version != sentVersion(sent) {
		err := core.Errorf(core.Conflict, "This draft was saved in another window.")
		return review.answer(q, http.StatusConflict, d, nil, ui.Notice{Tone: ui.Warn, Title: "Review it once more", Text: saying(err) + " This is what it holds now."})
	}
	run, err := q.site.Onboarding.Start(q.ctx, d.Provision, d.ID)
	switch core.CodeOf(err) {
	case "":
	case core.Invalid, core.Conflict:
		return review.answer(q, http.StatusUnprocessableEntity, d, fieldErrors(err, ""))
	default:
		return err
	}
	if err := q.site.Onboarding.DeleteDraft(q.ctx, d.ID); err != nil && core.CodeOf(err) != core.NotFound {
		q.site.Log.WarnContext(q.ctx, "drop started draft", "draft", d.ID, "error", err)
	}
	return q.goTo(runAddress(run.ID), "")
}
