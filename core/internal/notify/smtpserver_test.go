package notify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/openhouse-ai/console/core/internal/notify"
)

// mailServer is a real SMTP server with faults. It counts what it has taken,
// by Message-ID.
type mailServer struct {
	port  int
	roots *x509.CertPool

	mu       sync.Mutex
	taken    map[string]int
	letters  [][]byte
	answers  map[string]error // by recipient; nil is yes
	cut      bool             // hang up when the content has come, taking it
	silent   bool             // never answer the content, taking it
	received func()           // called when the content has come, before the answer
}

type serverOptions struct {
	plain    bool // no STARTTLS
	implicit bool // TLS from the first byte
}

func newMailServer(t testing.TB, o serverOptions) *mailServer {
	t.Helper()
	certificate, roots := newCertificate(t)
	m := &mailServer{roots: roots, taken: map[string]int{}, answers: map[string]error{}}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: m, conn: c}, nil
	}))
	server.ErrorLog = discard{}
	server.AllowInsecureAuth = false
	if !o.plain {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = listener.Addr().(*net.TCPAddr).Port
	if o.implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return m
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// client is the transport to the server, signing in as an operator would.
func (m *mailServer) client(t testing.TB, change ...func(*notify.SMTPOptions)) *notify.SMTP {
	t.Helper()
	o := notify.SMTPOptions{
		Host: "127.0.0.1", Port: m.port, Username: "console", Password: "secret", Hello: "console.example",
		RootCAs: m.roots, Timeout: 5 * time.Second,
	}
	for _, c := range change {
		c(&o)
	}
	transport, err := notify.NewSMTP(o)
	if err != nil {
		t.Fatal(err)
	}
	return transport
}

// answer sets what the server says to a recipient.
func (m *mailServer) answer(to string, code int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if code == 0 {
		delete(m.answers, to)
		return
	}
	m.answers[to] = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "No luck"}
}

// onReceived sets what happens when the content has come, before the answer.
func (m *mailServer) onReceived(fn func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.received = fn
}

func (m *mailServer) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.letters)
}

func (m *mailServer) last() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(m.letters[len(m.letters)-1])
}

// copies returns how often each message was taken.
func (m *mailServer) copies() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	copies := map[string]int{}
	for id, n := range m.taken {
		copies[id] = n
	}
	return copies
}

func (m *mailServer) take(letter []byte) error {
	parsed, err := mail.ReadMessage(bytes.NewReader(letter))
	if err != nil {
		return err
	}
	id, _, _ := strings.Cut(strings.Trim(parsed.Header.Get("Message-ID"), "<>"), "@")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken[id]++
	m.letters = append(m.letters, letter)
	return nil
}

type session struct {
	server *mailServer
	conn   *smtp.Conn
	signed bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "console" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return s.server.answers[to]
}

func (s *session) Data(r io.Reader) error {
	letter, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.take(letter); err != nil {
		return err
	}
	s.server.mu.Lock()
	received, cut, silent := s.server.received, s.server.cut, s.server.silent
	s.server.mu.Unlock()
	if received != nil {
		received()
	}
	if cut {
		s.conn.Conn().Close()
	}
	if silent { // until the other side loses patience
		io.Copy(io.Discard, s.conn.Conn())
		return errors.New("the client has gone")
	}
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// newCertificate makes one for 127.0.0.1 that the returned pool trusts.
func newCertificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
