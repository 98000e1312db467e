package access

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter holds one bucket of tokens for each name: a key, a tenant, a prefix
// of addresses, with a route's name where its cost differs. It remembers a
// bounded number of buckets; the one unused for longest goes first, and by
// then it is usually full again.
type Limiter struct {
	mu      sync.Mutex
	buckets map[string]*list.Element
	recent  *list.List // of *bucket, the last used in front
}

type bucket struct {
	name      string
	perMinute int
	rate      *rate.Limiter
}

// maxBuckets bounds a limiter's memory to a few megabytes.
const maxBuckets = 20_000

// NewLimiter returns a limiter whose buckets are all full.
func NewLimiter() *Limiter {
	return &Limiter{buckets: map[string]*list.Element{}, recent: list.New()}
}

// Allow takes cost tokens from a bucket that fills by perMinute a minute and
// holds as many: a minute's allowance may be used at once. When there are too
// few it takes none and says when to come back. A new perMinute holds from
// the call on; one below 1 allows nothing, and a cost above it counts as it.
func (l *Limiter) Allow(name string, perMinute, cost int, now time.Time) (ok bool, retryAfter time.Duration) {
	if perMinute < 1 {
		return false, time.Minute
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(name, perMinute, now)
	r := b.rate.ReserveN(now, min(cost, perMinute))
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return false, wait
	}
	return true, 0
}

func (l *Limiter) bucket(name string, perMinute int, now time.Time) *bucket {
	limit := rate.Limit(float64(perMinute) / 60)
	if e, found := l.buckets[name]; found {
		l.recent.MoveToFront(e)
		b := e.Value.(*bucket)
		if b.perMinute != perMinute {
			b.rate.SetLimitAt(now, limit)
			b.rate.SetBurstAt(now, perMinute)
			b.perMinute = perMinute
		}
		return b
	}
	if l.recent.Len() >= maxBuckets {
		oldest := l.recent.Back()
		delete(l.buckets, oldest.Value.(*bucket).name)
		l.recent.Remove(oldest)
	}
	b := &bucket{name, perMinute, rate.NewLimiter(limit, perMinute)}
	l.buckets[name] = l.recent.PushFront(b)
	return b
}
