package web

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/ui"
)

// stepResult is what any step of a run says of its result; each fills some.
type stepResult struct {
	Code, Region, Primary, Accent, Logo, Name, Note string
	DevelopmentID                                   string `json:"development_id"`
	MessageID                                       string `json:"message_id"`
	Width, Height                                   int
	Rows, Matched, Imported, Duplicates, Rejected   int
	Units                                           int
	Bytes                                           int64
}

// stepTitles are the steps as people name them.
var stepTitles = map[string]string{
	"developer": "Developer", "branding": "Logo and theme", "tenant": "Tenant", "development": "First development", "units": "Units",
	"qr_codes": "QR codes", "launch_kit": "Launch kit", "welcome_pack": "Welcome pack", "crm_deal": "CRM deal",
}

// runSteps are a run's steps, each with its result in words and a link to what
// it has made.
func (q *request) runSteps(run core.Run) ui.Steps {
	var steps ui.Steps
	results := map[string]stepResult{}
	for _, s := range run.Steps {
		var result stepResult
		if len(s.Result) > 0 {
			_ = json.Unmarshal(s.Result, &result) // a result of another form is shown without words
		}
		results[s.Name] = result
		step := ui.Step{Label: stepTitles[s.Name], State: ui.StepState(s.State), Done: int64(s.Done), Total: int64(s.Total)}
		if step.Label == "" {
			step.Label = capital(s.Name)
		}
		if s.StartedAt != nil && s.EndedAt != nil {
			step.Took = s.EndedAt.Sub(*s.StartedAt)
		}
		switch s.State {
		case core.Done, core.Waiting:
			step.Result = q.resultWords(s.Name, result)
			step.Link = q.resultLink(run, s.Name, result, results["development"].DevelopmentID)
		case core.Failed:
			if s.Error != nil {
				step.Error = s.Error.Message
			}
		}
		steps.Items = append(steps.Items, step)
	}
	return steps
}

func (q *request) resultWords(step string, r stepResult) string {
	switch step {
	case "developer":
		return "Code " + r.Code
	case "branding":
		return brandWords(r)
	case "tenant":
		return "A file of its own in " + q.regionLabel(r.Region)
	case "development":
		return r.Name
	case "units":
		return unitsWords(r)
	case "qr_codes":
		return printedWords(r, "code")
	case "launch_kit":
		return printedWords(r, "welcome letter")
	case "welcome_pack":
		return "E-mail on its way"
	case "crm_deal":
		return capital(r.Note)
	}
	return ""
}

func brandWords(r stepResult) string {
	words := r.Primary
	if r.Accent != "" && r.Accent != r.Primary {
		words += " and " + r.Accent
	}
	if r.Logo == "" {
		return words + ", with a monogram"
	}
	return fmt.Sprintf("%s, logo of %d × %d", words, r.Width, r.Height)
}

func unitsWords(r stepResult) string {
	if r.Rows == 0 {
		return "No unit list: none imported"
	}
	words := []string{plural(r.Imported, "unit") + " imported"}
	if r.Matched != r.Rows {
		words = append(words, fmt.Sprintf("%d of %s matched", r.Matched, plural(r.Rows, "row")))
	}
	if r.Duplicates > 0 {
		words = append(words, plural(r.Duplicates, "duplicate")+" left out")
	}
	if r.Rejected > 0 {
		words = append(words, plural(r.Rejected, "row")+" rejected")
	}
	return strings.Join(words, ", ")
}

func printedWords(r stepResult, noun string) string {
	if r.Units == 0 {
		return "Nothing to print without units"
	}
	return plural(r.Units, noun) + ", " + fileSize(r.Bytes)
}

// resultLink leads to what a step has made, if the actor may see it.
func (q *request) resultLink(run core.Run, step string, r stepResult, development string) *ui.Link {
	base := tenantAddress(run)
	pack := func(kind string) *ui.Link {
		if r.Units == 0 || !q.may(core.DirectoryRead) {
			return nil
		}
		return &ui.Link{Text: "Download", Href: base + "/developments/" + development + "/packs/" + kind}
	}
	switch {
	case step == "tenant" && q.may(core.TenantsRead):
		return &ui.Link{Text: "Open", Href: base}
	case step == "development" && q.may(core.DirectoryRead):
		return &ui.Link{Text: "Open", Href: base + "/developments/" + development}
	case step == "units" && r.Imported > 0 && q.may(core.DirectoryRead):
		return &ui.Link{Text: "Open", Href: base + "/units"}
	case step == "qr_codes":
		return pack(onboard.QRPack)
	case step == "launch_kit":
		return pack(onboard.LaunchKit)
	case step == "welcome_pack" && r.MessageID != "" && q.may(core.OutboxRead):
		return &ui.Link{Text: "Read", Href: base + "/messages/" + r.MessageID}
	}
	return nil
}
