package main

import (
	"flag"
	"io"
	"os"

	"github.com/openhouse-ai/console/core/internal/app"
)

// settings are the flags that every command shares.
type settings struct {
	*flag.FlagSet
	file    string
	data    string
	listen  string
	plugins string
}

func newSettings(name string) *settings {
	s := &settings{FlagSet: flag.NewFlagSet("openhouse "+name, flag.ContinueOnError)}
	s.StringVar(&s.file, "config", "", "configuration `FILE` (docs/operations.md)")
	s.StringVar(&s.data, "data", "", "`DIR` of the data; wins over the configuration")
	return s
}

// withListen adds the flag of commands that serve.
func (s *settings) withListen() *settings {
	s.StringVar(&s.listen, "listen", "", "`ADDR` to serve on, such as 127.0.0.1:8080; port 0 takes a free one")
	s.StringVar(&s.plugins, "plugins", "", "`FILE` that lists the plugins; wins over the configuration")
	return s
}

// config reads the configuration and lays the flags over it.
func (s *settings) config(args []string) (app.Config, error) {
	if err := s.Parse(args); err != nil {
		return app.Config{}, err
	}
	c, err := app.ReadConfig(s.file)
	if err != nil {
		return c, err
	}
	if s.data != "" {
		c.Data = s.data
	}
	if s.listen != "" {
		c.Listen = s.listen
	}
	if s.plugins != "" {
		c.Plugins = s.plugins
	}
	return c, nil
}

// logs is where a command logs to: standard output carries its answer alone.
var logs io.Writer = os.Stderr
