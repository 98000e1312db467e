package process

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// sumForm is what a SHA-256 looks like.
var sumForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Sum is the SHA-256 of a file, in hexadecimal.
func Sum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Keep copies a binary into store under its SHA-256, for nobody to change,
// and returns the copy's path. The copy is what is hashed and later executed;
// one that is there is hashed again. Returns core.Invalid when the sum isn't
// the one that was asked for; the error names the file and both.
func Keep(store, path, sum string) (string, error) {
	sum = strings.ToLower(sum)
	if !sumForm.MatchString(sum) {
		return "", invalid("The checksum of %s has to be a SHA-256: 64 hexadecimal digits.", path)
	}
	kept := filepath.Join(store, sum)
	if have, err := Sum(kept); err == nil && have == sum {
		return kept, nil
	}
	if info, err := os.Stat(path); err != nil {
		return "", core.Errorf(core.NotFound, "The binary %s can't be read: %v.", path, err)
	} else if !info.Mode().IsRegular() {
		return "", invalid("The binary %s is not a file.", path)
	}
	if err := os.MkdirAll(store, 0o700); err != nil {
		return "", fmt.Errorf("make the store of binaries: %w", err)
	}
	temp, err := copyInto(store, path)
	if err != nil {
		return "", fmt.Errorf("keep %s: %w", path, err)
	}
	defer os.Remove(temp) // unless it was renamed
	have, err := Sum(temp)
	if err != nil {
		return "", fmt.Errorf("keep %s: %w", path, err)
	}
	if have != sum {
		return "", invalid("The checksum of %s doesn't match: the file has %s, %s was expected.", path, have, sum)
	}
	if err := errors.Join(os.Chmod(temp, 0o500), os.Rename(temp, kept), syncFolder(store)); err != nil {
		return "", fmt.Errorf("keep %s: %w", path, err)
	}
	return kept, nil
}

// copyInto copies a file to a new one in store and waits until it is on disk.
func copyInto(store, path string) (string, error) {
	from, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(store, ".keep-")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", errors.Join(err, os.Remove(to.Name()))
	}
	return to.Name(), nil
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
