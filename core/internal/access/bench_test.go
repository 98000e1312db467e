package access_test

import (
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/tenants"
)

// against measures the barest indexed read of the control database and then a
// look-up, and reports how many times as long the look-up takes.
func against(b *testing.B, w *world, user string, lookUp func() error) {
	var base, each float64
	measure := func(read func() error, took *float64) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(b, read())
			}
			*took = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if base > 0 && each > 0 {
				b.ReportMetric(each/base, "x-bare-read")
			}
		}
	}
	b.Run("bare-read", measure(func() error {
		return w.store.ViewControl(b.Context(), func(tx *tenants.Tx) error {
			var id string
			return tx.QueryRow(b.Context(), `select id from users where id = ?`, user).Scan(&id)
		})
	}, &base))
	b.Run("look-up", measure(lookUp, &each))
}

func BenchmarkSessionFind(b *testing.B) {
	w := newWorld(b)
	u := w.user(core.Admin, "")
	for range 50 {
		w.signIn(u)
	}
	token := w.signIn(u)
	against(b, w, u.ID, func() error { return errOf(w.Sessions.Find(b.Context(), token)) })
}

func BenchmarkKeyAuthenticate(b *testing.B) {
	w := newWorld(b)
	u := w.user(core.Admin, "")
	var secret string
	for range 200 {
		var err error
		_, secret, err = w.Keys.Create(b.Context(), core.Key{Name: "k", Role: core.Finance})
		must(b, err)
	}
	against(b, w, u.ID, func() error { return valueless(w.Keys.Authenticate(b.Context(), secret)) })
}

func BenchmarkSignIn(b *testing.B) {
	w := newWorld(b)
	u, err := w.Users.Create(b.Context(), core.User{Name: "Niamh Byrne", Email: "niamh@example.com", Role: core.Admin}, password)
	must(b, err)
	for b.Loop() {
		w.signIn(u)
	}
}

func BenchmarkLimiter(b *testing.B) {
	l := access.NewLimiter()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Allow("key", 1_000_000_000, 1, begin)
		}
	})
}
