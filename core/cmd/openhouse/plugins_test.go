package main_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a server whose log is read line by line.
type server struct {
	t     *testing.T
	c     *exec.Cmd
	lines chan string
}

func serveWith(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{t, exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...), make(chan string, 1000)}
	said, err := s.c.StderrPipe()
	if err == nil {
		err = s.c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.lines)
		scanner := bufio.NewScanner(said)
		for scanner.Scan() {
			s.lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		if err := s.c.Process.Kill(); err == nil {
			_ = s.c.Wait() // it was killed
		}
	})
	return s
}

// says waits for a line with all the parts.
func (s *server) says(parts ...string) {
	s.t.Helper()
	end := time.After(time.Minute)
	var seen []string
	for {
		select {
		case line, more := <-s.lines:
			seen = append(seen, line)
			found := true
			for _, part := range parts {
				found = found && strings.Contains(line, part)
			}
			if found {
				return
			}
			if !more {
				s.t.Fatalf("it ended without %q:\n%s", parts, strings.Join(seen, "\n"))
			}
		case <-end:
			s.t.Fatalf("no line with %q:\n%s", parts, strings.Join(seen, "\n"))
		}
	}
}

func (s *server) hangUp() {
	s.t.Helper()
	if err := s.c.Process.Signal(syscall.SIGHUP); err != nil {
		s.t.Fatal(err)
	}
}

// TestPluginsFile serves with the plugins.yaml that comes with the console, in
// which nothing is commented out any more, and changes it while it serves.
func TestPluginsFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../plugins.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, outside, found := strings.Cut(string(text), "  # weather:\n")
	if !found {
		t.Fatal("plugins.yaml shows no outside plugin")
	}
	whole := string(text) + "  weather:\n" + regexp.MustCompile(`(?m)^  # ?`).ReplaceAllString(outside, "  ")
	file := filepath.Join(t.TempDir(), "plugins.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(whole)
	s := serveWith(t, "--data", t.TempDir(), "--plugins", file)
	s.says("plugin quarantined", "weather", "/opt/openhouse/plugins/weather")
	write(strings.Replace(string(text), "enabled: true", "enabled: maybe", 1))
	s.hangUp()
	s.says("reload plugins.yaml", "line 28: enabled: a bool was expected, not a string", "Nothing was changed.")
	write(strings.Replace(string(text), "enabled: true", "enabled: false", 1))
	s.hangUp()
	s.says("plugins.yaml: weather was removed.")
	s.says("plugins.yaml: example was changed: enabled.")
	write(string(text))
	s.hangUp()
	s.says("plugin ready", "example")
}

func TestPluginsFileWithAMistakeStopsTheStart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "plugins.yaml")
	if err := os.WriteFile(file, []byte("plugins:\n  example:\n    mounts: [/api/units]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said, code := run(t, "", "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--plugins", file)
	if code != 1 || !strings.Contains(said, "plugins.yaml, line 3: plugins.example.mounts: /api/units belongs to the console") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

func TestPluginRunByHand(t *testing.T) {
	t.Parallel()
	_, said, code := run(t, "", "plugin", "serve", "example")
	if code != 1 || !strings.Contains(said, "The console starts it.") {
		t.Errorf("exit code %d: %s", code, said)
	}
	_, said, code = run(t, "", "plugin", "serve", "stranger")
	if code != 1 || !strings.Contains(said, "one of the plugins that it brings") {
		t.Errorf("exit code %d: %s", code, said)
	}
}
