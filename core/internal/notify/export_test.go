package notify

import (
	htmltemplate "html/template"

	"github.com/openhouse-ai/console/core"
)

// Contrasts returns the contrast of each text of a letter with its paper.
func Contrasts(brand core.Brand) map[string]float64 {
	l := lookOf(brand)
	of := func(a, b htmltemplate.CSS) float64 {
		ca, _ := parseColour(string(a))
		cb, _ := parseColour(string(b))
		return contrast(ca, cb)
	}
	return map[string]float64{
		"title on the band":  of(l.OnPrimary, l.Primary),
		"kicker on the band": of(l.Quiet, l.Primary),
		"link on white":      of(l.Link, white.css()),
		"number on its disc": of(l.Link, l.Tint),
		"link by night":      of(l.NightLink, nightDisc.css()),
	}
}
