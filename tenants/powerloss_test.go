package tenants_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var (
	powerLosses   = flag.Int("powerlosses", 200, "power losses that a store has to survive")
	powerLossSeed = flag.Uint64("powerlossseed", 1, "seed of the first power loss; the others count on from it")
)

// TestPowerLoss cuts the power again and again: what was acknowledged is there
// afterwards, and nothing by halves. The lower levels of synchronous, which the
// store does not use, prove that the model sees what it looks for: at normal
// something acknowledged is lost and nothing damaged, at off it is damaged.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level        string
		runs         int
		lost, damage bool
	}{
		{level: "full", runs: *powerLosses},
		{level: "normal", runs: max(20, *powerLosses/10), lost: true},
		{level: "off", runs: max(20, *powerLosses/10), lost: true, damage: true},
	} {
		t.Run(c.level, func(t *testing.T) {
			t.Parallel()
			l := newLoad(t, c.level)
			l.run(t, 4)
			m := newMirror(t)
			var lost, damaged int
			for i := range c.runs {
				loss := chooseLoss(l, *powerLossSeed+uint64(i))
				f := m.after(t, l, loss)
				if len(f.lost) > 0 {
					lost++
				}
				if f.damage != nil {
					damaged++
				}
				if len(f.lost) > 0 && !c.lost || f.damage != nil && !c.damage {
					keepFiles(t, l, *powerLossSeed+uint64(i))
					t.Fatalf("seed %d, %v: updates %v are lost, damage: %v", *powerLossSeed+uint64(i), loss, f.lost, f.damage)
				}
			}
			t.Logf("%d power losses in %d operations: %d lost something acknowledged, %d damaged the file", c.runs, len(l.disk.ops), lost, damaged)
			if c.lost && lost+damaged == 0 || c.damage && damaged == 0 {
				t.Error("the model does not see what this level loses")
			}
		})
	}
}

// chooseLoss chooses one of two kinds of moments: any, and just after an
// acknowledgement. The moments are those of this run's journal: the order in
// which callers come is the scheduler's.
func chooseLoss(l *load, seed uint64) loss {
	r := rand.New(rand.NewPCG(seed, 4))
	position := r.IntN(len(l.disk.ops) + 1)
	if told := l.positions(); r.IntN(2) == 0 {
		position = told[r.IntN(len(told))]
	}
	return newLoss(position, r)
}

// keepFiles keeps what the power loss left, for whoever runs with -artifacts.
func keepFiles(t *testing.T, l *load, seed uint64) {
	t.Helper()
	for name, content := range l.disk.after(chooseLoss(l, seed)) {
		must(t, os.WriteFile(filepath.Join(t.ArtifactDir(), name), content, 0o600))
	}
}
