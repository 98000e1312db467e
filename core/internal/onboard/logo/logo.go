// Package logo makes an uploaded logo safe to keep and to show: its content is
// sniffed, its size limited before it is decoded, and its bytes are written
// anew, so that nothing of the upload but the picture remains.
package logo

import (
	"bytes"
	"path"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Limits of an uploaded logo. MaxPixels bounds the memory that decoding takes;
// a kept bitmap is scaled down to KeptSide.
const (
	MaxBytes  = 2 << 20
	MaxSide   = 4096
	MaxPixels = 8 << 20
	KeptSide  = 1600
)

// The media types of logos.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
	SVG  = "image/svg+xml"
)

// Image is a clean logo. Width and Height are pixels, or of a drawing its own
// units, rounded up.
type Image struct {
	Type          string
	Bytes         []byte
	Width, Height int
}

// Clean returns an uploaded logo safe. The extension of the declared name has
// to agree with the content; an empty name declares nothing. Returns invalid,
// naming the field "logo", for what can't be accepted.
func Clean(data []byte, declaredName string) (Image, error) {
	img, reason := clean(data, declaredName)
	if reason != "" {
		var problems core.Problems
		problems.Add("logo", path.Base(declaredName), reason)
		return Image{}, problems.Err()
	}
	return img, nil
}

func clean(data []byte, name string) (Image, string) {
	switch {
	case len(data) == 0:
		return Image{}, "is empty"
	case len(data) > MaxBytes:
		return Image{}, "is larger than 2 MiB"
	}
	kind := sniff(data)
	if kind == "" {
		return Image{}, "is neither PNG, JPEG nor SVG"
	}
	if name != "" && declared(name) != kind {
		return Image{}, "has a name that doesn't agree with its content, which is " + kind
	}
	if kind == SVG {
		return cleanDrawing(data)
	}
	return cleanBitmap(data, kind)
}

// declared returns the media type that the extension of a name stands for.
func declared(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".png":
		return PNG
	case ".jpg", ".jpeg":
		return JPEG
	case ".svg":
		return SVG
	}
	return ""
}

// sniff tells the type by content alone; empty when it is none of ours.
func sniff(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return JPEG
	case rootElement(data) == "svg":
		return SVG
	}
	return ""
}
