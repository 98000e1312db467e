package keep_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
)

// schema has two secrets, one of them inside an object.
const schema = `{"type":"object","properties":{
	"region":{"type":"string"}, "retries":{"type":"integer"}, "tags":{"type":"array","items":{"type":"string"}},
	"token":{"type":"string","writeOnly":true},
	"mail":{"type":"object","properties":{"host":{"type":"string"},"password":{"type":"string","writeOnly":true}}}}}`

func (h *house) save(tenant core.TenantID, values string, version int64) error {
	return h.keep.Save(h.t.Context(), tenant, "hubspot", sdk.Schema(schema), []byte(values), version)
}

func (h *house) read(tenant core.TenantID) (string, int64) {
	h.t.Helper()
	values, version, err := h.keep.Settings(h.t.Context(), tenant, "hubspot")
	h.must(err)
	return string(values), version
}

func (h *house) masked(tenant core.TenantID) string {
	h.t.Helper()
	values, _, err := h.keep.Masked(h.t.Context(), tenant, "hubspot", sdk.Schema(schema))
	h.must(err)
	return string(values)
}

// changes are those of the last record, in one line.
func (h *house) changes(tenant core.TenantID) string {
	h.t.Helper()
	page, err := h.log.List(h.t.Context(), tenant, core.Query{Kind: "settings.update"})
	h.must(err)
	var parts []string
	for _, c := range page.Items[0].Changes {
		parts = append(parts, c.Field+": "+c.Before+" → "+c.After)
	}
	return strings.Join(parts, "; ")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"tenant", "platform"} {
		h := newHouse(t)
		tenant := h.one
		if scope == "platform" {
			tenant = ""
		}
		if values, version := h.read(tenant); values != "{}" || version != 0 {
			t.Errorf("before anything is saved: %s, version %d", values, version)
		}
		h.must(h.save(tenant, `{"region":"eu","retries":12345678901234567,"tags":["a","b"],"token":"pat-eu1-abcd-1234","mail":{"host":"m","password":"short"}}`, 0))
		if values, version := h.read(tenant); values != `{"mail":{"host":"m","password":"short"},"region":"eu","retries":12345678901234567,"tags":["a","b"],"token":"pat-eu1-abcd-1234"}` || version != 1 {
			t.Errorf("the plugin reads %s, version %d", values, version)
		}
		if got := h.masked(tenant); got != `{"mail":{"host":"m","password":{"set":true}},"region":"eu","retries":12345678901234567,"tags":["a","b"],"token":{"hint":"…1234","set":true}}` {
			t.Errorf("people read %s", got)
		}
		if got := h.changes(tenant); got != `mail.host:  → m; region:  → eu; retries:  → 12345678901234567; tags:  → "a", "b"; mail.password:  → set; token:  → set` {
			t.Errorf("recorded: %s", got)
		}
		// What people were shown comes back, with one change.
		h.must(h.save(tenant, strings.Replace(h.masked(tenant), `"eu"`, `"uk"`, 1), 1))
		if got := h.changes(tenant); got != "region: eu → uk" {
			t.Errorf("recorded: %s", got)
		}
		h.must(h.save(tenant, `{"region":"uk","retries":1,"token":"","mail":{"host":"m"}}`, 2))
		if values, _ := h.read(tenant); values != `{"mail":{"host":"m","password":"short"},"region":"uk","retries":1,"token":"pat-eu1-abcd-1234"}` {
			t.Errorf("secrets left empty: %s", values)
		}
		h.must(h.save(tenant, `{"token":"another-token-9999","mail":{"password":null}}`, 3))
		if got := h.changes(tenant); !strings.Contains(got, "mail.password: set → ; token: set → changed") {
			t.Errorf("recorded: %s", got)
		}
		if got := h.masked(tenant); got != `{"mail":{"password":{"set":false}},"token":{"hint":"…9999","set":true}}` {
			t.Errorf("people read %s", got)
		}
		h.wantCode("an old version", h.save(tenant, `{}`, 3), core.Conflict)
		for _, bad := range []string{``, `null`, `[]`, `"x"`, `{`, `{} {}`, `{"token":5}`, `{"token":{"x":1}}`, `{"token":"` + strings.Repeat("x", 20<<10) + `"}`, `{"region":"` + strings.Repeat("x", 300<<10) + `"}`} {
			h.wantCode("values "+bad[:min(20, len(bad))], h.save(tenant, bad, 0), core.Invalid)
		}
		_, version := h.read(tenant)
		h.must(h.save(tenant, `{"token":"another-token-9999"}`, version))
		if _, after := h.read(tenant); after != version {
			t.Errorf("nothing has changed and the version is %d after %d", after, version)
		}
		if values, _ := h.read(h.two); values != "{}" {
			t.Errorf("another tenant reads %s", values)
		}
	}
}

// TestSecretsAreSealed looks for secrets in every byte on the disk, in the audit
// log and in errors, and opens them nowhere else.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secrets := []string{"canary-of-tenant-one", "canary-of-tenant-two", "canary-of-the-platform"}
	for i, tenant := range []core.TenantID{h.one, h.two, ""} {
		h.must(h.save(tenant, `{"token":"`+secrets[i]+`","mail":{"password":"`+secrets[i]+`-inside"}}`, 0))
		h.must(h.save(tenant, `{"token":"`+secrets[i]+`-changed"}`, 1))
		page, err := h.log.List(t.Context(), tenant, core.Query{})
		h.must(err)
		if text := fmt.Sprint(page); strings.Contains(text, "canary") {
			t.Errorf("the audit log has a secret: %s", text)
		}
	}
	err := h.keep.Save(t.Context(), h.one, "hubspot", sdk.Schema(schema), []byte(`{"token":["canary-in-a-list"]}`), 0)
	if core.CodeOf(err) != core.Invalid || strings.Contains(fmt.Sprintf("%+v", err), "canary") {
		t.Errorf("an error tells a secret: %+v", err)
	}
	h.must(fs.WalkDir(os.DirFS(h.dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(filepath.Join(h.dir, path))
		if bytes.Contains(body, []byte("canary")) {
			t.Errorf("%s has a secret in clear", path)
		}
		return err
	}))
	// Sealed bytes that are moved to another tenant, plugin or field don't open.
	copySealed := func(from, to core.TenantID, key bool, plugin, field string) error {
		var keyset, sealed []byte
		h.must(h.store.View(t.Context(), from, func(tx *tenants.Tx) error {
			if err := tx.QueryRow(t.Context(), `select keyset from tenant_keys`).Scan(&keyset); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), `select sealed from plugin_secrets where plugin = 'hubspot' and field = 'token'`).Scan(&sealed)
		}))
		h.must(h.store.Update(t.Context(), to, func(tx *tenants.Tx) error {
			if key {
				if _, err := tx.Exec(t.Context(), `insert or replace into tenant_keys (id, keyset, created_at) values (1, ?, 1)`, keyset); err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), `insert or replace into plugin_secrets (plugin, field, sealed, hint, updated_at) values (?, ?, ?, '', 1)`, plugin, field, sealed)
			return err
		}))
		_, _, err := h.keep.Settings(t.Context(), to, plugin)
		return err
	}
	for name, err := range map[string]error{
		"another field":                  copySealed(h.one, h.one, false, "hubspot", "other"),
		"another plugin":                 copySealed(h.one, h.one, false, "billing", "token"),
		"another tenant":                 copySealed(h.one, h.two, false, "hubspot", "token"),
		"another tenant with the keyset": copySealed(h.one, h.tenant("THREE"), true, "hubspot", "token"),
	} {
		if err == nil {
			t.Errorf("a secret opens in %s", name)
		}
	}
}

// TestSchemasWhoseSecretsCantBeSealed are refused, rather than stored in clear.
func TestSchemasWhoseSecretsCantBeSealed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, schema := range []string{
		`{"properties":{"keys":{"type":"array","items":{"type":"string","writeOnly":true}}}}`,
		`{"properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"properties":{"k":{"writeOnly":true}}}}}`,
		`{"properties":{"a":{"$ref":"https://elsewhere.example/a.json"}}}`,
		`{"properties":{"a.b":{"type":"string","writeOnly":true}}}`,
		`{"properties":{"a":{"oneOf":[{"type":"string","writeOnly":true}]}}}`,
		`{"additionalProperties":{"writeOnly":true}}`,
		`not a schema`,
	} {
		if err := h.keep.Save(t.Context(), h.one, "hubspot", sdk.Schema(schema), []byte(`{}`), 0); err == nil {
			t.Errorf("%s is accepted", schema)
		}
	}
	// A plain field that becomes a secret is sealed, and recorded no more.
	plain := strings.Replace(schema, `"token":{"type":"string","writeOnly":true}`, `"token":{"type":"string"}`, 1)
	h.must(h.keep.Save(t.Context(), h.one, "hubspot", sdk.Schema(plain), []byte(`{"token":"was-plain-until-now"}`), 0))
	h.must(h.save(h.one, `{"region":"eu"}`, 1))
	if got := h.changes(h.one); got != "region:  → eu; token:  → set" {
		t.Errorf("recorded: %s", got)
	}
	if values, _ := h.read(h.one); values != `{"region":"eu","token":"was-plain-until-now"}` {
		t.Errorf("the plugin reads %s", values)
	}
	// And one that is a secret no more is taken away.
	h.must(h.keep.Save(t.Context(), h.one, "hubspot", sdk.Schema(plain), []byte(`{"region":"eu","token":"plain again"}`), 0))
	if values, _ := h.read(h.one); values != `{"region":"eu","token":"plain again"}` {
		t.Errorf("the plugin reads %s", values)
	}
}
