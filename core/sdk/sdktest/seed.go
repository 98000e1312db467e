package sdktest

import (
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Site is what Seed has put into a tenant.
type Site struct {
	Development core.Development
	Units       []core.Unit
	Homeowners  []core.Homeowner
}

// Seed puts a development with twenty units and six homeowners into the
// tenant. The plugin is told of nothing; Event does that.
func (c *Console) Seed() Site {
	c.t.Helper()
	var s Site
	ctx := c.Context()
	err := c.store.Update(ctx, c.Tenant, func(tx *tenants.Tx) (err error) {
		s.Development, err = c.directory.Developments.Add(ctx, tx, core.Development{Name: "Harpur Lane", Address: "Leixlip, Co. Kildare", Status: "selling"})
		if err != nil {
			return err
		}
		for n := range 20 {
			s.Units = append(s.Units, core.Unit{
				DevelopmentID: s.Development.ID, Label: fmt.Sprintf("%d Harpur Lane", n+1), Address: fmt.Sprintf("%d Harpur Lane, Leixlip", n+1), County: "Kildare", Kind: "House",
			})
		}
		_, _, err = c.directory.Units.Add(ctx, tx, s.Units)
		return err
	})
	for n := 0; err == nil && n < 6; n++ {
		var h core.Homeowner
		h, err = c.directory.Homeowners.Create(ctx, c.Tenant, core.Homeowner{UnitID: s.Units[n].ID, Name: "Ciara Nolan", Email: fmt.Sprintf("homeowner%d@example.org", n+1)})
		s.Homeowners = append(s.Homeowners, h)
	}
	if err != nil {
		c.t.Fatalf("seed the tenant: %v", err)
	}
	return s
}
