package main

import (
	"maps"
	"slices"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost"
	"github.com/openhouse-ai/console/plugins/example"
)

// bundled are the plugins that are a part of this binary. They are started as
// processes of their own and reach the console as any other plugin does.
var bundled = map[string]func() sdk.Plugin{
	"cost":    cost.Plugin,
	"example": example.Plugin,
}

// bundledIDs are their ids, in order.
func bundledIDs() []string { return slices.Sorted(maps.Keys(bundled)) }
