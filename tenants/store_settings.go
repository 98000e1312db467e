package tenants

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openhouse-ai/console/core"
)

// NewSettings have what stored settings, and files of defaults, may not say
// yet: they are older than it.
func NewSettings() core.Settings {
	return core.Settings{EventsPerMinute: 60_000, UsageRetentionDays: 400}
}

// ReadSettings returns the tenant's settings. Returns not_found before the
// first WriteSettings.
func ReadSettings(ctx context.Context, tx *Tx) (core.Settings, error) {
	settings := NewSettings()
	var body []byte
	err := tx.QueryRow(ctx, `select body, version from settings where id = 1`).Scan(&body, &settings.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return settings, core.Errorf(core.NotFound, "This tenant has no settings yet.")
	}
	if err != nil {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	if err := json.Unmarshal(body, &settings); err != nil {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	return settings, nil
}

// WriteSettings stores the tenant's settings. A Version other than 0 must be
// the stored one: returns conflict when somebody else was faster.
func WriteSettings(ctx context.Context, tx *Tx, settings core.Settings) error {
	body, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	result, err := tx.Exec(ctx, `
		insert into settings (id, body, updated_at) values (1, ?1, ?2)
		on conflict (id) do update set body = ?1, updated_at = ?2, version = version + 1
		where ?3 = 0 or version = ?3`, string(body), tx.Now.UnixMilli(), settings.Version)
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, core.Errorf(core.Conflict, "Somebody else has changed these settings. Load them again and repeat your change."))
	}
	return nil
}

// Settings returns the settings of one tenant, like ReadSettings.
func (s *Store) Settings(ctx context.Context, id core.TenantID) (settings core.Settings, err error) {
	err = s.View(ctx, id, func(tx *Tx) error {
		settings, err = ReadSettings(ctx, tx)
		return err
	})
	return settings, err
}

// SaveSettings stores the settings of one tenant, like WriteSettings. Callers
// that write an audit record use WriteSettings in their own transaction.
func (s *Store) SaveSettings(ctx context.Context, id core.TenantID, settings core.Settings) error {
	return s.Update(ctx, id, func(tx *Tx) error { return WriteSettings(ctx, tx, settings) })
}

// ReadBrand returns how the tenant looks, with the bytes of its logo. Returns
// not_found before the first WriteBrand.
func ReadBrand(ctx context.Context, tx *Tx) (core.Brand, error) {
	var brand core.Brand
	var logo sql.NullString
	err := tx.QueryRow(ctx, `select name, primary_color, accent_color, locale, logo_blob_id from brands where id = 1`).
		Scan(&brand.Name, &brand.Primary, &brand.Accent, &brand.Locale, &logo)
	if errors.Is(err, sql.ErrNoRows) {
		return brand, core.Errorf(core.NotFound, "This tenant has no brand yet.")
	}
	if err != nil {
		return brand, fmt.Errorf("read brand: %w", err)
	}
	if !logo.Valid {
		return brand, nil
	}
	var content bytes.Buffer
	info, err := tx.copyBlob(ctx, logo.String, &content)
	brand.Logo, brand.LogoType = content.Bytes(), info.Type
	return brand, err
}

// WriteBrand stores how the tenant looks, whole: without a Logo the stored one
// is removed.
func WriteBrand(ctx context.Context, tx *Tx, brand core.Brand) error {
	var old sql.NullString
	err := tx.QueryRow(ctx, `select logo_blob_id from brands where id = 1`).Scan(&old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("write brand: %w", err)
	}
	var logo sql.NullString
	if len(brand.Logo) > 0 {
		blob, err := tx.PutBlob(ctx, BlobInfo{Name: "logo", Type: brand.LogoType, Kind: KindLogo}, bytes.NewReader(brand.Logo))
		if err != nil {
			return fmt.Errorf("write brand: %w", err)
		}
		logo = sql.NullString{String: blob.ID, Valid: true}
	}
	_, err = tx.Exec(ctx, `
		insert into brands (id, name, primary_color, accent_color, locale, logo_blob_id, updated_at)
		values (1, ?1, ?2, ?3, ?4, ?5, ?6)
		on conflict (id) do update set
		  name = ?1, primary_color = ?2, accent_color = ?3, locale = ?4, logo_blob_id = ?5, updated_at = ?6`,
		brand.Name, brand.Primary, brand.Accent, brand.Locale, logo, tx.Now.UnixMilli())
	if err != nil {
		return fmt.Errorf("write brand: %w", err)
	}
	if !old.Valid {
		return nil
	}
	return tx.DeleteBlob(ctx, old.String)
}

// Brand returns how one tenant looks, like ReadBrand.
func (s *Store) Brand(ctx context.Context, id core.TenantID) (brand core.Brand, err error) {
	err = s.View(ctx, id, func(tx *Tx) error {
		brand, err = ReadBrand(ctx, tx)
		return err
	})
	return brand, err
}
