// Package ui is the view vocabulary: what a page can be made of, as plain
// structs. Pages of the console, of the portal and of plugins are values of
// this package; core/internal/render turns them into HTML with the template
// of the same name in ui/templates. No struct carries HTML, style or script:
// every string is text and is escaped.
package ui

// Page is one page inside the shell: a heading that says what needs doing,
// and blocks below it.
type Page struct {
	Title  string // of the browser's tab; empty: the head's title
	Crumbs []Link // the way here, outermost first, without the page itself
	Head   Head
	Tabs   []Tab  // siblings of this page; drawn under the head
	Blocks Blocks // from top to bottom
}

// Head is the heading of a page.
type Head struct {
	Title    string // says what is here or what needs doing
	Lead     string // one sentence below the title
	Monogram string // one or two letters drawn before the title
	Status   *Badge // beside the title
	Segments []Tab  // a choice that drives every panel: 30 d, 90 d, 12 m
	Actions  []Action
}

// Tone is what a state means. Red, amber and green always come with a word.
type Tone string

// The tones. Plain is the zero value: no judgement.
const (
	Plain Tone = ""
	Info  Tone = "info"
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
)

// Tab is one of several pages, views or periods to choose from.
type Tab struct {
	Label   string
	Href    string
	Count   *int // shown muted behind the label; nil: none
	Current bool
}

// Action is something that can be done: a link, or with Post a button that
// submits to Href. The label is a verb and its object: "Add unit".
type Action struct {
	Label    string
	Href     string
	Icon     Icon
	Kind     ActionKind
	Post     bool
	Fields   []Hidden // sent along with a Post
	Confirm  string   // asked before it is done: the consequence, in numbers
	Disabled string   // why it can't be done now; empty: it can
	Download bool     // the answer is a file
}

// ActionKind is the weight of an action. A page has one primary action.
type ActionKind string

// The kinds of action; the zero value is an outlined button.
const (
	Default ActionKind = ""
	Primary ActionKind = "primary"
	Danger  ActionKind = "danger"
	Quiet   ActionKind = "quiet"
)

// Hidden is a named value that a form sends without showing it.
type Hidden struct {
	Name, Value string
}

// Block is a part of a page: one struct of this package, one template.
type Block interface{ block() }

// Value is a small typed thing inside a block: a cell, a detail, a figure.
type Value interface{ value() }

// Blocks are blocks from top to bottom. As JSON each is an object with one
// member, named after the template: {"table": {…}}.
type Blocks []Block

// Values are values side by side, in JSON like Blocks.
type Values []Value
