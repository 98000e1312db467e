package host

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// DefaultLimits bound a plugin of which plugins.yaml says nothing else.
var DefaultLimits = Limits{
	Memory: 256 << 20, Procs: 2, Calls: 32, Call: 10 * time.Second, Work: 10 * time.Minute,
	Database: 5 * time.Second, Rows: 100_000, Bytes: 64 << 20, LogPerMin: 600,
}

// leastMemory is what a process needs to start, in bytes.
const leastMemory = 32 << 20

// bounds are Limits as a person writes them: whatever YAML makes of it, so that
// what is wrong is said with its key and line; nil: the file says nothing.
type bounds struct {
	Memory   any `yaml:"memory"`
	Procs    any `yaml:"procs"`
	Calls    any `yaml:"calls"`
	Call     any `yaml:"call"`
	Work     any `yaml:"work"`
	Database any `yaml:"database"`
	Rows     any `yaml:"rows"`
	Bytes    any `yaml:"bytes"`
	LogLines any `yaml:"log_lines"`
}

// read returns the limits, with the usual ones where the file says nothing; why
// says what is wrong with which key.
func (b bounds) read() (l Limits, key, why string) {
	l = DefaultLimits
	for _, limit := range []struct {
		key   string
		said  any
		parse func(string) (n int64, why string)
		set   func(n int64)
	}{
		{"memory", b.Memory, readSize, func(n int64) { l.Memory = n }},
		{"procs", b.Procs, readNumber, func(n int64) { l.Procs = int(n) }},
		{"calls", b.Calls, readNumber, func(n int64) { l.Calls = int(n) }},
		{"call", b.Call, readTime, func(n int64) { l.Call = time.Duration(n) }},
		{"work", b.Work, readTime, func(n int64) { l.Work = time.Duration(n) }},
		{"database", b.Database, readTime, func(n int64) { l.Database = time.Duration(n) }},
		{"rows", b.Rows, readNumber, func(n int64) { l.Rows = int(n) }},
		{"bytes", b.Bytes, readSize, func(n int64) { l.Bytes = n }},
		{"log_lines", b.LogLines, readNumber, func(n int64) { l.LogPerMin = int(n) }},
	} {
		if limit.said == nil {
			continue
		}
		n, why := limit.parse(fmt.Sprint(limit.said))
		if why == "" && n <= 0 {
			why = "a limit is more than nothing"
		}
		if why != "" {
			return l, "limits." + limit.key, why
		}
		limit.set(n)
	}
	if l.Memory < leastMemory {
		return l, "limits.memory", fmt.Sprintf("a process needs %d MiB at least", leastMemory>>20)
	}
	return l, "", ""
}

var sizeForm = regexp.MustCompile(`^(-?[0-9]+) ?(|KiB|MiB|GiB)$`)

// readSize reads a number of bytes: 268435456, 256MiB, 1GiB.
func readSize(text string) (n int64, why string) {
	parts := sizeForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Sprintf("%q is not a size such as 256MiB", text)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	shift := map[string]int{"": 0, "KiB": 10, "MiB": 20, "GiB": 30}[parts[2]]
	if err != nil || n > math.MaxInt64>>shift {
		return 0, fmt.Sprintf("%q is too large", text)
	}
	return n << shift, ""
}

func readNumber(text string) (n int64, why string) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, fmt.Sprintf("%q is not a number such as 32", text)
	}
	return n, ""
}

func readTime(text string) (n int64, why string) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Sprintf("%q is not a time such as 10s", text)
	}
	return int64(d), ""
}
