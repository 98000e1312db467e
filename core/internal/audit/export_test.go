package audit_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/tenants"
)

// export writes an export to a file and returns its path.
func (h *house) export(tenant core.TenantID, q core.Query) string {
	h.t.Helper()
	var b bytes.Buffer
	h.must(h.log.Export(h.t.Context(), &b, tenant, q))
	path := filepath.Join(h.t.TempDir(), "audit.zip")
	h.must(os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// unzip returns the files of an archive.
func (h *house) unzip(path string) map[string]string {
	h.t.Helper()
	archive, err := zip.OpenReader(path)
	h.must(err)
	defer archive.Close()
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		h.must(err)
		body, err := io.ReadAll(r)
		h.must(err)
		files[f.Name] = string(body)
	}
	return files
}

func (h *house) zip(files map[string]string) string {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "audit.zip")
	file, err := os.Create(path)
	h.must(err)
	defer file.Close()
	archive := zip.NewWriter(file)
	for name, body := range files {
		w, err := archive.Create(name)
		h.must(err)
		_, err = w.Write([]byte(body))
		h.must(err)
	}
	h.must(archive.Close())
	return path
}

// verifyExport expects an exit code, without any log or store.
func verifyExport(t *testing.T, o audit.VerifyOptions, want int) audit.Report {
	t.Helper()
	report, err := audit.VerifyExport(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if report.ExitCode() != want {
		t.Errorf("exit code %d, want %d: %s", report.ExitCode(), want, report)
	}
	return report
}

func newExportedHouse(t *testing.T) *house {
	h := newHouse(t)
	h.record(h.two, unitCreated("unt_0"))
	h.record(h.one, unitCreated("unt_1"), homeownerCreated("hom_1"), homeownerCreated("hom_2"), unitCreated("unt_2"))
	h.must(h.update(h.one, func(tx *tenants.Tx) error {
		_, err := h.log.Erase(h.ctx(), tx, core.Target{Kind: "homeowner", ID: "hom_1"}, "=They asked.")
		return err
	}))
	h.checkpoint()
	h.record(h.one, unitCreated("unt_3"))
	return h
}

func TestExportVerifiesOffline(t *testing.T) {
	t.Parallel()
	h := newExportedHouse(t)
	path := h.export(h.one, core.Query{})
	if r := verifyExport(t, audit.VerifyOptions{Export: path}, 0); r.Last != 6 || r.Checkpoints != 1 || r.Erased != 3 || r.LeftOut != 0 {
		t.Errorf("report: %s", r)
	}
	if r := verifyExport(t, audit.VerifyOptions{Export: path, Anchors: h.anchors}, 0); r.Checkpoints != 2 {
		t.Errorf("%d checkpoints compared, want the export's own and the outside one", r.Checkpoints)
	}
	files := h.unzip(path)
	for _, name := range []string{"README.txt", "audit.jsonl", "audit.csv", "checkpoint.json", "public-key.pem"} {
		if files[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	lines := filepath.Join(t.TempDir(), "audit.jsonl")
	h.must(os.WriteFile(lines, []byte(files["audit.jsonl"]), 0o600))
	verifyExport(t, audit.VerifyOptions{Export: lines, Tenant: h.one}, 0)
	if _, err := audit.VerifyExport(t.Context(), audit.VerifyOptions{Export: lines, Tenant: h.two}); err == nil {
		t.Error("the export of one tenant verified as that of another")
	}
}

func TestFilteredExportStillVerifies(t *testing.T) {
	t.Parallel()
	h := newExportedHouse(t)
	path := h.export(h.one, core.Query{Kind: "unit.create"})
	if r := verifyExport(t, audit.VerifyOptions{Export: path, Anchors: h.anchors}, 0); r.Last != 6 || r.LeftOut != 2 {
		t.Errorf("report: %s", r)
	}
	if body := h.unzip(path)["audit.jsonl"]; strings.Contains(body, "Niamh") {
		t.Error("the export holds a value of a record that was left out")
	}
}

func TestExportedTableIsSafeToOpen(t *testing.T) {
	t.Parallel()
	h := newExportedHouse(t)
	table, err := csv.NewReader(strings.NewReader(h.unzip(h.export(h.one, core.Query{}))["audit.csv"])).ReadAll()
	h.must(err)
	if len(table) != 7 {
		t.Fatalf("%d lines, want a head and 6 records", len(table))
	}
	reason := slices.Index(table[0], "reason")
	if got := table[5][reason]; got != "'=They asked." {
		t.Errorf("a reason that looks like a formula reads %q", got)
	}
}

func TestTamperedExportIsFound(t *testing.T) {
	t.Parallel()
	h := newExportedHouse(t)
	good := h.unzip(h.export(h.one, core.Query{}))
	for name, c := range map[string]struct {
		file, old, new string
		want           int
	}{
		"an altered record":        {"audit.jsonl", `"unt_2"`, `"unt_9"`, 2},
		"an altered value":         {"audit.jsonl", "Niamh", "Maeve", 2},
		"an altered statement":     {"checkpoint.json", `"number":1`, `"number":2`, 4},
		"an altered leaf":          {"checkpoint.json", `"seq":5`, `"seq":4`, 4},
		"an altered proof":         {"checkpoint.json", `"proof":["`, `"proof":["00","`, 4},
		"a checkpoint of nonsense": {"checkpoint.json", "{", "nonsense", 4},
	} {
		files := map[string]string{}
		for n, body := range good {
			files[n] = body
		}
		files[c.file] = strings.Replace(good[c.file], c.old, c.new, 1)
		if files[c.file] == good[c.file] {
			t.Fatalf("%s: nothing to alter", name)
		}
		if r := verifyExport(t, audit.VerifyOptions{Export: h.zip(files)}, c.want); r.ExitCode() != c.want {
			t.Errorf("%s: %s", name, r)
		}
	}
	lines := strings.SplitAfter(good["audit.jsonl"], "\n")
	for name, c := range map[string]struct {
		lines []string
		want  int
	}{
		"a record left out": {slices.Delete(slices.Clone(lines), 3, 4), 2},
		"a cut tail":        {lines[:4], 3},
	} {
		files := map[string]string{"audit.jsonl": strings.Join(c.lines, ""), "checkpoint.json": good["checkpoint.json"]}
		if r := verifyExport(t, audit.VerifyOptions{Export: h.zip(files)}, c.want); r.ExitCode() != c.want {
			t.Errorf("%s: %s", name, r)
		}
	}
}

// FuzzVerifyExport feeds altered lines to the verifier, which answers or
// refuses and never breaks down.
func FuzzVerifyExport(f *testing.F) {
	h := newHouse(f)
	h.record(h.one, unitCreated("unt_1"), homeownerCreated("hom_1"))
	h.checkpoint()
	var b bytes.Buffer
	h.must(h.log.Export(f.Context(), &b, h.one, core.Query{}))
	path := filepath.Join(f.TempDir(), "seed.zip")
	h.must(os.WriteFile(path, b.Bytes(), 0o600))
	files := h.unzip(path)
	f.Add(files["audit.jsonl"], files["checkpoint.json"])
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		body := []byte(files["audit.jsonl"])
		body[r.IntN(len(body))] = byte(r.IntN(256))
		f.Add(string(body), files["checkpoint.json"])
	}
	f.Fuzz(func(t *testing.T, lines, seen string) {
		dir := t.TempDir()
		path := filepath.Join(dir, "audit.zip")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		archive := zip.NewWriter(file)
		for name, body := range map[string]string{"audit.jsonl": lines, "checkpoint.json": seen} {
			w, err := archive.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, body); err != nil {
				t.Fatal(err)
			}
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		report, err := audit.VerifyExport(t.Context(), audit.VerifyOptions{Export: path})
		if code := report.ExitCode(); err == nil && code == 0 != (len(report.Findings) == 0) {
			t.Errorf("exit code %d: %s", code, report)
		}
	})
}
