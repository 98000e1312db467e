package logo

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// cleanBitmap decodes and encodes again: metadata, further frames and whatever
// is hidden behind or inside the file are gone.
func cleanBitmap(data []byte, kind string) (Image, string) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || "image/"+format != kind {
		return Image{}, "can't be read: the file is damaged"
	}
	switch w, h := config.Width, config.Height; {
	case w < 1 || h < 1:
		return Image{}, "has no pixels"
	case w > MaxSide || h > MaxSide:
		return Image{}, "is more than 4,096 pixels wide or high"
	case w*h > MaxPixels:
		return Image{}, "has more than 8 million pixels"
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return Image{}, "can't be read: the file is damaged"
	}
	kept := scale(decoded, KeptSide)
	if blank(kept) {
		return Image{}, "is blank: every pixel is transparent"
	}
	var b bytes.Buffer
	if kind == JPEG {
		err = jpeg.Encode(&b, kept, &jpeg.Options{Quality: 92})
	} else {
		err = png.Encode(&b, kept)
	}
	if err != nil {
		return Image{}, "can't be read: the file is damaged"
	}
	return Image{kind, b.Bytes(), kept.Bounds().Dx(), kept.Bounds().Dy()}, ""
}

// scale returns the picture with eight bits a channel, no side longer than the
// limit; it never enlarges.
func scale(src image.Image, side int) *image.NRGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	if w == src.Bounds().Dx() && h == src.Bounds().Dy() {
		draw.Draw(dst, dst.Bounds(), src, src.Bounds().Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	}
	return dst
}

// blank reports whether nothing of the picture is seen.
func blank(img *image.NRGBA) bool {
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] != 0 {
			return false
		}
	}
	return true
}
