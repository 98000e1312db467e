// Package vault seals secrets with the platform's key, which lies in one file
// beside the data and is made at the first start.
package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Vault seals and opens with one keyset.
type Vault struct{ cipher tink.AEAD }

// Open reads the keyset file at path, or makes one that its owner alone can
// read. Losing the file loses every secret that it sealed. Returns an error
// when others than the owner may read it.
func Open(path string) (*Vault, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(path); err == nil {
			info, err = os.Stat(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("open key file %s: others than its owner may read it (mode %o, want 600)", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, fmt.Errorf("read key file %s: %w", path, err)
	}
	cipher, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("read key file %s: %w", path, err)
	}
	return &Vault{cipher}, nil
}

// Seal encrypts. The associated data is bound to the result, not hidden in it.
func (v *Vault) Seal(plaintext, associated []byte) ([]byte, error) {
	return v.cipher.Encrypt(plaintext, associated)
}

// Open decrypts what Seal returned for the same associated data; anything else
// is an error.
func (v *Vault) Open(sealed, associated []byte) ([]byte, error) {
	return v.cipher.Decrypt(sealed, associated)
}

// NewKeyset makes a keyset for somebody's own secrets and returns it sealed
// with the platform's key. The associated data says whose it is.
func (v *Vault) NewKeyset(associated []byte) ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make keyset: %w", err)
	}
	var sealed bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&sealed), v.cipher, associated); err != nil {
		return nil, fmt.Errorf("seal keyset: %w", err)
	}
	return sealed.Bytes(), nil
}

// OpenKeyset returns the cipher of a keyset that NewKeyset has made for the
// same associated data; anything else is an error.
func (v *Vault) OpenKeyset(sealed, associated []byte) (tink.AEAD, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(sealed)), v.cipher, associated)
	if err != nil {
		return nil, fmt.Errorf("open keyset: %w", err)
	}
	return aead.New(handle)
}

// create writes a fresh keyset beside path and then links it into place, so
// that a crash leaves no half file and a second process no second key.
func create(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(text.Bytes())
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
