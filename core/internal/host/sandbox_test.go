package host_test

import (
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/host/sandbox"
)

// TestSandbox has a plugin try what it may not, in the console's own binary
// and in another's.
func TestSandbox(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	path, sum := h.outside("outside-1")
	h.write("plugins:\n  probe: {}\n  outside:\n    path: " + path + "\n    sha256: " + sum + "\n")
	_, err := h.Reload(h.as(core.Owner))
	h.must(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	defer listener.Close()
	var files []string
	h.must(filepath.WalkDir(filepath.Join(h.dir, "regions"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".db" {
			files = append(files, path)
		}
		return err
	}))
	if len(files) != 2 {
		t.Fatalf("tenants' files: %v", files)
	}
	for _, id := range []string{"probe", "outside"} {
		s := h.state(id, host.Ready)
		if version, err := sandbox.Supported(); err != nil || !strings.HasPrefix(s.Sandbox, "landlock ") {
			t.Fatalf("sandbox = %q (%d, %v)", s.Sandbox, version, err)
		}
		tries := [][2]string{
			{"read", filepath.Join(h.dir, "control.db")}, {"read", filepath.Join(h.dir, "platform.json")}, {"read", h.file}, {"read", "/etc/passwd"},
			{"read", "/root"}, {"dial", listener.Addr().String()}, {"signal", ""},
		}
		for _, file := range files {
			tries = append(tries, [2]string{"read", file})
		}
		for _, try := range tries {
			page, err := h.page(id, h.ids[0], try[0], try[1])
			if err != nil || !strings.Contains(page.Head.Lead, "permission denied") && !strings.Contains(page.Head.Lead, "operation not permitted") {
				t.Errorf("%s: %s %s: %q, %v", id, try[0], try[1], page.Head.Lead, err)
			}
		}
	}
}

func TestSandboxOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins:\n  probe: {sandbox: off}\n")
	if s := h.state("probe", host.Ready); s.Sandbox != "off in plugins.yaml" {
		t.Errorf("sandbox = %q", s.Sandbox)
	}
	if page, err := h.page("probe", h.ids[0], "read", h.file); err != nil || page.Head.Lead != "<nil>" {
		t.Errorf("read: %q, %v", page.Head.Lead, err)
	}
}

// TestOutsideCalls reaches what was granted and nothing else, and finds each
// call in the records.
func TestOutsideCalls(t *testing.T) {
	t.Parallel()
	serve := func() *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		t.Cleanup(s.Close)
		return s
	}
	granted, other := serve(), serve()
	h := newHouse(t, nil, "plugins: {}\n")
	address := strings.TrimPrefix(granted.URL, "http://")
	h.list("outside-caller to "+address, "    egress: ["+address+"]\n")
	_, err := h.Reload(h.as(core.Owner))
	h.must(err)
	h.state("outside", host.Ready)
	if page, err := h.page("outside", h.ids[0], "fetch", granted.URL+"/things?key=secret"); err != nil || page.Head.Lead != "200 OK" {
		t.Errorf("fetch: %q, %v", page.Head.Lead, err)
	}
	if page, err := h.page("outside", h.ids[0], "fetch", other.URL); err != nil || !strings.Contains(page.Head.Lead, "granted") {
		t.Errorf("fetch of another port: %q, %v", page.Head.Lead, err)
	}
	if page, err := h.page("outside", h.ids[0], "dial", strings.TrimPrefix(other.URL, "http://")); err != nil || !strings.Contains(page.Head.Lead, "permission denied") {
		t.Errorf("dial of another port: %q, %v", page.Head.Lead, err)
	}
	var list core.List[host.OutsideCall]
	h.until("the call is on record", func() bool {
		list, err = h.Outside(h.as(core.Owner), "outside", core.Query{})
		return err == nil && len(list.Items) > 0 && list.Items[len(list.Items)-1].Status == 200
	})
	first := list.Items[len(list.Items)-1]
	if first.Tenant != h.ids[0] || first.Method != "GET" || first.Path != "/things" || !strings.HasPrefix(first.Host, "127.0.0.1") {
		t.Errorf("call = %+v", first)
	}
}
