package unitlist

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Names of encodings, as the report shows them.
const (
	utf8Name    = "UTF-8"
	utf16LEName = "UTF-16 LE"
	utf16BEName = "UTF-16 BE"
	win1252Name = "Windows-1252"
)

// decoder turns the bytes of a text file into UTF-8. Its name is final only
// after the last byte: a file may hold its first accent on its last line.
type decoder struct {
	transform.Transformer
	encoding string
	lenient  *lenientUTF8
}

func (d decoder) name() string {
	if d.lenient != nil && d.lenient.foreign > d.lenient.multi {
		return win1252Name
	}
	return d.encoding
}

// detect chooses the decoder by a byte order mark, by the places of NUL bytes,
// or by which of UTF-8 and Windows-1252 the bytes beyond ASCII fit better.
func detect(head []byte) decoder {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return utf16(unicode.LittleEndian, utf16LEName)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16(unicode.BigEndian, utf16BEName)
	}
	if even, odd := nulShare(head); odd > 30 && even < 5 {
		return utf16(unicode.LittleEndian, utf16LEName)
	} else if even > 30 && odd < 5 {
		return utf16(unicode.BigEndian, utf16BEName)
	}
	if multi, foreign := weighUTF8(head); foreign > multi {
		return decoder{Transformer: charmap.Windows1252.NewDecoder(), encoding: win1252Name}
	}
	l := &lenientUTF8{}
	return decoder{Transformer: l, encoding: utf8Name, lenient: l}
}

func utf16(e unicode.Endianness, name string) decoder {
	return decoder{Transformer: unicode.UTF16(e, unicode.UseBOM).NewDecoder(), encoding: name}
}

// nulShare is the percentage of NUL bytes at even and at odd places.
func nulShare(b []byte) (even, odd int) {
	pairs := len(b) / 2
	if pairs == 0 {
		return 0, 0
	}
	for i := range pairs {
		if b[2*i] == 0 {
			even++
		}
		if b[2*i+1] == 0 {
			odd++
		}
	}
	return even * 100 / pairs, odd * 100 / pairs
}

// weighUTF8 counts the characters of several bytes and the bytes that are not
// UTF-8. A character cut off at the end of b is neither.
func weighUTF8(b []byte) (multi, foreign int) {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case size > 1:
			multi++
		case r == utf8.RuneError && !utf8.FullRune(b):
			return multi, foreign
		case r == utf8.RuneError:
			foreign++
		}
		b = b[size:]
	}
	return multi, foreign
}

// lenientUTF8 passes UTF-8 on and reads each byte that isn't as Windows-1252:
// such a byte may come long after the part by which the encoding was chosen,
// or from a second file pasted below the first.
type lenientUTF8 struct {
	started        bool
	multi, foreign int
}

var utf8BOM = []byte("\xef\xbb\xbf")

func (l *lenientUTF8) Reset() { *l = lenientUTF8{} }

func (l *lenientUTF8) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	if !l.started {
		if len(src) < len(utf8BOM) && bytes.HasPrefix(utf8BOM, src) && !atEOF {
			return 0, 0, transform.ErrShortSrc
		}
		l.started = true
		if bytes.HasPrefix(src, utf8BOM) {
			nSrc = len(utf8BOM)
		}
	}
	for nSrc < len(src) {
		r, size := rune(src[nSrc]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(src[nSrc:])
			if r == utf8.RuneError && size == 1 {
				if !atEOF && !utf8.FullRune(src[nSrc:]) {
					return nDst, nSrc, transform.ErrShortSrc
				}
				r = charmap.Windows1252.DecodeByte(src[nSrc])
			}
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		l.count(src[nSrc], size)
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

func (l *lenientUTF8) count(first byte, size int) {
	switch {
	case size > 1:
		l.multi++
	case first >= utf8.RuneSelf:
		l.foreign++
	}
}
