package api_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/api"
)

// Whatever is sent is either a request that survives being written and read
// again, or an invalid error that names what is wrong.
func FuzzDecodeProvision(f *testing.F) {
	for _, seed := range []string{
		`{"developer":{"name":"Harpur Homes","code":"HARP","region":"eu-west","contact":{"name":"Site office","email":"office@harpur.example"}}}`,
		`{"units":{"mapping":{"address":"Address"},"filter":"Harpur Lane"}}`, `{"developer":{"demo":"yes"}}`, `{"nmae":1}`, `{}{}`, `[`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request, err := api.DecodeProvision(body)
		if err != nil {
			e, ok := err.(*core.Error)
			if !ok || e.Code != core.Invalid || len(e.Fields) == 0 || e.Fields[0].Reason == "" {
				t.Fatalf("the error is %#v", err)
			}
			return
		}
		written, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		again, err := api.DecodeProvision(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if rewritten, _ := json.Marshal(again); !reflect.DeepEqual(written, rewritten) {
			t.Fatalf("%s became %s", written, rewritten)
		}
	})
}

func TestWaitOf(t *testing.T) {
	t.Parallel()
	for prefer, want := range map[string]time.Duration{
		"": 0, "wait=5": 5 * time.Second, "respond-async, wait=2": 2 * time.Second, `wait="3"`: 3 * time.Second,
		"wait=600": 59 * time.Second, "wait=-1": 0, "wait=x": 0, "wait=": 0,
	} {
		if got := api.WaitOf(prefer); got != want {
			t.Errorf("Prefer: %s waits %v, want %v", prefer, got, want)
		}
	}
}
