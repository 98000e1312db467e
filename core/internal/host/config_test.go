package host_test

import (
	"slices"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/tenants/fresh"
)

func TestWrongFilesChangeNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins: {}\n")
	sum := "0000000000000000000000000000000000000000000000000000000000000000"
	for _, test := range []struct{ name, file, want string }{
		{"unknown key", "plugins:\n  probe:\n    enabled: true\n    memory: 5\n", `plugins.yaml, line 4: unknown field "memory"`},
		{"unknown key above", "plugin:\n  probe: {}\n", `plugins.yaml, line 1: unknown field "plugin"`},
		{"no yaml", "plugins: [", "plugins.yaml, line 1: "},
		{"wrong type", "plugins:\n  probe:\n    mounts: 5\n", "line 3: mounts: "},
		{"not of the console", "plugins:\n  probe: {}\n  stranger: {}\n", "line 3: plugins.stranger.path: it is not a part of this console"},
		{"no checksum", "plugins:\n  stranger:\n    path: /opt/stranger\n", "line 3: plugins.stranger.sha256"},
		{"a name that is taken", "plugins:\n  probe:\n    path: /opt/probe\n    sha256: " + sum + "\n", "line 3: plugins.probe.path: a plugin of this name"},
		{"not a name", "plugins:\n  two_words: {}\n", "line 2: plugins.two_words: a plugin's id"},
		{"a word of the console", "plugins:\n  tenants: {}\n", "line 2: plugins.tenants: the console uses this word"},
		{"mount of the core", "plugins:\n  probe:\n    mounts: [/api/units/notes]\n", "line 3: plugins.probe.mounts: /api/units/notes belongs to the console"},
		{"mount above the core", "plugins:\n  probe:\n    mounts: [/api]\n", "line 3: plugins.probe.mounts"},
		{"mount elsewhere", "plugins:\n  probe:\n    mounts: [/admin/x]\n", "line 3: plugins.probe.mounts"},
		{"one prefix of two", "plugins:\n  probe:\n    mounts: [/api/crm]\n  second:\n    mounts: [/api/crm]\n", "line 5: plugins.second.mounts: /api/crm of second and /api/crm of probe are one inside the other: two plugins can't claim one prefix"},
		{"one prefix in another", "plugins:\n  probe:\n    mounts: [/api/crm]\n  second:\n    mounts: [/api/crm/deals]\n", "two plugins can't claim one prefix"},
		{"sandbox", "plugins:\n  probe:\n    sandbox: maybe\n", "line 3: plugins.probe.sandbox: it is on or off"},
		{"egress", "plugins:\n  probe:\n    egress: [https://api.example.com]\n", "line 3: plugins.probe.egress"},
		{"a port that is none", "plugins:\n  probe:\n    egress: [api.example.com:443, api.example.com:99999]\n", `line 3: plugins.probe.egress: "api.example.com:99999" is not a host and a port`},
		{"a variable with a value", "plugins:\n  probe:\n    env: [PROXY=1]\n", `line 3: plugins.probe.env: "PROXY=1" is not the name of a variable`},
		{"memory", "plugins:\n  probe:\n    limits:\n      memory: lots # of it\n", `line 4: plugins.probe.limits.memory: "lots" is not a size such as 256MiB`},
		{"very much memory", "plugins:\n  probe:\n    limits:\n      memory: 9999999999GiB\n", `line 4: plugins.probe.limits.memory: "9999999999GiB" is too large`},
		{"less than no memory", "plugins:\n  probe:\n    limits: {memory: -5}\n", "line 3: plugins.probe.limits.memory: a limit is more than nothing"},
		{"a list of bytes", "plugins:\n  probe:\n    limits:\n      procs: 1\n      bytes: [1, 2]\n", "line 5: plugins.probe.limits.bytes"},
		{"no time", "plugins:\n  probe:\n    limits:\n      work: forever\n", `line 4: plugins.probe.limits.work: "forever" is not a time such as 10s`},
		{"a time without a unit", "plugins:\n  probe:\n    limits:\n      call: 10\n", `line 4: plugins.probe.limits.call: "10" is not a time such as 10s`},
		{"no number", "plugins:\n  probe:\n    limits:\n      log_lines: many\n", `line 4: plugins.probe.limits.log_lines: "many" is not a number such as 32`},
		{"nothing", "plugins:\n  probe:\n    limits:\n      rows: 0\n", "line 4: plugins.probe.limits.rows: a limit is more than nothing"},
		{"unknown limit", "plugins:\n  probe:\n    limits:\n      memry: 256MiB\n", `line 4: unknown field "memry"`},
		{"too little memory", "plugins:\n  probe:\n    limits:\n      memory: 1MiB\n", "line 4: plugins.probe.limits.memory"},
		{"negative", "plugins:\n  probe:\n    limits:\n      calls: -1\n", "line 4: plugins.probe.limits.calls"},
		{"twice", "plugins:\n  probe: {}\n  probe: {}\n", "line 3: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			h.write(test.file)
			changed, err := h.Reload(h.as(core.Owner))
			h.wants(err, core.Invalid, test.want)
			h.wants(err, core.Invalid, "Nothing was changed.")
			if len(changed) != 0 || len(h.Plugins()) != 0 {
				t.Errorf("changed = %v, plugins = %v", changed, h.Plugins())
			}
		})
	}
}

func TestWrongFileStopsTheStart(t *testing.T) {
	t.Parallel()
	h := buildHouse(t, fresh.Dir(t), nil, "plugins:\n  probe:\n    mounts: [/api/crm]\n  second:\n    mounts: [/api/crm]\n")
	h.wants(h.Start(t.Context()), core.Invalid, "two plugins can't claim one prefix")
}

func TestReload(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe", "second"))
	h.state("probe", host.Ready)
	pid := h.state("second", host.Ready).PID
	h.write("plugins:\n  probe: {enabled: false}\n  second: {}\n  third: {limits: {memory: 512MiB}}\n")
	changed, err := h.Reload(h.as(core.Owner))
	h.must(err)
	if want := []string{"probe was changed: enabled.", "third was added."}; !slices.Equal(changed, want) {
		t.Errorf("changed = %q, want %q", changed, want)
	}
	if s := h.state("third", host.Ready); s.Limits.Memory != 512<<20 {
		t.Errorf("limits = %+v", s.Limits)
	}
	h.state("probe", host.Stopped)
	h.wants(h.Enable(h.as(core.Owner), "probe", ""), core.Conflict, "plugins.yaml")
	h.write(only("probe", "second"))
	if changed, err = h.Reload(h.as(core.Owner)); err != nil || !slices.Equal(changed, []string{"third was removed.", "probe was changed: enabled."}) {
		t.Errorf("changed = %q, %v", changed, err)
	}
	h.state("probe", host.Ready)
	_, err = h.Find("third")
	h.wants(err, core.NotFound, "")
	if s, _ := h.Find("second"); s.PID != pid {
		t.Error("a plugin of which nothing has changed was restarted")
	}
	if changed, err = h.Reload(h.as(core.Owner)); err != nil || len(changed) != 0 {
		t.Errorf("changed = %q, %v", changed, err)
	}
}
