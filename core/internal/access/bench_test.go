package access_test

import (
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
	"github.com/openhouse-ai/console/tenants"
)

// against runs a look-up and, in the same run, the barest indexed read of the
// control database, and reports how many times as long the look-up takes.
func against(b *testing.B, w *world, lookUp func()) {
	bare := func() {
		var id string
		must(b, w.store.ViewControl(b.Context(), func(tx *tenants.Tx) error {
			return tx.QueryRow(b.Context(), `select id from users where id = ?`, w.records[0].Target.ID).Scan(&id)
		}))
	}
	bare()
	lookUp()
	b.ReportAllocs()
	base := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			bare()
		}
	})
	for b.Loop() {
		lookUp()
	}
	each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(float64(base.NsPerOp()), "ns/bare-read")
	b.ReportMetric(each/float64(base.NsPerOp()), "x-bare-read")
}

func BenchmarkSessionFind(b *testing.B) {
	w := newWorld(b)
	u := w.user(core.Admin, "")
	for range 200 {
		w.signIn(u)
	}
	token := w.signIn(u)
	against(b, w, func() {
		_, _, err := w.Sessions.Find(b.Context(), token)
		must(b, err)
	})
}

func BenchmarkKeyAuthenticate(b *testing.B) {
	w := newWorld(b)
	w.user(core.Admin, "")
	var secret string
	for range 1000 {
		var err error
		_, secret, err = w.Keys.Create(b.Context(), core.Key{Name: "k", Role: core.Finance})
		must(b, err)
	}
	against(b, w, func() {
		_, err := w.Keys.Authenticate(b.Context(), secret)
		must(b, err)
	})
}

func BenchmarkSignIn(b *testing.B) {
	w := newWorld(b)
	u := w.user(core.Admin, "")
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
