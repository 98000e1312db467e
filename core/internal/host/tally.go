package host

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
)

// tally keeps how the calls of the last hour went, minute by minute, and which
// are in flight.
type tally struct {
	mu      sync.Mutex
	minutes [60]minute
	flights map[uint64]flight
	lost    []flight // that a process has taken with it
	last    uint64
}

// minute counts calls and how long they took, in buckets a fifth apart.
type minute struct {
	number        int64 // since 1970
	total, failed int64
	took          [buckets]int32
}

const buckets = 144 // up to 2^36 µs, 19 hours

// flight is a call that hasn't ended.
type flight struct {
	of       *instance
	door, id string
	tenant   core.TenantID
	since    time.Time
}

func (f flight) String() string {
	if f.tenant == "" {
		return fmt.Sprintf("%s %s of the platform", f.door, f.id)
	}
	return fmt.Sprintf("%s %s of %s", f.door, f.id, f.tenant)
}

func newTally() *tally { return &tally{flights: map[uint64]flight{}} }

// begin notes a call; the function that it returns notes its end.
func (t *tally) begin(f flight) (end func(now time.Time, failed, lost bool)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	number := t.last
	t.flights[number] = f
	return func(now time.Time, failed, lost bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.flights, number)
		if lost {
			t.lost = append(t.lost, f)
		}
		m := t.minute(now)
		m.total++
		if failed {
			m.failed++
		}
		m.took[bucketOf(now.Sub(f.since))]++
	}
}

func (t *tally) minute(now time.Time) *minute {
	number := now.Unix() / 60
	m := &t.minutes[((number%60)+60)%60]
	if m.number != number {
		*m = minute{number: number}
	}
	return m
}

func bucketOf(d time.Duration) int {
	return min(buckets-1, max(0, int(4*math.Log2(float64(max(1, d.Microseconds()))))))
}

// takenBy lists the calls that a process has taken with it, oldest first.
func (t *tally) takenBy(i *instance) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var taken []flight
	for _, f := range slices.Concat(slices.Collect(maps.Values(t.flights)), t.lost) {
		if f.of == i {
			taken = append(taken, f)
		}
	}
	t.lost = nil
	slices.SortFunc(taken, func(a, b flight) int { return a.since.Compare(b.since) })
	lines := make([]string, len(taken))
	for n, f := range taken {
		lines[n] = f.String()
	}
	return lines
}

// calls sums up the last hour.
func (t *tally) calls(now time.Time) Calls {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := Calls{InFlight: len(t.flights)}
	var took [buckets]int64
	for _, m := range t.minutes {
		if age := now.Unix()/60 - m.number; age < 0 || age >= 60 {
			continue
		}
		c.Total += m.total
		c.Failed += m.failed
		for i, n := range m.took {
			took[i] += int64(n)
		}
	}
	c.P50, c.P95 = quantile(took[:], c.Total, 0.5), quantile(took[:], c.Total, 0.95)
	return c
}

// quantile is the upper edge of the bucket that the share of calls ends in.
func quantile(took []int64, total int64, share float64) time.Duration {
	if total == 0 {
		return 0
	}
	wanted, seen := int64(math.Ceil(float64(total)*share)), int64(0)
	for i, n := range took {
		if seen += n; seen >= wanted {
			return time.Duration(math.Exp2(float64(i+1)/4)) * time.Microsecond
		}
	}
	return 0
}

// linesKept is how many lines of a plugin's log the console remembers.
const linesKept = 500

// journal is the end of a plugin's log, with at most so many lines a minute.
type journal struct {
	mu      sync.Mutex
	lines   []Line
	limit   int
	minute  int64
	kept    int
	dropped int
}

// add keeps a line, unless there were too many in this minute.
func (j *journal) add(l Line) (kept bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if number := l.At.Unix() / 60; number != j.minute {
		if j.dropped > 0 {
			j.push(Line{At: l.At, Level: "warn", Text: fmt.Sprintf("%d more lines of the minute before were dropped: the limit is %d.", j.dropped, j.limit)})
		}
		j.minute, j.kept, j.dropped = number, 0, 0
	}
	if j.kept >= j.limit {
		j.dropped++
		return false
	}
	j.kept++
	j.push(l)
	return true
}

func (j *journal) push(l Line) {
	if len(j.lines) == linesKept {
		j.lines = slices.Delete(j.lines, 0, linesKept/10)
	}
	j.lines = append(j.lines, l)
}

func (j *journal) tail(n int) []Line {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := slices.Clone(j.lines[max(0, len(j.lines)-n):])
	if j.dropped > 0 && len(lines) > 0 {
		lines = append(lines, Line{At: lines[len(lines)-1].At, Level: "warn", Text: fmt.Sprintf("%d more lines of this minute were dropped: the limit is %d.", j.dropped, j.limit)})
	}
	return lines
}

func (j *journal) bound(limit int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.limit = limit
}

// fail notes that a call which had ended well was of no use.
func (t *tally) fail(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.minute(now).failed++
}
