package notify_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/notify"
)

func outcome(err error) (notify.Outcome, bool) {
	r, ok := errors.AsType[*notify.Refusal](err)
	if !ok {
		return 0, false
	}
	return r.Outcome, true
}

func sample() core.Message {
	m := letter(notify.IDFor("sample"), "Site office <office@harpur.example>")
	m.From = "Harpur Homes <console@openhouse.example>"
	return m
}

func TestSMTPWritesAnHonestLetter(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{})
	image := notify.Inline{Name: "logo", Type: "image/png", Bytes: []byte("\x89PNG not really")}
	for range 2 {
		if err := server.client(t).Send(t.Context(), sample(), image); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.copies()[sample().ID]; n != 2 {
		t.Errorf("%d letters carry the message's own id, want both", n)
	}
	parsed, err := mail.ReadMessage(strings.NewReader(server.last()))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil || subject != "Grüße" {
		t.Errorf("subject %q, %v", subject, err)
	}
	if id := parsed.Header.Get("Message-ID"); id != "<"+sample().ID+"@openhouse.example>" {
		t.Errorf("Message-ID %s", id)
	}
	for _, name := range []string{"User-Agent", "X-Mailer"} {
		if parsed.Header.Get(name) != "" {
			t.Errorf("the letter tells %s: %s", name, parsed.Header.Get(name))
		}
	}
	types := strings.Join(parts(t, parsed.Header.Get("Content-Type"), parsed.Body), " ")
	for _, want := range []string{"multipart/alternative", "text/plain", "text/html", "image/png"} {
		if !strings.Contains(types, want) {
			t.Errorf("no part %s in %s", want, types)
		}
	}
	if !strings.Contains(server.last(), "Content-Id: <logo>") {
		t.Error("the image has no content id")
	}
}

// parts returns the types of all parts of a letter.
func parts(t *testing.T, contentType string, body io.Reader) []string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	types := []string{kind}
	if !strings.HasPrefix(kind, "multipart/") {
		return types
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(bytes.NewReader(content), params["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return types
		}
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, parts(t, part.Header.Get("Content-Type"), part)...)
	}
}

func TestSMTPImplicitTLS(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{implicit: true})
	client := server.client(t, func(o *notify.SMTPOptions) { o.Security = notify.TLS })
	if err := client.Send(t.Context(), sample(), notify.Inline{}); err != nil || server.count() != 1 {
		t.Errorf("send: %v, %d letters", err, server.count())
	}
}

func TestSMTPUnprotectedOnThisMachine(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{plain: true})
	client := server.client(t, func(o *notify.SMTPOptions) { o.Security, o.Username = notify.None, "" })
	if err := client.Send(t.Context(), sample(), notify.Inline{}); err != nil || server.count() != 1 {
		t.Errorf("send: %v, %d letters", err, server.count())
	}
}

// Nothing of these reaches the server's letter box, so all can be tried again,
// when somebody has repaired the settings or the server.
func TestSMTPRefusesUnsafeConnections(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server serverOptions
		change func(*notify.SMTPOptions)
	}{
		"a server without STARTTLS":  {serverOptions{plain: true}, func(*notify.SMTPOptions) {}},
		"an unknown certificate":     {serverOptions{}, func(o *notify.SMTPOptions) { o.RootCAs = nil }},
		"a certificate of elsewhere": {serverOptions{}, func(o *notify.SMTPOptions) { o.Host = "localhost" }},
		"a wrong password":           {serverOptions{}, func(o *notify.SMTPOptions) { o.Password = "guess" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newMailServer(t, c.server)
			err := server.client(t, c.change).Send(t.Context(), sample(), notify.Inline{})
			if got, ok := outcome(err); !ok || got != notify.Temporary || server.count() != 0 {
				t.Errorf("send: %v (outcome %d), %d letters", err, got, server.count())
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "guess") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestSMTPServerThatIsSilentFromTheStartIsTriedAgain(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := notify.NewSMTP(notify.SMTPOptions{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Timeout: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = client.Send(t.Context(), sample(), notify.Inline{})
	if got, ok := outcome(err); !ok || got != notify.Temporary {
		t.Errorf("send: %v (outcome %d), want temporary", err, got)
	}
}

func TestNewSMTPRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]notify.SMTPOptions{
		"no host":                       {},
		"an unprotected server far off": {Host: "mail.example", Security: notify.None},
		"an unknown protection":         {Host: "mail.example", Security: "ssl"},
		"a port that is none":           {Host: "mail.example", Port: 70000},
	} {
		if _, err := notify.NewSMTP(o); core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

// Whatever stands in a subject or a name, the letter has no other head than
// ours. Queue refuses line breaks; this holds even without it.
func TestSMTPLetsNobodyWriteTheHead(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, serverOptions{plain: true})
	client := server.client(t, func(o *notify.SMTPOptions) { o.Security, o.Username = notify.None, "" })
	rapid.Check(t, func(r *rapid.T) {
		evil := rapid.SampledFrom([]string{"\r\nBcc: all@example.com", "\nBcc: all@example.com\n\nHi", "\rBcc: x", "\u2028Bcc: x", "=?utf-8?q?=0ABcc:?=", "plain"})
		m := sample()
		m.Subject = rapid.String().Draw(r, "subject") + evil.Draw(r, "more of the subject")
		name := mail.Address{Name: rapid.String().Draw(r, "name") + evil.Draw(r, "more of the name"), Address: "office@harpur.example"}
		m.To = name.String()
		before := server.count()
		if err := client.Send(t.Context(), m, notify.Inline{}); err != nil {
			if got, ok := outcome(err); !ok || got != notify.Permanent || server.count() != before {
				r.Fatalf("send: %v", err)
			}
			return
		}
		parsed, err := mail.ReadMessage(strings.NewReader(server.last()))
		if err != nil {
			r.Fatal(err)
		}
		to, err := parsed.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "office@harpur.example" {
			r.Fatalf("To: %v, %v", to, err)
		}
		for name := range parsed.Header {
			switch name {
			case "Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To":
			default:
				r.Fatalf("the head has %s: %q", name, parsed.Header.Get(name))
			}
		}
	})
}
