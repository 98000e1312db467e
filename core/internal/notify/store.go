package notify

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func messageExists(ctx context.Context, tx *tenants.Tx, id string) (found bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select 1 from messages where id = ?)`, id).Scan(&found)
	return found, err
}

func insertMessage(ctx context.Context, tx *tenants.Tx, m core.Message, image string) error {
	_, err := tx.Exec(ctx, `
		insert into messages (id, template, recipient, sender, subject, html, text, image, state, next_at, created_at, updated_at)
		values (?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?)`,
		m.ID, m.Template, m.To, m.From, m.Subject, m.HTML, m.Text, image, m.State, millis(m.NextAt), m.At.UnixMilli(), m.At.UnixMilli())
	return err
}

// findMessage returns a message and the key of its image.
func findMessage(ctx context.Context, tx *tenants.Tx, id string) (m core.Message, image string, err error) {
	m = core.Message{ID: id, Tenant: tx.Tenant}
	var next, sentAt sql.NullInt64
	var created int64
	err = tx.QueryRow(ctx, `
		select template, recipient, sender, subject, html, text, coalesce(image, ''), state, attempts, error, next_at, sent_at, created_at
		from messages where id = ?`, id).
		Scan(&m.Template, &m.To, &m.From, &m.Subject, &m.HTML, &m.Text, &image, &m.State, &m.Attempts, &m.Error, &next, &sentAt, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return m, "", core.Errorf(core.NotFound, "There is no such message.")
	}
	m.NextAt, m.SentAt, m.At = moment(next), moment(sentAt), time.UnixMilli(created).UTC()
	return m, image, err
}

// updateMessage writes how far the delivery is; the content never changes.
func updateMessage(ctx context.Context, tx *tenants.Tx, m core.Message) error {
	_, err := tx.Exec(ctx, `
		update messages
		set state = ?, attempts = ?, error = ?, next_at = ?, sent_at = ?, updated_at = ?
		where id = ?`,
		m.State, m.Attempts, m.Error, millis(m.NextAt), millis(m.SentAt), tx.Now.UnixMilli(), m.ID)
	return err
}

// insertImage keeps an image once, however many messages show it.
func insertImage(ctx context.Context, tx *tenants.Tx, key string, image Inline) error {
	_, err := tx.Exec(ctx, `
		insert into message_images (sha256, name, type, bytes)
		values (?, ?, ?, ?)
		on conflict (sha256) do nothing`,
		key, image.Name, image.Type, image.Bytes)
	return err
}

// findImage returns the image of a key; the empty one for no key.
func findImage(ctx context.Context, tx *tenants.Tx, key string) (image Inline, err error) {
	if key == "" {
		return image, nil
	}
	err = tx.QueryRow(ctx, `select name, type, bytes from message_images where sha256 = ?`, key).
		Scan(&image.Name, &image.Type, &image.Bytes)
	return image, err
}

// millis is a moment as a column holds it: null for none.
func millis(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMilli()
}

func moment(ms sql.NullInt64) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := time.UnixMilli(ms.Int64).UTC()
	return &t
}
