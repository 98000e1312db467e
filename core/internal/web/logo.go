package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/render"
	"github.com/openhouse-ai/console/ui"
)

// showLogo answers with the tenant's logo, or with a monogram in its colours.
func showLogo(q *request) error {
	b, err := q.site.brand(q.ctx, q.tenant)
	if err != nil {
		return err
	}
	if len(b.Logo) == 0 {
		return q.cached("image/svg+xml", monogramPicture(b))
	}
	return q.cached(b.LogoType, b.Logo)
}

// cached answers with a picture that the browser keeps and asks about: a new
// logo is seen at once, an old one is not sent again.
func (q *request) cached(media string, body []byte) error {
	tag := `"` + fingerprint(body) + `"`
	q.Set(fiber.HeaderETag, tag)
	q.Set(fiber.HeaderCacheControl, "private, no-cache")
	if q.Get(fiber.HeaderIfNoneMatch) == tag {
		return q.SendStatus(http.StatusNotModified)
	}
	return q.picture(media, body)
}

// fingerprint tells contents apart.
func fingerprint(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// monogramPicture stands where a developer has no logo.
func monogramPicture(b core.Brand) []byte {
	background := b.Primary
	if _, ok := render.Luminance(background); !ok {
		background = plainPrimary
	}
	var letters bytes.Buffer
	_ = xml.EscapeText(&letters, []byte(ui.Monogram(b.Name))) // a buffer takes everything
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="%s"/>`+
		`<text x="32" y="41" text-anchor="middle" font-family="Inter, system-ui, sans-serif" font-size="25" font-weight="600" fill="%s">%s</text></svg>`+"\n",
		background, render.Ink(background), letters.Bytes())
}
