package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/tenants"
)

func (h *house) checkpoint() {
	h.t.Helper()
	h.must(h.log.Checkpoint(h.t.Context()))
}

// anchorLines are the lines of the anchors file.
func (h *house) anchorLines() []string {
	h.t.Helper()
	body, err := os.ReadFile(h.anchors)
	h.must(err)
	return strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
}

func (h *house) writeAnchors(lines ...string) {
	h.t.Helper()
	h.must(os.WriteFile(h.anchors, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// moved returns the sequences of the heads in a line of the anchors file.
func moved(t *testing.T, line string) (seqs []int64) {
	t.Helper()
	var a struct{ Moved []struct{ Seq int64 } }
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatal(err)
	}
	for _, m := range a.Moved {
		seqs = append(seqs, m.Seq)
	}
	return seqs
}

func TestCheckpointHoldsTheHeadsThatMoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.log.LastCheckpoint(t.Context()); core.CodeOf(err) != core.NotFound {
		t.Errorf("before the first checkpoint: %v, want not_found", err)
	}
	h.record(h.one, unitCreated("unt_1"), unitCreated("unt_2"))
	h.record(h.two, unitCreated("unt_3"))
	h.checkpoint()
	h.checkpoint() // nothing moved: no second one
	h.record(h.two, unitCreated("unt_4"), unitCreated("unt_5"))
	err := h.update(h.one, func(tx *tenants.Tx) error {
		h.must(h.log.Record(h.ctx(), tx, unitCreated("unt_6")))
		return errors.New("rolled back: not a head")
	})
	if err == nil {
		t.Fatal("the update succeeded")
	}
	h.clock.add(time.Hour)
	h.checkpoint()

	lines := h.anchorLines()
	if len(lines) != 2 || len(moved(t, lines[0])) != 2 {
		t.Fatalf("anchors:\n%s", strings.Join(lines, "\n"))
	}
	if got := moved(t, lines[1]); len(got) != 1 || got[0] != 3 {
		t.Errorf("the second checkpoint holds the sequences %v, want 3 alone", got)
	}
	if strings.Contains(strings.Join(lines, ""), "ten_") {
		t.Error("the anchors file names a tenant")
	}
	last, err := h.log.LastCheckpoint(t.Context())
	h.must(err)
	if last.Number != 2 || last.Chains != 2 || !last.At.Equal(h.clock.now()) {
		t.Errorf("last checkpoint %+v", last)
	}
	for _, tenant := range []core.TenantID{h.one, h.two} {
		for _, file := range []string{"", h.anchors} {
			if r := h.verify(audit.VerifyOptions{Tenant: tenant, Anchors: file}, 0); r.Checkpoints == 0 {
				t.Errorf("no checkpoint was compared with %s", tenant)
			}
		}
	}
}

func TestCutTailIsFoundByTheAnchor(t *testing.T) {
	t.Parallel()
	for _, chain := range []string{"platform", "tenant"} {
		h := newHouse(t)
		tenant := core.TenantID("")
		if chain == "tenant" {
			tenant = h.one
		}
		h.record(tenant, unitCreated("unt_1"), homeownerCreated("hom_2"), homeownerCreated("hom_3"))
		h.checkpoint()
		h.disarm(tenant)
		h.exec(tenant, `delete from audit_values where seq > 1`, `delete from audit_records where seq > 1`)
		for _, file := range []string{"", h.anchors} {
			r := h.verify(audit.VerifyOptions{Tenant: tenant, Anchors: file}, 3)
			if len(r.Findings) == 0 || r.Findings[0].Seq != 2 {
				t.Errorf("%s: %s", chain, r)
			}
		}
	}
}

// A chain that was rewritten from the start, hashes and all, is whole in itself.
func TestRewrittenChainIsFoundByTheAnchor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"), unitCreated("unt_2"))
	h.checkpoint()
	h.disarm(h.one)
	h.exec(h.one, `delete from audit_records`)
	h.record(h.one, unitCreated("unt_1"), unitCreated("unt_9"), unitCreated("unt_3"))
	h.checkpoint()
	if r := h.verify(audit.VerifyOptions{Tenant: h.one, Anchors: h.anchors}, 2); len(r.Findings) == 0 || r.Findings[0].Seq != 2 {
		t.Errorf("report: %s", r)
	}
}

func TestForgedAnchors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 3 {
		h.record(h.one, unitCreated("unt_1"))
		h.checkpoint()
	}
	good := h.anchorLines()
	forge := func(old, new string) []string {
		return []string{good[0], strings.Replace(good[1], old, new, 1), good[2]}
	}
	for name, lines := range map[string][]string{
		"an altered statement": forge(`"number":2`, `"number":1`),
		"an altered head":      forge(`"seq":2`, `"seq":3`),
		"an altered signature": forge(`"signature":"`, `"signature":"0`),
		"a line left out":      {good[0], good[2]},
		"a line of nonsense":   {good[0], "nonsense", good[2]},
	} {
		h.writeAnchors(lines...)
		if r := h.verify(audit.VerifyOptions{Tenant: h.one, Anchors: h.anchors}, 4); len(r.Findings) == 0 || r.Findings[0].Seq != 2 {
			t.Errorf("%s: %s", name, r)
		}
	}
	h.writeAnchors(good...)
	h.verify(audit.VerifyOptions{Tenant: h.one, Anchors: h.anchors, Key: bytes.Repeat([]byte{7}, 32)}, 4)
	h.verify(audit.VerifyOptions{Tenant: h.one, Anchors: h.anchors}, 0)
}

func TestAnchorsSurviveACrash(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 3 {
		h.record(h.one, unitCreated("unt_1"))
		h.checkpoint()
	}
	lines := h.anchorLines()
	// The crash came while the second line was written; the third was not begun.
	h.must(os.WriteFile(h.anchors, []byte(lines[0]+"\n"+lines[1][:40]), 0o600))
	h.restart()
	h.checkpoint()
	if got := h.anchorLines(); strings.Join(got, "\n") != strings.Join(lines, "\n") {
		t.Errorf("anchors:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

func TestRereadFindsHeadsThatACrashForgot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"))
	h.restart()
	h.must(h.log.Reread(t.Context(), []core.TenantID{h.one, h.two}))
	h.checkpoint()
	if last, err := h.log.LastCheckpoint(t.Context()); err != nil || last.Chains != 1 {
		t.Errorf("last checkpoint %+v, %v: want one chain", last, err)
	}
	h.verify(audit.VerifyOptions{Tenant: h.one, Anchors: h.anchors}, 0)
}
