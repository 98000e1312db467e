package onboard_test

import (
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/internal/onboard"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	d, err := onboard.ReadDefaults(nil)
	ok(t, err)
	ireland, err := d.For("eu-west")
	ok(t, err)
	uk, err := d.For("uk")
	ok(t, err)
	if ireland.Currency != "EUR" || ireland.TimeZone != "Europe/Dublin" || uk.Currency != "GBP" || uk.TimeZone != "Europe/London" {
		t.Errorf("got %+v and %+v", ireland, uk)
	}
	older, err := onboard.ReadDefaults([]byte("locale: en-IE"))
	ok(t, err)
	before, err := older.For("uk")
	ok(t, err)
	if before.EventsPerMinute != ireland.EventsPerMinute || before.UsageRetentionDays != ireland.UsageRetentionDays {
		t.Errorf("an older file of defaults gives %+v", before)
	}
	if len(uk.AllowedRegions) != 1 || uk.AllowedRegions[0] != "uk" || len(uk.DocumentCategories) == 0 || uk.RequestsPerMinute == 0 {
		t.Errorf("got %+v", uk)
	}
}

func TestWrongDefaults(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"unknown key":             "colour: green",
		"unknown key of a region": "regions:\n  uk:\n    colour: green",
		"wrong value":             "map_zoom: near",
		"region without values":   "regions:\n  uk: green",
		"no YAML":                 "{",
	} {
		if _, err := onboard.ReadDefaults([]byte(file)); err == nil || !strings.Contains(err.Error(), "read defaults") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
