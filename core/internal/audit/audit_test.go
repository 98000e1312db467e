package audit_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/tenants"
)

func TestX(t *testing.T) {
	now := func() time.Time { return time.UnixMilli(1e12) }
	store, err := tenants.Open(t.Context(), tenants.Options{Dir: t.TempDir(), Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l := audit.New(audit.Options{Store: store, Signer: ed25519.NewKeyFromSeed(make([]byte, 32)), Now: now, Version: "1"})
	for range 3 {
		err = store.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
			return l.Record(context.Background(), tx, core.Entry{Action: "tenant.create", Target: core.Target{Kind: "tenant", ID: "x"}, Changes: []core.Change{{Field: "n", Before: "<a>", After: "b", Personal: true}, {Field: "a", After: "<a>"}}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	store.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		var s string
		tx.QueryRow(t.Context(), "select group_concat(seq || record || hex(hash)|| action, char(10)) from audit_records").Scan(&s)
		t.Log(s)
		_, err := tx.Exec(t.Context(), "update audit_records set seq = 5")
		t.Log(err)
		return err
	})
}
