// Package pdf is a thin toolkit over fpdf for pages that are designed, not
// generated: measured text, brand colours, hairlines, pictures and vector QR
// codes. Lengths are millimetres from the top left corner of a page, type
// sizes are points, and the same input makes the same bytes.
package pdf

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
)

// Width and height of a page: A4, upright.
const (
	PageWidth  = 210.0
	PageHeight = 297.0
)

// points in a millimetre
const points = 72 / 25.4

// Fonts are TrueType files. Go's own fonts stand in for absent ones.
type Fonts struct{ Regular, Medium, SemiBold, Bold []byte }

func (f Fonts) file(w Weight) []byte {
	own := [...][]byte{f.Regular, f.Medium, f.SemiBold, f.Bold}[w]
	if len(own) > 0 {
		return own
	}
	return [...][]byte{goregular.TTF, gomedium.TTF, gobold.TTF, gobold.TTF}[w]
}

// Options describe a document. Now is its date of creation.
type Options struct {
	Fonts    Fonts
	Title    string
	Author   string
	Language string // BCP 47
	Now      time.Time
}

// Document is a PDF in the making. The first failure makes all later calls do
// nothing, and Write returns it.
type Document struct {
	file     *fpdf.Fpdf
	fonts    Fonts
	loaded   [Bold + 1]bool
	face     face
	lines    map[measure][]string
	pictures int
}

// New returns a document without pages.
func New(o Options) *Document {
	file := fpdf.New("P", "mm", "A4", "")
	file.SetCatalogSort(true)
	file.SetCreationDate(o.Now.UTC())
	file.SetModificationDate(o.Now.UTC())
	file.SetProducer("OpenHouse Console", true)
	file.SetTitle(o.Title, true)
	file.SetAuthor(o.Author, true)
	file.SetLang(o.Language)
	file.SetMargins(0, 0, 0)
	file.SetCellMargin(0)
	file.SetAutoPageBreak(false, 0)
	return &Document{file: file, fonts: o.Fonts, lines: map[measure][]string{}}
}

// AddPage starts a page; everything drawn from now on is on it.
func (d *Document) AddPage() { d.file.AddPage() }

// Pages is the number of pages so far.
func (d *Document) Pages() int { return d.file.PageCount() }

// Bookmark names the current page in the reader's outline.
func (d *Document) Bookmark(name string) { d.file.Bookmark(printable(name), 0, 0) }

// Write ends the document and writes it.
func (d *Document) Write(w io.Writer) error {
	if err := d.file.Output(w); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

// Bytes ends the document and returns it.
func (d *Document) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := d.Write(&b)
	return b.Bytes(), err
}
