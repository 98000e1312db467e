package example

import "embed"

// Source is this folder: what `openhouse plugin new` copies.
//
//go:embed *.go migrations/*.sql
var Source embed.FS
