package sdk

import (
	"bytes"
	"io"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Files are what an export of the plugin adds.
type Files struct {
	session *session
	open    *file
}

// Create begins a file of the export: "invoices/2026-001.pdf". The one before
// is finished by it.
func (f *Files) Create(name string) (io.WriteCloser, error) {
	if f.open != nil {
		f.open.closed = true
	}
	f.open = &file{session: f.session}
	return f.open, f.session.answer(&wire.Answer{Part: &wire.Answer_Head{Head: &wire.Head{Name: name}}})
}

// file is one file of an export.
type file struct {
	session *session
	closed  bool
}

func (f *file) Write(b []byte) (int, error) {
	if f.closed {
		return 0, core.Errorf(core.Internal, "The file of the export is closed.")
	}
	return f.session.stream(b)
}

func (f *file) Close() error {
	f.closed = true
	return nil
}

// chunkBytes is how much of a file or of a route's body travels at once.
const chunkBytes = 256 << 10

// stream sends b in chunks.
func (s *session) stream(b []byte) (sent int, err error) {
	for len(b) > sent {
		chunk := b[sent:min(len(b), sent+chunkBytes)]
		if err := s.answer(&wire.Answer{Part: &wire.Answer_Chunk{Chunk: bytes.Clone(chunk)}}); err != nil {
			return sent, err
		}
		sent += len(chunk)
	}
	return sent, nil
}
