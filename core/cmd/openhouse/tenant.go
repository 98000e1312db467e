package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/openhouse-ai/console/core"
)

// tenantList prints every tenant: a table, or JSON lines with --json.
func tenantList(ctx context.Context, args []string) error {
	flags := newSettings("tenant list")
	asJSON := flags.Bool("json", false, "print JSON, one tenant a line")
	a, err := openTool(ctx, flags, args)
	if err != nil {
		return err
	}
	defer a.Close()
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	if !*asJSON {
		fmt.Fprintln(table, "ID\tCODE\tNAME\tREGION\tSTATUS")
	}
	query := core.Query{Limit: core.MaxLimit, Sort: "name"}
	for {
		list, err := a.Tenants.List(ctx, query)
		if err != nil {
			return err
		}
		for _, t := range list.Items {
			if !*asJSON {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Code, t.Name, t.Region, t.Status)
				continue
			}
			line, err := json.Marshal(map[string]any{"id": t.ID, "code": t.Code, "name": t.Name, "region": t.Region, "status": t.Status, "demo": t.Demo})
			if err != nil {
				return err
			}
			fmt.Println(string(line))
		}
		if query.After = list.Next; query.After == "" {
			return table.Flush()
		}
	}
}
