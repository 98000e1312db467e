package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/openhouse-ai/console/core"
)

// keyCreate creates an API key and prints its secret, the only time that it
// can be read.
func keyCreate(ctx context.Context, args []string) error {
	flags := newSettings("key create")
	name := flags.String("name", "Command line", "what the key is for")
	role := flags.String("role", "", "`ROLE`: "+roleNames())
	tenant := flags.String("tenant", "", "tenant `ID`; without it the key is the platform's")
	asJSON := flags.Bool("json", false, "print JSON")
	a, err := openTool(ctx, flags, args)
	if err != nil {
		return err
	}
	defer a.Close()
	key, secret, err := a.Access.Keys.Create(operator(ctx), core.Key{Name: *name, Role: core.Role(*role), Tenant: core.TenantID(*tenant)})
	if err != nil {
		return err
	}
	if !*asJSON {
		fmt.Println(secret)
		return nil
	}
	line, err := json.Marshal(map[string]any{"id": key.ID, "name": key.Name, "role": key.Role, "tenant": key.Tenant, "secret": secret})
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	return nil
}
