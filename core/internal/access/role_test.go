package access_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestRoleTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, role := range core.Roles {
		fmt.Fprintln(&b, role)
		for _, p := range core.Permissions {
			mark := "-"
			if access.Allows(role, p) {
				mark = "+"
			}
			fmt.Fprintf(&b, "  %s %s\n", mark, p)
		}
	}
	const golden = "testdata/roles.golden"
	if *update {
		must(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if b.String() != string(want) {
		t.Errorf("the table of rights changed; look at each line, then run with -update:\n%s", b.String())
	}
}

func TestEveryRoleHoldsWhatItsKindMay(t *testing.T) {
	t.Parallel()
	reads := func(p core.Permission) bool { return strings.HasSuffix(string(p), ".read") }
	platform := []core.Permission{
		core.TenantsRead, core.TenantsWrite, core.Onboard, core.OnboardRead, core.Impersonate,
		core.KeysRead, core.KeysWrite, core.JobsRead, core.JobsRun, core.MetricsRead,
	}
	for _, p := range core.Permissions {
		equal(t, "owner holds "+string(p), access.Allows(core.Owner, p), true)
		equal(t, "auditor holds "+string(p), access.Allows(core.Auditor, p), reads(p))
		if slices.Contains(platform, p) && (access.Allows(core.DeveloperAdmin, p) || access.Allows(core.DeveloperViewer, p)) {
			t.Errorf("a developer's staff hold %s", p)
		}
		if access.Allows(core.DeveloperViewer, p) && !reads(p) {
			t.Errorf("a developer's viewer holds %s", p)
		}
		equal(t, "nobody holds "+string(p), access.Allows("", p), false)
	}
	equal(t, "everybody may see what is public", access.Allows("", core.Public), true)
	equal(t, "nobody is signed in", access.Allows("", core.SignedIn), false)
	equal(t, "a viewer is signed in", access.Allows(core.DeveloperViewer, core.SignedIn), true)
	equal(t, "permissions of no role", len(access.Permissions("cleaner")), 0)
	equal(t, "permissions of an owner", len(access.Permissions(core.Owner)), len(core.Permissions))
}
