package main_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestInsight: figures that were tampered with are named, and mended, beside a
// server and without one.
func TestInsight(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	var key struct{ Secret string }
	if err := json.Unmarshal([]byte(must(t, "", "key", "create", "--role", "admin", "--json", "--data", data)), &key); err != nil {
		t.Fatal(err)
	}
	server := serving(t, data)
	onboard(t, server.URL, key.Secret)
	must(t, "", "insight", "verify", "--data", data)

	// The server computes the tenant again when its welcome letter is dealt with:
	// then nothing is left of the change.
	for attempt := 1; ; attempt++ {
		bend(t, data, "update figures set value = 71 where metric = (select number from figure_metrics where name = 'units')")
		out, said, code := run(t, "", "insight", "verify", "--data", data)
		if code == 0 && attempt < 50 {
			continue
		}
		if code != 1 || !strings.Contains(out, "units: stored 71, computed 3\n") || !strings.Contains(said, "core.directory, core.usage") {
			t.Errorf("a figure that was changed: code %d\n%s%s", code, out, said)
		}
		break
	}
	if out := must(t, "", "insight", "rebuild", "--data", data); !strings.HasPrefix(out, "tenants computed: 1,") {
		t.Errorf("rebuild printed %q", out)
	}
	must(t, "", "insight", "verify", "--data", data)
}

// TestInsightWithoutServer: what an orderly end leaves is settled, so that a
// changed total is seen.
func TestInsightWithoutServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	var key struct{ Secret string }
	if err := json.Unmarshal([]byte(must(t, "", "key", "create", "--role", "admin", "--json", "--data", data)), &key); err != nil {
		t.Fatal(err)
	}
	t.Run("served", func(t *testing.T) {
		server := serving(t, data)
		onboard(t, server.URL, key.Secret)
		must(t, "", "insight", "verify", "--data", data)
	})
	must(t, "", "insight", "verify", "--data", data)
	bend(t, data, "update figure_totals set value = value + 1 where metric = (select number from figure_metrics where name = 'developments')")
	bend(t, data, "delete from figures where metric = (select number from figure_metrics where name = 'units') and development <> ''")
	out, said, code := run(t, "", "insight", "verify", "--data", data)
	if code != 1 || !strings.Contains(out, "total: developments: stored 2, computed 1\n") || !strings.Contains(out, "units: stored 0, computed 3\n") {
		t.Errorf("code %d\n%s%s", code, out, said)
	}
	must(t, "", "insight", "rebuild", "--data", data)
	must(t, "", "insight", "verify", "--data", data)
}

// onboard makes a developer with three units.
func onboard(t *testing.T, address, key string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("request", `{"developer": {"name": "Harpur Homes", "code": "HARP", "region": "eu-west",
		"contact": {"name": "Office", "email": "office@harpur.example"}}, "development": {"name": "Harpur Lane", "address": "Leixlip"}}`)
	if err != nil {
		t.Fatal(err)
	}
	units, err := form.CreateFormFile("units", "units.csv")
	if err == nil {
		_, err = io.WriteString(units, "Address\n1 Harpur Lane\n2 Harpur Lane\n3 Harpur Lane\n")
	}
	if err = errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/api/admin/provision/developer", &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Prefer", "wait=60")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatalf("onboard: %d %s %v", answer.StatusCode, said, err)
	}
}

// bend changes the control database behind the console's back.
func bend(t *testing.T, data, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "control.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
