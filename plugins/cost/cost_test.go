package cost

import (
	"testing"

	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

// The first test of every plugin: it keeps what every plugin promises.
func TestConform(t *testing.T) {
	t.Parallel()
	sdktest.Conform(t, Plugin())
}
