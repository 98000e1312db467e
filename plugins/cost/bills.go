package cost

import (
	"context"

	"github.com/openhouse-ai/console/core/sdk"
)

// bills are what providers charge, and how it compares.
var bills = part{}

// PlatformSettings are the installation's.
type PlatformSettings struct {
	OpenAIKey  string `json:"openai_key,omitempty" label:"OpenAI admin key" doc:"Reads the organisation's costs. Empty: nothing is imported." writeOnly:"true" maxLength:"400"`
	OpenAIBase string `json:"openai_base,omitempty" label:"OpenAI address" doc:"Where the costs API is." default:"https://api.openai.com/v1" format:"uri" maxLength:"200"`
}

var platformSettings = sdk.NewSettings(func(context.Context, sdk.Call, PlatformSettings) error { return nil })
