package ui

// Bare is a page without navigation: sign-in, first run, second factor,
// errors. A card in the middle under the product's mark, or a developer's.
type Bare struct {
	Title  string
	Lead   string
	Code   string // of an error page: 404, drawn muted above the title
	Blocks Blocks
	Links  []Link // below the card
}

// Landing is the page behind a scanned QR code. It belongs to the developer:
// their logo, name and colours, the home, a welcome and the sign-up.
type Landing struct {
	Brand       Brand
	Style       string // address of the brand's stylesheet, see render.BrandCSS
	Unit        string // 2 Harpur Park
	Development string // Harpur Lane
	Address     string // Leixlip, Co. Kildare
	Title       string // the greeting
	Welcome     string
	Form        *Form   // sign-up: name, e-mail, consent; nil when done
	Done        *Notice // what happens next
	Actions     []Action
	Links       []Link // foot: privacy, contact
	Foot        string // who is responsible for the data
}
