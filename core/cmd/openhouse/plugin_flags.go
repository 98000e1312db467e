package main

import (
	"flag"
	"fmt"
	"strings"
)

// pluginFlags are the flags of a command that takes words, too, in any order.
type pluginFlags struct {
	*flag.FlagSet
	words string // how it is called
}

func newFlags(name, words string) *pluginFlags {
	f := &pluginFlags{flag.NewFlagSet("openhouse "+name, flag.ContinueOnError), words}
	f.Usage = func() {
		fmt.Fprintf(f.Output(), "Usage: openhouse %s %s\n", name, words)
		f.PrintDefaults()
	}
	return f
}

// take parses the flags and returns the words between them, of which there
// are so many.
func (f *pluginFlags) take(args []string, wanted int) (words []string, err error) {
	words, err = split(f.FlagSet, args)
	if err == nil && len(words) != wanted {
		err = exit{2, fmt.Errorf("usage: %s %s", f.Name(), f.words)}
	}
	return words, err
}

// split parses flags that stand before, between and behind words.
func split(f *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		if args = f.Args(); len(args) == 0 {
			return words, nil
		}
		words, args = append(words, args[0]), args[1:]
	}
}

// counted is "1 thing" or "2 things".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s", n, strings.TrimSpace(noun)+"s")
}
