package web

// Row is a row of the table of routes, as the tests walk it.
type Row struct {
	Method, Path string
	Permission   string
	Tenant       bool // mounted below AdminTenant and below PortalTenant
}

// Where tenant routes are mounted.
const (
	AdminTenant  = adminTenant
	PortalTenant = portalTenant
)

// Table is the table of routes of a console with everything in it.
func Table(options Options) []Row {
	s := &site{Options: options}
	var rows []Row
	for _, r := range s.routes() {
		rows = append(rows, Row{Method: r.method, Path: r.path, Permission: string(r.permission), Tenant: r.tenant})
	}
	return rows
}
