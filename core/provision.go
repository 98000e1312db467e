package core

import "time"

// Provision asks for a developer to be onboarded: the body of
// POST /api/admin/provision/developer, and what the wizard fills in.
type Provision struct {
	Developer struct {
		Name      string  `json:"name"`
		Code      string  `json:"code"`
		Region    string  `json:"region"`
		Contact   Contact `json:"contact"`
		Locale    string  `json:"locale,omitempty"`
		TimeZone  string  `json:"time_zone,omitempty"`
		Currency  string  `json:"currency,omitempty"`
		PortalURL string  `json:"portal_url,omitempty"`
		Demo      bool    `json:"demo,omitempty"`
	} `json:"developer"`
	Theme struct {
		Primary string `json:"primary,omitempty"`
		Accent  string `json:"accent,omitempty"`
		Logo    string `json:"logo,omitempty"` // upload id
	} `json:"theme"`
	Development struct {
		Name    string `json:"name"`
		Address string `json:"address,omitempty"`
	} `json:"development"`
	Units struct {
		File        string            `json:"file,omitempty"`         // upload id
		Filter      string            `json:"filter,omitempty"`       // keeps the rows whose address contains it
		Mapping     map[string]string `json:"mapping,omitempty"`      // field to the column that fills it
		SkipInvalid bool              `json:"skip_invalid,omitempty"` // import the rows that are right
	} `json:"units"`
}

// Pack is printed matter of a development, kept as a ZIP in the tenant's file.
type Pack struct {
	Kind          string // qr_pack, launch_kit
	DevelopmentID string
	BlobID        string
	Name          string
	Units         int
	Bytes         int64
	MadeAt        time.Time
}
