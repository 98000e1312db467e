// Package assets is what the browser and the PDFs are given: styles, scripts,
// icons and fonts. Sources lie in css/ and js/; packages come from the npm
// registry; build.mjs writes dist, which is embedded. The program compiles
// without a build, and Ready says whether there was one.
package assets

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
)

// all: also embeds dist/.keep, so that the folder is never empty.
//
//go:embed all:dist
var dist embed.FS

// Prefix is the path below which the files are served.
const Prefix = "/assets/"

// ErrMissing means that the assets have not been built.
var ErrMissing = errors.New("the assets are not built: run make assets")

// manifest is what build.mjs writes: logical names with their hashed names,
// and the drawings of the icons.
type manifest struct {
	Files map[string]string `json:"files"`
	Icons map[string]string `json:"icons"`
}

var built = sync.OnceValues(func() (manifest, error) {
	var m manifest
	data, err := dist.ReadFile("dist/manifest.json")
	if err != nil {
		return m, ErrMissing
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("read manifest of the assets: %w", err)
	}
	return m, nil
})

// Ready returns ErrMissing when the assets have not been built; a server
// must not start then.
func Ready() error {
	_, err := built()
	return err
}

// FS is the built files, with .br beside those that compress.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // the name is a constant
		return dist
	}
	return sub
}

// URL is the address of a file by its logical name: URL("app.css") gives
// "/assets/app-3f2a….css". Without a build it is the plain name, so that
// pages can be tested.
func URL(name string) string {
	m, _ := built()
	if hashed, ok := m.Files[name]; ok {
		name = hashed
	}
	return Prefix + name
}

// Icon is the SVG element of an icon, hidden from screen readers and sized by
// its class. An icon that isn't built is an empty drawing.
func Icon(name string) string {
	m, _ := built()
	return `<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
		`stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">` + m.Icons[name] + `</svg>`
}

// Font is a TrueType font for PDFs: "regular", "medium", "semibold" or
// "bold". Returns ErrMissing when the assets have not been built.
func Font(name string) ([]byte, error) {
	data, err := dist.ReadFile("dist/fonts/inter-" + name + ".ttf")
	if err != nil {
		if Ready() != nil {
			return nil, ErrMissing
		}
		return nil, fmt.Errorf("read font %s: %w", name, err)
	}
	return data, nil
}

// File is one built file as it is served.
type File struct {
	Type   string // MIME type
	Body   []byte
	Brotli []byte // the body compressed; nil when that doesn't pay
}

// types are written down here, because a system's own table may lack some.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".ttf":   "font/ttf",
}

// Open returns the file of a hashed name, as URL gives it without Prefix.
// The name holds the hash of the content, so it may be cached for ever.
func Open(name string) (File, bool) {
	if _, known := types[path.Ext(name)]; !known || !fs.ValidPath(name) {
		return File{}, false
	}
	body, err := dist.ReadFile("dist/" + name)
	if err != nil {
		return File{}, false
	}
	f := File{Type: types[path.Ext(name)], Body: body}
	if f.Brotli, err = dist.ReadFile("dist/" + name + ".br"); err != nil {
		f.Brotli = nil
	}
	return f, true
}
