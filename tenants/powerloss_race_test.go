//go:build race

package tenants_test

// A power loss takes five times as long under the race detector, which has
// nothing to see in it.
func init() { *powerLosses = 60 }
