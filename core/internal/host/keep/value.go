package keep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Limits of a plugin's values in one tenant: bytes of a key and of a value, and
// how many there may be.
const (
	MaxKey    = 200
	MaxValue  = 64 << 10
	MaxValues = 10_000
)

// Value returns what a plugin has stored under a key in the transaction's file.
func (k *Keep) Value(ctx context.Context, tx *tenants.Tx, plugin, key string) (value []byte, found bool, err error) {
	value, err = readValue(ctx, tx, plugin, key)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("read value: %w", err)
	}
	return value, true, nil
}

// PutValue stores a value. Returns invalid for a key or a value that is too
// long, and for one value too many.
func (k *Keep) PutValue(ctx context.Context, tx *tenants.Tx, plugin, key string, value []byte) error {
	switch {
	case key == "" || !utf8.ValidString(key) || strings.ContainsRune(key, 0):
		return core.Errorf(core.Invalid, "A key has to be a text.")
	case len(key) > MaxKey:
		return core.Errorf(core.Invalid, "The key has %d bytes; %d are allowed.", len(key), MaxKey)
	case len(value) > MaxValue:
		return core.Errorf(core.Invalid, "The value of %s has %d bytes; %d are allowed.", key, len(value), MaxValue)
	}
	if err := writeValue(ctx, tx, plugin, key, value); err != nil {
		return fmt.Errorf("store value: %w", err)
	}
	return nil
}

// DeleteValue forgets a value; one that isn't there is no error.
func (k *Keep) DeleteValue(ctx context.Context, tx *tenants.Tx, plugin, key string) error {
	if err := deleteValue(ctx, tx, plugin, key); err != nil {
		return fmt.Errorf("delete value: %w", err)
	}
	return nil
}

// Keys lists a plugin's keys with a prefix, in order.
func (k *Keep) Keys(ctx context.Context, tx *tenants.Tx, plugin, prefix string) ([]string, error) {
	keys, err := listKeys(ctx, tx, plugin, prefix)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return keys, nil
}
