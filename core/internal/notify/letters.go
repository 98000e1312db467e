package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

// moments are written in full, with their zone, as en-IE and en-GB both do.
const longTime = "2 January 2006 at 15:04 MST"

// WelcomePack tells a developer that its space is ready.
type WelcomePack struct {
	Brand       core.Brand // the developer's
	Contact     string     // name of who receives it
	Development string
	Units       int
	Region      string // for reading: Ireland
	Kit         []Item // what the launch kit holds
	URL         string // of the launch kit in the portal
	Help        core.Contact
}

func (w WelcomePack) template() string { return "welcome_pack" }
func (w WelcomePack) sender() string   { return "" }
func (w WelcomePack) page() page {
	return page{
		Brand:     w.Brand,
		Subject:   fmt.Sprintf("%s is ready on OpenHouse", w.Development),
		Preheader: fmt.Sprintf("%s set up, each with its own QR code. Your launch kit is waiting.", count(w.Units, "unit")),
		Kicker:    "Welcome to OpenHouse",
		Title:     fmt.Sprintf("Your space for %s is ready", w.Development),
		Lead: []string{
			greeting(w.Contact),
			fmt.Sprintf("Everything that buyers at %s need to settle in now has a home. We have set up %s, "+
				"each with a private QR code, and put together a launch kit in your colours.", w.Development, count(w.Units, "unit")),
		},
		Facts:  []fact{{"Development", w.Development}, {"Units", grouped(w.Units)}, {"Data kept in", w.Region}},
		Button: link{"Open your launch kit", w.URL},
		Sections: []section{
			{Title: "In your launch kit", Items: w.Kit},
			{Title: "Three steps to your first homeowner", Numbered: true, Items: []Item{
				{"Print the QR labels", "They are set for A4 label sheets. Print at 100%, without scaling."},
				{"Put one in every unit", "Inside the kitchen press or beside the fuse board works well; the site checklist has a line for each."},
				{"Hand over the welcome letters", "Buyers scan, sign up in a minute, and have their manuals, maps and answers at hand."},
			}},
		},
		Contact: w.Help,
		Footer:  fmt.Sprintf("Sent to the contact of %s because its space on OpenHouse was set up.", w.Brand.Name),
	}
}

// UserInvitation asks somebody to join the console or a developer's portal.
type UserInvitation struct {
	Brand     core.Brand // the developer's, or the platform's
	Name      string
	InvitedBy string
	Role      string // for reading: Finance
	URL       string
	Expires   time.Time // in the reader's zone
	Help      core.Contact
}

func (u UserInvitation) template() string { return "user_invitation" }
func (u UserInvitation) sender() string   { return "" }
func (u UserInvitation) page() page {
	return page{
		Brand:     u.Brand,
		Subject:   fmt.Sprintf("%s invites you to %s", u.InvitedBy, u.Brand.Name),
		Preheader: "Choose a password and you are in.",
		Kicker:    "Invitation",
		Title:     fmt.Sprintf("Join %s", u.Brand.Name),
		Lead: []string{
			greeting(u.Name),
			fmt.Sprintf("%s has invited you to work with %s. Choose a password, and you are in.", u.InvitedBy, u.Brand.Name),
		},
		Facts:   []fact{{"Your role", u.Role}, {"Open until", u.Expires.Format(longTime)}},
		Button:  link{"Accept the invitation", u.URL},
		Note:    "The link works once. If you did not expect this invitation, you can ignore it.",
		Contact: u.Help,
		Footer:  fmt.Sprintf("Sent because %s invited this address to %s.", u.InvitedBy, u.Brand.Name),
	}
}

// PasswordReset carries the link to a new password.
type PasswordReset struct {
	Brand   core.Brand
	Name    string
	URL     string
	Expires time.Time // in the reader's zone
	Help    core.Contact
}

func (r PasswordReset) template() string { return "password_reset" }
func (r PasswordReset) sender() string   { return "" }
func (r PasswordReset) page() page {
	return page{
		Brand:     r.Brand,
		Subject:   "Choose a new password",
		Preheader: "The link works once and not for long.",
		Kicker:    "Signing in",
		Title:     "Choose a new password",
		Lead: []string{
			greeting(r.Name),
			fmt.Sprintf("Somebody, hopefully you, asked for a new password for %s.", r.Brand.Name),
		},
		Facts:   []fact{{"The link works until", r.Expires.Format(longTime)}},
		Button:  link{"Choose a new password", r.URL},
		Note:    "If you did not ask for it, do nothing: your password stays as it is. Nobody from our side will ever ask you for it.",
		Contact: r.Help,
		Footer:  fmt.Sprintf("Sent because a new password was asked for at %s.", r.Brand.Name),
	}
}

// HomeownerWelcome greets a buyer who has signed up by the code of a unit.
type HomeownerWelcome struct {
	Brand       core.Brand // the developer's
	Name        string
	Unit        string
	Development string
	URL         string // of the portal
	Help        core.Contact
}

func (h HomeownerWelcome) template() string { return "homeowner_welcome" }
func (h HomeownerWelcome) sender() string   { return h.Brand.Name }
func (h HomeownerWelcome) page() page {
	return page{
		Brand:     h.Brand,
		Subject:   fmt.Sprintf("Welcome to %s", h.Unit),
		Preheader: "Your home, its manuals and the neighbourhood, in one place.",
		Kicker:    h.Development,
		Title:     "Welcome to your new home",
		Lead: []string{
			greeting(h.Name),
			fmt.Sprintf("%s is now linked to you. From the first key to the first boiler service, what you need to know about it is in one place.", h.Unit),
		},
		Button: link{"Open your home's page", h.URL},
		Sections: []section{{Title: "What you will find there", Items: []Item{
			{"Answers, day and night", "Ask about the heating, the bins or the snag list in your own words."},
			{"Your documents", "Manuals, warranties and certificates of your home, ready to download."},
			{"The neighbourhood", "Schools, buses, shops and everything else around you, on a map."},
		}}},
		Contact: h.Help,
		Footer:  fmt.Sprintf("Sent by %s through OpenHouse because you signed up with the code of %s.", h.Brand.Name, h.Unit),
	}
}

func greeting(name string) string {
	if name == "" {
		return "Hello,"
	}
	return "Hello " + name + ","
}

// count says "1 unit" and "1,200 units".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped writes a count with commas, as en-IE and en-GB both do.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
