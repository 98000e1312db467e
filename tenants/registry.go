package tenants

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/core"
	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Find returns a tenant by its id. Returns not_found for one that does not
// exist or is deleted.
func (s *Store) Find(ctx context.Context, id core.TenantID) (core.Tenant, error) {
	return s.findLive(ctx, func(tx *Tx) (core.Tenant, error) { return findTenant(ctx, tx, id) })
}

// FindByCode returns a tenant by its code. Returns not_found like Find.
func (s *Store) FindByCode(ctx context.Context, code string) (core.Tenant, error) {
	return s.findLive(ctx, func(tx *Tx) (core.Tenant, error) { return findTenantByCode(ctx, tx, code) })
}

func (s *Store) findLive(ctx context.Context, find func(*Tx) (core.Tenant, error)) (t core.Tenant, err error) {
	err = s.ViewControl(ctx, func(tx *Tx) error {
		t, err = find(tx)
		return err
	})
	if err != nil {
		return core.Tenant{}, err
	}
	if t.Status == core.TenantDeleted {
		return core.Tenant{}, errNoTenant
	}
	return t, nil
}

// List returns one page of the tenants. It reads Text, Region, Status, Sort
// (name, code, region, status or created_at), Desc, After and Limit; deleted
// tenants are listed only for the status deleted. Returns invalid for another
// Sort or a cursor of another list.
func (s *Store) List(ctx context.Context, q core.Query) (list core.List[core.Tenant], err error) {
	var after *cursor
	if q.After != "" {
		if after, err = decodeCursor(q); err != nil {
			return list, err
		}
	}
	err = s.ViewControl(ctx, func(tx *Tx) error {
		list, err = listTenants(ctx, tx, q, after)
		return err
	})
	if err != nil {
		return core.List[core.Tenant]{}, fmt.Errorf("list tenants: %w", err)
	}
	return list, nil
}

// UpdateTenant changes name, code, status and demo of a tenant and returns it
// as stored; empty ones stay as they are. A Version other than 0 must be the
// stored one: returns conflict when somebody else was faster. The functions
// also run in the same control transaction, an audit record for example.
func (s *Store) UpdateTenant(ctx context.Context, t core.Tenant, also ...func(*Tx) error) (stored core.Tenant, err error) {
	err = s.UpdateControl(ctx, func(tx *Tx) error {
		old, err := findTenant(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if t, err = mergeTenant(old, t); err != nil {
			return err
		}
		if err := updateTenant(ctx, tx, t); err != nil {
			return err
		}
		if stored, err = findTenant(ctx, tx, t.ID); err != nil {
			return err
		}
		tx.OnCommit(func() { s.files.setStatus(stored.ID, stored.Status) })
		return runAll(tx, also)
	})
	if err != nil {
		return core.Tenant{}, fmt.Errorf("update tenant %s: %w", t.ID, err)
	}
	return stored, nil
}

func runAll(tx *Tx, also []func(*Tx) error) error {
	for _, fn := range also {
		if err := fn(tx); err != nil {
			return err
		}
	}
	return nil
}

// mergeTenant checks a change against the stored tenant and fills what it
// leaves empty.
func mergeTenant(old, t core.Tenant) (core.Tenant, error) {
	switch {
	case old.Status == core.TenantDeleted:
		return t, errNoTenant
	case t.Version != 0 && t.Version != old.Version:
		return t, core.Errorf(core.Conflict, "Somebody else has changed this tenant. Load it again and repeat your change.")
	case t.Status == core.TenantDeleted:
		return t, core.Errorf(core.Invalid, "A tenant is deleted by its removal alone.")
	case t.Region != "" && t.Region != old.Region:
		return t, core.Errorf(core.Invalid, "The region of a tenant can't be changed here: its file would have to move.")
	}
	t.Region = old.Region
	if t.Name == "" {
		t.Name = old.Name
	}
	if t.Code == "" {
		t.Code = old.Code
	}
	if t.Status == "" {
		t.Status = old.Status
	}
	return t, checkTenant(t)
}

var tenantCode = regexp.MustCompile(`^[A-Z0-9]{2,8}$`)

// checkTenant returns an invalid error with every wrong field.
func checkTenant(t core.Tenant) error {
	var problems core.Problems
	if !core.ValidID(core.PrefixTenant, string(t.ID)) {
		problems.Add("id", string(t.ID), "is not a tenant id")
	}
	if strings.TrimSpace(t.Name) == "" {
		problems.Add("name", t.Name, "is missing")
	}
	if !tenantCode.MatchString(t.Code) {
		problems.Add("code", t.Code, "must be 2 to 8 capital letters or digits")
	}
	switch t.Status {
	case "", core.TenantProvisioning, core.TenantActive, core.TenantSuspended, core.TenantFailed:
	default:
		problems.Add("status", string(t.Status), "is not a status that a tenant can be given")
	}
	return problems.Err()
}

// tombstone is what remains of a tenant's id: it can be recognised and not be
// read back.
func (s *Store) tombstone(id core.TenantID) string {
	digest := sha256.New()
	if len(s.options.TombstoneKey) > 0 {
		digest = hmac.New(sha256.New, s.options.TombstoneKey)
	}
	digest.Write([]byte(id))
	return hex.EncodeToString(digest.Sum(nil))
}

// fold brings a name to the form that it is sorted and searched by: without
// accents, in small letters.
func fold(s string) string {
	// A Transformer has state, so each call makes its own.
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
	if err != nil {
		plain = s
	}
	return strings.Join(strings.Fields(cases.Fold().String(plain)), " ")
}

func searchText(t core.Tenant) string {
	return fold(t.Name + " " + t.Code + " " + string(t.ID))
}

// cursor is the last row of a page, and the order that it was the last in.
type cursor struct {
	Sort  string `json:"s,omitempty"`
	Desc  bool   `json:"d,omitempty"`
	Value any    `json:"v"` // a string, or a whole number of milliseconds
	ID    string `json:"i"`
}

func (c cursor) encode(q core.Query) string {
	c.Sort, c.Desc = q.Sort, q.Desc
	// A string or an integer always has a JSON form.
	text, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(text)
}

func decodeCursor(q core.Query) (*cursor, error) {
	var c cursor
	text, err := base64.RawURLEncoding.DecodeString(q.After)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil || c.Sort != q.Sort || c.Desc != q.Desc {
		return nil, core.Errorf(core.Invalid, "This page can't be continued. Start again from the first one.")
	}
	return &c, nil
}
