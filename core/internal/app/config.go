package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/openhouse-ai/console/tenants"
)

// Config is everything that can be set, in a YAML file whose keys are these
// names (docs/operations.md lists them with their defaults). Secrets come from
// the environment or from files of their own, never from this file.
type Config struct {
	// Data is the folder of the control database, the keys and the regions
	// without a root of their own. The flag --data wins.
	Data string `yaml:"data"`
	// Listen is the address to serve on; port 0 takes a free one. The flag
	// --listen wins.
	Listen string `yaml:"listen"`
	// BaseURL is how browsers reach the console; links and QR codes begin with
	// it. Empty: http:// and the address that is listened on.
	BaseURL string `yaml:"base_url"`
	// Regions are where tenants' files may lie.
	Regions []Region `yaml:"regions"`
	// OpenTenants bounds how many tenants' files stay open.
	OpenTenants int `yaml:"open_tenants"`
	// Proxies are the addresses of reverse proxies whose X-Forwarded-For counts.
	Proxies []string `yaml:"proxies"`
	// SMTP is the mail server; without a host, mail is held in the outbox.
	SMTP SMTP `yaml:"smtp"`
	// Defaults is a file of the settings that a new tenant starts with; empty:
	// the ones that come with the console.
	Defaults string `yaml:"defaults"`
	// Plugins is the file that lists the plugins; empty: plugins.yaml of the
	// working directory, and without one every plugin that the console brings.
	// The flag --plugins wins.
	Plugins string `yaml:"plugins"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
	// LogFormat is json or text.
	LogFormat string `yaml:"log_format"`
	// Development adds /dev: the component gallery and the clock.
	Development bool `yaml:"development"`
}

// Region is one place for tenants' files.
type Region struct {
	Name  string `yaml:"name"`
	Label string `yaml:"label"`
	Root  string `yaml:"root"` // empty: DATA/regions/NAME
}

// SMTP is how mail leaves. The password comes from OPENHOUSE_SMTP_PASSWORD or
// from PasswordFile.
type SMTP struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"`
	From         string `yaml:"from"`
	TLS          string `yaml:"tls"` // starttls, tls, none (loopback alone)

	password string
}

// DefaultConfig is the configuration without a file: one machine, two regions.
func DefaultConfig() Config {
	return Config{
		Data: "data", Listen: "127.0.0.1:8080", OpenTenants: 512, LogLevel: "info", LogFormat: "json",
		Regions: []Region{{Name: "eu-west", Label: "Ireland"}, {Name: "uk", Label: "United Kingdom"}},
		SMTP:    SMTP{Port: 587, From: "OpenHouse <no-reply@openhouse.example>", TLS: "starttls"},
	}
}

// ReadConfig reads a file over the defaults; an empty path is the defaults
// alone. Returns an error that names an unknown key or a wrong value.
func ReadConfig(path string) (Config, error) {
	c := DefaultConfig()
	if path != "" {
		body, err := os.ReadFile(path)
		if err != nil {
			return c, fmt.Errorf("read configuration: %w", err)
		}
		err = yaml.NewDecoder(bytes.NewReader(body), yaml.DisallowUnknownField()).Decode(&c)
		if err != nil && !errors.Is(err, io.EOF) {
			return c, fmt.Errorf("read configuration %s: %w", path, err)
		}
	}
	if err := c.readSecrets(); err != nil {
		return c, err
	}
	return c, c.validate()
}

func (c *Config) readSecrets() error {
	c.SMTP.password = os.Getenv("OPENHOUSE_SMTP_PASSWORD")
	if c.SMTP.password != "" || c.SMTP.PasswordFile == "" {
		return nil
	}
	body, err := os.ReadFile(c.SMTP.PasswordFile)
	if err != nil {
		return fmt.Errorf("read smtp.password_file: %w", err)
	}
	c.SMTP.password = strings.TrimSpace(string(body))
	return nil
}

var regionForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)

func (c *Config) validate() error {
	if len(c.Regions) == 0 {
		return errors.New("configuration: regions: at least one is needed")
	}
	seen := map[string]bool{}
	for _, r := range c.Regions {
		if !regionForm.MatchString(r.Name) || seen[r.Name] {
			return fmt.Errorf("configuration: regions: %q is not a new name such as eu-west", r.Name)
		}
		seen[r.Name] = true
	}
	if u, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("configuration: base_url: %q is not an http or https address", c.BaseURL)
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	switch c.SMTP.TLS {
	case "starttls", "tls", "none":
	default:
		return fmt.Errorf("configuration: smtp.tls: %q is not starttls, tls or none", c.SMTP.TLS)
	}
	if _, err := c.level(); err != nil {
		return err
	}
	if c.LogFormat != "json" && c.LogFormat != "text" {
		return fmt.Errorf("configuration: log_format: %q is not json or text", c.LogFormat)
	}
	return nil
}

func (c Config) level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return level, fmt.Errorf("configuration: log_level: %q is not debug, info, warn or error", c.LogLevel)
	}
	return level, nil
}

// Logger writes structured lines to w as the configuration says.
func (c Config) Logger(w io.Writer) *slog.Logger {
	level, err := c.level()
	if err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func (c Config) regions() []tenants.Region {
	var regions []tenants.Region
	for _, r := range c.Regions {
		regions = append(regions, tenants.Region{Name: r.Name, Label: r.Label, Root: r.Root})
	}
	return regions
}
