package ui

import (
	"embed"
	"io/fs"
	"reflect"
	"strings"
)

//go:embed templates
var templates embed.FS

// Templates are the templates, one file for each struct, with its name in
// lower case.
func Templates() fs.FS {
	sub, err := fs.Sub(templates, "templates")
	if err != nil { // the folder is embedded: its name is a constant
		return templates
	}
	return sub
}

// every block and value, by which JSON is read back and templates are found.
var (
	blocks = []Block{
		Stats{}, Chart{}, Heatmap{}, Table{}, Form{},
		Section{}, Grid{}, Stack{}, Tabs{}, Live{},
		Details{}, Timeline{}, Notice{}, Empty{}, Code{}, Secret{}, Image{}, Preview{}, Log{}, Diff{}, Reference{},
		Progress{}, Wizard{}, Steps{}, Mapping{}, Upload{},
	}
	values = []Value{Text{}, Link{}, Badge{}, Number{}, Money{}, Time{}, Meter{}, ID{}, Actions{}}
)

// Kind is the name of a block or value: its type in lower case, which is
// also the stem of its template. A pointer to one has the same kind.
func Kind(it any) string {
	t := reflect.TypeOf(it)
	if t == nil {
		return ""
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.ToLower(t.Name())
}

// Kinds lists the names of all blocks and values.
func Kinds() []string {
	var kinds []string
	for _, b := range blocks {
		kinds = append(kinds, Kind(b))
	}
	for _, v := range values {
		kinds = append(kinds, Kind(v))
	}
	return kinds
}
