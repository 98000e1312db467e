package audit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/tenants"
	"pgregory.net/rapid"
)

// verify expects an exit code.
func (h *house) verify(o audit.VerifyOptions, want int) audit.Report {
	h.t.Helper()
	report, err := h.log.Verify(h.t.Context(), o)
	h.must(err)
	if report.ExitCode() != want {
		h.t.Errorf("exit code %d, want %d:\n%s", report.ExitCode(), want, report)
	}
	return report
}

// exec changes a database past the log.
func (h *house) exec(tenant core.TenantID, statements ...string) {
	h.t.Helper()
	h.must(h.update(tenant, func(tx *tenants.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(h.t.Context(), s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	}))
}

// disarm drops what makes the records append-only, as an intruder would.
func (h *house) disarm(tenant core.TenantID) {
	h.t.Helper()
	h.exec(tenant,
		`drop trigger audit_records_refuse_gap`, `drop trigger audit_records_refuse_update`, `drop trigger audit_records_refuse_delete`,
		`drop trigger audit_values_refuse_replace`, `drop trigger audit_values_refuse_update`)
}

const links = 9

// tampering is one way to alter a chain of links records; every third record,
// 3, 6, …, has three personal values. It returns the statements and the first
// record that a verification must name.
type tampering func(r *rand.Rand) (statements []string, seq int)

// inner is a record that is not the last, so that its removal shows.
func inner(r *rand.Rand) int { return 1 + r.IntN(links-1) }

func personal(r *rand.Rand) int { return 3 * (1 + r.IntN(links/3)) }

var tamperings = map[string]tampering{
	"altered byte of a record": func(r *rand.Rand) ([]string, int) {
		seq, at := 1+r.IntN(links), 1+r.IntN(250)
		return []string{fmt.Sprintf(`update audit_records set record = substr(record, 1, %[2]d - 1)
			|| iif(substr(record, %[2]d, 1) = '%[3]c', '"', '%[3]c') || substr(record, %[2]d + 1) where seq = %[1]d`, seq, at, 'a'+r.IntN(26))}, seq
	},
	"altered byte of a hash": func(r *rand.Rand) ([]string, int) {
		seq, at := 1+r.IntN(links), r.IntN(32)
		digits := fmt.Sprintf(`substr(hex(hash), 1, %d) || iif(substr(hex(hash), %d, 1) = '0', '1', '0') || substr(hex(hash), %d)`, 2*at, 2*at+1, 2*at+2)
		return []string{fmt.Sprintf(`update audit_records set hash = unhex(%s) where seq = %d`, digits, seq)}, seq
	},
	"removed record": func(r *rand.Rand) ([]string, int) {
		seq := inner(r)
		return []string{
			fmt.Sprintf(`delete from audit_values where seq = %d`, seq),
			fmt.Sprintf(`delete from audit_records where seq = %d`, seq),
		}, seq
	},
	"removed record, the others moved up": func(r *rand.Rand) ([]string, int) {
		seq := inner(r)
		return []string{
			`delete from audit_values`,
			fmt.Sprintf(`delete from audit_records where seq = %d`, seq),
			fmt.Sprintf(`update audit_records set seq = -seq where seq > %d`, seq),
			`update audit_records set seq = -seq - 1 where seq < 0`,
		}, seq
	},
	"swapped records": func(r *rand.Rand) ([]string, int) {
		a := inner(r)
		b := a + 1 + r.IntN(links-a)
		return []string{
			`delete from audit_values`,
			fmt.Sprintf(`update audit_records set seq = -%d where seq = %d`, a, a),
			fmt.Sprintf(`update audit_records set seq = %d where seq = %d`, a, b),
			fmt.Sprintf(`update audit_records set seq = %d where seq = -%d`, b, a),
		}, a
	},
	"copied record at the end": func(r *rand.Rand) ([]string, int) {
		return []string{fmt.Sprintf(`insert into audit_records (seq, record, hash)
			select %d, record, hash from audit_records where seq = %d`, links+1, 1+r.IntN(links))}, links + 1
	},
	"altered personal value": func(r *rand.Rand) ([]string, int) {
		seq := personal(r)
		return []string{fmt.Sprintf(`update audit_values set value = value || 'x' where seq = %d and change = %d and side = 'after'`, seq, r.IntN(2))}, seq
	},
	"altered salt": func(r *rand.Rand) ([]string, int) {
		seq := personal(r)
		return []string{fmt.Sprintf(`update audit_values set salt = randomblob(32) where seq = %d and change = 1`, seq)}, seq
	},
	"added personal value": func(r *rand.Rand) ([]string, int) {
		seq := personal(r) - 1
		return []string{fmt.Sprintf(`insert into audit_values values (%d, 0, 'after', randomblob(32), 'x')`, seq)}, seq
	},
	"removed personal value": func(r *rand.Rand) ([]string, int) {
		seq := personal(r)
		return []string{fmt.Sprintf(`delete from audit_values where seq = %d and change = %d`, seq, r.IntN(2))}, seq
	},
}

func TestEveryTamperingIsFoundWhereItIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := 1; i <= links; i++ {
		entry := unitCreated(fmt.Sprint("unt_", i))
		if i%3 == 0 {
			entry = homeownerCreated(fmt.Sprint("hom_", i))
		}
		h.record(h.one, entry)
	}
	h.disarm(h.one)
	h.exec(h.one, `create table kept_records as select seq, record, hash from audit_records`, `create table kept_values as select * from audit_values`)
	// The raw rows, without the checks that would refuse some of the tampering.
	h.exec(h.one, `delete from audit_values`, `drop table audit_records`,
		`create table audit_records (seq integer primary key, record text, hash blob, at as (0), target_kind as (''), target_id as (''), action as (''))`)
	restore := []string{`delete from audit_values`, `delete from audit_records`,
		`insert into audit_records (seq, record, hash) select * from kept_records`, `insert into audit_values select * from kept_values`}

	r := rand.New(rand.NewPCG(1, 2))
	for range 100 { // 100 of each of ten kinds
		for name, tamper := range tamperings {
			statements, seq := tamper(r)
			h.exec(h.one, slices.Concat(restore, statements)...)
			report, err := h.log.Verify(t.Context(), audit.VerifyOptions{Tenant: h.one})
			h.must(err)
			want := int(audit.Broken)
			if strings.HasPrefix(name, "removed personal") {
				want = int(audit.Unexplained)
			}
			if report.ExitCode() != want || report.Findings[0].Seq != int64(seq) {
				t.Fatalf("%s: want exit code %d at %d, got\n%s\n%s", name, want, seq, report, strings.Join(statements, "\n"))
			}
		}
	}
	h.exec(h.one, restore...)
	h.verify(audit.VerifyOptions{Tenant: h.one}, 0)
}

func TestChainOfAnotherTenantIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"))
	stored := h.rows(h.one)[0]
	h.must(h.update(h.two, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into audit_records (seq, record, hash) values (?, ?, ?)`, stored.seq, stored.record, stored.hash)
		return err
	}))
	h.verify(audit.VerifyOptions{Tenant: h.two}, 2)
}

func TestErasureKeepsTheChain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, homeownerCreated("hom_1"), homeownerCreated("hom_2"))
	niamh := core.Target{Kind: "homeowner", ID: "hom_1"}
	h.must(h.update(h.one, func(tx *tenants.Tx) error {
		n, err := h.log.Erase(h.ctx(), tx, niamh, "She asked for it.")
		if n != 3 {
			t.Errorf("erased %d values, want 3", n)
		}
		return err
	}))
	if report := h.verify(audit.VerifyOptions{Tenant: h.one}, 0); report.Erased != 3 {
		t.Errorf("report tells of %d erased values, want 3", report.Erased)
	}
	h.verify(audit.VerifyOptions{Tenant: h.one, To: h.clock.now().Add(time.Second)}, 0)

	page := h.list(h.one, core.Query{})
	if got := page.Items[2].Changes[0]; !got.Erased || got.After != "" {
		t.Errorf("the erased value reads %+v", got)
	}
	if got := page.Items[1].Changes[0]; got.Erased || got.After == "" {
		t.Errorf("the value of another homeowner reads %+v", got)
	}

	// A later value of the same person that vanishes is not explained by it.
	h.record(h.one, homeownerCreated("hom_1"))
	h.exec(h.one, `delete from audit_values where seq = 4 and change = 0`)
	if report := h.verify(audit.VerifyOptions{Tenant: h.one}, 5); report.Findings[0].Seq != 4 {
		t.Errorf("found at %d, want 4", report.Findings[0].Seq)
	}
}

func TestVerifyPartOfAChain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	start := h.clock.now()
	for i := range 10 {
		h.clock.set(start.Add(time.Duration(i) * time.Hour))
		h.record(h.one, homeownerCreated("hom_1"))
	}
	h.must(h.log.Checkpoint(t.Context()))
	h.must(h.update(h.one, func(tx *tenants.Tx) error {
		_, err := h.log.Erase(h.ctx(), tx, core.Target{Kind: "homeowner", ID: "hom_1"}, "She asked for it.")
		return err
	}))
	part := audit.VerifyOptions{Tenant: h.one, From: start.Add(3 * time.Hour), To: start.Add(7 * time.Hour)}
	if r := h.verify(part, 0); r.First != 4 || r.Last != 7 || r.Erased != 12 {
		t.Errorf("records %d to %d with %d erased, want 4 to 7 with 12", r.First, r.Last, r.Erased)
	}
	h.disarm(h.one)
	h.exec(h.one, `update audit_records set record = replace(record, 'usr_a', 'usr_b') where seq = 9`)
	h.verify(part, 0)
	part.To = time.Time{}
	h.verify(part, 2)
}

// Whatever is recorded, in whatever order and company, verifies.
func TestAnyChainVerifies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var recorded int64
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) core.Entry {
			return core.Entry{
				Action:  rapid.SampledFrom([]string{"unit.create", "unit.update", "key.revoke"}).Draw(t, "action"),
				Target:  core.Target{Kind: "unit", ID: rapid.String().Draw(t, "target")},
				Outcome: rapid.SampledFrom([]string{"", "ok", "denied", "failed"}).Draw(t, "outcome"),
				Reason:  rapid.String().Draw(t, "reason"),
				Changes: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) core.Change {
					return core.Change{
						Field:    rapid.String().Draw(t, "field"),
						Before:   rapid.String().Draw(t, "before"),
						After:    rapid.String().Draw(t, "after"),
						Personal: rapid.Bool().Draw(t, "personal"),
					}
				}), 0, 3).Draw(t, "changes"),
			}
		}), 0, 4).Draw(t, "entries")
		h.record(h.one, entries...)
		recorded += int64(len(entries))
		if report := h.verify(audit.VerifyOptions{Tenant: h.one}, 0); report.Last != recorded || report.ExitCode() != 0 {
			t.Fatalf("%d records verified, want %d", report.Last, recorded)
		}
	})
}
