package access

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// visit is a session as it is stored, with the user who is signed in.
type visit struct {
	hash, onBehalfOf, parent, reason string
	ipPrefix, userAgent              string
	created, seen, fresh, expires    time.Time
	user                             core.User
}

const selectSession = `
	select s.hash, s.on_behalf_of, s.parent, s.reason, s.ip_prefix, s.user_agent,
	  s.created_at, s.seen_at, s.fresh_at, s.expires_at, u.id, u.name, u.email, u.role, u.tenant_id, u.status
	from sessions s join users u on u.id = s.user_id`

func scanSession(row scanner) (v visit, err error) {
	var behalf, parent, tenant sql.NullString
	var created, seen, fresh, expires int64
	err = row.Scan(&v.hash, &behalf, &parent, &v.reason, &v.ipPrefix, &v.userAgent, &created, &seen, &fresh, &expires,
		&v.user.ID, &v.user.Name, &v.user.Email, &v.user.Role, &tenant, &v.user.Status)
	if errors.Is(err, sql.ErrNoRows) {
		return v, errNoSession
	}
	v.onBehalfOf, v.parent, v.user.Tenant = behalf.String, parent.String, core.TenantID(tenant.String)
	v.created, v.seen, v.fresh, v.expires = moment(created), moment(seen), moment(fresh), moment(expires)
	return v, err
}

// findSession returns the session of the hash, also one that has run out.
func findSession(ctx context.Context, tx *tenants.Tx, hash string) (visit, error) {
	return scanSession(tx.QueryRow(ctx, selectSession+` where s.hash = ?`, hash))
}

// listSessions returns a user's own, newest use first.
func listSessions(ctx context.Context, tx *tenants.Tx, user string) ([]visit, error) {
	return querySessions(ctx, tx, ` where s.user_id = ? and s.on_behalf_of is null order by s.seen_at desc, s.hash`, user)
}

func querySessions(ctx context.Context, tx *tenants.Tx, tail string, args ...any) (list []visit, err error) {
	rows, err := tx.Query(ctx, selectSession+tail, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scanSession(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func insertSession(ctx context.Context, tx *tenants.Tx, v visit) error {
	_, err := tx.Exec(ctx, `
		insert into sessions (hash, user_id, on_behalf_of, parent, reason, ip_prefix, user_agent, created_at, seen_at, fresh_at, expires_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.hash, v.user.ID, nullable(v.onBehalfOf), nullable(v.parent), v.reason, v.ipPrefix, v.userAgent,
		v.created.UnixMilli(), v.seen.UnixMilli(), v.fresh.UnixMilli(), v.expires.UnixMilli())
	return err
}

// touchSession notes that a session, and the one that it came from, was used.
func touchSession(ctx context.Context, tx *tenants.Tx, v visit, at time.Time) error {
	ms := at.UnixMilli()
	_, err := tx.Exec(ctx, `update sessions set seen_at = max(seen_at, ?) where hash in (?, ?)`, ms, v.hash, v.parent)
	if err != nil || v.onBehalfOf != "" {
		return err
	}
	_, err = tx.Exec(ctx, `update users set seen_at = max(coalesce(seen_at, 0), ?) where id = ?`, ms, v.user.ID)
	return err
}

// renewSession gives a session a new hash, use and freshness, and reports
// whether there was one under the hash before.
func renewSession(ctx context.Context, tx *tenants.Tx, before string, v visit) (bool, error) {
	return changed(tx.Exec(ctx, `update sessions set hash = ?, seen_at = ?, fresh_at = ? where hash = ?`,
		v.hash, v.seen.UnixMilli(), v.fresh.UnixMilli(), before))
}

// deleteSession reports whether there was one.
func deleteSession(ctx context.Context, tx *tenants.Tx, hash string) (bool, error) {
	return changed(tx.Exec(ctx, `delete from sessions where hash = ?`, hash))
}

// deleteSessions ends every session of a user but one (empty: all), the ones
// in which others act for the user too, and the challenges on the way to more.
func deleteSessions(ctx context.Context, tx *tenants.Tx, user, except string) error {
	_, err := tx.Exec(ctx, `delete from sessions where user_id = ? and hash <> ?`, user, except)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from challenges where user_id = ?`, user)
	return err
}

// sweepSessions deletes what has run out and returns how many sessions did.
func sweepSessions(ctx context.Context, tx *tenants.Tx) (int, error) {
	now := tx.Now.UnixMilli()
	for _, statement := range []string{
		`delete from links where expires_at <= ?`,
		`delete from challenges where expires_at <= ?`,
	} {
		if _, err := tx.Exec(ctx, statement, now); err != nil {
			return 0, err
		}
	}
	result, err := tx.Exec(ctx, `delete from sessions where expires_at <= ?`, now)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// challenge is a password that was right and waits for its second factor.
type challenge struct {
	hash, user string
	tries      int
}

func insertChallenge(ctx context.Context, tx *tenants.Tx, user string) (string, error) {
	token := core.NewSecret(tokenBytes)
	_, err := tx.Exec(ctx, `insert into challenges (hash, user_id, expires_at) values (?, ?, ?)`,
		fingerprint(token), user, tx.Now.Add(challengeLife).UnixMilli())
	return token, err
}

// tryChallenge counts one more try and returns the challenge, or errNoSession
// when it has run out or all tries are used.
func tryChallenge(ctx context.Context, tx *tenants.Tx, token string) (c challenge, err error) {
	c.hash = fingerprint(token)
	row := tx.QueryRow(ctx, `
		update challenges set tries = tries + 1 where hash = ? and expires_at > ? and tries < ? returning user_id, tries`,
		c.hash, tx.Now.UnixMilli(), challengeTries)
	err = row.Scan(&c.user, &c.tries)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errNoChallenge
	}
	return c, err
}

func deleteChallenge(ctx context.Context, tx *tenants.Tx, hash string) error {
	_, err := tx.Exec(ctx, `delete from challenges where hash = ?`, hash)
	return err
}
