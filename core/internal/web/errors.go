package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/ui"
)

// fail answers an error: a problem document for the API and for scripts, a
// page for browsers, and the sign-in for who isn't known yet.
func (s *site) fail(c *fiber.Ctx, err error) error {
	request := core.OriginOf(c.UserContext()).Request
	p := problem.New(err, request)
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		p = problem.OfStatus(e.Code, e.Message, request)
	}
	if p.OurFault() {
		s.Log.ErrorContext(c.UserContext(), "request failed", "request", request, "route", c.Route().Path, "error", err)
	}
	for name, values := range p.GetHeaders() {
		c.Set(name, values[0])
	}
	if wantsJSON(c) {
		return sendProblem(c, p)
	}
	if p.Status == http.StatusUnauthorized && c.Method() == fiber.MethodGet {
		return c.Redirect("/sign-in?next="+url.QueryEscape(returnTo(c.OriginalURL())), http.StatusSeeOther)
	}
	return s.failPage(c, p)
}

func sendProblem(c *fiber.Ctx, p *problem.Problem) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, problem.MediaType)
	return c.Status(p.Status).Send(body)
}

func wantsJSON(c *fiber.Ctx) bool {
	path := c.Path()
	return strings.HasPrefix(path, "/api/") || c.Get(fiber.HeaderAuthorization) != "" || !strings.Contains(c.Get(fiber.HeaderAccept), "text/html") && c.Get("HX-Request") == ""
}

// titles are what error pages say first.
var titles = map[int]string{
	http.StatusBadRequest:            "That can't be read",
	http.StatusUnauthorized:          "Sign in first",
	http.StatusForbidden:             "You can't do this",
	http.StatusNotFound:              "There is nothing here",
	http.StatusMethodNotAllowed:      "There is nothing here",
	http.StatusConflict:              "That can't be done now",
	http.StatusRequestEntityTooLarge: "That is too large",
	http.StatusUnprocessableEntity:   "Something needs correcting",
	http.StatusTooManyRequests:       "Slow down a little",
	http.StatusInternalServerError:   "That went wrong on our side",
	http.StatusServiceUnavailable:    "This is resting for a moment",
}

// cameFrom is the page whose button was refused; empty when it isn't known.
func cameFrom(c *fiber.Ctx) string {
	u, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || c.Method() != fiber.MethodPost || u.Host == "" || u.Host != string(c.Request().Host()) {
		return ""
	}
	if back := u.RequestURI(); back != "/" && returnTo(back) == back {
		return back
	}
	return ""
}

// failPage says an error to a person: what it is, why, and a way on.
func (s *site) failPage(c *fiber.Ctx, p *problem.Problem) error {
	title := titles[p.Status]
	if title == "" {
		title = "That didn't work"
	}
	bare := ui.Bare{Title: title, Lead: p.Detail, Code: strconv.Itoa(p.Status), Links: []ui.Link{{Text: "Back to the start", Href: "/"}}}
	if back := cameFrom(c); back != "" {
		bare.Links = slices.Insert(bare.Links, 0, ui.Link{Text: "Back to where you were", Href: back})
	}
	if len(p.Errors) > 0 {
		n := ui.Notice{Tone: ui.Bad}
		for _, f := range p.Errors {
			n.Items = append(n.Items, strings.TrimSpace(strings.ReplaceAll(f.Field, "_", " ")+" "+f.Reason))
		}
		bare.Blocks = ui.Blocks{n}
	}
	return s.bare(c, p.Status, bare)
}
