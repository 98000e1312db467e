package host

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// Entry is one plugin of plugins.yaml.
type Entry struct {
	Off     bool   // listed, and not to be run
	Path    string // absolute; empty: a part of the console's own binary
	SHA256  string
	Mounts  []string
	Grants  *sdk.Grants // nil: nothing is said of what it may do
	Limits  Limits
	Sandbox bool
}

// Bundled reports whether the plugin is a part of the console's own binary.
func (e Entry) Bundled() bool { return e.Path == "" }

// listing is the file, whose keys plugins.yaml documents.
type listing struct {
	Plugins map[string]listed `yaml:"plugins"`
}

type listed struct {
	Enabled *bool  `yaml:"enabled"`
	Path    string `yaml:"path"`
	SHA256  string `yaml:"sha256"`

	Mounts       []string            `yaml:"mounts"`
	Read         map[string][]string `yaml:"read"`
	ReadPlatform map[string][]string `yaml:"read_platform"`
	Egress       []string            `yaml:"egress"`
	Env          []string            `yaml:"env"`

	Limits  bounds `yaml:"limits"`
	Sandbox string `yaml:"sandbox"`
}

// names of plugins: no dash and no underscore, so that no table's prefix is
// the beginning of another's.
var (
	idForm    = regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`)
	sumForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	mountForm = regexp.MustCompile(`^/api(/[a-z0-9][a-z0-9-]*)+$`)

	variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// reader reads one plugins.yaml.
type reader struct {
	file     string // its path, for errors
	body     []byte
	bundled  []string
	reserved []string // paths of the console's own API and words of its addresses
	words    []string
}

// defaults are the entries without a file: every bundled plugin.
func defaults(bundled []string) map[string]Entry {
	entries := map[string]Entry{}
	for _, id := range bundled {
		entries[id] = Entry{Mounts: []string{"/api/plugins/" + id}, Limits: DefaultLimits, Sandbox: true}
	}
	return entries
}

// read returns the entries of the file. An error names the line and the key.
func (r reader) read() (map[string]Entry, error) {
	var file listing
	err := yaml.NewDecoder(bytes.NewReader(r.body), yaml.DisallowUnknownField()).Decode(&file)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, core.Errorf(core.Invalid, "%s%s. Nothing was changed.", filepath.Base(r.file), r.place(err))
	}
	entries := map[string]Entry{}
	for _, id := range slices.Sorted(maps.Keys(file.Plugins)) {
		e, key, why := r.entry(id, file.Plugins[id])
		if why == "" {
			key, why = claimed(entries, id, e.Mounts)
		}
		if why != "" {
			return nil, r.wrong(id, key, why)
		}
		entries[id] = e
	}
	return entries, nil
}

var (
	placeForm    = regexp.MustCompile(`^\[(\d+):\d+\] (.*)$`)
	mismatchForm = regexp.MustCompile(`cannot unmarshal (\S+) into Go (?:struct field|value) .*of type (\S+)`)
	keyForm      = regexp.MustCompile(`^\s*([^:#]+):`)
)

// place says an error of the YAML by line and key.
func (r reader) place(err error) string {
	text, _, _ := strings.Cut(strings.TrimSpace(yaml.FormatError(err, false, false)), "\n")
	at := placeForm.FindStringSubmatch(text)
	if at == nil {
		return ": " + text
	}
	text = at[2]
	if kinds := mismatchForm.FindStringSubmatch(text); kinds != nil {
		text = fmt.Sprintf("a %s was expected, not a %s", kinds[2], kinds[1])
	}
	n, _ := strconv.Atoi(at[1])
	if lines := strings.Split(string(r.body), "\n"); n >= 1 && n <= len(lines) && !strings.Contains(text, `"`) {
		if key := keyForm.FindStringSubmatch(lines[n-1]); key != nil {
			text = key[1] + ": " + text
		}
	}
	return ", line " + at[1] + ": " + text
}

// entry checks one plugin; why says what is wrong with which key.
func (r reader) entry(id string, l listed) (e Entry, key, why string) {
	e = Entry{Off: l.Enabled != nil && !*l.Enabled, Path: l.Path, SHA256: strings.ToLower(l.SHA256), Mounts: l.Mounts, Sandbox: l.Sandbox != "off"}
	if l.Read != nil || l.ReadPlatform != nil || l.Egress != nil || l.Env != nil {
		e.Grants = &sdk.Grants{Read: l.Read, ReadPlatform: l.ReadPlatform, Egress: l.Egress, Env: l.Env}
	}
	if len(e.Mounts) == 0 {
		e.Mounts = []string{"/api/plugins/" + id}
	}
	if e.Path != "" && !filepath.IsAbs(e.Path) {
		e.Path = filepath.Join(filepath.Dir(r.file), e.Path)
	}
	switch {
	case !idForm.MatchString(id):
		return e, "", "a plugin's id is one word of 2 to 31 small letters and digits"
	case slices.Contains(r.words, id):
		return e, "", "the console uses this word in its own addresses"
	case e.Bundled() && !slices.Contains(r.bundled, id):
		return e, "path", "it is not a part of this console, so it needs path and sha256"
	case e.Bundled() && e.SHA256 != "":
		return e, "sha256", "it belongs to path, which is missing"
	case !e.Bundled() && slices.Contains(r.bundled, id):
		return e, "path", "a plugin of this name is a part of this console"
	case !e.Bundled() && !sumForm.MatchString(e.SHA256):
		return e, "sha256", "the checksum of the binary is needed: 64 hexadecimal digits, as sha256sum prints them"
	case l.Sandbox != "" && l.Sandbox != "on" && l.Sandbox != "off":
		return e, "sandbox", "it is on or off"
	}
	for _, host := range l.Egress {
		if !isPlace(host) {
			return e, "egress", fmt.Sprintf("%q is not a host and a port such as api.example.com:443", host)
		}
	}
	for _, name := range l.Env {
		if !variableForm.MatchString(name) {
			return e, "env", fmt.Sprintf("%q is not the name of a variable", name)
		}
	}
	for _, m := range e.Mounts {
		if why := r.mount(m); why != "" {
			return e, "mounts", why
		}
	}
	e.Limits, key, why = l.Limits.read()
	return e, key, why
}

// mount says why a prefix can't be a plugin's, or nothing.
func (r reader) mount(m string) string {
	if !mountForm.MatchString(m) || m == "/api/plugins" {
		return fmt.Sprintf("%q is not a prefix such as /api/integrations/hubspot", m)
	}
	for _, own := range r.reserved {
		if within(m, own) || within(own, m) {
			return fmt.Sprintf("%s belongs to the console (%s)", m, own)
		}
	}
	return ""
}

// within reports whether a path is a prefix or lies below it.
func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

// claimed says who has a prefix already.
func claimed(entries map[string]Entry, id string, mounts []string) (key, why string) {
	for _, other := range slices.Sorted(maps.Keys(entries)) {
		for _, theirs := range entries[other].Mounts {
			for _, ours := range mounts {
				if within(ours, theirs) || within(theirs, ours) {
					return "mounts", fmt.Sprintf("%s of %s and %s of %s are one inside the other: two plugins can't claim one prefix", ours, id, theirs, other)
				}
			}
		}
	}
	return "", ""
}

// wrong is an error at a key of the file.
func (r reader) wrong(id, key, why string) error {
	name, line := "plugins."+id, 0
	if key != "" {
		name += "." + key
	}
	if file, err := parser.ParseBytes(r.body, 0); err == nil {
		for _, address := range []string{name, "plugins." + id} { // a missing key is told of at its plugin
			path, err := yaml.PathString("$." + address)
			if err != nil {
				continue
			}
			if node, err := path.FilterFile(file); err == nil && node != nil {
				line = node.GetToken().Position.Line
				break
			}
		}
	}
	return core.Errorf(core.Invalid, "%s, line %d: %s: %s. Nothing was changed.", filepath.Base(r.file), line, name, why)
}
