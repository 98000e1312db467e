package ui

// Stats are key figures, each with what it is compared to.
type Stats struct {
	Items []Stat
}

// Stat is one key figure.
type Stat struct {
	Label  string
	Value  Value  // Number, Money or Text
	Change string // +4.2%
	Tone   Tone   // of the change: good or bad follows meaning, not sign
	Versus string // "vs October"
	Spark  []int64
	Href   string // the rows that make up the figure
}

// Chart is lines or stacked bars over common labels. Its text alternative is
// a table of the same figures.
type Chart struct {
	Title   string
	Lead    string
	Kind    ChartKind
	Labels  []string
	Series  []Series
	Unit    Unit
	Actions []Action
}

// ChartKind is how a chart is drawn.
type ChartKind string

// The kinds of chart; the zero value draws lines.
const (
	Curve ChartKind = ""
	Bars  ChartKind = "bars" // stacked
)

// Series is one line, or one layer of the bars.
type Series struct {
	Name       string
	Values     []int64 // one for each label, in the chart's unit
	Comparison bool    // a grey dashed line, also over bars: last year, a target
}

// Unit says what the integers of a chart are: minor units of a currency, or
// numbers with so many decimals and a sign behind them.
type Unit struct {
	Currency string
	Decimals int
	Suffix   string
}

// Heatmap is a week by hours: when something happens. Rows start at Monday.
type Heatmap struct {
	Title string
	Lead  string // "last 28 days"
	Zone  string // IANA name of the zone that the hours are in
	Noun  string // what is counted: sign-ins
	Cells [7][24]int64
}

func (Stats) block()   {}
func (Chart) block()   {}
func (Heatmap) block() {}
func (Table) block()   {}
func (Form) block()    {}
