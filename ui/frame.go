package ui

// Section is a panel with a title around other blocks.
type Section struct {
	ID      string
	Title   string
	Lead    string
	Status  *Badge
	Actions []Action
	Blocks  Blocks
	Danger  bool // a danger zone: a red border
}

// Grid lays blocks out beside each other; below 900 px they stack.
type Grid struct {
	Layout Layout
	Blocks Blocks
}

// Layout is how a grid divides its line.
type Layout string

// The layouts; the zero value is halves.
const (
	Halves    Layout = ""
	Thirds    Layout = "thirds"
	WideLeft  Layout = "wide-left" // main column and a narrow one
	WideRight Layout = "wide-right"
)

// Stack holds blocks on top of each other: one column of a grid.
type Stack struct {
	Blocks Blocks
}

// Tabs are siblings to choose from, inside a page.
type Tabs struct {
	Label string // for screen readers
	Items []Tab
}

// Live is a region that the server keeps fresh: it listens to Stream (server
// sent events), and asks Poll every two seconds when the stream breaks.
//
// Both deliver the rendered Blocks as HTML: the stream as events named
// "update", ended by an event named "done"; Poll ends with status 286. Then
// the browser goes to Then, if there is one.
type Live struct {
	ID     string
	Stream string
	Poll   string
	Then   string
	Blocks Blocks
}

func (Section) block() {}
func (Grid) block()    {}
func (Stack) block()   {}
func (Tabs) block()    {}
func (Live) block()    {}
