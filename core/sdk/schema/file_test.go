package schema_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/openhouse-ai/console/ui"
)

const filed = `{"type":"object","required":["list"],"properties":{
	"list":{"type":"string","contentEncoding":"base64","format":"file","maxLength":65536,"x-accept":".csv,text/csv","x-order":1},
	"logo":{"type":"string","contentEncoding":"base64","format":"file","minLength":2,"maxLength":2048,"description":"A square one.","x-order":2},
	"raw":{"type":"string","contentEncoding":"base64","x-order":3},
	"more":{"type":"object","properties":{"photo":{"type":"string","contentEncoding":"base64","format":"file"}},"x-order":4}}}`

func TestFilesAreDrawnAndNeverFilled(t *testing.T) {
	t.Parallel()
	fields, err := schema.Fields(json.RawMessage(filed), map[string]any{"list": "c2VjcmV0", "logo": "c2VjcmV0", "more": map[string]any{"photo": "c2VjcmV0"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []ui.Field{
		{Kind: ui.FileField, Name: "list", Label: "List", Accept: ".csv,text/csv", Hint: "At most 64 KiB.", Required: true},
		{Kind: ui.FileField, Name: "logo", Label: "Logo", Hint: "A square one."},
		{Name: "raw", Label: "Raw"},
		{Kind: ui.FileField, Name: "more.photo", Label: "Photo", Hint: "At most 8 MiB."},
	}
	if got := fmt.Sprintf("%+v", fields); got != fmt.Sprintf("%+v", want) {
		t.Errorf("fields\n %s\nwant\n %+v", got, want)
	}
	limits, err := schema.Files(json.RawMessage(filed))
	if got, want := fmt.Sprint(limits), "map[list:65536 logo:2048 more.photo:8388608]"; err != nil || got != want {
		t.Errorf("limits %s, %v; want %s", got, err, want)
	}
}

func TestFilesAreMeasuredInBytes(t *testing.T) {
	t.Parallel()
	of := func(n int) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), n)) }
	for name, c := range map[string]struct {
		list, logo string
		want       string
	}{
		"good":         {of(64 << 10), of(2048), ""},
		"without one":  {"", "", "list is missing"},
		"large":        {of(64<<10 + 1), "", "list is larger than 64 KiB"},
		"larger":       {of(1), of(2049), "logo is larger than 2 KiB"},
		"small":        {of(1), of(1), "logo is smaller than 2 bytes"},
		"not encoded":  {"a,b\r\n1,2", "", "list is not base64"},
		"half encoded": {"c2VjcmV0=", "", "list is not base64"},
	} {
		document, err := schema.Decode(json.RawMessage(filed), map[string][]string{"list": {c.list}, "logo": {c.logo}})
		var said string
		if e, ok := err.(*core.Error); ok && len(e.Fields) == 1 && e.Fields[0].Value == "" {
			said = e.Fields[0].Field + " " + e.Fields[0].Reason
		}
		if said != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		var got struct{ List, Logo []byte }
		if err == nil && (json.Unmarshal(document, &got) != nil || len(got.List) != 64<<10 || len(got.Logo) != 2048) {
			t.Errorf("%s: read %d and %d bytes", name, len(got.List), len(got.Logo))
		}
	}
}
