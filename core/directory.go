package core

import "time"

// Development is a site that a developer builds.
type Development struct {
	ID                   string
	Name                 string
	Address              string
	Status               string // planned, selling, complete
	Units                int    // counted when it is read
	CreatedAt, UpdatedAt time.Time
	Version              int64
}

// Unit is one home of a development.
type Unit struct {
	ID                   string
	DevelopmentID        string
	Development          string // its name, for reading
	Label                string // 2 Harpur Park: how people on site name it
	Address              string
	County               string
	Postcode             string // Eircode or UK postcode, spaced
	Kind                 string // House, Apartment, …
	Size                 string // as published
	Price                *Money // nil: not known
	SoldOn               string // local date 2006-01-02, or empty
	HandedOverAt         *time.Time
	Code                 string // unguessable; what its QR code holds
	FirstScanAt          *time.Time
	Homeowners           int // counted when it is read
	CreatedAt, UpdatedAt time.Time
	Version              int64
}

// Homeowner is a buyer who lives, or will live, in a unit.
type Homeowner struct {
	ID                   string
	UnitID               string
	Unit                 string // its label, for reading
	Name                 string
	Email                string
	Status               string // invited, onboarded, left
	ConsentAt            *time.Time
	ConsentVersion       string // of the text that was agreed to
	OnboardedAt          *time.Time
	CreatedAt, UpdatedAt time.Time
	Version              int64
}
