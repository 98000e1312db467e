package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/openhouse-ai/console/core"
)

// Security says how the connection to a mail server is protected.
type Security string

// None is for a mail server on the same machine alone.
const (
	StartTLS Security = "starttls" // port 587, mandatory
	TLS      Security = "tls"      // port 465, from the first byte
	None     Security = "none"     // port 25, loopback
)

// SMTPOptions name a mail server.
type SMTPOptions struct {
	Host     string
	Port     int      // 0: the usual one of Security
	Security Security // "" is starttls
	Username string   // empty: without signing in
	Password string
	Hello    string         // name of this machine in the greeting; empty: the operating system's
	RootCAs  *x509.CertPool // nil: the system's
	Timeout  time.Duration  // of one dialogue; 0 means 30 seconds
}

// SMTP is a Transport to one mail server, with a connection for each message.
type SMTP struct {
	host    string
	options []mail.Option
}

// NewSMTP checks the options. Returns invalid for an unprotected connection to
// another machine.
func NewSMTP(o SMTPOptions) (*SMTP, error) {
	if o.Host == "" {
		return nil, core.Errorf(core.Invalid, "The mail server has no host name.")
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	options := []mail.Option{
		mail.WithTimeout(o.Timeout),
		mail.WithTLSConfig(&tls.Config{ServerName: o.Host, RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12}),
	}
	port, policy, err := o.protection()
	if err != nil {
		return nil, err
	}
	options = append(options, policy, mail.WithPort(cmp.Or(o.Port, port)))
	if o.Hello != "" {
		options = append(options, mail.WithHELO(o.Hello))
	}
	if o.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(o.Username), mail.WithPassword(o.Password))
	}
	if _, err := mail.NewClient(o.Host, options...); err != nil {
		return nil, core.Errorf(core.Invalid, "The mail server's settings don't fit: %v.", err)
	}
	return &SMTP{host: o.Host, options: options}, nil
}

// protection returns the usual port of the security, and its option.
func (o SMTPOptions) protection() (port int, policy mail.Option, err error) {
	switch o.Security {
	case StartTLS, "":
		return 587, mail.WithTLSPolicy(mail.TLSMandatory), nil
	case TLS:
		return 465, mail.WithSSL(), nil
	case None:
		if loopback(o.Host) {
			return 25, mail.WithTLSPolicy(mail.NoTLS), nil
		}
		return 0, nil, core.Errorf(core.Invalid, "Mail may go unprotected to a server on this machine alone, not to %s.", o.Host)
	}
	return 0, nil, core.Errorf(core.Invalid, "The protection %q of the mail server is not one of starttls, tls and none.", o.Security)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send has one dialogue with the mail server, bounded by the timeout and not
// by ctx once it has begun: cutting it off would make the message's fate
// unknown.
func (s *SMTP) Send(ctx context.Context, m core.Message, image Inline) error {
	letter, err := compose(m, image)
	if err != nil {
		return &Refusal{Permanent, fmt.Errorf("compose message: %w", err)}
	}
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return &Refusal{Permanent, fmt.Errorf("configure mail client: %w", err)}
	}
	if err := client.DialWithContext(ctx); err != nil {
		return &Refusal{Temporary, fmt.Errorf("reach mail server: %w", err)}
	}
	err = client.Send(letter)
	if letter.IsDelivered() {
		_ = client.Close() // a farewell that fails takes nothing back
		return nil
	}
	_ = client.Close()
	return refusal(err)
}

// refusal reads from the place in the dialogue whether the message may have
// arrived. Until the server has seen the end of the content it has nothing to
// deliver; after that only its answer tells.
func refusal(err error) *Refusal {
	failure, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return &Refusal{Uncertain, err}
	}
	answer := failure.ErrorCode()
	switch failure.Reason {
	case mail.ErrGetSender, mail.ErrGetRcpts, mail.ErrNoUnencoded:
		return &Refusal{Permanent, err}
	case mail.ErrConnCheck:
		return &Refusal{Temporary, err}
	case mail.ErrSMTPMailFrom, mail.ErrSMTPRcptTo, mail.ErrSMTPData:
		if answer >= 500 {
			return &Refusal{Permanent, err}
		}
		return &Refusal{Temporary, err}
	case mail.ErrSMTPDataClose:
		if answer >= 500 {
			return &Refusal{Permanent, err}
		}
		if answer >= 400 {
			return &Refusal{Temporary, err}
		}
	}
	return &Refusal{Uncertain, err}
}

// compose writes the mail: text and HTML as alternatives, the image inside.
func compose(m core.Message, image Inline) (*mail.Msg, error) {
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := letter.From(m.From); err != nil {
		return nil, err
	}
	if err := letter.To(m.To); err != nil {
		return nil, err
	}
	letter.Subject(m.Subject)
	letter.SetMessageIDWithValue(messageID(m))
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		letter.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	if len(image.Bytes) > 0 {
		err := letter.EmbedReader(image.Name, bytes.NewReader(image.Bytes),
			mail.WithFileContentID("<"+image.Name+">"), mail.WithFileContentType(mail.ContentType(image.Type)))
		if err != nil {
			return nil, err
		}
	}
	return letter, nil
}

// messageID is the same for every attempt, so that a mail server or a reader's
// program can recognise a second copy.
func messageID(m core.Message) string {
	domain := "localhost"
	if from, err := netmail.ParseAddress(m.From); err == nil {
		domain = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	}
	return m.ID + "@" + domain
}
