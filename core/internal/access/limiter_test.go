package access_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/internal/access"
	"pgregory.net/rapid"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	l := access.NewLimiter()
	allow := func(after time.Duration, perMinute, cost int, want bool, wantWait time.Duration) {
		t.Helper()
		ok, wait := l.Allow("key", perMinute, cost, begin.Add(after))
		equal(t, "allowed", ok, want)
		equal(t, "retry after", wait, wantWait)
	}
	for range 60 {
		allow(0, 60, 1, true, 0)
	}
	allow(0, 60, 1, false, time.Second)
	allow(0, 60, 5, false, 5*time.Second) // a refusal costs nothing
	allow(5*time.Second, 60, 5, true, 0)
	allow(5*time.Second, 120, 1, false, 500*time.Millisecond) // the setting was raised
	allow(2*time.Minute, 120, 500, true, 0)                   // dearer than a minute: all of it
	allow(2*time.Minute, 0, 1, false, time.Minute)
	ok, _ := l.Allow("another key", 60, 1, begin)
	equal(t, "another bucket", ok, true)
}

func TestLimiterForgetsTheOldest(t *testing.T) {
	t.Parallel()
	l := access.NewLimiter()
	l.Allow("first", 1, 1, begin)
	for i := range 30_000 {
		l.Allow(strconv.Itoa(i), 1, 1, begin)
		if i%10_000 == 0 {
			ok, _ := l.Allow("kept", 1, 1, begin)
			equal(t, "a bucket in use starts full", ok, i == 0)
		}
	}
	ok, _ := l.Allow("first", 1, 1, begin)
	equal(t, "a forgotten bucket starts full", ok, true)
}

func TestLimiterNeverGivesMoreThanItsRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, perMinute := access.NewLimiter(), rapid.IntRange(1, 100).Draw(t, "per minute")
		now, given := begin, 0
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pause")) * time.Millisecond)
			cost := rapid.IntRange(1, perMinute).Draw(t, "cost")
			if ok, _ := l.Allow("key", perMinute, cost, now); ok {
				given += cost
			}
		}
		if most := float64(perMinute) * (1 + now.Sub(begin).Minutes()); float64(given) > most+0.001 {
			t.Fatalf("%d tokens in %s at %d a minute", given, now.Sub(begin), perMinute)
		}
	})
}
