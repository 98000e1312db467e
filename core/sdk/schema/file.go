package schema

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/openhouse-ai/console/ui"
)

// MaxFile is how many bytes a file of a form may have whose maxLength says
// nothing.
const MaxFile = 8 << 20

// isFile tells bytes that are sent as a file: base64 of the format "file".
// Their lengths count bytes.
func (n *node) isFile() bool {
	return n.kind() == "string" && n.Format == "file" && n.Encoding == "base64"
}

func (n *node) maxFile() int {
	if n.MaxLength != nil {
		return *n.MaxLength
	}
	return MaxFile
}

// Files are the names of a form's file fields, each with how many bytes it may
// have at most.
func Files(schema json.RawMessage) (map[string]int, error) {
	root, err := formed(schema)
	if err != nil {
		return nil, err
	}
	limits := map[string]int{}
	root.files(root, "", limits, 0)
	return limits, nil
}

func (n *node) files(root *node, path string, limits map[string]int, depth int) {
	for name, part := range n.Properties {
		part, at := part.at(root), join(path, name)
		switch {
		case part.unfolds(depth):
			part.files(root, at, limits, depth+1)
		case part.isFile():
			limits[at] = part.maxFile()
		}
	}
}

// fileField is the control of a file, which is never filled.
func (n *node) fileField() ui.Field {
	return ui.Field{Kind: ui.FileField, Accept: n.Accept, Hint: "At most " + Bytes(n.maxFile()) + "."}
}

// file checks the bytes of a file.
func (c *checker) file(n *node, path, s string) {
	content, err := base64.StdEncoding.DecodeString(s)
	switch {
	case err != nil:
		c.add(path, nil, "is not base64")
	case n.MinLength != nil && len(content) < *n.MinLength:
		c.add(path, nil, "is smaller than %s", Bytes(*n.MinLength))
	case len(content) > n.maxFile():
		c.add(path, nil, "is larger than %s", Bytes(n.maxFile()))
	}
}

// Bytes writes a size: 8 MiB, 300 KiB, 1 byte.
func Bytes(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return count(n, "byte")
}
