package host

import (
	"cmp"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// egressForm is a host, with a wildcard for its first label, and a port.
var egressForm = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?:([0-9]{1,5})$`)

// isPlace reports whether a grant of egress names somewhere.
func isPlace(host string) bool {
	parts := egressForm.FindStringSubmatch(host)
	if parts == nil {
		return false
	}
	port, err := strconv.ParseUint(parts[3], 10, 16)
	return err == nil && port > 0
}

// union is what either of two says.
func union(a, b sdk.Grants) sdk.Grants {
	return sdk.Grants{
		Read: unionColumns(a.Read, b.Read), ReadPlatform: unionColumns(a.ReadPlatform, b.ReadPlatform),
		Egress: unionWords(a.Egress, b.Egress), Env: unionWords(a.Env, b.Env),
	}
}

func unionColumns(a, b map[string][]string) map[string][]string {
	all := map[string][]string{}
	for _, m := range []map[string][]string{a, b} {
		for table, columns := range m {
			all[table] = unionWords(all[table], columns)
		}
	}
	return all
}

func unionWords(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// covers reports whether everything that is asked for has been granted.
func covers(granted, asked sdk.Grants) bool {
	reaches := func(host string) bool {
		return slices.ContainsFunc(granted.Egress, func(g string) bool { return reachable(g, host) })
	}
	return coversColumns(granted.Read, asked.Read) && coversColumns(granted.ReadPlatform, asked.ReadPlatform) &&
		coversWords(granted.Env, asked.Env) && !slices.ContainsFunc(asked.Egress, func(host string) bool { return !reaches(host) })
}

func coversColumns(granted, asked map[string][]string) bool {
	for table, columns := range asked {
		if !coversWords(granted[table], columns) {
			return false
		}
	}
	return true
}

func coversWords(granted, asked []string) bool {
	return !slices.ContainsFunc(asked, func(word string) bool { return !slices.Contains(granted, word) })
}

// reachable reports whether a granted host:port covers another.
func reachable(granted, host string) bool {
	rest, wild := strings.CutPrefix(granted, "*.")
	return granted == host || wild && strings.HasSuffix(host, "."+rest)
}

// ports are those that the hosts are reached at.
func ports(egress []string) []uint16 {
	var all []uint16
	for _, host := range egress {
		_, port, err := net.SplitHostPort(host)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseUint(port, 10, 16); err == nil {
			all = append(all, uint16(n))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// compare lists permission by permission what a version asks for beside what
// is granted; what stays the same is left out.
func compare(granted, asked sdk.Grants) []core.Change {
	var changes []core.Change
	add := func(field string, before, after []string) {
		if !coversWords(before, after) {
			changes = append(changes, core.Change{Field: field, Before: cmp.Or(strings.Join(before, ", "), "nothing"), After: strings.Join(after, ", ")})
		}
	}
	for _, table := range slices.Sorted(maps.Keys(asked.Read)) {
		add("reads of each developer's "+table, granted.Read[table], asked.Read[table])
	}
	for _, table := range slices.Sorted(maps.Keys(asked.ReadPlatform)) {
		add("reads of the platform's "+table, granted.ReadPlatform[table], asked.ReadPlatform[table])
	}
	if !covers(granted, sdk.Grants{Egress: asked.Egress}) {
		add("calls", granted.Egress, asked.Egress)
	}
	add("sees of the environment", granted.Env, asked.Env)
	return changes
}
