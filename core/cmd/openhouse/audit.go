package main

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/app"
	"github.com/openhouse-ai/console/core/internal/audit"
)

// auditVerify checks one chain, or with --all every chain, and exits with the
// worst fault: 0 fine, 2 broken, 3 shorter than an anchor, 4 an anchor's
// signature is wrong, 5 a commitment lacks its salt and no erasure says why.
func auditVerify(ctx context.Context, args []string) error {
	flags := newSettings("audit verify")
	tenant := flags.String("tenant", "", "tenant `ID`; without it the platform's chain")
	all := flags.Bool("all", false, "verify the platform's chain and every tenant's")
	from := flags.String("from", "", "first `DATE` (2026-01-31)")
	to := flags.String("to", "", "`DATE` after the last")
	anchors := flags.String("anchors", "", "anchors `FILE` to compare with")
	export := flags.String("export", "", "verify this exported `FILE`, without any database")
	config, err := flags.config(args)
	if err != nil {
		return err
	}
	options := audit.VerifyOptions{Tenant: core.TenantID(*tenant), Anchors: *anchors, Export: *export}
	if options.From, err = date(*from); err != nil {
		return err
	}
	if options.To, err = date(*to); err != nil {
		return err
	}
	if *export != "" {
		report, err := audit.VerifyExport(ctx, options)
		return tell(report, err)
	}
	config.LogLevel = "warn"
	a, err := app.Open(ctx, app.Options{Config: config, Clock: app.NewClock(), Log: config.Logger(logs), Version: version})
	if err != nil {
		return err
	}
	defer a.Close()
	chains := []core.TenantID{options.Tenant}
	if *all {
		if chains, err = everyChain(ctx, a); err != nil {
			return err
		}
	}
	var worst error
	for _, options.Tenant = range chains {
		report, err := a.Audit.Verify(ctx, options)
		if err = tell(report, err); worst == nil {
			worst = err
		}
	}
	return worst
}

// everyChain is the platform's chain and those of all tenants with a file.
func everyChain(ctx context.Context, a *app.App) ([]core.TenantID, error) {
	chains := []core.TenantID{""}
	query := core.Query{Limit: core.MaxLimit}
	for {
		list, err := a.Tenants.List(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, t := range list.Items {
			if t.Status != core.TenantDeleted {
				chains = append(chains, t.ID)
			}
		}
		if query.After = list.Next; query.After == "" {
			return chains, nil
		}
	}
}

// tell prints a report; a fault is an error with its exit code.
func tell(report audit.Report, err error) error {
	if err != nil {
		return err
	}
	fmt.Print(report)
	if code := report.ExitCode(); code != 0 {
		return exit{code, fmt.Errorf("openhouse audit verify: the chain is not fine")}
	}
	return nil
}

func date(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fmt.Errorf("%q is not a date such as 2026-01-31", s)
	}
	return t, nil
}
