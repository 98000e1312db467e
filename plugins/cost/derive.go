package cost

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// derivation makes cost entries out of usage events.
var derivation = part{}

func figures(context.Context, sdk.Call) ([]core.Figure, error) { return nil, nil }
