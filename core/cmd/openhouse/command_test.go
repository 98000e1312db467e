package main_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite" // to tamper with
)

// binary is the command, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "openhouse")
	if err == nil {
		binary = filepath.Join(dir, "openhouse")
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	_ = os.RemoveAll(dir) // a folder of temporary files
	os.Exit(code)
}

// run runs the command to its end.
func run(t *testing.T, in string, args ...string) (out, said string, code int) {
	t.Helper()
	c := exec.Command(binary, args...)
	var stdout, stderr bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &stdout, &stderr
	err := c.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// must runs the command, which has to succeed.
func must(t *testing.T, in string, args ...string) string {
	t.Helper()
	out, said, code := run(t, in, args...)
	if code != 0 {
		t.Fatalf("%v: exit code %d\n%s", args, code, said)
	}
	return out
}

// serving starts a server over data on a free port, and returns what it says
// of itself. It is stopped as an operator stops it.
func serving(t *testing.T, data string) (ready struct{ URL, Address, Setup, Version string }) {
	t.Helper()
	c := exec.Command(binary, "serve", "--data", data, "--listen", "127.0.0.1:0")
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("the server ended with %v\n%s", err, said.String())
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the server printed no line: %v\n%s", err, said.String())
	}
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return ready
}

func get(t *testing.T, url, key string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

const password = "correct-horse-battery-9"

// TestTools uses every tool on new data, first alone and then beside a server.
func TestTools(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	before := strings.TrimSpace(must(t, "", "key", "create", "--role", "admin", "--data", data))
	tools(t, data, "alone")
	server := serving(t, data)
	if server.Setup != "" {
		t.Error("the server offers to create an owner, though there is one")
	}
	tools(t, data, "beside")
	after := strings.TrimSpace(must(t, "", "key", "create", "--role", "auditor", "--data", data))
	for key, want := range map[string]int{before: 200, after: 200, "": 401, "wrong": 401} {
		if got := get(t, server.URL+"/api/admin/tenants", key); got != want {
			t.Errorf("list the tenants: got %d, want %d", got, want)
		}
	}
	if got := get(t, server.URL+"/healthz", ""); got != http.StatusOK {
		t.Errorf("healthz: got %d", got)
	}
	must(t, "", "audit", "verify", "--all", "--data", data)
}

func tools(t *testing.T, data, name string) {
	t.Helper()
	if out := must(t, "", "tenant", "list", "--data", data); !strings.HasPrefix(out, "ID") || strings.Count(out, "\n") != 1 {
		t.Errorf("%s: tenant list printed %q", name, out)
	}
	if out := must(t, "", "tenant", "list", "--json", "--data", data); out != "" {
		t.Errorf("%s: tenant list --json printed %q", name, out)
	}
	email := name + "@openhouse.example"
	create := []string{"user", "create", "--name", "Niamh Byrne", "--email", email, "--role", "owner", "--data", data}
	if out := must(t, password+"\n", append(create, "--password-stdin")...); !strings.Contains(out, email) || strings.Contains(out, password) {
		t.Errorf("%s: user create printed %q", name, out)
	}
	if _, said, code := run(t, "", create...); code != 1 || said == "" {
		t.Errorf("%s: the same address again: code %d, %q", name, code, said)
	}
	create[5] = "invited-" + email
	if out := must(t, "", create...); !strings.Contains(out, "invitation: http") {
		t.Errorf("%s: the invitation is missing in %q", name, out)
	}
	var key struct{ ID, Role, Secret string }
	out := must(t, "", "key", "create", "--role", "finance", "--json", "--data", data)
	if err := json.Unmarshal([]byte(out), &key); err != nil || key.Role != "finance" || key.Secret == "" {
		t.Errorf("%s: key create --json printed %q", name, out)
	}
	if _, _, code := run(t, "", "key", "create", "--role", "king", "--data", data); code != 1 {
		t.Errorf("%s: a role that doesn't exist: code %d", name, code)
	}
}

func TestFirstStart(t *testing.T) {
	t.Parallel()
	server := serving(t, t.TempDir())
	if server.URL != "http://"+server.Address || strings.HasSuffix(server.Address, ":0") || !strings.HasPrefix(server.Setup, server.URL+"/setup/") || server.Version == "" {
		t.Errorf("the server says %+v", server)
	}
	if got := get(t, server.Setup, ""); got != http.StatusOK {
		t.Errorf("the owner's link: got %d", got)
	}
}

func TestConfigurationIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for content, want := range map[string]string{
		"colour: green":      "colour",
		"log_level: loud":    "log_level",
		"smtp:\n  hots: x":   "hots",
		"regions: []":        "regions",
		"base_url: nowhere":  "base_url",
		"defaults: none.yml": "none.yml",
	} {
		file := filepath.Join(dir, "openhouse.yaml")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, said, code := run(t, "", "tenant", "list", "--config", file, "--data", filepath.Join(dir, "data"))
		if code != 1 || !strings.Contains(said, want) {
			t.Errorf("%s: code %d, %q", content, code, said)
		}
	}
}

// TestAuditVerify: 0 for chains that hold, 2 for one that was changed.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	must(t, "", "key", "create", "--role", "admin", "--data", data)
	must(t, "", "audit", "verify", "--data", data)
	if _, _, code := run(t, "", "audit", "verify", "--from", "soon", "--data", data); code != 1 {
		t.Errorf("a date that is none: code %d, want 1", code)
	}
	tamper(t, data)
	if out, said, code := run(t, "", "audit", "verify", "--data", data); code != 2 {
		t.Errorf("a changed record: code %d, want 2\n%s%s", code, out, said)
	}
}

// tamper alters the platform's first record, past the triggers that refuse it.
func tamper(t *testing.T, data string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "control.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"drop trigger audit_records_refuse_update",
		"update audit_records set record = replace(record, 'key.create', 'key.revoke') where seq = (select max(seq) from audit_records)",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnknownCommand(t *testing.T) {
	t.Parallel()
	if _, said, code := run(t, "", "tenants"); code != 2 || !strings.Contains(said, "Commands:") {
		t.Errorf("code %d, %q", code, said)
	}
	if _, _, code := run(t, "", "help"); code != 0 {
		t.Errorf("help: code %d", code)
	}
	if out := must(t, "", "version"); !strings.HasPrefix(out, "openhouse ") {
		t.Errorf("version printed %q", out)
	}
}
