package ui

import "time"

// Progress is a bar of how much is done. Inside a Live it moves.
type Progress struct {
	Label       string
	Done, Total int64 // Total 0: not known yet
	Note        string
	Tone        Tone
}

// Wizard is the head of a page that is one step of several.
type Wizard struct {
	Steps []WizardStep
}

// WizardStep is one step of a wizard. Steps before the current one are done.
type WizardStep struct {
	Label   string
	Href    string // empty: can't be reached yet
	Current bool
	Done    bool
}

// Steps is how the steps of a run are doing.
type Steps struct {
	Items []Step
}

// Step is one step of a run.
type Step struct {
	Label       string
	State       StepState
	Result      string // one line: "20 units imported"
	Error       string // why it failed, and what to do
	Took        time.Duration
	Done, Total int64 // a small bar while it runs; Total 0: none
	Link        *Link // to what it has made
}

// StepState is the state of a step; the words are those of core.WorkState.
type StepState string

// The states. A waiting step needs somebody else and stops nothing.
const (
	StepPending   StepState = "pending"
	StepRunning   StepState = "running"
	StepWaiting   StepState = "waiting"
	StepDone      StepState = "done"
	StepFailed    StepState = "failed"
	StepCancelled StepState = "cancelled"
)

// Mapping assigns the columns of a file to fields: each column with samples
// of its values and a choice of targets. It is a form of its own.
type Mapping struct {
	Action  string
	Title   string
	Lead    string
	Error   string
	Columns []MappedColumn
	Targets []Option // "not imported" is added in front, with the value ""
	Fields  []Field  // further settings above the columns: a filter
	Hidden  []Hidden
	Submit  string // empty: "Continue"
	Extra   []Submit
	Cancel  *Link
}

// MappedColumn is one column of the file.
type MappedColumn struct {
	Source   string   // its heading in the file
	Samples  []string // a few values
	Name     string   // of the choice in the form
	Target   string   // chosen now
	Detected string   // how the choice came about: "by its name"
	Error    string
}

// Upload is a drop zone for one file. It is a form of its own.
type Upload struct {
	Action string
	Name   string // of the file in the form; empty: "file"
	Label  string // "Drop the unit list here, or choose a file"
	Hint   string // formats and the limit
	Accept string // .csv,.xlsx
	Error  string
	Submit string // empty: "Upload"
	Hidden []Hidden
	Cancel *Link
}

func (Progress) block() {}
func (Wizard) block()   {}
func (Steps) block()    {}
func (Mapping) block()  {}
func (Upload) block()   {}
