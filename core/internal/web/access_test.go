package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/pquerna/otp/totp"
)

// found returns what the pattern's first group matches in the text.
func found(t *testing.T, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in\n%s", pattern, text)
	}
	return m[1]
}

func TestTheFirstOwnerComesInByTheSetupLink(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	link := strings.TrimPrefix(h.setup, h.url)
	first := h.nobody()
	first.get(link).wants(t, 200, "Become the owner")
	first.post(link, "name", "Aoife", "email", "aoife@openhouse.example", "password", "short").wants(t, 422, "at least 12 characters", "aoife@openhouse.example")
	first.post(link, "name", "Aoife", "email", "aoife@openhouse.example", "password", password).leads(t, "/admin")
	first.get("/admin").wants(t, 200, "Good morning, Aoife", "Nothing needs you right now.")
	h.nobody().post(link, "name", "Eve", "email", "eve@openhouse.example", "password", password).wants(t, 404, "used already")
}

func TestInvitedPeopleComeInByTheirMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.post("/admin/users/invite", "name", "", "email", "nowhere", "role", "finance").wants(t, 422, "is not an e-mail address")
	a := owner.post("/admin/users/invite", "name", "Rory Quinn", "email", "rory@harpur.example", "role", "developer_admin", "tenant", string(h.harpur))
	if a.status != 303 {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	owner.get(a.location).wants(t, 200, "Rory Quinn", "Invited", "Harpur Homes", "Invite again")
	h.clock.Advance(time.Minute)
	owner.post(a.location+"/invite").leads(t, a.location)
	link := found(t, h.letterTo("user_invitation"), `http://[^/]+(/invitation/\S+)`)
	rory := h.nobody()
	rory.get(link).wants(t, 200, "Welcome, Rory Quinn", "the portal of Harpur Homes")
	rory.post(link, "name", "Rory Quinn", "password", password).leads(t, "/portal")
	rory.get("/profile").wants(t, 200, "rory@harpur.example")
	h.nobody().get(link).wants(t, 404, "used already")
}

func TestAPasswordIsResetByMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	finance := h.as(core.Finance)
	nobody := h.nobody()
	known := nobody.post("/reset", "email", finance.Email).wants(t, 200, "Look into your mail")
	if unknown := nobody.post("/reset", "email", "who@openhouse.example"); unknown.body != known.body {
		t.Error("a known address is told from an unknown one")
	}
	link := found(t, h.letterTo("password_reset"), `http://[^/]+(/reset/\S+)`)
	nobody.post(link, "password", "short").wants(t, 422, "at least 12 characters")
	nobody.post(link, "password", "another-horse-battery-9").leads(t, "/sign-in?reset=done")
	finance.get("/admin").leads(t, "/sign-in?next=%2Fadmin")
	nobody.post("/sign-in", "email", finance.Email, "password", "another-horse-battery-9").leads(t, "/admin")
}

func TestGraveThingsAskForThePasswordAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	h.clock.Advance(11 * time.Minute)
	owner.get("/admin/keys/new?tenant=x").leads(t, "/confirm?next=%2Fadmin%2Fkeys%2Fnew%3Ftenant%3Dx")
	owner.post("/admin/keys/new", "name", "k", "role", "auditor").leads(t, "/confirm?next=%2Fadmin%2Fkeys%2Fnew")
	owner.post("/confirm?next=%2Fadmin%2Fkeys%2Fnew", "proof", "wrong").wants(t, 401, "not right")
	before := owner.cookie("openhouse")
	owner.post("/confirm?next=%2Fadmin%2Fkeys%2Fnew", "proof", password).leads(t, "/admin/keys/new")
	if owner.cookie("openhouse") == before {
		t.Error("the session kept its token")
	}
	owner.get("/admin/keys/new").wants(t, 200, "Create an API key")
}

func TestAKeyIsShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.get("/admin/keys").wants(t, 200, "No API keys yet.")
	owner.post("/admin/keys/new", "name", "Export", "role", "developer_viewer", "days", "90").wants(t, 422, "needed for a developer", "Export")
	page := owner.post("/admin/keys/new", "name", "Export", "role", "auditor", "days", "90").wants(t, 200, "Copy the key now", "curl -H")
	secret := found(t, page.body, `<code>(oh_live_\w+)</code>`)
	machine := h.nobody()
	machine.do("GET", "/metrics", "", "Authorization", "Bearer "+secret).wants(t, 200, "openhouse_request_seconds")
	list := owner.get("/admin/keys").wants(t, 200, "Export", "Active")
	if strings.Contains(list.body, secret) {
		t.Error("the list shows the secret")
	}
	address := found(t, list.body, `href="(/admin/keys/key_\w+)"`)
	owner.get(address).wants(t, 200, "Auditor", "Revoke key")
	owner.post(address+"/revoke", "reason", "Left the company", "confirm", "Exp").wants(t, 422, "Type the name")
	owner.post(address+"/revoke", "reason", "Left the company", "confirm", "Export").leads(t, address)
	machine.do("GET", "/metrics", "", "Authorization", "Bearer "+secret).wants(t, 401)
	owner.get("/admin/keys?status=revoked").wants(t, 200, "Revoked")
}

func TestASecondFactorIsSetUpUsedAndRemoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.get("/profile/security").wants(t, 200, "Set up authenticator", "This one")
	owner.get("/profile/factor").wants(t, 200, "Show the code to scan")
	page := owner.post("/profile/factor").wants(t, 200, "data:image/svg&#43;xml;base64,")
	secret := found(t, page.body, `name="secret" value="(\w+)"`)
	url := strings.ReplaceAll(found(t, page.body, `name="url" value="([^"]+)"`), "&amp;", "&")
	owner.post("/profile/factor/confirm", "secret", secret, "url", url, "code", "000000").wants(t, 422, "is not the one", secret)
	code := func() string {
		code, err := totp.GenerateCode(secret, h.clock.Now())
		h.must(err)
		return code
	}
	recovery := owner.post("/profile/factor/confirm", "secret", secret, "url", url, "code", code()).wants(t, 200, "Recovery codes")
	one := found(t, recovery.body, `(?s)<code>\s*([\w-]+)`)
	owner.post("/sign-out")
	owner.post("/sign-in?next=%2Fprofile", "email", owner.Email, "password", password).leads(t, "/sign-in/code?next=%2Fprofile")
	owner.get("/profile").leads(t, "/sign-in?next=%2Fprofile")
	owner.post("/sign-in/code?next=%2Fprofile", "code", code()).wants(t, 401, "not right, or was used before")
	h.clock.Advance(time.Minute)
	owner.post("/sign-in/code?next=%2Fprofile", "code", code()).leads(t, "/profile")
	owner.post("/sign-out")
	owner.post("/sign-in", "email", owner.Email, "password", password).leads(t, "/sign-in/code?next=%2F")
	owner.post("/sign-in/code", "code", one).leads(t, "/admin")
	owner.post("/profile/factor/codes").wants(t, 200, "Your new recovery codes")
	owner.post("/profile/factor/remove").leads(t, "/profile/security")
	owner.get("/profile/security").wants(t, 200, "Off", "The second factor is off.")
}

func TestStaffActForADevelopersUser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	support, rory := h.as(core.Support), h.as(core.DeveloperAdmin)
	address := "/admin/users/" + rory.ID
	support.get(address).wants(t, 200, "Act for them")
	support.post(address+"/impersonate", "reason", "too short").wants(t, 422, "ten characters")
	support.post(address+"/impersonate", "reason", "The site office asked for help").leads(t, "/portal")
	support.get("/profile").wants(t, 200, "You act as", rory.Name, "The site office asked for help", `action="/impersonation/stop"`)
	support.get("/admin/users").wants(t, 404)
	support.get("/profile/password").wants(t, 403, "while you act for somebody")
	support.post("/impersonation/stop").leads(t, address)
	support.get(address).wants(t, 200, "You are yourself again.")
	h.as(core.Auditor).get("/admin/audit?kind=impersonation.start").wants(t, 200, "The site office asked for help")
	if list, err := h.Audit.List(system, h.harpur, core.Query{Kind: "impersonation.stop"}); err != nil || list.Total != 1 {
		t.Errorf("the tenant's log has %d ends, %v", list.Total, err)
	}
}

func TestAUserIsChangedAndKeptOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner, finance := h.as(core.Owner), h.as(core.Finance)
	address := "/admin/users/" + finance.ID
	owner.post(address+"/role", "role", "sales").wants(t, 422, "says why the role changes")
	owner.post(address+"/role", "role", "sales", "reason", "Moved to another team").leads(t, address)
	finance.get("/profile").leads(t, "/sign-in?next=%2Fprofile")
	owner.get(address).wants(t, 200, "Sales", "finance is Sales now.")
	owner.post(address+"/disable", "reason", "Left the company").leads(t, address)
	finance.post("/sign-in", "email", finance.Email, "password", password).wants(t, 401)
	owner.post(address+"/enable").leads(t, address)
	finance.post("/sign-in", "email", finance.Email, "password", password).leads(t, "/admin")
	owner.post(address+"/sign-out").leads(t, address)
	finance.get("/profile").leads(t, "/sign-in?next=%2Fprofile")
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	other := h.nobody()
	other.User = owner.User
	other.signIn()
	page := owner.get("/profile/security").wants(t, 200, "End session")
	owner.post(found(t, page.body, `action="(/profile/sessions/[^/"]+/end)"`)).leads(t, "/profile/security")
	other.get("/profile").leads(t, "/sign-in?next=%2Fprofile")
	owner.post("/profile/sessions/end").leads(t, "/sign-in")
	owner.get("/profile").leads(t, "/sign-in?next=%2Fprofile")
}
