// Command openhouse is OpenHouse Console: the server and its tools in one
// binary. One command is one file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "0.1.0"

// command is one verb of the binary. run returns an exit code's error.
type command struct {
	name    string // as it is typed: "tenant list"
	summary string
	run     func(ctx context.Context, args []string) error
}

// commands is the table of contents.
var commands = []command{
	{"serve", "serve the console, the portal and the API", serve},
	{"demo", "serve with demo data and print how to sign in", demo},
	{"tenant list", "list the tenants", tenantList},
	{"user create", "create a staff user and print their sign-in", userCreate},
	{"key create", "create an API key and print it once", keyCreate},
	{"audit verify", "check the audit log's chains", auditVerify},
	{"insight verify", "compute all figures again and print each difference", insightVerify},
	{"insight rebuild", "compute all figures from nothing", insightRebuild},
	{"plugin new", "write a plugin of your own: the example under another name", pluginNew},
	{"plugin dev", "serve a plugin with demo data, and build it when it changes", pluginDev},
	{"plugin test", "run a plugin's tests, and kill it in the middle of its work", pluginTest},
	{"plugin doctor", "say what is wrong with a plugin or with this machine", pluginDoctor},
	{"plugin pack", "build what an operator installs, with its lines for plugins.yaml", pluginPack},
	{"plugin diff", "say how one version of a plugin differs from another", pluginDiff},
	{"plugin list", "list the plugins", pluginList},
	{"version", "print the version", printVersion},
}

func main() {
	if ours, err := runsPlugin(os.Args[1:]); ours {
		os.Exit(exitCode(err))
	}
	// A second signal ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(exitCode(run(ctx, os.Args[1:])))
}

func run(ctx context.Context, args []string) error {
	for _, c := range commands {
		if rest, ok := match(c.name, args); ok {
			return c.run(ctx, rest)
		}
	}
	usage()
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return nil
	}
	return exit{2, fmt.Errorf("openhouse: there is no command %q", args[0])}
}

// match takes a command's words from the front of the arguments.
func match(name string, args []string) ([]string, bool) {
	words := splitWords(name)
	if len(args) < len(words) {
		return nil, false
	}
	for i, word := range words {
		if args[i] != word {
			return nil, false
		}
	}
	return args[len(words):], true
}

func splitWords(name string) (words []string) {
	start := 0
	for i := range len(name) {
		if name[i] == ' ' {
			words, start = append(words, name[start:i]), i+1
		}
	}
	return append(words, name[start:])
}

func usage() {
	fmt.Fprintln(os.Stderr, "OpenHouse Console\n\nUsage: openhouse COMMAND [flags]\n\nCommands:")
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "  %-15s %s\n", c.name, c.summary)
	}
	fmt.Fprintln(os.Stderr, "\nopenhouse COMMAND -h lists a command's flags.")
}

// exit is an error with the exit code that it means.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string { return e.err.Error() }

// exitCode prints the error and returns the process's exit code.
func exitCode(err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	if e, ok := errors.AsType[exit](err); ok {
		return e.code
	}
	return 1
}

func printVersion(context.Context, []string) error {
	fmt.Println("openhouse " + version)
	return nil
}
