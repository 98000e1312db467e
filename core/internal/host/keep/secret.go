package keep

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Limits of a secret: its longest, in bytes, and from how many characters on
// people see the last four.
const (
	maxSecret = 16 << 10
	hintFrom  = 12
	hintShows = 4
)

// takeSecrets takes the secrets out of the settings: those that are to change,
// by field, and "" for one that is taken away.
func takeSecrets(object map[string]any, fields []string) (map[string]string, error) {
	secrets := map[string]string{}
	var problems core.Problems
	for _, field := range fields {
		value, there := take(object, field)
		if !there {
			continue
		}
		switch v := value.(type) {
		case nil:
			secrets[field] = ""
		case string:
			if len(v) > maxSecret {
				problems.Add(field, "", fmt.Sprintf("is longer than %d KiB", maxSecret>>10))
			} else if v != "" {
				secrets[field] = v
			}
		case map[string]any: // masked, as it was shown
			if _, masked := v["set"]; !masked {
				problems.Add(field, "", "has to be a text")
			}
		default:
			problems.Add(field, "", "has to be a text")
		}
	}
	return secrets, problems.Err()
}

// seal stores the secrets that have changed and tells so, never what they are.
func (k *Keep) seal(ctx context.Context, tx *tenants.Tx, plugin string, known map[string]secret, secrets map[string]string) ([]core.Change, error) {
	var changes []core.Change
	var key tink.AEAD
	for _, field := range slices.Sorted(maps.Keys(secrets)) {
		_, set := known[field]
		if secrets[field] == "" {
			if set {
				changes = append(changes, core.Change{Field: field, Before: "set"})
				if err := deleteSecret(ctx, tx, plugin, field); err != nil {
					return nil, err
				}
			}
			continue
		}
		if key == nil {
			var err error
			if key, err = k.key(ctx, tx); err != nil {
				return nil, err
			}
		}
		if set {
			old, err := key.Decrypt(known[field].sealed, place(plugin, field))
			if err == nil && string(old) == secrets[field] {
				continue
			}
			changes = append(changes, core.Change{Field: field, Before: "set", After: "changed"})
		} else {
			changes = append(changes, core.Change{Field: field, After: "set"})
		}
		sealed, err := key.Encrypt([]byte(secrets[field]), place(plugin, field))
		if err != nil {
			return nil, fmt.Errorf("seal %s: %w", field, err)
		}
		if err := writeSecret(ctx, tx, plugin, field, secret{sealed, hintOf(secrets[field])}); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// reveal puts the secrets into the settings, in clear.
func (k *Keep) reveal(ctx context.Context, tx *tenants.Tx, plugin string, secrets map[string]secret, object map[string]any) error {
	if len(secrets) == 0 {
		return nil
	}
	sealed, err := readKeyset(ctx, tx)
	if err != nil {
		return fmt.Errorf("read keyset: %w", err)
	}
	key, err := k.options.Vault.OpenKeyset(sealed, owner(tx.Tenant))
	if err != nil {
		return err
	}
	for field, s := range secrets {
		clear, err := key.Decrypt(s.sealed, place(plugin, field))
		if err != nil {
			return fmt.Errorf("open secret %s: %w", field, err)
		}
		put(object, field, string(clear))
	}
	return nil
}

// key opens the keyset of the transaction's file, and makes one for the first
// secret.
func (k *Keep) key(ctx context.Context, tx *tenants.Tx) (tink.AEAD, error) {
	sealed, err := readKeyset(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read keyset: %w", err)
	}
	if sealed == nil {
		if sealed, err = k.options.Vault.NewKeyset(owner(tx.Tenant)); err != nil {
			return nil, err
		}
		if err := writeKeyset(ctx, tx, sealed); err != nil {
			return nil, fmt.Errorf("store keyset: %w", err)
		}
	}
	return k.options.Vault.OpenKeyset(sealed, owner(tx.Tenant))
}

// owner binds a keyset to its file.
func owner(tenant core.TenantID) []byte { return []byte(cmp.Or(string(tenant), "platform")) }

// place binds a secret to its plugin and field. An id has no slash.
func place(plugin, field string) []byte { return []byte(plugin + "/" + field) }

// hintOf is what people see of a secret.
func hintOf(clear string) string {
	if utf8.RuneCountInString(clear) < hintFrom {
		return ""
	}
	runes := []rune(clear)
	return "…" + string(runes[len(runes)-hintShows:])
}
