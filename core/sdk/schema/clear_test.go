package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/openhouse-ai/console/core/sdk/schema"
)

// An emptied text stays empty where it could be; else it isn't there.
func TestClearedText(t *testing.T) {
	t.Parallel()
	document := json.RawMessage(`{"type":"object","properties":{
		"note":{"type":"string","default":"Ask."},
		"plain":{"type":"string"},
		"named":{"type":"string","default":"x","minLength":1},
		"kind":{"type":"string","default":"a","enum":["a","b"]}}}`)
	got, err := schema.Decode(document, map[string][]string{"note": {" "}, "plain": {""}, "named": {""}, "kind": {""}})
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != `{"note":""}` {
		t.Errorf("decoded %s", got)
	}
}
