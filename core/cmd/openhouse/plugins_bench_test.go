package main_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkPluginPage compares a page of a plugin with a page of the core, both
// over HTTP, in turns: target at most 5 ms slower.
func BenchmarkPluginPage(b *testing.B) {
	base := demoServer(b)
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	ask := func(path string) (int, string) {
		answer, err := client.Get(base + path)
		if err != nil {
			b.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			b.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	get := func(path string) time.Duration {
		begin := time.Now()
		if status, _ := ask(path); status != http.StatusOK {
			b.Fatalf("%s: %d", path, status)
		}
		return time.Since(begin)
	}
	form := url.Values{"email": {"niamh@openhouse.example"}, "password": {"harpur-lane-demo-2026"}}
	signIn, err := http.NewRequest(http.MethodPost, base+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	signIn.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	signIn.Header.Set("Origin", base)
	answer, err := client.Do(signIn)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatal(answer, err)
	}
	answer.Body.Close()
	_, list := ask("/admin/tenants")
	tenant := regexp.MustCompile(`ten_[a-z0-9]{26}`).FindString(list)
	plugin, own := "/admin/example/tenants/"+tenant, "/admin/tenants/"+tenant+"/units"
	for status := 0; status != http.StatusOK; { // it is being started
		status, _ = ask(plugin)
	}
	for range 20 {
		get(plugin)
		get(own)
	}
	var plugins, owns []time.Duration
	for b.Loop() {
		plugins = append(plugins, get(plugin))
		owns = append(owns, get(own))
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2].Microseconds()) / 1000
	}
	b.ReportMetric(median(plugins), "ms/plugin")
	b.ReportMetric(median(owns), "ms/core")
	b.ReportMetric(median(plugins)-median(owns), "ms/slower")
	b.ReportMetric(0, "ns/op")
}

// demoServer serves the demo's data and returns its address.
func demoServer(b *testing.B) string {
	c := exec.Command(binary, "demo", "--data", b.TempDir(), "--listen", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := c.Process.Signal(syscall.SIGTERM); err == nil {
			_ = c.Wait() // it is over
		}
	})
	var ready struct{ URL string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		b.Fatal(err)
	}
	return ready.URL
}
