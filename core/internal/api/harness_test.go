package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
)

// console is one whole console with two developers, which all tests share:
// each works on nouns of its own.
type console struct {
	app  *app.App
	base string

	harpur, other string            // tenants
	keys          map[string]string // role to secret; "harpur", "other": their admins'
	provisioned   reply             // what the onboarding of Harpur Homes answered
	development   string            // Harpur Lane
	unit          string            // one of it
	homeowner     string            // of that unit
	message       string            // the welcome pack of Harpur Homes
	user          string            // an invited one of Harpur Homes
}

var shared console

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "api")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	config := app.DefaultConfig()
	config.Data, config.Listen = dir, "127.0.0.1:0"
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	listener, err := app.Listen(&config)
	if err != nil {
		return 1, err
	}
	shared.base = "http://" + listener.Addr().String()
	if shared.app, err = app.Open(ctx, app.Options{Config: config, Clock: app.NewClock(), Log: slog.New(slog.DiscardHandler), Version: "test"}); err != nil {
		return 1, err
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- shared.app.Serve(ctx, listener, func(app.Ready) { close(ready) }) }()
	select {
	case err := <-ended:
		return 1, err
	case <-ready:
	}
	if err = shared.seed(ctx); err == nil {
		code = m.Run()
	}
	stop()
	if ending := <-ended; err == nil {
		err = ending
	}
	if closing := shared.app.Close(); err == nil {
		err = closing
	}
	return code, err
}

// seed makes a key of each role and onboards both developers over HTTP.
func (c *console) seed(ctx context.Context) error {
	c.keys = map[string]string{"nobody": ""}
	for _, role := range core.Roles {
		if role == core.Owner || role.ForDeveloper() {
			continue
		}
		if err := c.key(ctx, string(role), role, ""); err != nil {
			return err
		}
	}
	register, err := os.ReadFile("../app/demo/register.csv")
	if err != nil {
		return err
	}
	if c.provisioned, err = c.onboard(provision("Harpur Homes", "HARP", "Harpur Lane"), register); err != nil {
		return err
	}
	other, err := c.onboard(provision("Other Homes", "OTHER", ""), []byte("Address\n1 Other Road\n2 Other Road\n"))
	if err != nil {
		return err
	}
	c.harpur, c.other = c.provisioned.text("tenant_id"), other.text("tenant_id")
	for name, role := range map[string]core.Role{"harpur": core.DeveloperAdmin, string(core.DeveloperAdmin): core.DeveloperAdmin, string(core.DeveloperViewer): core.DeveloperViewer, string(core.Reporter): core.Reporter} {
		if err := c.key(ctx, name, role, core.TenantID(c.harpur)); err != nil {
			return err
		}
	}
	if err := c.key(ctx, "other", core.DeveloperAdmin, core.TenantID(c.other)); err != nil {
		return err
	}
	return c.findNouns()
}

// findNouns takes one of each noun of Harpur Homes.
func (c *console) findNouns() error {
	for _, n := range []struct {
		into   *string
		method string
		path   string
		body   any
		field  string
	}{
		{&c.development, "GET", "/api/developments", nil, "items.0.id"},
		{&c.unit, "GET", "/api/units?limit=1", nil, "items.0.id"},
		{&c.user, "POST", "/api/users", object{"name": "Aoife Brennan", "email": "aoife@harpur.example", "role": "developer_viewer"}, "id"},
		{&c.message, "GET", "/api/admin/tenants/" + c.harpur + "/messages", nil, "items.0.id"},
	} {
		who := "harpur"
		if strings.HasPrefix(n.path, "/api/admin") {
			who = "admin"
		}
		r, err := c.send(who, n.method, n.path, n.body, nil)
		if err != nil {
			return err
		}
		if *n.into = r.text(n.field); *n.into == "" {
			return fmt.Errorf("%s %s: %d %s", n.method, n.path, r.status, r.body)
		}
	}
	r, err := c.send("harpur", "POST", "/api/homeowners", object{"unit_id": c.unit, "name": "Ciara Nolan", "email": "ciara@homeowner.example"}, nil)
	c.homeowner = r.text("id")
	return err
}

func (c *console) key(ctx context.Context, name string, role core.Role, tenant core.TenantID) error {
	_, secret, err := c.app.Access.Keys.Create(ctx, core.Key{Name: name, Role: role, Tenant: tenant})
	c.keys[name] = secret
	return err
}

type object = map[string]any

func provision(name, code, filter string) object {
	request := object{
		"developer":   object{"name": name, "code": code, "region": "eu-west", "contact": object{"name": "Site office", "email": "office@" + strings.ToLower(code) + ".example"}},
		"theme":       object{"primary": "#075a4d"},
		"development": object{"name": "Harpur Lane", "address": "Leixlip, Co. Kildare"},
	}
	if filter != "" {
		request["units"] = object{"filter": filter}
	}
	return request
}

// onboard provisions as the README shows it.
func (c *console) onboard(request object, units []byte) (reply, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return reply{}, err
	}
	both := form(part{name: "request", body: body}, part{name: "units", file: "register.csv", body: units})
	r, err := c.send("admin", "POST", "/api/admin/provision/developer", both, map[string]string{"Prefer": "wait=60"})
	if err == nil && r.status != http.StatusCreated {
		err = fmt.Errorf("onboard: %d %s", r.status, r.body)
	}
	return r, err
}

// part is one part of a multipart form; without a file's name it is a value.
type part struct {
	name, file string
	body       []byte
}

// sent is a body that is not JSON.
type sent struct {
	contentType string
	body        []byte
}

func form(parts ...part) sent {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var into io.Writer
		var err error
		if p.file == "" {
			into, err = w.CreateFormField(p.name)
		} else {
			into, err = w.CreateFormFile(p.name, p.file)
		}
		if err == nil {
			_, err = into.Write(p.body)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return sent{contentType: w.FormDataContentType(), body: b.Bytes()}
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   string
}

// value is a part of the JSON: "items.0.id".
func (r reply) value(path string) any {
	var v any
	if json.Unmarshal([]byte(r.body), &v) != nil {
		return nil
	}
	return within(v, path)
}

func within(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) text(path string) string {
	s, _ := r.value(path).(string)
	return s
}

var client = &http.Client{Timeout: 90 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

// send asks as somebody; a body that is no sent travels as JSON.
func (c *console) send(who, method, path string, body any, header map[string]string) (reply, error) {
	var content sent
	switch b := body.(type) {
	case nil:
	case sent:
		content = b
	case string:
		content = sent{"application/json", []byte(b)}
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			return reply{}, err
		}
		content = sent{"application/json", encoded}
	}
	request, err := http.NewRequest(method, c.base+path, bytes.NewReader(content.body))
	if err != nil {
		return reply{}, err
	}
	if content.contentType != "" {
		request.Header.Set("Content-Type", content.contentType)
	}
	if key := c.keys[who]; key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(answer)}, err
}

// ask sends, and fails the test unless the status is the wanted one; 0 takes any.
func ask(t *testing.T, who, method, path string, body any, status int, header ...string) reply {
	t.Helper()
	headers := map[string]string{}
	for i := 0; i+1 < len(header); i += 2 {
		headers[header[i]] = header[i+1]
	}
	r, err := shared.send(who, method, path, body, headers)
	if err != nil {
		t.Fatal(err)
	}
	if status != 0 && r.status != status {
		t.Fatalf("%s: %s %s: %d, want %d: %s", who, method, path, r.status, status, r.body)
	}
	return r
}
