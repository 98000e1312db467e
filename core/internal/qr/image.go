package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sync"
)

// encoder lets go of nothing between two images: most of the time that a small
// one takes is spent on new buffers.
var encoder = png.Encoder{BufferPool: &buffers{}}

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() *png.EncoderBuffer {
	buffer, _ := b.pool.Get().(*png.EncoderBuffer)
	return buffer
}

func (b *buffers) Put(buffer *png.EncoderBuffer) { b.pool.Put(buffer) }

// PNG returns the code as a one-bit image with its quiet zone; a module is
// scale pixels wide, at least one.
func (c Code) PNG(scale int) ([]byte, error) {
	scale = max(scale, 1)
	side := (c.size + 2*QuietZone) * scale
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for _, run := range c.Runs() {
		left, top := (run.X+QuietZone)*scale, (run.Y+QuietZone)*scale
		for y := top; y < top+scale; y++ {
			row := img.Pix[y*img.Stride+left:]
			for x := range run.Width * scale {
				row[x] = 1
			}
		}
	}
	var b bytes.Buffer
	if err := encoder.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw code: %w", err)
	}
	return b.Bytes(), nil
}

// SVG returns the code as a drawing with its quiet zone, one unit a module.
func (c Code) SVG() []byte {
	var b bytes.Buffer
	side := c.size + 2*QuietZone
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, side, side)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side)
	for _, run := range c.Runs() {
		fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", run.X+QuietZone, run.Y+QuietZone, run.Width, run.Width)
	}
	b.WriteString(`"/></svg>` + "\n")
	return b.Bytes()
}
