package directory_test

import (
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
)

const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"

func TestScan(t *testing.T) {
	t.Parallel()
	h := newHouseWithClock(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	h.told()
	_, err := h.Units.Scan(t.Context(), h.tenant, "nosuchcode", directory.Visit{UserAgent: phone})
	expectCode(t, err, core.NotFound)

	first := h.clock.Now()
	for range 2 {
		scanned, err := h.Units.Scan(t.Context(), h.tenant, u.Code, directory.Visit{UserAgent: phone, Visitor: "v1"})
		ok(t, err)
		equal(t, "unit", scanned.ID, u.ID)
		equal(t, "first scan", *scanned.FirstScanAt, first)
		equal(t, "kept first scan", *h.find(t, u.ID).FirstScanAt, first)
		h.clock.advance(time.Hour)
	}
	equal(t, "version", h.find(t, u.ID).Version, u.Version)
	h.expectTold(t, "", "unit.first_scanned")
	equal(t, "usage events", len(h.usage), 2)
	equal(t, "ids differ", h.usage[0].ID != h.usage[1].ID, true)
	e := h.usage[0]
	equal(t, "type", e.Type, "ai.openhouse.qr.scanned")
	equal(t, "unit", e.Unit, u.ID)
	equal(t, "development", e.Development, u.DevelopmentID)
	equal(t, "visitor", e.Visitor, "v1")
	equal(t, "data", string(e.Data), `{"user_agent":"`+phone+`"}`)
}

func TestScanByBot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.unit(t, h.development(t, "Harpur Lane"), "1 Harpur Park")
	for agent, bot := range map[string]bool{
		"":                     true,
		"WhatsApp/2.23.20.0 A": true,
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)": true,
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)":                true,
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":  true,
		"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5":           true,
		"TelegramBot (like TwitterBot)":                                             true,
		"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)":           true,
		"Mozilla/5.0 (compatible; LinkedInBot/1.0)":                                 true,
		"curl/8.5.0":           true,
		"python-requests/2.32": true,
		"Go-http-client/2.0":   true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0 Safari/537":  true,
		"Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36":     false,
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/53": false,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [LinkedInApp]": false,
		"Mozilla/5.0 (Linux; Android 13; SM-A536B; wv) AppleWebKit/537.36 Chrome/120.0 Mobile QRScanner/3.1":      false,
	} {
		before := len(h.usage)
		scanned, err := h.Units.Scan(t.Context(), h.tenant, u.Code, directory.Visit{UserAgent: agent})
		ok(t, err)
		equal(t, "unit", scanned.ID, u.ID)
		equal(t, "taken for a bot: "+agent, len(h.usage) == before, bot)
	}
}
