package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// editSettings is a tenant's settings: a form for who may change them, the
// same read-only for who may look.
var editSettings = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		p := q.tab("/settings", "Settings", "How "+q.tenant.Name+" is reached, reads, and is limited.")
		s, err := q.site.Settings.Find(q.ctx, q.tenant.ID)
		if core.CodeOf(err) == core.NotFound {
			err = core.Errorf(core.Unavailable, "This tenant has no settings yet: its onboarding writes them.")
		}
		if err != nil {
			return p, ui.Form{}, err
		}
		f := ui.Form{Action: q.base + "/settings", Submit: "Save settings", Guard: true, Sections: q.settingsSections(s)}
		return p, f, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		before, err := q.site.Settings.Find(q.ctx, q.tenant.ID)
		if err != nil {
			return "", "", err
		}
		after, err := q.sentSettings(sent, before)
		if err == nil {
			_, err = q.site.Settings.Update(q.ctx, q.tenant.ID, after)
		}
		return q.base + "/settings", "The settings are saved.", wholeFields(err)
	},
}

// showSettings leaves out the button for those who may only look.
func showSettings(q *request) error {
	if q.changes(core.SettingsWrite) {
		return editSettings.show(q)
	}
	p, f, err := editSettings.build(q)
	if err != nil {
		return err
	}
	for _, section := range f.Sections {
		var items []ui.Detail
		for _, field := range section.Fields {
			if field.Kind == ui.HiddenField {
				continue
			}
			items = append(items, ui.Detail{Label: field.Label, Value: textOrNil(settingText(field)), Hint: field.Hint})
		}
		p.Blocks = append(p.Blocks, ui.Section{Title: section.Title, Lead: section.Lead, Blocks: ui.Blocks{ui.Details{Items: items}}})
	}
	return q.show(http.StatusOK, p)
}

func settingText(f ui.Field) string {
	text := f.Value
	if f.Kind == ui.ListField || f.Kind == ui.Checkboxes {
		text = joinNonEmpty(", ", f.Values...)
	}
	if f.Suffix != "" {
		text = joinNonEmpty(" ", text, f.Suffix)
	}
	return text
}

// sentSettings is what the form says, on top of what is stored; the room
// checks the values. Limits and residency stay as they are when a developer's
// own staff sends the form.
func (q *request) sentSettings(sent values, before core.Settings) (core.Settings, error) {
	var problems core.Problems
	text := func(name string) string { return strings.TrimSpace(sent.Get(name)) }
	whole := func(name string) int {
		n, err := strconv.Atoi(text(name))
		if err != nil {
			problems.Add(name, text(name), "is not a whole number")
		}
		return n
	}
	s := before
	s.Version = sentVersion(sent)
	s.Contact = core.Contact{Name: text("contact.name"), Email: text("contact.email"), Phone: text("contact.phone")}
	s.Locale, s.Currency, s.TimeZone, s.PortalURL = text("locale"), text("currency"), text("time_zone"), text("portal_url")
	s.DocumentCategories = ui.Lines(strings.Join(sent["document_categories"], "\n"))
	s.CommunityCategories = ui.Lines(strings.Join(sent["community_categories"], "\n"))
	s.MapLatitude, s.MapLongitude, s.MapZoom = text("map_latitude"), text("map_longitude"), whole("map_zoom")
	s.Geocoder, s.GeocoderCacheDays = text("geocoder"), whole("geocoder_cache_days")
	s.AnalyticsLiveSeconds, s.AnalyticsHistorySeconds = whole("analytics_live_seconds"), whole("analytics_history_seconds")
	if !q.portal {
		s.RequestsPerMinute, s.ScansPerMinute = whole("requests_per_minute"), whole("scans_per_minute")
		s.EventsPerMinute, s.UsageRetentionDays = whole("events_per_minute"), whole("usage_retention_days")
		s.AllowedRegions = sent["allowed_regions"]
		// The form shows whole mebibytes; what it has not changed stays exact.
		if quota := int64(whole("blob_quota_bytes")); quota != before.BlobQuotaBytes/mebibyte {
			s.BlobQuotaBytes = quota * mebibyte
		}
	}
	return s, problems.Err()
}

// wholeFields points problems of one entry of a list at the list's field.
func wholeFields(err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}
	fields := make([]core.FieldError, len(e.Fields))
	for i, f := range e.Fields {
		name, _, entry := strings.Cut(f.Field, "[")
		if f.Field = name; entry && f.Value != "" {
			f.Reason = f.Value + " " + f.Reason
		}
		fields[i] = f
	}
	return &core.Error{Code: e.Code, Message: e.Message, Fields: fields}
}
