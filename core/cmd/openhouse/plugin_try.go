package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// pluginTest runs a plugin's own tests, and then the built plugin as a process
// that is killed in the middle of its work: nothing may be lost, nothing may
// happen twice. It exits with 1 when something failed.
func pluginTest(ctx context.Context, args []string) error {
	flags := newFlags("plugin test", "DIR [--skip-unit]")
	skip := flags.Bool("skip-unit", false, "leave the plugin's own tests out")
	words, err := flags.take(args, 1)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "ohtry")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	r := &results{}
	if !*skip {
		r.check("its own tests", func() (string, error) { return unitTests(ctx, words[0]) })
	}
	var b built
	r.check("builds, starts, describes itself", func() (said string, err error) {
		b, err = makePlugin(ctx, words[0], temp)
		return fmt.Sprintf("%s %s", b.manifest.Name, b.manifest.Version), err
	})
	if b.sum != "" {
		r.check("packs to the same bytes", func() (string, error) { return sameBytes(ctx, words[0], temp, b) })
		ordeal(ctx, r, b, temp)
	}
	fmt.Print(r.table())
	if r.failed > 0 {
		return exit{1, fmt.Errorf("%s failed", counted(r.failed, "check"))}
	}
	return nil
}

// results are what was checked.
type results struct {
	rows   [][3]string
	failed int
}

// check runs one check and notes how it ended.
func (r *results) check(name string, do func() (said string, err error)) bool {
	said, err := do()
	state := "ok"
	if err != nil {
		state, said = "FAILED", err.Error()
		r.failed++
	}
	fmt.Fprintf(os.Stderr, "%-6s %s\n", state, name)
	r.rows = append(r.rows, [3]string{name, state, said})
	return err == nil
}

func (r *results) table() string {
	var b bytes.Buffer
	out := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "CHECK\tRESULT\t")
	var long []string
	for _, row := range r.rows {
		said := row[2]
		if row[1] != "ok" {
			long, said = append(long, row[0]+":\n"+said), "see below"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\n", row[0], row[1], said)
	}
	_ = out.Flush() // to memory
	if len(long) > 0 {
		b.WriteString("\n" + strings.Join(long, "\n\n") + "\n")
	}
	return b.String()
}

func unitTests(ctx context.Context, dir string) (string, error) {
	c := exec.CommandContext(ctx, "go", "test", "-count=1", "./...")
	c.Dir = dir
	text, err := c.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, bytes.TrimSpace(text))
	}
	if !bytes.Contains(text, []byte("ok")) {
		return "", errors.New("there are none: sdktest.Conform(t, Plugin()) is the first")
	}
	return "go test ./...", nil
}

// sameBytes builds once more.
func sameBytes(ctx context.Context, dir, temp string, b built) (string, error) {
	again := filepath.Join(temp, "again")
	if err := buildPlugin(ctx, dir, again); err != nil {
		return "", err
	}
	other, err := inspectPlugin(ctx, again)
	if err == nil && other.sum != b.sum {
		err = fmt.Errorf("two builds have the checksums %s and %s: what is generated or embedded may not depend on the time", b.sum, other.sum)
	}
	if err == nil && !bytes.Equal(other.raw, b.raw) {
		err = errors.New("two starts describe themselves in two ways: Plugin() may not depend on time, chance or the machine")
	}
	return fmt.Sprintf("%.12s", b.sum), err
}
