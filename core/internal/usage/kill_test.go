package usage_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants"
)

// kills is how often TestKill kills its process; the nightly target asks for
// more than the default.
var kills = flag.Int("kills", 50, "how often TestKill kills the process that takes events")

// The environment of a process that takes events until it is killed.
const (
	victimDir    = "USAGE_TEST_DIR"
	victimTenant = "USAGE_TEST_TENANT"
)

// sent is a batch on its way to the process, and taken its answer.
type (
	sent  struct{ From, Until, Repeat int }
	taken struct {
		From, Until int
		Receipt     usage.Receipt
	}
)

// numbered are the reports with some numbers, and the last ones once more.
func (s sent) reports() []usage.Report {
	var reports []usage.Report
	for n := s.From; n < s.Until; n++ {
		reports = append(reports, report(fmt.Sprint("event ", n), at(noon.Add(time.Duration(n)*time.Second))))
	}
	return append(reports, reports[len(reports)-s.Repeat:]...)
}

// beVictim takes batches from its standard input, some at a time, and answers
// each when Take has returned.
func beVictim(dir string, tenant core.TenantID) error {
	store, err := tenants.Open(context.Background(), tenants.Options{
		Dir: dir, Now: func() time.Time { return noon.AddDate(0, 0, 1) }, Log: slog.New(slog.DiscardHandler),
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}},
	})
	if err != nil {
		return err
	}
	ledger := usage.New(usage.Options{Store: store})
	answers := json.NewEncoder(os.Stdout)
	var writing sync.Mutex
	batches := json.NewDecoder(os.Stdin)
	for {
		var s sent
		if err := batches.Decode(&s); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		go func() {
			receipt, err := ledger.Take(context.Background(), tenant, s.reports())
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			receipt.Results = nil
			writing.Lock()
			defer writing.Unlock()
			_ = answers.Encode(taken{s.From, s.Until, receipt}) // the parent notices one that is missing
		}()
	}
	select {} // until it is killed
}

// TestKill kills a process that takes events, again and again at any moment,
// and sends anew whatever it had not answered. At the end every event is in the
// ledger once, and every acknowledged one was there since.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := openMeter(t, dir)
	ok(t, m.store.Close())
	k := &killer{t: t, dir: dir, tenant: m.tenant, random: rand.New(rand.NewPCG(4, uint64(*kills))), open: map[int]sent{}}
	for range *kills {
		k.round(true)
	}
	k.round(false)
	m.reopen(t, dir)
	defer func() { ok(t, m.store.Close()) }()
	equal(t, "events", m.read(t, "select count(*) || ' ' || count(distinct id) from usage_events"), line(k.next, k.next))
	equal(t, "hours", m.read(t, "select sum(events) from usage_hours"), fmt.Sprint(k.next))
	sums := m.tally(t)
	equal(t, "accepted", sums.Accepted, k.next)
	equal(t, "other outcomes", line(sums.Conflict, sums.Invalid, sums.Quarantined), "0 0 0")
	equal(t, "received", sums.Received() >= k.answered, true)
	t.Logf("%d kills, %d events, %d batches unanswered, %d events received again", *kills, k.next, k.unanswered, sums.Duplicate)
}

// killer sends events to one process after another.
type killer struct {
	t          *testing.T
	dir        string
	tenant     core.TenantID
	random     *rand.Rand
	next       int          // number of the next event
	open       map[int]sent // batches without an answer, by their first event
	answered   int          // events in answers
	unanswered int
}

// round runs a process, sends what is open and more, and kills it in the middle
// or, the last time, when it has answered all.
func (k *killer) round(early bool) {
	k.t.Helper()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimDir+"="+k.dir, victimTenant+"="+string(k.tenant))
	victim.Stderr = os.Stderr
	in, err := victim.StdinPipe()
	ok(k.t, err)
	out, err := victim.StdoutPipe()
	ok(k.t, err)
	ok(k.t, victim.Start())
	for range 6 {
		size := 1 + k.random.IntN(60)
		k.open[k.next] = sent{k.next, k.next + size, k.random.IntN(min(size, 4))}
		k.next += size
	}
	batches := json.NewEncoder(in)
	for _, s := range k.open {
		ok(k.t, batches.Encode(s))
	}
	// Some answers, and then a moment that is shorter than the next one takes.
	enough := len(k.open)
	if early {
		enough = k.random.IntN(4)
	}
	var kill *time.Timer
	strike := func() { _ = victim.Process.Kill() } // it may be dead already
	if early && enough == 0 {
		kill = time.AfterFunc(time.Duration(k.random.Int64N(int64(60*time.Millisecond))), strike)
	}
	answers := bufio.NewScanner(out)
	for n := 1; answers.Scan(); n++ {
		var done taken
		if json.Unmarshal(answers.Bytes(), &done) != nil {
			break // cut off
		}
		k.note(done)
		if n == enough {
			kill = time.AfterFunc(time.Duration(k.random.Int64N(int64(3*time.Millisecond))), strike)
		}
	}
	if kill == nil {
		k.t.Fatal("the process ended by itself")
	}
	_ = victim.Wait() // it was killed
	k.unanswered += len(k.open)
}

// note checks an answer, after which the batch must never be sent again.
func (k *killer) note(done taken) {
	k.t.Helper()
	s, waits := k.open[done.From]
	equal(k.t, "waits for an answer", waits, true)
	delete(k.open, done.From)
	r := done.Receipt
	equal(k.t, "received", r.Received, s.Until-s.From+s.Repeat)
	equal(k.t, "accepted or there", r.Accepted+r.Duplicate, r.Received)
	equal(k.t, "all or none before", r.Accepted == 0 || r.Accepted == s.Until-s.From, true)
	k.answered += r.Received
}
