package notify

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Bounds of a message, in bytes.
const (
	maxBody  = 1 << 20
	maxImage = 512 << 10
)

// Inline is an image that travels with a message. The HTML shows it as
// cid:NAME, so that no mail client has to fetch it.
type Inline struct {
	Name  string // logo
	Type  string // image/png, image/jpeg, image/gif
	Bytes []byte
}

// IDFor returns the id of the message that a key stands for, always the same:
// who queues by such an id queues once, however often the step is repeated.
func IDFor(key string) string {
	sum := sha256.Sum256([]byte(key))
	body := base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
	return core.PrefixMessage + "_" + strings.ToLower(body)
}

// Queue puts a message into the outbox of the transaction's tenant, to be sent
// when the transaction has been committed. The message goes to one address;
// an empty From is the platform's sender, an empty ID gets a fresh one. A
// message whose id is there already is left as it is. Returns invalid when an
// address or the subject can't stand in a mail's head.
func (o *Outbox) Queue(ctx context.Context, tx *tenants.Tx, m core.Message) error {
	return o.QueueWith(ctx, tx, m, Inline{})
}

// QueueWith is Queue for a message with an image; an empty one is none.
func (o *Outbox) QueueWith(ctx context.Context, tx *tenants.Tx, m core.Message, image Inline) error {
	if m.Tenant != "" && m.Tenant != tx.Tenant {
		return fmt.Errorf("queue message %s: it belongs to another tenant than the transaction", m.ID)
	}
	if m.ID == "" {
		m.ID = core.NewID(core.PrefixMessage, tx.Now)
	}
	if m.From == "" {
		m.From = o.from.String()
	}
	if err := check(m, image); err != nil {
		return err
	}
	if found, err := messageExists(ctx, tx, m.ID); err != nil || found {
		return err
	}
	m.Tenant, m.State, m.At, m.NextAt = tx.Tenant, queued, tx.Now, &tx.Now
	if err := o.announce(ctx, tx, m); err != nil {
		return err
	}
	var key string
	if len(image.Bytes) > 0 {
		sum := sha256.Sum256(image.Bytes)
		key = hex.EncodeToString(sum[:])
		if err := insertImage(ctx, tx, key, image); err != nil {
			return fmt.Errorf("queue image of message %s: %w", m.ID, err)
		}
	}
	if err := insertMessage(ctx, tx, m, key); err != nil {
		return fmt.Errorf("queue message %s: %w", m.ID, err)
	}
	tx.OnCommit(o.kick)
	return nil
}

// Send queues a letter to one address.
func (o *Outbox) Send(ctx context.Context, tx *tenants.Tx, id, to string, letter Letter) error {
	m, image, err := Render(letter)
	if err != nil {
		return err
	}
	m.ID, m.To = id, to
	if name := letter.sender(); name != "" {
		from := mail.Address{Name: name, Address: o.from.Address}
		m.From = from.String()
	}
	return o.QueueWith(ctx, tx, m, image)
}

// check refuses what a mail's head can't hold safely: one address each, and no
// control characters, which could smuggle in further lines.
func check(m core.Message, image Inline) error {
	var problems core.Problems
	if !core.ValidID(core.PrefixMessage, m.ID) {
		problems.Add("id", m.ID, "is not the id of a message")
	}
	if !oneAddress(m.To) {
		problems.Add("to", m.To, "is not one e-mail address")
	}
	if !oneAddress(m.From) {
		problems.Add("from", m.From, "is not one e-mail address")
	}
	if m.Subject == "" || hasControl(m.Subject) {
		problems.Add("subject", m.Subject, "must be one line of text")
	}
	if m.Text == "" || len(m.Text)+len(m.HTML) > maxBody {
		problems.Add("text", "", "must be there, and not over 1 MB together with the HTML")
	}
	if len(image.Bytes) > 0 && !fits(image) {
		problems.Add("image", image.Name, "must be a PNG, JPEG or GIF of up to 512 KB, with a name of one line")
	}
	return problems.Err()
}

func fits(image Inline) bool {
	known := image.Type == "image/png" || image.Type == "image/jpeg" || image.Type == "image/gif"
	return known && len(image.Bytes) <= maxImage && image.Name != "" && !hasControl(image.Name)
}

func oneAddress(s string) bool {
	_, err := mail.ParseAddress(s)
	return err == nil && !hasControl(s)
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }
