package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
)

// pluginList lists the plugins that the console brings and those of
// plugins.yaml, with what is stored of them. It runs none.
func pluginList(ctx context.Context, args []string) error {
	flags := newSettings("plugin list")
	flags.StringVar(&flags.plugins, "plugins", "", "`FILE` that lists the plugins; wins over the configuration")
	a, err := openTool(ctx, flags, args)
	if err != nil {
		return err
	}
	listed, err := a.Plugins.Listed(ctx)
	if err != nil {
		return closing(a, err)
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tVERSION\tSTATE\tSHA256\tBINARY")
	for _, s := range listed {
		version, state, binary := s.Manifest.Version, string(s.State), s.Path
		if s.Bundled {
			version, binary = bundled[s.ID]().Version, "bundled"
		}
		if version == "" {
			version = "not started yet"
		}
		if s.Why != "" {
			state += ": " + s.Why
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", s.ID, version, state, s.SHA256, binary)
	}
	return closing(a, out.Flush())
}
