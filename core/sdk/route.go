package sdk

import "github.com/danielgtaylor/huma/v2"

// Route is a typed HTTP operation under the plugin's mounts. NewRoute makes one.
type Route struct {
	RouteInfo
	register func(api huma.API)
}
