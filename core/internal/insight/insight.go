// Package insight keeps roll-ups: figures of every tenant, computed from its
// file when it has changed and stored in the control database, so that a page
// about ten thousand tenants opens none of their files.
//
// A source declares metrics and computes their figures of one tenant, all of
// them, each time anew. They replace the stored ones in one control
// transaction, together with the signature of the file that was taken before
// they were computed: a commit in between leaves the tenant to be computed
// again. Figures are functions of a tenant's file and never of the hour, so
// that Verify can compute all of them again and finds no difference.
package insight

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Source computes figures of one tenant. Exactly one of Read and Ask is set. A
// source that answers an error keeps the tenant's old figures, is shown as
// stale with the error, and is tried again with back-off.
type Source struct {
	Name    string // core.directory, or a plugin's id
	Metrics []core.Metric
	// Read computes from a snapshot of the tenant's file.
	Read func(ctx context.Context, tx *tenants.Tx) ([]core.Figure, error)
	// Ask computes elsewhere: in a plugin. It is given askTime.
	Ask func(ctx context.Context, tenant core.TenantID) ([]core.Figure, error)
}

// Options are what roll-ups stand on; all of them are required.
type Options struct {
	Store *tenants.Store
	Now   func() time.Time
	Log   *slog.Logger
}

// Insight keeps the roll-ups of every tenant.
type Insight struct {
	options Options
	wake    chan struct{} // for Run: there is something new to compute

	mu      sync.RWMutex
	sources map[string]*source // declared in this process
	rests   map[core.TenantID]rest
}

// source is a declared source, and its place in the control database.
type source struct {
	Source
	number  int64
	encoded string           // its metrics, as they are stored
	metrics map[string]int64 // their numbers, by name
	owned   map[int64]bool   // these, and those that it declared once
	rest    rest             // while it doesn't answer, it isn't asked
}

// rest is how long something is left alone, after so many failures in a row.
type rest struct {
	until    time.Time
	failures int
}

// New returns roll-ups without sources.
func New(options Options) *Insight {
	return &Insight{options: options, wake: make(chan struct{}, 1), sources: map[string]*source{}, rests: map[core.TenantID]rest{}}
}

// corePrefix begins the names of the core's own sources.
const corePrefix = "core."

var (
	sourceName = regexp.MustCompile(`^(core\.)?[a-z][a-z0-9-]*$`)
	metricName = regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$`)
)

// Declare adds a source, or replaces the one of its name. If its metrics differ
// from those that it declared last, in this process or before, every tenant is
// computed again for it. Returns invalid for a malformed source and conflict
// for a metric that belongs to another one.
func (i *Insight) Declare(s Source) error {
	if err := s.check(); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.clash(s); err != nil {
		return err
	}
	declared, err := i.enrol(context.Background(), s)
	if err != nil {
		return err
	}
	i.sources[s.Name] = declared
	i.signal()
	return nil
}

func (s Source) check() error {
	var problems core.Problems
	if !sourceName.MatchString(s.Name) {
		problems.Add("name", s.Name, "is neither a plugin's id nor core. and a word")
	}
	if (s.Read == nil) == (s.Ask == nil) {
		problems.Add("read", s.Name, "has to be either read or asked")
	}
	seen := map[string]bool{}
	for _, m := range s.Metrics {
		switch {
		case len(m.Name) > 100 || !metricName.MatchString(m.Name):
			problems.Add("metrics", m.Name, "is not a name such as units.activated")
		case !s.ofCore() && !strings.HasPrefix(m.Name, s.Name+"."):
			problems.Add("metrics", m.Name, "has to begin with "+s.Name+".")
		case m.Unit == "" || m.Meaning == "":
			problems.Add("metrics", m.Name, "says nothing of its unit or its meaning")
		case seen[m.Name]:
			problems.Add("metrics", m.Name, "is there twice")
		}
		seen[m.Name] = true
	}
	return problems.Err()
}

func (s Source) ofCore() bool { return strings.HasPrefix(s.Name, corePrefix) }

// clash returns conflict for a metric that another source has, and for one of
// the core that a plugin's id stands before.
func (i *Insight) clash(s Source) error {
	for _, other := range i.sources {
		if other.Name == s.Name {
			continue
		}
		for _, m := range s.Metrics {
			if _, taken := other.metrics[m.Name]; taken || !other.ofCore() && strings.HasPrefix(m.Name, other.Name+".") {
				return core.Errorf(core.Conflict, "The metric %s of %s belongs to %s.", m.Name, s.Name, other.Name)
			}
		}
		for name := range other.metrics {
			if !s.ofCore() && strings.HasPrefix(name, s.Name+".") {
				return core.Errorf(core.Conflict, "The metric %s of %s belongs to %s.", name, other.Name, s.Name)
			}
		}
	}
	return nil
}

// Withdraw ends a source: its plugin is gone or stands still. Its figures stay,
// and are told as stale.
func (i *Insight) Withdraw(name string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.sources, name)
}

// Metrics returns what the declared sources count, by name.
func (i *Insight) Metrics() []core.Metric {
	var metrics []core.Metric
	for _, s := range i.declared() {
		metrics = append(metrics, s.Metrics...)
	}
	slices.SortFunc(metrics, func(a, b core.Metric) int { return cmp.Compare(a.Name, b.Name) })
	return metrics
}

// Sources returns the names of the declared sources.
func (i *Insight) Sources() []string {
	var names []string
	for _, s := range i.declared() {
		names = append(names, s.Name)
	}
	return names
}

// declared returns the sources in the order of their names.
func (i *Insight) declared() []*source {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return slices.SortedFunc(maps.Values(i.sources), func(a, b *source) int { return cmp.Compare(a.Name, b.Name) })
}

// signal wakes Run.
func (i *Insight) signal() {
	select {
	case i.wake <- struct{}{}:
	default: // is awake already
	}
}

func (i *Insight) now() time.Time { return i.options.Now().UTC() }
