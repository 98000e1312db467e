package ui

import "time"

// Details are labelled values: the facts about one thing.
type Details struct {
	Columns int // 1 to 3; 0 is 2
	Items   []Detail
}

// Detail is one labelled value.
type Detail struct {
	Label string
	Value Value // nil is drawn as a dash
	Hint  string
}

// Timeline is what happened, newest first.
type Timeline struct {
	Items []Moment
}

// Moment is one entry of a timeline.
type Moment struct {
	At    time.Time
	Title string
	Note  string
	Who   string
	Icon  Icon
	Tone  Tone
	Href  string
}

// Notice is a message that stays: what is going on and what to do about it.
type Notice struct {
	Tone    Tone
	Title   string
	Text    string
	Items   []string // a list below the text
	Actions []Action
}

// Empty says that there is nothing here, why, and what to do next.
type Empty struct {
	Title  string // "No units yet."
	Reason string
	Action *Action
	Icon   Icon
}

// Code is a block of machine text with a copy button.
type Code struct {
	Title string
	Text  string
}

// Secret is shown this once: a key, a recovery code, a one-time link.
type Secret struct {
	Label string
	Value string
	Note  string // empty: says that it won't be shown again
}

// Image is a picture from an address: a QR code, a page of a document.
type Image struct {
	Src     string
	Alt     string
	Caption string
	Width   int // in px; 0: natural, at most the panel's
	Link    *Link
}

// Preview shows how a developer's brand will look: logo, colours, a letter
// head and a button.
type Preview struct {
	Name    string
	Logo    string // address; empty: a monogram is drawn
	Primary string // #rrggbb
	Accent  string // #rrggbb
	Button  string // label of the sample button
	Line    string // sample text: "2 Harpur Park, Leixlip"
}

// Log is lines that a machine wrote.
type Log struct {
	Title string
	Lines []LogLine
}

// LogLine is one line of a log.
type LogLine struct {
	At   time.Time
	Tone Tone
	Text string
}

// Diff is what a change has changed, field by field.
type Diff struct {
	Changes []Change
}

// Change is one field before and after. Hidden values are personal data that
// has been erased, or secrets.
type Change struct {
	Field, Before, After string
	Hidden               bool
}

// Reference is the interactive API reference of an OpenAPI document.
type Reference struct {
	Document string // address of the document: /api/openapi.json
}

func (Details) block()   {}
func (Timeline) block()  {}
func (Notice) block()    {}
func (Empty) block()     {}
func (Code) block()      {}
func (Secret) block()    {}
func (Image) block()     {}
func (Preview) block()   {}
func (Log) block()       {}
func (Diff) block()      {}
func (Reference) block() {}
