package app

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openhouse-ai/console/core/internal/access/vault"
)

// keyring is what the installation keeps secret, in DATA/keys: without these
// files second factors can't be read and checkpoints can't be signed.
type keyring struct {
	vault     *vault.Vault
	audit     ed25519.PrivateKey
	tombstone []byte // derived from the audit key's seed
}

// openKeys reads the keys, and makes them at the first start.
func openKeys(dir string) (keyring, error) {
	v, err := vault.Open(filepath.Join(dir, "platform.json"))
	if err != nil {
		return keyring{}, fmt.Errorf("open platform key: %w", err)
	}
	seed, err := readSeed(filepath.Join(dir, "audit.seed"))
	if err != nil {
		return keyring{}, fmt.Errorf("open audit key: %w", err)
	}
	tombstone := hmac.New(sha256.New, seed)
	tombstone.Write([]byte("openhouse tombstones v1"))
	return keyring{vault: v, audit: ed25519.NewKeyFromSeed(seed), tombstone: tombstone.Sum(nil)}, nil
}

// readSeed reads an Ed25519 seed. Two processes that start at once on new data
// agree on one, because the file is created exclusively.
func readSeed(path string) ([]byte, error) {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed)
	temporary := path + ".new"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(temporary, seed, 0o600); err != nil {
			return nil, err
		}
		if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	seed, err := os.ReadFile(path)
	if err == nil && len(seed) != ed25519.SeedSize {
		err = fmt.Errorf("%s is not a key of %d bytes", path, ed25519.SeedSize)
	}
	return seed, err
}
