package host

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/ui"
)

// Limits of what a plugin hands back.
const (
	maxInput  = 15 << 20 // of a form, JSON in bytes: it travels in one message
	maxResult = 16 << 20 // JSON, in bytes
	maxBody   = 64 << 20 // of a route's answer
	maxText   = 64 << 10 // one string of a page
	maxImage  = 4 << 20  // one picture that a page holds itself, in base64
	maxName   = 200      // of a sheet
)

// pageFrom reads a page and refuses what a page can't be made of.
func pageFrom(result []byte) (page ui.Page, err error) {
	if err := json.Unmarshal(result, &page); err != nil {
		return page, err
	}
	return page, inspect(reflect.ValueOf(page), "page", false)
}

// addresses are the fields that lead somewhere.
var addresses = map[string]bool{
	"Href": true, "Src": true, "Action": true, "Stream": true, "Poll": true, "Then": true, "Next": true, "Prev": true,
	"Logo": true, "Document": true,
}

// inspect looks at every string of a page: how long it is and, where it is an
// address, where it leads. External is what the struct around it says.
func inspect(v reflect.Value, path string, external bool) error {
	switch v.Kind() {
	case reflect.String:
		return inspectText(v.String(), path, external)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return inspect(v.Elem(), path, external)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := inspect(v.Index(i), fmt.Sprintf("%s[%d]", path, i), external); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if err := inspect(v.MapIndex(key), fmt.Sprintf("%s[%v]", path, key), external); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return nil
		}
		leaves := v.FieldByName("External")
		external = leaves.IsValid() && leaves.Kind() == reflect.Bool && leaves.Bool()
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				if err := inspect(v.Field(i), path+"."+field.Name, external); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func inspectText(s, path string, external bool) error {
	field := path[strings.LastIndexByte(path, '.')+1:]
	picture, most := field == "Src" || field == "Logo", maxText
	if picture && isPicture(s) {
		most = maxImage
	}
	switch {
	case len(s) > most:
		return fmt.Errorf("%s has %d bytes, more than %d", path, len(s), most)
	case !utf8.ValidString(s):
		return fmt.Errorf("%s isn't text", path)
	case !addresses[field] || leadsWell(s, external) || most == maxImage:
		return nil
	case picture:
		return fmt.Errorf("%s is %.60q: a picture is at an address of the console, or in the page: data:image/png;base64,… (or jpeg, gif, webp, svg+xml)", path, s)
	}
	return fmt.Errorf("%s leads to %q: a link stays in the console, or says that it is external", path, s)
}

// isPicture tells data that can be nothing but an image.
func isPicture(s string) bool {
	rest, image := strings.CutPrefix(s, "data:image/")
	kind, data, encoded := strings.Cut(rest, ";base64,")
	if !image || !encoded || !slices.Contains([]string{"png", "jpeg", "gif", "webp", "svg+xml"}, kind) {
		return false
	}
	_, err := io.Copy(io.Discard, base64.NewDecoder(base64.StdEncoding, strings.NewReader(data)))
	return err == nil
}

// leadsWell reports whether an address stays in the console: a path, a query
// or a fragment. One that says so may leave it by http, mail or telephone.
func leadsWell(s string, external bool) bool {
	if strings.ContainsAny(s, "\\\t\r\n\x00") {
		return false
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "":
		return u.Host == "" && !strings.HasPrefix(s, "//") && (s == "" || strings.ContainsAny(s[:1], "/?#"))
	case "http", "https":
		return external && u.Host != ""
	case "mailto", "tel":
		return true
	}
	return false
}
