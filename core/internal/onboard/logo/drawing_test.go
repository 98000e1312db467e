package logo_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/internal/onboard/logo"
)

func svg(content string) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">` + content + `</svg>`)
}

const square = `<rect width="100" height="100" fill="red"/>`

func TestRefusedDrawings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content, why string
	}{
		"script":               {square + `<script>alert(1)</script>`, "<script>"},
		"script by href":       {square + `<script xlink:href="http://x/a.js"/>`, "<script>"},
		"script in a group":    {`<g>` + square + `<g><script/></g></g>`, "<script>"},
		"script in defs":       {square + `<defs><script>alert(1)</script></defs>`, "<script>"},
		"event handler":        {`<rect width="9" height="9" onload="alert(1)"/>`, "event handler"},
		"event handler, caps":  {`<rect width="9" height="9" ONCLICK="alert(1)"/>`, "event handler"},
		"foreign object":       {square + `<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script/></body></foreignObject>`, "<foreignObject>"},
		"link":                 {`<a xlink:href="javascript:alert(1)">` + square + `</a>`, "<a>"},
		"image":                {square + `<image href="http://x/a.png" width="9" height="9"/>`, "<image>"},
		"image as data":        {square + `<image href="data:image/png;base64,AAAA"/>`, "<image>"},
		"use of another file":  {square + `<use href="http://x/a.svg#b"/>`, "<use>"},
		"use of itself":        {square + `<g id="a"><use href="#a"/><use href="#a"/></g>`, "<use>"},
		"drawing in a drawing": {square + `<svg viewBox="0 0 9 9"/>`, "<svg>"},
		"symbol":               {square + `<symbol id="a"/>`, "<symbol>"},
		"animation":            {square + `<animate attributeName="href" to="javascript:alert(1)"/>`, "<animate>"},
		"set":                  {`<rect width="9" height="9"><set attributeName="onclick" to="alert(1)"/></rect>`, "<set>"},
		"text":                 {square + `<text>Harpur</text>`, "outlines"},
		"filter":               {square + `<filter id="f"><feImage href="http://x/a.png"/></filter>`, "<filter>"},
		"mask":                 {square + `<mask id="m">` + square + `</mask>`, "<mask>"},
		"uses a mask":          {`<rect width="9" height="9" mask="url(#m)"/>`, "mask"},
		"pattern":              {square + `<pattern id="p"/>`, "<pattern>"},
		"iframe":               {square + `<iframe src="http://x"/>`, "<iframe>"},
		"fill from outside":    {`<rect width="9" height="9" fill="url(http://x/a.svg#b)"/>`, "outside"},
		"fill, spaced":         {`<rect width="9" height="9" fill="url( 'http://x/a.svg#b' )"/>`, "outside"},
		"style from outside":   {`<rect width="9" height="9" style="fill:url(//x/a)"/>`, "outside"},
		"style, unknown name":  {`<rect width="9" height="9" style="background:url(http://x)"/>`, "outside"},
		"style, caps":          {`<rect width="9" height="9" style="fill:URL(http://x)"/>`, "outside"},
		"sheet import":         {`<style>@import url(http://x/a.css);</style>` + square, "style sheet"},
		"sheet from outside":   {`<style>.a{fill:url(http://x/a)}</style>` + square, "outside"},
		"sheet of elements":    {`<style>rect{fill:red}</style>` + square, "style sheet"},
		"sheet broken":         {`<style>.a{fill:red</style>` + square, "style sheet"},
		"href in a gradient":   {square + `<linearGradient id="a" href="http://x/a.svg#b"/>`, "outside"},
		"gradient of itself":   {square + `<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>`, "refers to itself"},
		"colour":               {`<rect width="9" height="9" fill="red;background:blue"/>`, "fill"},
		"colour as script":     {`<rect width="9" height="9" fill="expression(alert(1))"/>`, "fill"},
		"number":               {`<rect width="NaN" height="9"/>`, "width"},
		"huge number":          {`<rect width="1e300" height="9"/>`, "width"},
		"path":                 {`<path d="M0 0L<"/>`, "damaged"},
		"path of letters":      {`<path d="M0 0 javascript"/>`, "has a d"},
		"path without a start": {`<path d="L9 9"/>`, "has a d"},
		"transform":            {`<g transform="rotate(1,2)">` + square + `</g>`, "transform"},
		"dashes":               {`<path d="M0 0h9" stroke-dasharray="0.0001"/>`, "dashed"},
		"clip by a shape":      {`<clipPath id="c"><circle r="9"/></clipPath>` + square, "clipped"},
		"too deep":             {strings.Repeat("<g>", 40) + square + strings.Repeat("</g>", 40), "too complex"},
		"too many elements":    {strings.Repeat(`<rect width="1" height="1"/>`, 1600), "too complex"},
		"too many loops":       {`<path d="` + strings.Repeat("M0 0h1v1z", 1600) + `"/>`, "too complex"},
		"nothing drawn":        {`<g/>`, "blank"},
		"outside of its view":  {`<rect x="500" width="9" height="9"/>`, "blank"},
		"unclosed":             {`<g>`, "damaged"},
		"unknown entity":       {square + `&nbsp;`, "damaged"},
	} {
		refused(t, name, svg(c.content), "logo.svg", c.why)
	}
}

func TestRefusedDocuments(t *testing.T) {
	t.Parallel()
	plain := string(svg(square))
	for name, c := range map[string]struct {
		document, why string
	}{
		"entities":          {`<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>` + plain, "entities"},
		"outside entity":    {`<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + strings.Replace(plain, square, "&x;", 1), ""},
		"entity by name":    {`<!DOCTYPE svg SYSTEM "x" [ %p; ]>` + plain, "entities"},
		"two roots":         {plain + plain, "more than one"},
		"text after":        {plain + "GIF89a", "text after"},
		"no size":           {strings.Replace(plain, ` viewBox="0 0 100 100"`, "", 1), "no size"},
		"empty size":        {strings.Replace(plain, "0 0 100 100", "0 0 0 100", 1), "usable shape"},
		"negative size":     {strings.Replace(plain, "0 0 100 100", "0 0 -100 -100", 1), "usable shape"},
		"thin":              {strings.Replace(plain, "0 0 100 100", "0 0 100000 1", 1), "usable shape"},
		"infinite":          {strings.Replace(plain, "0 0 100 100", "0 0 Inf 100", 1), "no size"},
		"script on root":    {strings.Replace(plain, "<svg ", `<svg onload="alert(1)" `, 1), "event handler"},
		"another namespace": {strings.Replace(plain, "http://www.w3.org/2000/svg", "http://x", 1), ""},
		"UTF-16":            {"\xfe\xff" + plain, "neither"},
	} {
		refused(t, name, []byte(c.document), "logo.svg", c.why)
	}
}

// Harmless parts of other vocabularies are left out without a word.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	data := svg(`<title>onload="x"</title><desc>&lt;script&gt;</desc><metadata><x/></metadata><!-- <script> -->` +
		`<other:thing xmlns:other="http://other"><other:script>alert(1)</other:script></other:thing>` +
		`<rect id="a" class="b" data-x="y" width="100px" height="100" fill="rgb(255, 0,0)" style="font-family:x" tabindex="1"/>` +
		`<g display="none"><rect width="100" height="100"/></g>`)
	img, err := logo.Clean(append([]byte("\xef\xbb\xbf"), data...), "logo.svg")
	if err != nil {
		t.Fatal(err)
	}
	want := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="100" height="100">` +
		`<rect fill="#ff0000" height="100" width="100"/></svg>` + "\n"
	if string(img.Bytes) != want {
		t.Errorf("got  %s\nwant %s", img.Bytes, want)
	}
}

// Where the drawing library and SVG differ, SVG is right.
func TestRasterFollowsSVG(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		points  map[image.Point]color.NRGBA
	}{
		"even-odd ring": {`<path fill="red" fill-rule="evenodd" d="M10 10h80v80h-80zM30 30h40v40h-40z"/>`,
			map[image.Point]color.NRGBA{{40, 40}: red, {100, 100}: clear}},
		"even-odd from a group": {`<g fill-rule="evenodd" fill="red"><path d="M10 10h80v80h-80zM30 30h40v40h-40z"/></g>`,
			map[image.Point]color.NRGBA{{40, 40}: red, {100, 100}: clear}},
		"nonzero": {`<path fill="red" d="M10 10h80v80h-80zM30 30h40v40h-40z"/>`,
			map[image.Point]color.NRGBA{{40, 40}: red, {100, 100}: red}},
		"scale by one number": {`<g transform="scale(.5)"><rect width="200" height="200" fill="red"/></g>`,
			map[image.Point]color.NRGBA{{190, 190}: red}},
		"line width is scaled": {`<path stroke="red" stroke-width="40" d="M0 50h100"/>`,
			map[image.Point]color.NRGBA{{100, 64}: red, {100, 136}: red, {100, 56}: clear, {100, 144}: clear}},
		"line width in a transform": {`<g transform="scale(10)" stroke-width="4"><path stroke="red" d="M0 5h10"/></g>`,
			map[image.Point]color.NRGBA{{100, 64}: red, {100, 136}: red, {100, 56}: clear}},
		"compact arc flags": {`<path fill="red" d="M50 10a40 40 0 1180 0 40 40 0 01-80 0"/>`,
			map[image.Point]color.NRGBA{{180, 20}: red}},
		"arcs in a row": {`<path fill="red" d="M0 50A50 50 0 0 1 100 50 10 10 0 0 1 0 50"/>`,
			map[image.Point]color.NRGBA{{100, 10}: red, {100, 190}: red}},
		"exponents and joined numbers": {`<path fill="red" d="M1e1-0l8E1+0 0 90-80 0z"/>`,
			map[image.Point]color.NRGBA{{30, 100}: red, {10, 100}: clear}},
		"gradient in user space": {`<linearGradient id="a" x2="100" gradientUnits="userSpaceOnUse"><stop stop-color="red"/><stop offset="50%" stop-color="red"/><stop offset=".5" stop-color="blue"/></linearGradient><rect width="100" height="100" fill="url(#a)"/>`,
			map[image.Point]color.NRGBA{{90, 100}: red, {110, 100}: blue}},
		"gradient of its shape": {`<rect x="50" width="50" height="100" fill="url(#a)"/><linearGradient id="a"><stop stop-color="red"/><stop offset=".5" stop-color="red"/><stop offset=".5" stop-color="blue"/></linearGradient>`,
			map[image.Point]color.NRGBA{{140, 100}: red, {160, 100}: blue, {50, 50}: clear}},
		"gradient that isn't there": {square + `<rect width="50" height="100" fill="url(#nowhere)"/>`,
			map[image.Point]color.NRGBA{{50, 50}: red}},
		"current colour and inherit": {`<g fill="blue"><rect width="50" height="100" fill="currentColor"/><rect x="50" width="50" height="100" fill="inherit"/></g>`,
			map[image.Point]color.NRGBA{{50, 50}: {0, 0, 0, 255}, {150, 50}: blue}},
	} {
		img, err := logo.Clean(svg(c.content), "logo.svg")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		picture := raster(t, img)
		for p, want := range c.points {
			if got := picture.At(p.X, p.Y); got != want {
				t.Errorf("%s: at %v is %v, want %v", name, p, got, want)
			}
		}
	}
}

func TestRaster(t *testing.T) {
	t.Parallel()
	wide, err := logo.Clean([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 40 2"><rect x="-10" y="-10" width="40" height="2"/></svg>`), "a.svg")
	if err != nil {
		t.Fatal(err)
	}
	bitmap, err := logo.Clean(pngOf(t, solid(400, 100)), "a.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		img      logo.Image
		px, w, h int
	}{{wide, 200, 200, 10}, {wide, 0, 1, 1}, {wide, 1 << 20, logo.MaxSide, 205}, {bitmap, 200, 200, 50}, {bitmap, 800, 400, 100}} {
		data, err := logo.Raster(c.img, c.px)
		if err != nil {
			t.Fatal(err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || config.Width != c.w || config.Height != c.h {
			t.Errorf("%s at %d became %d by %d (%v), want %d by %d", c.img.Type, c.px, config.Width, config.Height, err, c.w, c.h)
		}
	}
	if _, err := logo.Raster(logo.Image{Type: logo.SVG, Bytes: []byte("<svg")}, 100); err == nil {
		t.Error("a broken drawing was drawn")
	}
}

// cleanForm is all that a clean drawing may consist of.
var cleanForm = regexp.MustCompile(`^(<(/?(svg|g|defs|path|rect|circle|ellipse|line|polyline|polygon|linearGradient|radialGradient|stop))( [a-zA-Z0-9-]+="[^"<>&]*")*/?>)+\n$`)

func FuzzClean(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"), "a.png")
	f.Add(pngOf(f, solid(3, 3)), "a.png")
	f.Add(jpegOf(f, solid(3, 3)), "a.jpg")
	f.Add(svg(square+`<g transform="translate(1 2)rotate(30)"><path d="M0 0a5 5 0 0110 10z" stroke="#123" stroke-width="2"/></g>`), "a.svg")
	f.Add(svg(`<style>.a{fill:url(#b)}</style><linearGradient id="b"><stop/><stop offset="1"/></linearGradient><circle class="a" r="50"/>`), "a.svg")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		img, err := logo.Clean(data, name)
		if err != nil {
			return
		}
		if img.Width < 1 || img.Height < 1 {
			t.Errorf("%d by %d", img.Width, img.Height)
		}
		if img.Type == logo.SVG {
			low := strings.ToLower(string(img.Bytes))
			if !cleanForm.Match(img.Bytes) || strings.Contains(low, "script") || strings.Contains(low, ` on`) || strings.Contains(low, "href") {
				t.Errorf("not clean: %s", img.Bytes)
			}
		}
		if _, err := logo.Raster(img, 32); err != nil {
			t.Errorf("a clean logo can't be drawn: %v\n%q", err, img.Bytes)
		}
		if again, err := logo.Clean(img.Bytes, ""); err != nil || again.Type != img.Type {
			t.Errorf("a clean logo isn't accepted: %v\n%q", err, img.Bytes)
		}
	})
}
