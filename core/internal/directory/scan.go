package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Visit is one request to a unit's code page.
type Visit struct {
	UserAgent string // as sent
	Visitor   string // who it was, without telling who: a token of web's making
}

// scanSource and scanType name the usage events of the landing page.
const (
	scanSource = "openhouse/landing"
	scanType   = "ai.openhouse.qr.scanned"
)

// Scan returns the unit of a code and takes a usage event; the first scan by a
// person is kept with the unit. A bot, or a messenger that looks at a link
// before people do, gets the unit and leaves no trace. Returns not_found if no
// unit has the code.
func (s *Units) Scan(ctx context.Context, tenant core.TenantID, code string, visit Visit) (core.Unit, error) {
	if fromBot(visit.UserAgent) {
		return s.FindByCode(ctx, tenant, code)
	}
	var unit core.Unit
	err := s.Store.Update(ctx, tenant, func(tx *tenants.Tx) (err error) {
		if unit, err = findUnitByCode(ctx, tx, code); err != nil {
			return err
		}
		if err := s.noteScan(ctx, tx, unit, visit); err != nil {
			return fmt.Errorf("note scan of %s: %w", unit.ID, err)
		}
		if unit.FirstScanAt == nil {
			unit.FirstScanAt = &tx.Now
		}
		return nil
	})
	return unit, err
}

func (s *Units) noteScan(ctx context.Context, tx *tenants.Tx, unit core.Unit, visit Visit) error {
	data, err := json.Marshal(map[string]string{"user_agent": clip(visit.UserAgent, maxAddress)})
	if err != nil {
		return err
	}
	err = s.Usage.Accept(ctx, tx, []core.UsageEvent{{
		Source: scanSource, ID: core.NewID(core.PrefixEvent, tx.Now), Type: scanType,
		Development: unit.DevelopmentID, Unit: unit.ID, Visitor: visit.Visitor,
		Time: tx.Now, Data: data,
	}})
	if err != nil || unit.FirstScanAt != nil {
		return err
	}
	if err := markScanned(ctx, tx, unit.ID); err != nil {
		return err
	}
	return s.emit(ctx, tx, fact{
		event:  "unit.first_scanned",
		target: core.Target{Kind: "unit", ID: unit.ID},
		data:   eventData{DevelopmentID: unit.DevelopmentID, UnitID: unit.ID},
	})
}

// bots are the words by which programs that fetch links give themselves away:
// crawlers, link previews of mail and chat, monitors, libraries. The browsers
// inside apps (Slack, LinkedIn, QR readers) are people and not among them.
var bots = regexp.MustCompile(`bot\b|bot_|crawl|spider|slurp|preview|^whatsapp/|^viber|facebookexternalhit|facebookcatalog|meta-external` +
	`|slack-imgproxy|vkshare|embedly|iframely|read-aloud|google-safety|mediapartners|feedfetcher|apis-google|inspectiontool|lighthouse` +
	`|headless|phantomjs|microsoft office|ms-?office|safelinks|barracuda|proofpoint|mimecast|urlscan|virustotal|uptime|pingdom|statuscake` +
	`|curl/|wget/|python-|aiohttp|go-http-client|^java/|okhttp|libwww|^ruby|^php/|node-fetch|axios/|undici|httpclient|postman`)

// fromBot reports whether a user agent is a program that looks at links on its
// own. No browser is silent about itself, and Cubot is a maker of telephones.
func fromBot(userAgent string) bool {
	name := strings.ReplaceAll(strings.ToLower(userAgent), "cubot", "")
	return name == "" || bots.MatchString(name)
}

// clip cuts a text to so many characters.
func clip(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit])
	}
	return s
}
