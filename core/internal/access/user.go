package access

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// States of a user. An invited one has no password yet.
const (
	invited  = "invited"
	active   = "active"
	disabled = "disabled"
)

var (
	errNoUser    = core.Errorf(core.NotFound, "There is no such user.")
	errNoRight   = core.Errorf(core.Forbidden, "This user holds rights that you don't have.")
	errStale     = core.Errorf(core.Conflict, "Somebody else changed this user meanwhile. Please reload and try again.")
	errLastOwner = core.Errorf(core.Conflict, "The last active owner can't be disabled or given another role.")
	errTaken     = core.Errorf(core.Conflict, "There is a user with this e-mail address already.")
)

// Users are the people who can sign in.
type Users struct{ *room }

// Find returns a user. Returns not_found when there is none, or when a
// developer's staff ask for somebody else's.
func (s *Users) Find(ctx context.Context, id string) (user core.User, err error) {
	err = s.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		u, err := visibleUser(ctx, tx, id)
		user = u.User
		return err
	})
	return user, err
}

// FindByEmail is Find by address, in any case of letters.
func (s *Users) FindByEmail(ctx context.Context, email string) (user core.User, err error) {
	err = s.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		u, err := findUserByEmail(ctx, tx, normalEmail(email))
		if err == nil && !sees(core.ActorOf(ctx), u.Tenant) {
			err = errNoUser
		}
		if err == nil {
			user = u.User
		}
		return err
	})
	return user, err
}

// List returns users by Text, Status, Tenant and Kind (staff, developer),
// sorted by name, email, role, status, created or seen. A developer's staff
// see their own tenant's alone.
func (s *Users) List(ctx context.Context, q core.Query) (list core.List[core.User], err error) {
	if actor := core.ActorOf(ctx); actor.Tenant != "" {
		q.Tenant = actor.Tenant
	}
	err = s.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		list, err = listUsers(ctx, tx, q)
		return err
	})
	return list, err
}

// Create makes an active user with a password. It is for commands: people
// invite, so that nobody knows another's password. Returns forbidden for
// anybody but the system, invalid with all problems, conflict for an address
// that is taken.
func (s *Users) Create(ctx context.Context, user core.User, password string) (core.User, error) {
	if core.ActorOf(ctx).Kind != core.System.Kind {
		return core.User{}, core.Errorf(core.Forbidden, "Please invite the user instead.")
	}
	p := check(&user)
	if why := weakness(password, user.Name, user.Email); why != "" {
		p.Add("password", "", why)
	}
	if err := p.Err(); err != nil {
		return core.User{}, err
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return core.User{}, err
	}
	u := account{User: user, password: hash}
	u.Status = active
	err = s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		if err := s.insert(ctx, tx, &u); err != nil {
			return err
		}
		return s.record(ctx, tx, "user.create", u.ID, "", described(u.User)...)
	})
	return u.User, err
}

// insert adds a user under a new id.
func (r *room) insert(ctx context.Context, tx *tenants.Tx, u *account) error {
	if u.Tenant != "" {
		if found, err := tenantExists(ctx, tx, u.Tenant); err != nil {
			return err
		} else if !found {
			return core.Errorf(core.NotFound, "There is no such tenant.")
		}
	}
	if _, err := findUserByEmail(ctx, tx, u.Email); err == nil {
		return errTaken
	} else if err != errNoUser {
		return err
	}
	u.ID, u.CreatedAt, u.Version = core.NewID(core.PrefixUser, tx.Now), tx.Now, 1
	return insertUser(ctx, tx, *u)
}

// Update changes name, role and status of the user that has the Version. A
// change of role or status ends the user's sessions; a change of role needs a
// reason and a step-up. Returns conflict for another version and for the last
// active owner, forbidden for rights that the actor doesn't hold.
func (s *Users) Update(ctx context.Context, user core.User, reason string) (core.User, error) {
	var after account
	err := s.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		before, err := visibleUser(ctx, tx, user.ID)
		if err != nil {
			return err
		}
		if before.Version != user.Version {
			return errStale
		}
		after = before
		after.Name, after.Role, after.Status = user.Name, user.Role, user.Status
		return s.change(ctx, tx, before, &after, strings.TrimSpace(reason))
	})
	return after.User, err
}

// Disable ends a user's sessions and refuses new ones. Returns conflict for
// the last active owner, forbidden for rights that the actor doesn't hold.
func (s *Users) Disable(ctx context.Context, id, reason string) error {
	return s.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		before, err := visibleUser(ctx, tx, id)
		if err != nil {
			return err
		}
		after := before
		after.Status = disabled
		return s.change(ctx, tx, before, &after, strings.TrimSpace(reason))
	})
}

// change checks the step from before to after, writes and records it.
func (r *room) change(ctx context.Context, tx *tenants.Tx, before account, after *account, reason string) error {
	if err := r.mayChange(ctx, tx, before, after, reason); err != nil {
		return err
	}
	if err := updateUser(ctx, tx, *after); err != nil {
		return err
	}
	after.Version++
	steps := []struct {
		action      string
		done        bool
		field       string
		then, later string
	}{
		{"user.update", before.Name != after.Name, "name", before.Name, after.Name},
		{"user.role_change", before.Role != after.Role, "role", string(before.Role), string(after.Role)},
		{"user.disable", before.Status != after.Status && after.Status == disabled, "status", before.Status, after.Status},
		{"user.enable", before.Status != after.Status && after.Status != disabled, "status", before.Status, after.Status},
	}
	for _, step := range steps {
		if !step.done {
			continue
		}
		change := core.Change{Field: step.field, Before: step.then, After: step.later, Personal: step.field == "name"}
		if err := r.record(ctx, tx, step.action, after.ID, reason, change); err != nil {
			return err
		}
	}
	if before.Role == after.Role && before.Status == after.Status {
		return nil
	}
	if after.Status == disabled {
		if err := deleteLinks(ctx, tx, after.ID); err != nil {
			return err
		}
	}
	return r.endSessions(ctx, tx, after.ID, "")
}

func (r *room) mayChange(ctx context.Context, tx *tenants.Tx, before account, after *account, reason string) error {
	actor := core.ActorOf(ctx)
	if err := mayManage(actor, before.User); err != nil {
		return err
	}
	p := check(&after.User)
	switch {
	case !slices.Contains([]string{invited, active, disabled}, after.Status):
		p.Add("status", after.Status, "is none of invited, active, disabled")
	case after.Status == active && after.password == "":
		p.Add("status", after.Status, "comes when the user accepts the invitation")
	case after.Status == invited && after.password != "":
		p.Add("status", after.Status, "was left behind when the user accepted the invitation")
	}
	if before.Role != after.Role && reason == "" {
		p.Add("reason", "", "says why the role changes")
	}
	if err := p.Err(); err != nil {
		return err
	}
	if before.Role != after.Role {
		if err := stepUp(ctx, tx); err != nil {
			return err
		}
		if !mayGrant(actor, after.Role, after.Tenant) {
			return errNoRight
		}
	}
	if before.Role != core.Owner || before.Status != active || after.Role == core.Owner && after.Status == active {
		return nil
	}
	owners, err := otherOwners(ctx, tx, before.ID)
	if err == nil && owners == 0 {
		err = errLastOwner
	}
	return err
}

// visibleUser is findUser for the actor's eyes.
func visibleUser(ctx context.Context, tx *tenants.Tx, id string) (account, error) {
	u, err := findUser(ctx, tx, id)
	if err == nil && !sees(core.ActorOf(ctx), u.Tenant) {
		return account{}, errNoUser
	}
	return u, err
}

// mayManage refuses changes of a user who holds more than the actor does.
func mayManage(actor core.Actor, u core.User) error {
	switch {
	case actor.OnBehalfOf != "":
		return errImpersonating
	case actor.ID != u.ID && !mayGrant(actor, u.Role, u.Tenant):
		return errNoRight
	}
	return nil
}

func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// check tidies a user's values and returns what is wrong with them.
func check(u *core.User) (p core.Problems) {
	u.Name, u.Email = strings.Join(strings.Fields(u.Name), " "), normalEmail(u.Email)
	if n := utf8.RuneCountInString(u.Name); n == 0 || n > 120 {
		p.Add("name", u.Name, "needs 1 to 120 characters")
	}
	if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email || len(u.Email) > 254 {
		p.Add("email", u.Email, "is not an e-mail address")
	}
	switch {
	case !slices.Contains(core.Roles, u.Role) || u.Role == core.Reporter:
		p.Add("role", string(u.Role), "is not a role that a person can have")
	case u.Role.ForDeveloper() && u.Tenant == "":
		p.Add("tenant", "", "is needed for a developer's staff")
	case !u.Role.ForDeveloper() && u.Tenant != "":
		p.Add("role", string(u.Role), "is for staff of OpenHouse AI, who have no tenant")
	}
	return p
}

// described says what a new user is like, for its first record.
func described(u core.User) []core.Change {
	return []core.Change{
		{Field: "name", After: u.Name, Personal: true},
		{Field: "email", After: u.Email, Personal: true},
		{Field: "role", After: string(u.Role)},
		{Field: "tenant", After: string(u.Tenant)},
	}
}
