package ui

import "time"

// Shell is what surrounds a page: who is signed in, where they can go, and
// how they read numbers and times. It is put together once for each request.
type Shell struct {
	Accent Accent
	Theme  Theme
	Locale string         // BCP 47: en-IE
	Zone   *time.Location // nil: UTC
	Now    time.Time
	Path   string // of this request; where the theme form returns to

	Nav     []NavGroup
	Person  Person
	Brand   *Brand // portal: the developer; nil: OpenHouse
	Palette string // JSON address of the command palette; empty: no palette

	Impersonation *Impersonation
	Toasts        []Toast
	State         *State // of the system, at the bottom of the sidebar
	Version       string
	Compact       bool // rows of 32 px instead of 40
	Dev           bool // development: a link to /dev/components instead of the version
}

// Accent tells the console from the portal at a glance.
type Accent string

// The accents.
const (
	Console Accent = ""       // pine
	Portal  Accent = "portal" // indigo
)

// Theme is the palette that the reader chose; it comes from a cookie.
type Theme string

// The themes. Auto, the zero value, follows the operating system.
const (
	Auto  Theme = ""
	Light Theme = "light"
	Dark  Theme = "dark"
)

// ThemeCookie names the cookie that holds a Theme: "light", "dark" or absent.
// The toggle writes it; POST /theme does the same without JavaScript.
const ThemeCookie = "theme"

// NavGroup is a titled group of the sidebar.
type NavGroup struct {
	Title string
	Items []NavItem
}

// NavItem is one place to go.
type NavItem struct {
	Label   string
	Href    string
	Icon    Icon
	Count   int // drawn as a counter when above zero
	Tone    Tone
	Current bool
}

// Person is who is signed in.
type Person struct {
	Name, Email, Role string
	Links             []Link // profile, keys; above "Sign out"
	SignOut           string // address that a POST ends the session at
}

// Brand is a developer's name and logo.
type Brand struct {
	Name string
	Logo string // address of an image; empty: a monogram is drawn
}

// Impersonation is the banner on every page while staff act as somebody else.
type Impersonation struct {
	Who    string // as whom
	Reason string
	Until  time.Time
	Exit   string // address that a POST ends it at
}

// Toast is a short message about what has just happened.
type Toast struct {
	Text string
	Tone Tone
	Link *Link
}

// State is how the system is.
type State struct {
	Text string // "All systems normal"
	Tone Tone
	Href string
}

// PaletteGroup is a titled group of answers of the command palette: the JSON
// at Shell.Palette is a list of them, for the query "q".
type PaletteGroup struct {
	Title string        `json:"title"`
	Items []PaletteItem `json:"items"`
}

// PaletteItem is one place that the palette can go to.
type PaletteItem struct {
	Label string `json:"label"`
	Hint  string `json:"hint,omitempty"`
	Href  string `json:"href"`
}
