package sdktest

import (
	"testing"

	"github.com/openhouse-ai/console/core/sdk"
)

// promise is something that every plugin keeps.
type promise struct {
	name  string
	first bool // without it nothing else can be tried
	keeps func(t testing.TB, p sdk.Plugin, with []Option)
}

var promises = []promise{
	{"describes itself", true, describesItself},
	{"migrations go up, down and up", true, migrates},
	{"starts", true, func(t testing.TB, p sdk.Plugin, with []Option) { begin(t, p, with, false) }},
	{"pages are drawn", false, drawsPages},
	{"unknown ids are not found", false, knowsItsIDs},
	{"input is checked", false, checksInput},
	{"events may come twice", false, takesEventsTwice},
	{"jobs may run twice", false, runsJobsTwice},
	{"looking changes nothing", false, looksOnly},
	{"tools do what they planned", false, planned},
	{"figures add up", false, addsUp},
	{"settings have good defaults", false, defaultsAreGood},
	{"nothing of others is changed", false, keepsToItsOwn},
	{"cancelled calls end", false, endsWhenCancelled},
	{"tenants stay apart", false, staysApart},
	{"time is the call's", false, tellsTheCallsTime},
}

// Conform tries what every plugin has promised, on real files and with the
// rights that it asks for: pages are drawn for an empty and for a seeded
// tenant, unknown ids are not found, events and jobs may come twice, looking
// changes nothing, tenants stay apart, cancelled calls end, and more. Each
// failure says what to mend. What the plugin needs before it can work (settings,
// answers of others) comes with Prepare and HTTP.
func Conform(t *testing.T, p sdk.Plugin, with ...Option) {
	t.Helper()
	for _, promise := range promises {
		kept := t.Run(promise.name, func(t *testing.T) {
			if !promise.first {
				t.Parallel()
			}
			promise.keeps(t, p, with)
		})
		if promise.first && !kept {
			return
		}
	}
}

// Promises are the names of what Conform tries, in its order.
func Promises() []string {
	names := make([]string, len(promises))
	for i, p := range promises {
		names[i] = p.name
	}
	return names
}
