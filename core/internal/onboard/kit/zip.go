package kit

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/core/internal/report"
	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"
)

// modulePixels is the width of a module in the PNG files: 300 dpi at 30 mm.
const modulePixels = 8

// document is a file of a pack, and what makes it.
type document struct {
	name string
	make func(context.Context) ([]byte, error)
}

// qrPack lists the files of the QR pack, in a folder.
func (e *edition) qrPack(folder string) []document {
	pack := []document{
		{folder + "labels.pdf", e.labels},
		{folder + "index.csv", e.index},
	}
	for i, u := range e.Units {
		code := e.codes[u.URL]
		pack = append(pack,
			document{folder + "png/" + e.fileName(i) + ".png", func(context.Context) ([]byte, error) {
				e.meter.add(1)
				return code.PNG(modulePixels)
			}},
			document{folder + "svg/" + e.fileName(i) + ".svg", func(context.Context) ([]byte, error) {
				return code.SVG(), nil
			}})
	}
	return pack
}

// zip makes the documents in parallel and writes them in order.
func (e *edition) zip(ctx context.Context, w io.Writer, first, rest []document) error {
	documents := append(first, rest...)
	contents := make([][]byte, len(documents))
	group, making := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, d := range documents {
		group.Go(func() (err error) {
			if err := making.Err(); err != nil {
				return err
			}
			if contents[i], err = d.make(making); err != nil {
				return fmt.Errorf("make %s: %w", d.name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	for i, d := range documents {
		if err := ctx.Err(); err != nil {
			return err
		}
		header := &zip.FileHeader{Name: d.name, Method: zip.Store, Modified: e.Now.UTC()}
		if strings.HasSuffix(d.name, ".svg") || strings.HasSuffix(d.name, ".csv") || strings.HasSuffix(d.name, ".txt") {
			header.Method = zip.Deflate // the others are compressed already
		}
		file, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("write %s: %w", d.name, err)
		}
		if _, err := file.Write(contents[i]); err != nil {
			return fmt.Errorf("write %s: %w", d.name, err)
		}
	}
	return archive.Close()
}

// index is the table of what is in the QR pack.
func (e *edition) index(ctx context.Context) ([]byte, error) {
	var b bytes.Buffer
	t := e.unitTable(report.Column{Title: "PNG"}, report.Column{Title: "SVG"})
	err := report.CSV(ctx, &b, t)
	return b.Bytes(), err
}

// fileName names the files of a unit: its number, which makes the name unique,
// and its label in plain letters.
func (e *edition) fileName(i int) string {
	digits := max(3, len(fmt.Sprint(len(e.Units))))
	return strings.TrimSuffix(fmt.Sprintf("%0*d-%s", digits, i+1, slug(e.Units[i].Label)), "-")
}

// plain spells letters that Unicode does not take apart into letter and accent.
var plain = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ß", "ss", "æ", "ae", "œ", "oe", "ı", "i")

// slug is text as a file name: a to z and digits, words joined by hyphens, at
// most 48 characters.
func slug(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(plain.Replace(strings.ToLower(text))) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // the accent of the letter before
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 48 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
