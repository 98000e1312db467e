// Package qr turns text into QR codes: a matrix of modules that is drawn as
// SVG, as a one-bit PNG, or by whoever prints it.
package qr

import (
	"context"
	"runtime"

	"github.com/boombuler/barcode/qr"
	"github.com/openhouse-ai/console/core"
	"golang.org/x/sync/errgroup"
)

// QuietZone is the empty border around a code, in modules (ISO/IEC 18004).
const QuietZone = 4

// MaxText is the longest text that a code may hold, in bytes: longer ones make
// modules too small to scan from a label.
const MaxText = 512

// Code is an encoded text. Its zero value is empty and has no modules.
type Code struct {
	text    string
	size    int
	modules []bool // row by row; true is dark
}

// Encode returns the code of a text at error correction M, or at Q where that
// makes the code no larger. Returns invalid for an empty or too long text.
func Encode(text string) (Code, error) {
	if text == "" || len(text) > MaxText {
		return Code{}, core.Errorf(core.Invalid, "A QR code holds 1 to %d bytes of text.", MaxText)
	}
	image, err := qr.Encode(text, level(text), qr.Unicode)
	if err != nil {
		return Code{}, core.Errorf(core.Invalid, "This text doesn't fit a QR code.")
	}
	size := image.Bounds().Dx()
	code := Code{text: text, size: size, modules: make([]bool, size*size)}
	for y := range size {
		for x := range size {
			r, _, _, _ := image.At(x, y).RGBA()
			code.modules[y*size+x] = r == 0
		}
	}
	return code, nil
}

// capacityM and capacityQ are the bytes that versions 1 to 10 hold at each
// level (ISO/IEC 18004, table 7).
var (
	capacityM = [...]int{14, 26, 42, 62, 84, 106, 122, 152, 180, 213}
	capacityQ = [...]int{11, 20, 32, 46, 60, 74, 86, 108, 130, 151}
)

func level(text string) qr.ErrorCorrectionLevel {
	for version, most := range capacityM {
		if len(text) <= most {
			if len(text) <= capacityQ[version] {
				return qr.Q
			}
			return qr.M
		}
	}
	return qr.M
}

// EncodeAll encodes every text on all processors, each different text once.
// The callback, when there is one, hears how many are done, one call at a time.
func EncodeAll(ctx context.Context, texts []string, progress func(done int)) (map[string]Code, error) {
	distinct := make([]string, 0, len(texts))
	codes := make(map[string]Code, len(texts))
	for _, text := range texts {
		if _, ok := codes[text]; !ok {
			codes[text] = Code{}
			distinct = append(distinct, text)
		}
	}
	made := make(chan Code, runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0) + 1)
	group.Go(func() error { return collect(ctx, codes, made, len(distinct), progress) })
	for _, text := range distinct {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			code, err := Encode(text)
			if err != nil {
				return err
			}
			select {
			case made <- code:
			case <-ctx.Done():
			}
			return nil
		})
	}
	return codes, group.Wait()
}

func collect(ctx context.Context, codes map[string]Code, made <-chan Code, n int, progress func(int)) error {
	for done := 1; done <= n; done++ {
		select {
		case code := <-made:
			codes[code.text] = code
		case <-ctx.Done():
			return ctx.Err()
		}
		if progress != nil {
			progress(done)
		}
	}
	return nil
}

// Text is what the code holds.
func (c Code) Text() string { return c.text }

// Size is the number of modules of a side, without the quiet zone.
func (c Code) Size() int { return c.size }

// Dark reports whether the module in column x of row y is dark. Modules
// outside the code, in its quiet zone, are light.
func (c Code) Dark(x, y int) bool {
	return x >= 0 && y >= 0 && x < c.size && y < c.size && c.modules[y*c.size+x]
}

// Run is a stretch of dark modules of one row.
type Run struct{ X, Y, Width int }

// Runs returns the dark modules, row by row, neighbours merged: drawing these
// is drawing the code.
func (c Code) Runs() []Run {
	runs := make([]Run, 0, c.size*c.size/4)
	for y := range c.size {
		for x := 0; x < c.size; x++ {
			start := x
			for c.Dark(x, y) {
				x++
			}
			if x > start {
				runs = append(runs, Run{start, y, x - start})
			}
		}
	}
	return runs
}
