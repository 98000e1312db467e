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
