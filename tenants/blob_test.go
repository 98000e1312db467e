package tenants_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func randomBytes(n int) []byte {
	random := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	random.Read(b)
	return b
}

func TestBlobsComeBackWhole(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	for _, size := range []int{0, 1, 256 << 10, 256<<10 + 1, 1<<20 - 1} {
		content := randomBytes(size)
		var stored tenants.BlobInfo
		must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) (err error) {
			stored, err = tx.PutBlob(t.Context(), tenants.BlobInfo{Name: "kit.zip", Type: "application/zip", Kind: "launch_kit"},
				iotest.HalfReader(bytes.NewReader(content)))
			return err
		}))
		sum := sha256.Sum256(content)
		if stored.Size != int64(size) || stored.SHA256 != hex.EncodeToString(sum[:]) || !core.ValidID(core.PrefixBlob, stored.ID) {
			t.Errorf("stored %+v", stored)
		}
		must(t, s.View(t.Context(), id, func(tx *tenants.Tx) error {
			info, err := tx.Blob(t.Context(), stored.ID)
			must(t, err)
			if !reflect.DeepEqual(info, stored) {
				t.Errorf("described as %+v, stored as %+v", info, stored)
			}
			r, err := tx.ReadBlob(t.Context(), stored.ID)
			must(t, err)
			got, err := io.ReadAll(iotest.OneByteReader(r))
			must(t, err)
			if !bytes.Equal(got, content) {
				t.Errorf("%d bytes came back as %d others", size, len(got))
			}
			return nil
		}))
	}
}

func TestBlobQuota(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	must(t, s.SaveSettings(t.Context(), id, core.Settings{BlobQuotaBytes: 1000}))
	put := func(n int) error {
		return s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			_, err := tx.PutBlob(t.Context(), tenants.BlobInfo{Name: "a"}, bytes.NewReader(randomBytes(n)))
			return err
		})
	}
	must(t, put(600))
	wantCode(t, put(401), core.Conflict)
	must(t, put(400))
	wantCode(t, put(1), core.Conflict)
}

func TestBlobsAreListedSweptAndDeleted(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	soon, later := start, start.Add(time.Hour)
	must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		for _, info := range []tenants.BlobInfo{
			{Name: "kept", Kind: "document"}, {Name: "over", Kind: "document", ExpiresAt: &soon},
			{Name: "not yet", Kind: "export", ExpiresAt: &later},
		} {
			if _, err := tx.PutBlob(t.Context(), info, strings.NewReader("x")); err != nil {
				return err
			}
		}
		if n, err := tx.SweepBlobs(t.Context()); n != 1 || err != nil {
			t.Errorf("swept %d: %v", n, err)
		}
		list, err := tx.Blobs(t.Context(), "export")
		must(t, err)
		if len(list) != 1 || list[0].Name != "not yet" || !list[0].ExpiresAt.Equal(later) {
			t.Errorf("exports: %+v", list)
		}
		list, err = tx.Blobs(t.Context(), "")
		must(t, err)
		if len(list) != 2 {
			t.Errorf("all: %+v", list)
		}
		must(t, tx.DeleteBlob(t.Context(), list[0].ID))
		wantCode(t, tx.DeleteBlob(t.Context(), list[0].ID), core.NotFound)
		_, err = tx.ReadBlob(t.Context(), list[0].ID)
		wantCode(t, err, core.NotFound)
		var chunks int
		must(t, tx.QueryRow(t.Context(), `select count(*) from blob_chunks`).Scan(&chunks))
		if chunks != 1 {
			t.Errorf("%d chunks are left", chunks)
		}
		return nil
	}))
}

func TestDamagedBlobIsNoticed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	for _, damage := range []string{
		`update blob_chunks set data = zeroblob(length(data))`,
		`update blob_chunks set data = x'00'`,
		`delete from blob_chunks`,
	} {
		must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			blob, err := tx.PutBlob(t.Context(), tenants.BlobInfo{Name: "a"}, strings.NewReader("bytes"))
			must(t, err)
			_, err = tx.Exec(t.Context(), damage)
			must(t, err)
			r, err := tx.ReadBlob(t.Context(), blob.ID)
			if err == nil {
				_, err = io.ReadAll(r)
			}
			if err == nil {
				t.Errorf("%s: nothing was noticed", damage)
			}
			return nil
		}))
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	_, err := s.Settings(t.Context(), id)
	wantCode(t, err, core.NotFound)
	want := core.Settings{Locale: "en-IE", Currency: "EUR", DocumentCategories: []string{"Warranty"}, AllowedRegions: []string{"eu-west"}}
	must(t, s.SaveSettings(t.Context(), id, want))
	got, err := s.Settings(t.Context(), id)
	must(t, err)
	if want.Version = 1; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	got.Locale = "en-GB"
	must(t, s.SaveSettings(t.Context(), id, got))
	wantCode(t, s.SaveSettings(t.Context(), id, got), core.Conflict)
	got, err = s.Settings(t.Context(), id)
	must(t, err)
	if got.Locale != "en-GB" || got.Version != 2 {
		t.Errorf("got %+v", got)
	}
}

// Settings that are older than a field have its default; a zero that was
// chosen stays one.
func TestOldSettings(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	for body, want := range map[string]core.Settings{
		`{"locale":"en-IE"}`: {Locale: "en-IE", EventsPerMinute: 60_000, UsageRetentionDays: 400},
		`{"events_per_minute":5,"usage_retention_days":0}`: {EventsPerMinute: 5},
	} {
		must(t, s.SaveSettings(t.Context(), id, core.Settings{}))
		must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			_, err := tx.Exec(t.Context(), `update settings set body = ?`, body)
			return err
		}))
		got, err := s.Settings(t.Context(), id)
		must(t, err)
		if want.Version = got.Version; !reflect.DeepEqual(got, want) {
			t.Errorf("%s reads as %+v", body, got)
		}
	}
}

func TestBrand(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	_, err := s.Brand(t.Context(), id)
	wantCode(t, err, core.NotFound)
	brand := core.Brand{Name: "Harpur", Primary: "#075a4d", Accent: "#f2a65a", Locale: "en-IE"}
	for _, logo := range [][]byte{nil, randomBytes(300 << 10), []byte("<svg/>"), nil} {
		brand.Logo, brand.LogoType = logo, ""
		if logo != nil {
			brand.LogoType = "image/svg+xml"
		}
		must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error { return tenants.WriteBrand(t.Context(), tx, brand) }))
		got, err := s.Brand(t.Context(), id)
		must(t, err)
		if !reflect.DeepEqual(got, brand) {
			t.Errorf("a logo of %d bytes came back as %d", len(logo), len(got.Logo))
		}
	}
	must(t, s.View(t.Context(), id, func(tx *tenants.Tx) error {
		left, err := tx.Blobs(t.Context(), "")
		if len(left) != 0 {
			t.Errorf("logos are left: %+v", left)
		}
		return err
	}))
}
