package access

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

const (
	totpPeriod    = 30 // seconds
	totpDigits    = 6
	issuer        = "OpenHouse Console"
	recoveryCodes = 10
	recoveryBytes = 10 // 80 bits: 16 characters
)

// Factors are users' authenticators: TOTP, with recovery codes for the day
// the telephone is lost.
type Factors struct{ *room }

// Enrol starts the set-up of an authenticator for the user who acts, after a
// step-up. It returns the secret to type and the otpauth address to scan; both
// are shown once. Nothing changes until Confirm.
func (s *Factors) Enrol(ctx context.Context) (secret, url string, err error) {
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		u, err := self(ctx, tx)
		if err != nil {
			return err
		}
		key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: u.Email})
		if err != nil {
			return err
		}
		if u.totpPending, err = s.Keys.Seal([]byte(key.Secret()), place("totp_pending", u.ID)); err != nil {
			return err
		}
		secret, url = key.Secret(), key.URL()
		return updateFactor(ctx, tx, u)
	})
	return secret, url, err
}

// Confirm turns on the authenticator of the last Enrol, given a code from it,
// ends the user's other sessions and returns the recovery codes, which are
// shown once. Returns invalid for a wrong code.
func (s *Factors) Confirm(ctx context.Context, code string) (recovery []string, err error) {
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		u, err := self(ctx, tx)
		if err != nil {
			return err
		}
		if len(u.totpPending) == 0 {
			return core.Errorf(core.Conflict, "Please start the set-up of the authenticator again.")
		}
		secret, err := s.Keys.Open(u.totpPending, place("totp_pending", u.ID))
		if err != nil {
			return err
		}
		step, ok := matchingStep(string(secret), code, tx.Now)
		if !ok {
			var p core.Problems
			p.Add("code", "", "is not the one that the authenticator shows now")
			return p.Err()
		}
		if u.totpSecret, err = s.Keys.Seal(secret, place("totp_secret", u.ID)); err != nil {
			return err
		}
		u.totpPending, u.totpStep = nil, step
		if err := updateFactor(ctx, tx, u); err != nil {
			return err
		}
		if recovery, err = replaceRecoveryCodes(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, u.ID, core.ActorOf(ctx).Session); err != nil {
			return err
		}
		return s.record(ctx, tx, "totp.enable", u.ID, "")
	})
	return recovery, err
}

// NewRecoveryCodes replaces the recovery codes of the user who acts, after a
// step-up. Returns conflict without an authenticator.
func (s *Factors) NewRecoveryCodes(ctx context.Context) (recovery []string, err error) {
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		u, err := self(ctx, tx)
		if err != nil {
			return err
		}
		if !u.TOTP {
			return core.Errorf(core.Conflict, "Please set up an authenticator first.")
		}
		if recovery, err = replaceRecoveryCodes(ctx, tx, u.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, "recovery_code.create", u.ID, "")
	})
	return recovery, err
}

// Remove takes the authenticator and the recovery codes from a user: from
// oneself, or from one who lost theirs and whom the actor may manage, with a
// reason. Both need a step-up; the user's other sessions end.
func (s *Factors) Remove(ctx context.Context, userID, reason string) error {
	return s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := stepUp(ctx, tx); err != nil {
			return err
		}
		actor := core.ActorOf(ctx)
		u, err := visibleUser(ctx, tx, userID)
		if err != nil {
			return err
		}
		if err := mayManage(actor, u.User); err != nil {
			return err
		}
		if actor.ID != u.ID && strings.TrimSpace(reason) == "" {
			var p core.Problems
			p.Add("reason", "", "says why the second factor is taken away")
			return p.Err()
		}
		u.totpSecret, u.totpPending = nil, nil
		if err := updateFactor(ctx, tx, u); err != nil {
			return err
		}
		if err := deleteRecoveryCodes(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, u.ID, actor.Session); err != nil {
			return err
		}
		return s.record(ctx, tx, "totp.disable", u.ID, reason)
	})
}

// secondFactor reports whether the code, of the authenticator or a recovery
// code, is the user's and unused, and uses it up.
func (r *room) secondFactor(ctx context.Context, tx *tenants.Tx, u account, code string) (bool, error) {
	if isCode(code) {
		return r.checkCode(ctx, tx, u, code)
	}
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	used, err := useRecoveryCode(ctx, tx, u.ID, code)
	if err != nil || !used {
		return false, err
	}
	return true, r.record(core.WithActor(ctx, actorOf(u.User)), tx, "recovery_code.use", u.ID, "")
}

// checkCode reports whether the code is the authenticator's and newer than
// every code used before.
func (r *room) checkCode(ctx context.Context, tx *tenants.Tx, u account, code string) (bool, error) {
	if !u.TOTP {
		return false, nil
	}
	secret, err := r.Keys.Open(u.totpSecret, place("totp_secret", u.ID))
	if err != nil {
		return false, err
	}
	step, ok := matchingStep(string(secret), code, tx.Now)
	if !ok {
		return false, nil
	}
	return useStep(ctx, tx, u.ID, step)
}

// isCode tells an authenticator's code from a password or a recovery code.
func isCode(text string) bool {
	return len(text) == totpDigits && strings.Trim(text, "0123456789") == ""
}

// matchingStep returns the step whose code it is: now, or one step to either
// side for clocks that differ.
func matchingStep(secret, code string, now time.Time) (int64, bool) {
	for _, skew := range []int64{0, -1, 1} {
		step := now.Unix()/totpPeriod + skew
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// place is the associated data of a sealed column.
func place(column, user string) []byte { return []byte("users." + column + "." + user) }
