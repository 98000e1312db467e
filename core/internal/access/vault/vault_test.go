package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core/internal/access/vault"
)

func open(t *testing.T, path string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "platform.key")
	secret, place := []byte("JBSWY3DPEHPK3PXP"), []byte("users.totp_secret.usr_1")
	sealed, err := open(t, path).Seal(secret, place)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, secret) {
		t.Error("the secret is in clear")
	}
	again := open(t, path)
	if got, err := again.Open(sealed, place); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened %q, %v", got, err)
	}
	if _, err := again.Open(sealed, []byte("users.totp_secret.usr_2")); err == nil {
		t.Error("opened in another place")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := again.Open(sealed, place); err == nil {
		t.Error("opened after a change")
	}
	other := open(t, filepath.Join(t.TempDir(), "other.key"))
	if _, err := other.Open(sealed, place); err == nil {
		t.Error("opened by another key")
	}
}

// TestKeyset seals with a key of a tenant: it opens for that tenant and that
// field alone, and only with the platform's key.
func TestKeyset(t *testing.T) {
	t.Parallel()
	v := open(t, filepath.Join(t.TempDir(), "platform.key"))
	whose, field, secret := []byte("ten_1"), []byte("hubspot/token"), []byte("pat-eu1-1234")
	sealed, err := v.NewKeyset(whose)
	if err != nil {
		t.Fatal(err)
	}
	key, err := v.OpenKeyset(sealed, whose)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := key.Encrypt(secret, field)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.Decrypt(blob, field); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened %q, %v", got, err)
	}
	if _, err := key.Decrypt(blob, []byte("hubspot/other")); err == nil {
		t.Error("a secret opens in another field")
	}
	if _, err := v.Open(blob, field); err == nil {
		t.Error("a tenant's secret opens with the platform's key itself")
	}
	if _, err := v.OpenKeyset(sealed, []byte("ten_2")); err == nil {
		t.Error("a keyset opens for another tenant")
	}
	if _, err := open(t, filepath.Join(t.TempDir(), "other.key")).OpenKeyset(sealed, whose); err == nil {
		t.Error("a keyset opens with another platform's key")
	}
	other, err := v.NewKeyset(whose)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := v.OpenKeyset(other, whose); err != nil {
		t.Error(err)
	} else if _, err := key.Decrypt(blob, field); err == nil {
		t.Error("a secret opens with another keyset")
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "platform.key")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files left behind", len(files))
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(path); err == nil {
		t.Error("a file that others can read is accepted")
	}
	for _, content := range []string{"", "{}", "not a keyset"} {
		broken := filepath.Join(dir, "broken.key")
		if err := os.WriteFile(broken, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(broken); err == nil {
			t.Errorf("%q is accepted as a keyset", content)
		}
	}
	if _, err := vault.Open(filepath.Join(dir, "nowhere", "platform.key")); err == nil {
		t.Error("a folder that does not exist is accepted")
	}
}

func TestTwoFirstStartsAgreeOnOneKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "platform.key")
	vaults := make([]*vault.Vault, 4)
	var starts sync.WaitGroup
	for i := range vaults {
		starts.Go(func() { vaults[i], _ = vault.Open(path) })
	}
	starts.Wait()
	for _, v := range vaults {
		sealed, err := v.Seal([]byte("secret"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, path).Open(sealed, nil); err != nil {
			t.Error(err)
		}
	}
}
