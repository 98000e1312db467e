package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// offline is the environment of a machine without a network: everything that a
// plugin needs is there, because the console needs it.
func offline() []string { return append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod") }

// made is a module of its own, outside the repository, as `plugin new` writes
// it.
var made = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(filepath.Dir(binary), "weather")
	c := exec.Command(binary, "plugin", "new", "weather", "--sdk", root, "--out", dir)
	c.Stderr = os.Stderr
	return dir, c.Run()
})

// packed is that module as `plugin pack` writes it.
var packed = sync.OnceValues(func() (string, error) {
	from, err := made()
	if err != nil {
		return "", err
	}
	out := filepath.Join(filepath.Dir(binary), "packed")
	c := exec.Command(binary, "plugin", "pack", from, "-o", out)
	c.Stderr = os.Stderr
	return out, c.Run()
})

func packedPlugin(t *testing.T) string {
	t.Helper()
	out, err := packed()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// newPlugin is a copy of the module, with changes in its files: pairs of what
// was there and what is there now.
func newPlugin(t *testing.T, changes ...string) string {
	t.Helper()
	from, err := made()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "weather")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	change(t, dir, changes...)
	return dir
}

// change replaces texts in the Go files of a folder.
func change(t *testing.T, dir string, pairs ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	replaced := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		after := string(text)
		for i := 0; i+1 < len(pairs); i += 2 {
			replaced[pairs[i]] = replaced[pairs[i]] || strings.Contains(after, pairs[i])
			after = strings.ReplaceAll(after, pairs[i], pairs[i+1])
		}
		if after != string(text) {
			if err := os.WriteFile(file, []byte(after), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if !replaced[pairs[i]] {
			t.Fatalf("no file of %s has %q", dir, pairs[i])
		}
	}
}

// TestPluginNew: what is written builds, passes its tests and says nothing of
// the example that it came from.
func TestPluginNew(t *testing.T) {
	t.Parallel()
	dir := newPlugin(t)
	c := exec.Command("go", "test", "./...")
	c.Dir, c.Env = dir, offline()
	if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("ok")) {
		t.Fatalf("%v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && filepath.Ext(file) == ".go" && (bytes.Contains(text, []byte("example")) || bytes.Contains(text, []byte("Site notes"))) {
			t.Errorf("%s still speaks of the example", file)
		}
	}
	for _, args := range [][]string{
		{"Weather", "--sdk", dir}, {"billing_2", "--sdk", dir}, {"tenants", "--sdk", dir}, {"example", "--sdk", dir}, // names
		{"storm"}, {"storm", "--sdk", t.TempDir()}, {"storm", "--sdk", dir}, // checkouts
		{"weather", "--sdk", "../../..", "--out", dir}, // a folder that isn't empty
	} {
		if _, said, code := run(t, "", append([]string{"plugin", "new"}, args...)...); code == 0 || said == "" {
			t.Errorf("plugin new %v: exit code %d, %q", args, code, said)
		}
	}
}

// TestPluginPack: the same bytes twice, a checksum that fits, a manifest, and
// lines of plugins.yaml with which a console runs the plugin.
func TestPluginPack(t *testing.T) {
	t.Parallel()
	out, again := packedPlugin(t), t.TempDir()
	must(t, "", "plugin", "pack", "-o", again, newPlugin(t)) // from another folder
	for _, file := range []string{"weather", "weather.manifest.json", "plugins.yaml"} {
		first, err := os.ReadFile(filepath.Join(out, file))
		if err != nil {
			t.Fatal(err)
		}
		second, err := os.ReadFile(filepath.Join(again, file))
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s differs between two packings (%v)", file, err)
		}
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 3 {
		t.Errorf("the folder has %v (%v)", entries, err)
	}
	listing := filepath.Join(out, "plugins.yaml")
	if said := must(t, "", "plugin", "doctor", "--plugins", listing, filepath.Join(out, "weather")); !strings.Contains(said, "has the checksum of its binary") {
		t.Errorf("the doctor says\n%s", said)
	}
	data := t.TempDir()
	if said := must(t, "", "plugin", "list", "--data", data, "--plugins", listing); !strings.Contains(said, "not started yet") {
		t.Errorf("before its first start the list is\n%s", said)
	}
	serveWith(t, "--data", data, "--plugins", listing).says("plugin ready", "weather")
	if said := must(t, "", "plugin", "list", "--data", data, "--plugins", listing); !strings.Contains(said, "1.0.0") {
		t.Errorf("after its first start the list is\n%s", said)
	}
	if said := must(t, "", "plugin", "list", "--data", data, "--plugins", "../../../plugins.yaml"); !strings.Contains(said, "example") || !strings.Contains(said, "bundled") {
		t.Errorf("the list of what the console brings is\n%s", said)
	}
}

// TestPluginDiff: 0 for the same, 1 for another, with a line for each
// difference and a mark for those that break.
func TestPluginDiff(t *testing.T) {
	t.Parallel()
	old, now := packedPlugin(t), t.TempDir()
	must(t, "", "plugin", "pack", newPlugin(t, `Version: "1.0.0"`, `Version: "2.0.0"`, `{"id", "label", "development_id"}`, `{"id", "label", "development_id", "county"}`,
		`sdk.NewRoute("GET", "/notes",`, `sdk.NewRoute("GET", "/all",`, `"30 5 * * *"`, `"0 6 * * *"`, `maximum:"3650"`, `maximum:"365"`, `"weather.notes.added"`, `"weather.notes.written"`), "-o", now)
	if out, _, code := run(t, "", "plugin", "diff", filepath.Join(old, "weather"), filepath.Join(old, "weather.manifest.json")); code != 0 {
		t.Errorf("a binary and its manifest differ: exit code %d\n%s", code, out)
	}
	out, said, code := run(t, "", "plugin", "diff", filepath.Join(old, "weather"), filepath.Join(now, "weather"))
	if code != 1 || !strings.Contains(said, "breaking") {
		t.Errorf("exit code %d, %q", code, said)
	}
	for _, line := range []string{
		"  version: 1.0.0 is now 2.0.0", "! reads: units.county is new and has to be granted", "! route: GET /notes is gone", "  route: GET /all is new",
		"  job: remind: 30 5 * * *, tenant is now 0 6 * * *, tenant", "! tool: close-old has changed", "! metric: weather.notes.added is gone",
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
}

// TestPluginDoctor: it names what is wrong.
func TestPluginDoctor(t *testing.T) {
	t.Parallel()
	if out, said, code := run(t, "", "plugin", "doctor", filepath.Join(packedPlugin(t), "weather")); code != 0 {
		t.Errorf("a good plugin: exit code %d\n%s%s", code, out, said)
	}
	listing := filepath.Join(t.TempDir(), "plugins.yaml")
	if err := os.WriteFile(listing, []byte("plugins:\n  weather:\n    path: "+binary+"\n    sha256: "+strings.Repeat("0", 64)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"before sdk.Serve nothing may be printed": {newPlugin(t, "func main() { sdk.Serve", "func main() { println(); os.Stdout.WriteString(\"hello\\n\"); sdk.Serve", `import "github.com/openhouse-ai/console/core/sdk"`+"\n\nfunc main", `import ("os"; "github.com/openhouse-ai/console/core/sdk")`+"\n\nfunc main")},
		"can't be built":                       {newPlugin(t, "package main", "package main\n\nvar nothing int = \"\"")},
		"has to be a semantic version":         {newPlugin(t, `Version: "1.0.0"`, `Version: "one"`)},
		"The main of a plugin is sdk.Serve":    {newPlugin(t, "func main() { sdk.Serve(Plugin()) }", "func main() { panic(Plugin().Name) }\n\nvar _ = sdk.Serve")},
		"has no go.mod":                        {t.TempDir()},
		"Name the folder of a plugin's module": {filepath.Join(t.TempDir(), "nowhere")},
		"has another checksum for weather":     {"--plugins", listing},
		"no such file":                         {"--plugins", listing, filepath.Join(t.TempDir(), "gone")},
	} {
		if out, _, code := run(t, "", append([]string{"plugin", "doctor"}, args...)...); code != 1 || !strings.Contains(out, want) {
			t.Errorf("%q isn't said: exit code %d\n%s", want, code, out)
		}
	}
}

// TestPluginTest: a good plugin passes, killed or not; one that counts an event
// twice when it is killed before its answer does not.
func TestPluginTest(t *testing.T) {
	t.Parallel()
	if out, said, code := run(t, "", "plugin", "test", "--skip-unit", newPlugin(t)); code != 0 || strings.Count(out, "ok") < 7 {
		t.Errorf("a good plugin: exit code %d\n%s%s", code, out, said)
	}
	forgetful := newPlugin(t, "return sdk.Update(ctx, c, func(tx *sql.Tx) error { return insertNote(ctx, tx, &n, e.ID) })",
		"err := sdk.Update(ctx, c, func(tx *sql.Tx) error { return insertNote(ctx, tx, &n, \"\") })\n\tfor begun := time.Now(); time.Since(begun) < 60*time.Millisecond; {\n\t}\n\treturn err",
		`"github.com/openhouse-ai/console/core"`+"\n\t"+`"github.com/openhouse-ai/console/core/sdk"`+"\n)\n\n//go:embed", `"github.com/openhouse-ai/console/core"`+"\n\t"+`"github.com/openhouse-ai/console/core/sdk"`+"\n\t\"time\"\n)\n\n//go:embed")
	out, _, code := run(t, "", "plugin", "test", forgetful)
	if code != 1 || !strings.Contains(out, "without a kill its tables and events are") || !strings.Contains(out, "keep its id with the row") {
		t.Errorf("a plugin that counts twice: exit code %d\n%s", code, out)
	}
}

// TestPluginDev changes a plugin while a console runs it.
func TestPluginDev(t *testing.T) {
	t.Parallel()
	dir := newPlugin(t)
	c := exec.Command(binary, "plugin", "dev", dir, "--listen", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t, c, make(chan string, 1000)}
	said, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() }) // it has ended by itself, unless the test failed
	go func() {
		defer close(s.lines)
		for scanner := bufio.NewScanner(said); scanner.Scan(); {
			s.lines <- scanner.Text()
		}
	}()
	var ready struct{ URL string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		t.Fatalf("the console says %q (%v)", line, err)
	}
	s.says("Weather 1.0.0 is running", ready.URL+"/admin/weather/tenants/ten_")
	s.says("Watching")
	change(t, dir, `Version: "1.0.0"`, `Version: "1.1.0"`)
	s.says("Weather 1.1.0 is running")
	change(t, dir, `Version: "1.1.0"`, `Version: 1.2.0`)
	s.says("The version before goes on.")
	change(t, dir, `Version: 1.2.0`, `Version: "1.2.0"`)
	s.says("Weather 1.2.0 is running")
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for range s.lines { // to its end
		}
		done <- c.Wait()
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("the console ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the console doesn't end")
	}
}
