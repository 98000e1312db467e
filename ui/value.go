package ui

import "time"

// Text is plain text, with an optional second line in small print.
type Text struct {
	Text  string
	Note  string
	Muted bool
}

// Link leads somewhere. In a table it may carry a monogram before its text
// and a second line in small print.
type Link struct {
	Text     string
	Href     string
	Monogram string // one or two letters; see Monogram
	Icon     Icon
	Note     string
	External bool // leaves the console: opens in a new tab and says so
}

// Badge is a state as a word, with a dot in its tone.
type Badge struct {
	Text string
	Tone Tone
}

// Number is an exact decimal: Value 714 with one decimal and the unit "%" is
// drawn as 71.4%, in the digits and separators of the reader's locale.
type Number struct {
	Value    int64
	Decimals int
	Unit     string // drawn muted behind the digits
	Signed   bool   // a plus before what is above zero
	Tone     Tone   // good or bad follows meaning, not sign
}

// Money is an exact amount: integer minor units of an ISO 4217 currency. A
// core.Money converts: ui.Money(m).
type Money struct {
	Minor    int64
	Currency string
}

// Time is a moment. It is drawn relative ("2 d ago") with the exact time and
// its zone on hover and on focus, or exact right away. The zero time is drawn
// as "never".
type Time struct {
	At    time.Time
	Exact bool // date, time and zone at once: audit logs
	Date  bool // the date alone, in the reader's zone
}

// Meter is a share as a small bar with its figure.
type Meter struct {
	Done, Total int64
	Tone        Tone
}

// ID is an identifier, address or code in the mono face that one click copies.
type ID struct {
	Text string
	Href string // empty: it leads nowhere
}

// Actions are buttons in a cell; the first stays in sight, others go into a
// menu.
type Actions struct {
	Items []Action
}

func (Text) value()    {}
func (Link) value()    {}
func (Badge) value()   {}
func (Number) value()  {}
func (Money) value()   {}
func (Time) value()    {}
func (Meter) value()   {}
func (ID) value()      {}
func (Actions) value() {}
