package main

import (
	"fmt"
	"os"

	"github.com/openhouse-ai/console/core/internal/host/sandbox"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// runsPlugin makes this process a plugin when the console has started it as
// one: `plugin serve ID` is a part of this binary, `plugin launch` becomes an
// outside one. Nothing of the console is set up in such a process, and it is
// confined before any of the plugin's code runs. Ours is false for every other
// command; otherwise it returns only when it fails.
func runsPlugin(args []string) (ours bool, err error) {
	if len(args) < 2 || args[0] != "plugin" {
		return false, nil
	}
	switch args[1] {
	case "launch":
		return true, sandbox.Launch(args[2:])
	case "serve":
		return true, serveBundled(args[2:])
	}
	return false, nil
}

func serveBundled(args []string) error {
	if len(args) != 1 || bundled[args[0]] == nil {
		return fmt.Errorf("openhouse plugin serve: the console starts this itself, with one of the plugins that it brings")
	}
	if text := os.Getenv(wire.SandboxKey); text != "" {
		rules, err := sandbox.Decode(text)
		if err == nil {
			err = sandbox.Enter(rules)
		}
		if err != nil {
			return fmt.Errorf("confine the plugin %s: %w", args[0], err)
		}
	}
	sdk.Serve(bundled[args[0]]())
	return nil
}
