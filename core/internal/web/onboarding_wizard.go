package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/ui"
)

const onboardingPath = "/admin/onboarding"

// wizardStep is one page of the wizard: read puts what its form sent into the
// draft, check says what keeps the wizard from going on, draw shows its part
// of the draft with what is wrong beside it.
type wizardStep struct {
	name, label string
	read        func(*request, *onboard.Draft, values) error
	check       func(*request, onboard.Draft) error
	draw        func(*request, onboard.Draft, core.Problems) (ui.Blocks, error)
}

func wizardSteps() []wizardStep {
	return []wizardStep{
		{"developer", "Developer", readDeveloper, checkDeveloper, drawDeveloper},
		{"brand", "Brand", readBrand, checkAnswers("theme."), drawBrand},
		{"units", "Development and units", readUnitsStep, checkAnswers("development."), drawUnitsStep},
		{"columns", "Columns", readColumns, checkColumns, drawColumns},
		{"review", "Review", nil, nil, drawReview},
	}
}

// stepAt is the place of the step of the name; -1 without one.
func stepAt(name string) int {
	return slices.IndexFunc(wizardSteps(), func(w wizardStep) bool { return w.name == name })
}

// stepAddress is where a draft's step is shown and sent to.
func stepAddress(d onboard.Draft, step string) string {
	if d.ID == "" {
		return onboardingPath + "/new"
	}
	return onboardingPath + "/drafts/" + d.ID + "/" + step
}

// nextStep is where the wizard goes on. Columns are those of a unit list:
// without one there are none.
func nextStep(d onboard.Draft, step string) string {
	next := wizardSteps()[min(stepAt(step)+1, len(wizardSteps())-1)].name
	if next == "columns" && d.Provision.Units.File == "" {
		return "review"
	}
	return next
}

// showStep draws a step of a draft; one that can't be reached yet leads to the
// one that comes before it.
func showStep(q *request) error {
	d, err := q.draft()
	if err != nil {
		return err
	}
	w, err := q.step()
	if err != nil {
		return err
	}
	if d.ID != "" && !reachable(d, w.name) {
		return q.goTo(stepAddress(d, d.Step), "")
	}
	return w.answer(q, http.StatusOK, d, nil)
}

func reachable(d onboard.Draft, step string) bool {
	return stepAt(step) <= stepAt(d.Step) && (step != "columns" || d.Provision.Units.File != "")
}

// step is the step that the address names; a new draft begins with the first.
func (q *request) step() (wizardStep, error) {
	name := q.Params("step", "developer")
	at := stepAt(name)
	if at < 0 {
		return wizardStep{}, core.Errorf(core.NotFound, "The wizard has no such step.")
	}
	return wizardSteps()[at], nil
}

// saveStep saves what a step's form sent and goes on, unless something is
// wrong. The value "then" says where to instead: "stay" here, "close" away.
func saveStep(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	before, err := q.draft()
	if err != nil {
		return err
	}
	w, err := q.step()
	if err != nil {
		return err
	}
	if w.read == nil {
		return core.Errorf(core.NotFound, "The review has nothing to save.")
	}
	return w.save(q, before, sent)
}

func (w wizardStep) save(q *request, before onboard.Draft, sent values) error {
	d := before
	d.Version = sentVersion(sent)
	then := sent.Get("then")
	problems, err := w.take(q, &d, sent, then == "close")
	if err != nil {
		return err
	}
	if d.ID == "" && len(problems) > 0 {
		return w.answer(q, http.StatusUnprocessableEntity, d, problems) // not worth a draft yet
	}
	said := dropMoved(before, &d)
	if then == "" && len(problems) == 0 {
		d.Step = furthest(d.Step, nextStep(d, w.name))
	}
	saved, err := q.keep(before, d)
	switch {
	case core.CodeOf(err) == core.Conflict:
		return w.answer(q, http.StatusConflict, d, nil, savedElsewhere(stepAddress(d, w.name), err))
	case core.CodeOf(err) == core.Invalid:
		return w.answer(q, http.StatusUnprocessableEntity, d, append(problems, fieldErrors(err, "")...))
	case err != nil:
		return err
	case len(problems) > 0:
		return w.answer(q, http.StatusUnprocessableEntity, saved, problems)
	case then == "close":
		return q.goTo(onboardingPath, "The draft is saved, and kept for 30 days.")
	case then == "stay":
		return q.goTo(stepAddress(saved, w.name), said)
	}
	return q.goTo(stepAddress(saved, nextStep(saved, w.name)), said)
}

// take reads the form and checks it; who closes the draft is told what could
// not be read, and not yet what is missing.
func (w wizardStep) take(q *request, d *onboard.Draft, sent values, closes bool) (core.Problems, error) {
	err := w.read(q, d, sent)
	if err == nil && !closes {
		err = w.check(q, *d)
	}
	if err != nil && core.CodeOf(err) != core.Invalid {
		return nil, err
	}
	return fieldErrors(err, ""), nil
}

func furthest(a, b string) string {
	if stepAt(a) > stepAt(b) {
		return a
	}
	return b
}

func savedElsewhere(address string, err error) ui.Notice {
	return ui.Notice{
		Tone: ui.Warn, Title: "Somebody was faster", Text: saying(err) + " What you see here has not been saved.",
		Actions: []ui.Action{{Label: "Load what was saved", Href: address, Icon: ui.IconRefresh}},
	}
}

// checkAnswers checks the part of the draft whose fields begin with the
// prefix. The unit list has a step of its own and isn't read for it.
func checkAnswers(prefix string) func(*request, onboard.Draft) error {
	return func(q *request, d onboard.Draft) error {
		r := d.Provision
		r.Units.File = ""
		_, err := q.site.Onboarding.Check(q.ctx, r)
		if core.CodeOf(err) != core.Invalid {
			return err
		}
		problems := slices.DeleteFunc(fieldErrors(err, ""), func(f core.FieldError) bool { return !strings.HasPrefix(f.Field, prefix) })
		return problems.Err()
	}
}

// answer shows the step with what is wrong.
func (w wizardStep) answer(q *request, status int, d onboard.Draft, problems core.Problems, notices ...ui.Block) error {
	p := ui.Page{
		Crumbs: []ui.Link{{Text: "Onboarding", Href: onboardingPath}},
		Head:   ui.Head{Title: "Onboard a developer"},
		Blocks: append(ui.Blocks{w.head(d)}, notices...),
	}
	if name := d.Provision.Developer.Name; name != "" && d.ID != "" {
		p.Head.Title = "Onboard " + name
	}
	body, err := w.draw(q, d, problems)
	if err != nil {
		return err
	}
	p.Blocks = append(p.Blocks, body...)
	return q.show(status, p)
}

func (w wizardStep) head(d onboard.Draft) ui.Wizard {
	var head ui.Wizard
	for i, s := range wizardSteps() {
		step := ui.WizardStep{Label: s.label, Current: s.name == w.name, Done: i < stepAt(w.name) || i < stepAt(d.Step)}
		if d.ID != "" && reachable(d, s.name) {
			step.Href = stepAddress(d, s.name)
		}
		if s.name == "columns" && d.Provision.Units.File == "" {
			step.Done = false
		}
		head.Steps = append(head.Steps, step)
	}
	return head
}

// fieldErrors are the problems inside an error; one that names no field is a
// problem of the field given.
func fieldErrors(err error, field string) core.Problems {
	e, ok := errors.AsType[*core.Error](err)
	switch {
	case !ok:
		return nil
	case len(e.Fields) == 0:
		return core.Problems{{Field: field, Reason: e.Message}}
	}
	return slices.Clone(e.Fields)
}

// failStep puts problems beside the form's fields, as sentences.
func failStep(f *ui.Form, problems core.Problems) {
	for _, p := range problems {
		f.Fail(p.Field, sentence(p.Reason))
	}
}

// sentence is a reason, "is missing", as a sentence beside its field.
func sentence(reason string) string {
	if reason == "" {
		return ""
	}
	if first := reason[0]; first >= 'a' && first <= 'z' {
		reason = "This " + reason
	}
	return strings.TrimRight(reason, ".") + "."
}

var closeDraft = ui.Submit{Label: "Save and close", Name: "then", Value: "close"}
