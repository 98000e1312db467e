package web_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
)

func TestPeopleComeIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nobody := h.nobody()
	nobody.get("/").leads(t, "/sign-in")
	nobody.get("/admin/tenants?status=active").leads(t, "/sign-in?next=%2Fadmin%2Ftenants%3Fstatus%3Dactive")
	nobody.get("/sign-in").wants(t, 200, "Forgot your password?")
	owner := h.as(core.Owner)
	owner.get("/").leads(t, "/admin")
	owner.get("/sign-in").leads(t, "/admin")
	wrong := nobody.post("/sign-in", "email", owner.Email, "password", "not the password").wants(t, 401, owner.Email)
	unknown := nobody.post("/sign-in", "email", "who@openhouse.example", "password", "not the password").wants(t, 401)
	if a, b := strings.ReplaceAll(wrong.body, owner.Email, "X"), strings.ReplaceAll(unknown.body, "who@openhouse.example", "X"); a != b {
		t.Errorf("a known address is told from an unknown one:\n%s\n%s", a, b)
	}
	for _, evil := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"} {
		browser := h.nobody()
		browser.do("POST", "/sign-in?next="+strings.ReplaceAll(evil, "\t", "%09"), "email="+owner.Email+"&password="+password).leads(t, "/admin")
	}
	owner.post("/sign-out").leads(t, "/sign-in")
	owner.get("/admin/tenants").leads(t, "/sign-in?next=%2Fadmin%2Ftenants")
}

func TestTheSessionCookieStaysInTheBrowser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	cookie := owner.post("/sign-in", "email", owner.Email, "password", password).header.Get("Set-Cookie")
	for _, flag := range []string{"openhouse=", "HttpOnly", "SameSite=Lax", "path=/"} {
		if !strings.Contains(cookie, flag) {
			t.Errorf("no %s in %s", flag, cookie)
		}
	}
	for _, flag := range []string{"expires", "max-age", "domain"} {
		if strings.Contains(strings.ToLower(cookie), flag) {
			t.Errorf("%s in %s", flag, cookie)
		}
	}
}
