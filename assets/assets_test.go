package assets_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/assets"
)

// TestBuilt checks a build when there is one, and what the package says when
// there is none; both are states that the program must know.
func TestBuilt(t *testing.T) {
	t.Parallel()
	if err := assets.Ready(); err != nil {
		if !errors.Is(err, assets.ErrMissing) {
			t.Fatal(err)
		}
		if _, err := assets.Font("regular"); !errors.Is(err, assets.ErrMissing) {
			t.Errorf("without a build a font gives %v", err)
		}
		if got := assets.URL("app.css"); got != "/assets/app.css" {
			t.Errorf("without a build the address is %s", got)
		}
		return
	}
	for name, kind := range map[string]string{
		"app.css": "text/css", "app.js": "text/javascript", "charts.js": "text/javascript", "mark.svg": "image/svg+xml",
		"reference.css": "text/css", "reference.js": "text/javascript", "inter-latin-opsz-normal.woff2": "font/woff2",
	} {
		address := assets.URL(name)
		if address == assets.Prefix+name {
			t.Errorf("%s has no hashed address", name)
		}
		file, ok := assets.Open(strings.TrimPrefix(address, assets.Prefix))
		if !ok || len(file.Body) == 0 || !strings.HasPrefix(file.Type, kind) {
			t.Errorf("%s: found %v, %d bytes of %q", address, ok, len(file.Body), file.Type)
		}
		if compressed := kind != "font/woff2"; compressed != (len(file.Brotli) > 0) {
			t.Errorf("%s: %d bytes of brotli", address, len(file.Brotli))
		}
	}
	for _, name := range []string{"regular", "medium", "semibold", "bold"} {
		if font, err := assets.Font(name); err != nil || len(font) < 100_000 {
			t.Errorf("font %s: %d bytes, %v", name, len(font), err)
		}
	}
	if !strings.Contains(assets.Icon("plus"), "<path") {
		t.Error("the icon of plus is empty")
	}
}

func TestOpenKeepsItsFolder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", "..", "../assets.go", "/etc/passwd", "manifest.json", "fonts", "app.css.br", "absent.js"} {
		if _, ok := assets.Open(name); ok {
			t.Errorf("%q is served", name)
		}
	}
}
