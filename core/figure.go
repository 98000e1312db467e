package core

// Metric is a number that roll-ups keep of every tenant.
type Metric struct {
	Name    string `json:"name"`    // units.activated, example.notes.open
	Unit    string `json:"unit"`    // units; "money" for amounts in minor units
	Meaning string `json:"meaning"` // one sentence: what is counted, and when
	Level   bool   `json:"level"`   // how much there is, not how much happened
}

// Figure is what a metric came to in one tenant, development and period.
type Figure struct {
	Metric      string `json:"metric"`
	Development string `json:"development,omitempty"` // empty: the whole tenant
	Period      string `json:"period"`                // 2026-11-23, 2026-11, 2026; empty: of all time, or now
	Currency    string `json:"currency,omitempty"`
	Value       int64  `json:"value"`
}
