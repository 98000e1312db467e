package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
)

func TestKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp := w.tenant("HARP")
	ctx := w.as(w.signIn(w.user(core.Admin, "")))
	expires := begin.Add(time.Hour)
	key, secret, err := w.Keys.Create(ctx, core.Key{Name: " site   office", Role: core.DeveloperAdmin, Tenant: harp, ExpiresAt: &expires})
	must(t, err)
	if !strings.HasPrefix(secret, "oh_live_") || len(secret) != 46 || !strings.HasSuffix(secret, key.Hint) {
		t.Fatalf("secret of %d characters, hint %q", len(secret), key.Hint)
	}
	actor, err := w.Keys.Authenticate(t.Context(), secret)
	must(t, err)
	equal(t, "actor", actor, core.Actor{Kind: "api_key", ID: key.ID, Name: "site office", Role: core.DeveloperAdmin, Tenant: harp})
	w.Wait()
	found, err := w.Keys.Find(ctx, key.ID)
	must(t, err)
	equal(t, "last used", *found.LastUsedAt, begin)

	for _, wrong := range []string{"", "oh_live_", secret[:45], secret + "0", strings.Replace(secret, secret[10:11], "w", 1), secret[:45] + "~"} {
		_, err := w.Keys.Authenticate(t.Context(), wrong)
		refused(t, err, core.Unauthenticated)
	}
	w.pass(time.Hour)
	_, err = w.Keys.Authenticate(t.Context(), secret)
	refused(t, err, core.Unauthenticated)
}

func TestRevokedKeyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, secret, err := w.Keys.Create(t.Context(), core.Key{Name: "reports", Role: core.Finance})
	must(t, err)
	equal(t, "made by", key.CreatedBy, core.System.ID)
	must(t, w.Keys.Revoke(t.Context(), key.ID, "leaked"))
	_, err = w.Keys.Authenticate(t.Context(), secret)
	refused(t, err, core.Unauthenticated)
	n := len(w.records)
	must(t, w.Keys.Revoke(t.Context(), key.ID, "leaked"))
	equal(t, "records of a second revocation", len(w.records), n)
	refused(t, w.Keys.Revoke(t.Context(), "key_none", ""), core.NotFound)
}

// A key that was shown a moment ago isn't looked up again, and still ends at
// once when it is revoked, and with its time.
func TestHeldKeyEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	expires := begin.Add(500 * time.Millisecond)
	brief, briefSecret, err := w.Keys.Create(t.Context(), core.Key{Name: "brief", Role: core.Finance, ExpiresAt: &expires})
	must(t, err)
	key, secret, err := w.Keys.Create(t.Context(), core.Key{Name: "reports", Role: core.Finance})
	must(t, err)
	for range 2 {
		for name, want := range map[string]core.Key{secret: key, briefSecret: brief} {
			actor, err := w.Keys.Authenticate(t.Context(), name)
			must(t, err)
			equal(t, "actor", actor.ID, want.ID)
		}
	}
	w.pass(500 * time.Millisecond)
	_, err = w.Keys.Authenticate(t.Context(), briefSecret)
	refused(t, err, core.Unauthenticated)
	must(t, w.Keys.Revoke(t.Context(), key.ID, "leaked"))
	_, err = w.Keys.Authenticate(t.Context(), secret)
	refused(t, err, core.Unauthenticated)
}

func TestAKeyHoldsNoMoreThanItsMaker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp, lark := w.tenant("HARP"), w.tenant("LARK")
	for _, maker := range core.Roles {
		if maker == core.Reporter {
			continue // no person has it
		}
		var tenant core.TenantID
		if maker.ForDeveloper() {
			tenant = harp
		}
		ctx := w.as(w.signIn(w.user(maker, tenant)))
		for _, role := range core.Roles {
			key := core.Key{Name: "k", Role: role}
			if role.ForDeveloper() {
				key.Tenant = harp
			}
			_, _, err := w.Keys.Create(ctx, key)
			allowed := role != core.Owner
			for _, p := range access.Permissions(role) {
				allowed = allowed && access.Allows(maker, p)
			}
			allowed = allowed && (tenant == "" || key.Tenant == tenant)
			if (err == nil) != allowed {
				t.Errorf("%s makes a key of %s: %v", maker, role, err)
			}
		}
		if tenant != "" {
			_, _, err := w.Keys.Create(ctx, core.Key{Name: "k", Role: core.DeveloperViewer, Tenant: lark})
			refused(t, err, core.Forbidden)
		}
	}
}

func TestKeysOfOthersAreOutOfSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp, lark := w.tenant("HARP"), w.tenant("LARK")
	for i := range 7 {
		tenant := harp
		if i%2 == 0 {
			tenant = lark
		}
		_, _, err := w.Keys.Create(t.Context(), core.Key{Name: fmt.Sprint("Key ", i), Role: core.DeveloperViewer, Tenant: tenant})
		must(t, err)
	}
	platform, _, err := w.Keys.Create(t.Context(), core.Key{Name: "platform", Role: core.Engineer})
	must(t, err)
	must(t, w.Keys.Revoke(t.Context(), platform.ID, ""))
	ctx := w.as(w.signIn(w.user(core.DeveloperAdmin, harp)))
	refused(t, valueless(w.Keys.Find(ctx, platform.ID)), core.NotFound)
	refused(t, w.Keys.Revoke(ctx, platform.ID, ""), core.NotFound)
	list, err := w.Keys.List(ctx, core.Query{Sort: "created", Limit: 2})
	must(t, err)
	equal(t, "in sight", list.Total, 3)
	list, err = w.Keys.List(ctx, core.Query{Sort: "created", Limit: 2, After: list.Next})
	must(t, err)
	equal(t, "on the last page", len(list.Items), 1)

	for name, c := range map[string]struct {
		q    core.Query
		want int
	}{
		"all": {core.Query{}, 8}, "active": {core.Query{Status: "active"}, 7}, "revoked": {core.Query{Status: "revoked"}, 1},
		"expired": {core.Query{Status: "expired"}, 0}, "staff": {core.Query{Kind: "staff"}, 1}, "text": {core.Query{Text: "key 3"}, 1},
	} {
		list, err := w.Keys.List(t.Context(), c.q)
		must(t, err)
		equal(t, name, list.Total, c.want)
	}
}

func TestWhatAKeyCanNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harp, past := w.tenant("HARP"), begin
	for _, key := range []core.Key{
		{Role: core.Admin},
		{Name: "k"},
		{Name: "k", Role: core.Owner},
		{Name: "k", Role: core.Admin, Tenant: harp},
		{Name: "k", Role: core.DeveloperAdmin},
		{Name: "k", Role: core.Admin, ExpiresAt: &past},
	} {
		_, secret, err := w.Keys.Create(t.Context(), key)
		refused(t, err, core.Invalid)
		equal(t, "secret", secret, "")
	}
	_, _, err := w.Keys.Create(t.Context(), core.Key{Name: "k", Role: core.DeveloperAdmin, Tenant: core.NewTenantID(begin)})
	refused(t, err, core.NotFound)
}
