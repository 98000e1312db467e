package access

import (
	"context"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Failures that cost nothing. A prefix of addresses may be a whole office, so
// it has more of them than one user.
const (
	freePerUser   = 5
	freePerPrefix = 20
)

// After the free ones a wait doubles from a second up to longestWait; an hour
// without a failure forgets them all.
const (
	longestWait = 15 * time.Minute
	forgetAfter = time.Hour
)

// throttle counts failures in one bucket.
type throttle struct {
	failures    int
	last, until time.Time
}

// strike counts one more failure at now and sets the wait that follows.
func (t throttle) strike(now time.Time, free int) throttle {
	if now.Sub(t.last) >= forgetAfter {
		t.failures = 0
	}
	t.failures++
	t.last, t.until = now, time.Time{}
	if over := t.failures - free; over >= 0 {
		t.until = now.Add(min(time.Second<<min(over, 20), longestWait))
	}
	return t
}

func userBucket(email string) string { return "user:" + fingerprint(email) }

// attempt counts a try before it is known to be right, so that a burst of
// parallel guesses counts too; forgive takes it back. Returns unavailable with
// the seconds to wait.
func attempt(ctx context.Context, tx *tenants.Tx, email string) error {
	if err := try(ctx, tx, userBucket(email), freePerUser); err != nil {
		return err
	}
	if prefix := core.OriginOf(ctx).IPPrefix; prefix != "" {
		return try(ctx, tx, "prefix:"+prefix, freePerPrefix)
	}
	return nil
}

func try(ctx context.Context, tx *tenants.Tx, bucket string, free int) error {
	t, err := findThrottle(ctx, tx, bucket)
	if err != nil {
		return err
	}
	if wait := t.until.Sub(tx.Now); wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		return core.Errorf(core.Unavailable, "Too many attempts. Please wait %d seconds and try again.", seconds)
	}
	return saveThrottle(ctx, tx, bucket, t.strike(tx.Now, free))
}

// strikeUser counts a failure against the user alone: a wrong code after a
// right password.
func strikeUser(ctx context.Context, tx *tenants.Tx, email string) error {
	t, err := findThrottle(ctx, tx, userBucket(email))
	if err != nil {
		return err
	}
	return saveThrottle(ctx, tx, userBucket(email), t.strike(tx.Now, freePerUser))
}

// forgive forgets the failures of a user who has proved who they are. The
// prefix gets back this one attempt only: a guesser's own user must not wipe
// out the guesses at others'.
func forgive(ctx context.Context, tx *tenants.Tx, email string) error {
	if err := deleteThrottle(ctx, tx, userBucket(email)); err != nil {
		return err
	}
	return returnAttempt(ctx, tx, "prefix:"+core.OriginOf(ctx).IPPrefix)
}
