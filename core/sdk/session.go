package sdk

import (
	"context"
	"database/sql"
	"io"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc/metadata"
)

// session is the way back to the host of one call.
type session struct {
	server *Server
	host   wire.HostClient
	grant  string
	ctx    context.Context // ends with the call

	mu     sync.Mutex
	send   func(*wire.Answer) error // nil once the call has ended
	db     *sql.DB
	bodies map[io.Closer]bool // of outside calls that are still read
	said   time.Time          // when progress was told last
}

var (
	errEnded   = core.Errorf(core.Internal, "This call has ended: what the plugin does for it has to be done before its function returns.")
	errNoHost  = core.Errorf(core.Internal, "This call has no host: the plugin isn't configured, or the call was made by hand.")
	errForeign = core.Errorf(core.Internal, "The transaction belongs to another call.")
)

func (s *session) alive() error {
	if s == nil || s.host == nil {
		return errNoHost
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.send == nil {
		return errEnded
	}
	return nil
}

// reach is ctx for one call of the host: it carries the grant and ends with
// the session too.
func (s *session) reach(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := s.alive(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(s.granted(ctx))
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }, nil
}

func (s *session) granted(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, wire.GrantKey, s.grant)
}

// lastWords is a context for what has to be said although the call was given
// up: the end of a transaction, the record of an outside call.
func (s *session) lastWords() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.granted(context.WithoutCancel(s.ctx)), 5*time.Second)
}

// answer sends a part of what the call returns.
func (s *session) answer(a *wire.Answer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.send == nil {
		return errEnded
	}
	return s.send(a)
}

// progressEvery bounds how often progress is told.
const progressEvery = 100 * time.Millisecond

func (s *session) progress(done, total int64, note string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.server.now()
	if s.send == nil || done != total && now.Sub(s.said) < progressEvery {
		return
	}
	s.said = now
	_ = s.send(&wire.Answer{Part: &wire.Answer_Progress{Progress: &wire.Progress{Done: done, Total: total, Note: note}}}) // a broken stream ends the call
}

// Databases whose statements say that there is no call, or no host.
var (
	overDB = sync.OnceValue(func() *sql.DB { return sql.OpenDB(connector{&session{host: wire.NewHostClient(nil)}}) })
	noDB   = sync.OnceValue(func() *sql.DB { return sql.OpenDB(connector{}) })
)

func (s *session) database() *sql.DB {
	switch s.alive() {
	case errNoHost:
		return noDB()
	case errEnded:
		return overDB()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		s.db = sql.OpenDB(connector{s})
	}
	return s.db
}

// end is called when the call's function has returned: nothing reaches the
// host through the session any more.
func (s *session) end() {
	s.mu.Lock()
	bodies, db := s.bodies, s.db
	s.bodies, s.db = nil, nil
	s.mu.Unlock()
	for body := range bodies {
		_ = body.Close() // nobody reads it
	}
	s.mu.Lock()
	s.send = nil
	s.mu.Unlock()
	if db != nil {
		_ = db.Close() // its connections hold nothing
	}
}
