package access_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"golang.org/x/crypto/argon2"
)

// cheapHash is password under parameters that cost next to nothing, so that
// the tests' many sign-ins are quick. What the room makes itself has the real
// ones.
var cheapHash = sync.OnceValue(func() string {
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(password), salt, 1, 8, 1, 32)
	text := base64.RawStdEncoding.EncodeToString
	return "$argon2id$v=19$m=8,t=1,p=1$" + text(salt) + "$" + text(key)
})

func (w *world) insert(u core.User) {
	w.t.Helper()
	must(w.t, w.store.UpdateControl(w.t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(w.t.Context(), `
			insert into users (id, name, email, role, tenant_id, status, search, password, created_at, updated_at)
			values (?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?)`,
			u.ID, u.Name, u.Email, u.Role, u.Tenant, u.Status, u.Email, cheapHash(), tx.Now.UnixMilli(), tx.Now.UnixMilli())
		return err
	}))
}

func TestNoSecretLiesInAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner, _, err := w.Users.FirstRun(t.Context())
	must(t, err)
	u, err := w.Users.Create(t.Context(), core.User{Name: "Niamh Byrne", Email: "niamh@example.com", Role: core.Admin}, password)
	must(t, err)
	secret, recovery := w.enrol(u)
	challenge := w.challenge(u)
	w.pass(time.Minute)
	in, err := w.Sessions.Verify(t.Context(), w.challenge(u), w.code(secret, 0))
	must(t, err)
	_, key, err := w.Keys.Create(w.as(in.Token), core.Key{Name: "reports", Role: core.Finance})
	must(t, err)
	pending, _, err := w.Factors.Enrol(w.as(in.Token))
	must(t, err)
	must(t, w.Users.RequestReset(t.Context(), u.Email))
	_, err = w.Sessions.SignIn(t.Context(), "stranger@example.org", password)
	refused(t, err, core.Unauthenticated)
	w.Wait()

	secrets := append(recovery, password, owner, secret, pending, challenge, in.Token, key, w.mailed("/reset/"), "stranger@example.org")
	files := 0
	must(t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files++
		for _, s := range secrets {
			if bytes.Contains(content, []byte(s)) {
				t.Errorf("%s holds %q in clear", filepath.Base(path), s)
			}
		}
		return err
	}))
	if files < 2 {
		t.Fatalf("only %d files looked at", files)
	}
}

func TestASealedSecretOpensInItsPlaceAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	victim, thief := w.user(core.Admin, ""), w.user(core.Sales, "")
	w.enrol(victim)
	secret, _ := w.enrol(thief)
	must(t, w.store.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `
			update users set totp_secret = (select totp_secret from users where id = ?) where id = ?`, thief.ID, victim.ID)
		return err
	}))
	w.pass(time.Minute)
	_, err := w.Sessions.Verify(t.Context(), w.challenge(victim), w.code(secret, 0))
	refused(t, err, core.Internal)
}
