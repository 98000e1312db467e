package sdk

import "context"

// Settings are values that people set on the plugin's page. NewSettings makes
// them from a struct.
type Settings struct {
	schema   Schema
	validate func(context.Context, Call, []byte) error
}
