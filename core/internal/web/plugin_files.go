package web

import (
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/schema"
)

// Bounds of a form that goes to a plugin, in bytes: of its files together, and
// of all that is sent. They grow by a third on the way, which ends at 16 MiB.
const (
	mostFiles = 11 << 20
	mostForm  = 12 << 20
)

// files are those of a form, by the names of their fields, as they travel.
type files map[string]string

// beside are the values of a form with its files.
func (f files) beside(sent values) values {
	all := maps.Clone(sent)
	for name, content := range f {
		all[name] = []string{content}
	}
	return all
}

// pluginForm reads the form of an action: its values, and the files that the
// action has fields for. A form that is too large isn't read.
func (q *request) pluginForm(g guest) (values, files, error) {
	size := q.Request().Header.ContentLength()
	if size < 0 { // it came in pieces
		size = len(q.Body())
	}
	if size > mostForm {
		return values{}, nil, core.Errorf(core.Invalid, "The files are too large: a form takes %s together.", schema.Bytes(mostFiles))
	}
	sent, err := q.values()
	if err != nil {
		return values{}, nil, err
	}
	limits, err := g.fileFields()
	if err != nil || len(limits) == 0 {
		return sent, nil, err
	}
	read, total := files{}, int64(0)
	var problems core.Problems
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		delete(sent, name) // a file comes as one
		header := q.upload(name)
		if header == nil {
			continue
		}
		total += header.Size
		switch {
		case header.Size == 0:
			problems.Add(name, header.Filename, "is empty")
		case header.Size > int64(limits[name]):
			problems.Add(name, header.Filename, "is larger than "+schema.Bytes(limits[name]))
		case total > mostFiles:
			problems.Add(name, header.Filename, "is too large beside the others: a form takes "+schema.Bytes(mostFiles)+" together")
		default:
			if read[name], err = encoded(header); err != nil {
				return sent, nil, fmt.Errorf("read the file %s: %w", name, err)
			}
		}
	}
	return sent, read, problems.Err()
}

// fileFields are the file fields of the visit's action, with their limits.
func (g guest) fileFields() (map[string]int, error) {
	i := slices.IndexFunc(g.Manifest.Actions, func(a sdk.ActionInfo) bool { return a.ID == g.visit.Action && a.Scope == g.visit.Scope })
	if i < 0 {
		return nil, nil // the host says that there is none
	}
	limits, err := schema.Files(g.Manifest.Actions[i].Schema)
	if err != nil {
		return nil, fmt.Errorf("read the form of %s: %w", g.visit.Action, err)
	}
	return limits, nil
}

// encoded is a file in base64.
func encoded(header *multipart.FileHeader) (string, error) {
	file, err := header.Open()
	if err != nil {
		return "", err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, header.Size))
	return base64.StdEncoding.EncodeToString(content), err
}
