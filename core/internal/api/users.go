package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

type user struct {
	ID           string    `json:"id" example:"usr_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name         string    `json:"name" example:"Aoife Brennan"`
	Email        string    `json:"email" example:"aoife@harpur.example"`
	Role         string    `json:"role" example:"developer_admin"`
	TenantID     string    `json:"tenant_id,omitempty" doc:"Absent for staff of the platform." example:"ten_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Status       string    `json:"status" enum:"invited,active,disabled"`
	SecondFactor bool      `json:"second_factor" doc:"Whether one is set up."`
	CreatedAt    time.Time `json:"created_at"`
	LastSeenAt   string    `json:"last_seen_at,omitempty" format:"date-time"`
}

func shapeUser(u core.User) user {
	return user{
		ID: u.ID, Name: u.Name, Email: u.Email, Role: string(u.Role), TenantID: string(u.Tenant), Status: u.Status,
		SecondFactor: u.TOTP, CreatedAt: u.CreatedAt, LastSeenAt: timeOf(u.LastSeenAt),
	}
}

type newUser struct {
	Name  string `json:"name" minLength:"1" maxLength:"120" example:"Aoife Brennan"`
	Email string `json:"email" minLength:"3" maxLength:"254" example:"aoife@harpur.example"`
	Role  string `json:"role" enum:"owner,admin,finance,sales,support,engineer,compliance,auditor,developer_admin,developer_viewer" doc:"A developer's role for a tenant's users, another for the platform's."`
}

type userChange struct {
	Name   string `json:"name" minLength:"1" maxLength:"120" example:"Aoife Brennan"`
	Role   string `json:"role" enum:"owner,admin,finance,sales,support,engineer,compliance,auditor,developer_admin,developer_viewer"`
	Status string `json:"status" enum:"invited,active,disabled"`
	Reason string `json:"reason,omitempty" maxLength:"300" doc:"Why; needed for a change of role, and kept in the audit log." example:"Took over the site office"`
}

type why struct {
	Reason string `json:"reason" minLength:"1" maxLength:"300" doc:"Kept in the audit log." example:"Has left the company"`
}

func (a *api) users() {
	addBoth(a, operation{id: "list-users", method: http.MethodGet, path: "/users", permission: core.UsersRead, summary: "List users"},
		func(ctx context.Context, in *struct {
			Sorting
			Status string `query:"status" enum:"invited,active,disabled"`
			Kind   string `query:"kind" enum:"staff,developer" doc:"Of the platform, or of developers."`
		}) (*pageOutput[user], error) {
			q := in.query()
			q.Tenant, q.Status, q.Kind = tenantOf(ctx), in.Status, in.Kind
			list, err := a.Users.List(ctx, q)
			return pageOf(list, shapeUser), err
		})
	addBoth(a, operation{id: "invite-user", method: http.MethodPost, path: "/users", permission: core.UsersWrite, summary: "Invite a user by e-mail", status: http.StatusCreated,
		about: "The link to set a password goes to the address alone."},
		func(ctx context.Context, in *struct{ Body newUser }) (*created[user], error) {
			u, _, err := a.Users.Invite(ctx, core.User{Name: in.Body.Name, Email: in.Body.Email, Role: core.Role(in.Body.Role), Tenant: tenantOf(ctx)})
			return createdAt(locate(ctx, "/users/"+u.ID), u.Version, shapeUser(u)), err
		})
	addBoth(a, operation{id: "find-user", method: http.MethodGet, path: "/users/{id}", permission: core.UsersRead, summary: "Read a user"},
		func(ctx context.Context, in *IDInput) (*one[user], error) {
			u, err := a.findUser(ctx, in.ID)
			return oneOf(u.Version, shapeUser(u)), err
		})
	addBoth(a, operation{id: "update-user", method: http.MethodPut, path: "/users/{id}", permission: core.UsersWrite, summary: "Change name, role and status of a user",
		about: "Another role or status ends the user's sessions."}, a.updateUser)
	addBoth(a, operation{id: "disable-user", method: http.MethodPost, path: "/users/{id}/disable", permission: core.UsersWrite, summary: "End a user's sessions and refuse new ones"},
		func(ctx context.Context, in *struct {
			IDInput
			Body why
		}) (*one[user], error) {
			u, err := a.findUser(ctx, in.ID)
			if err == nil {
				err = a.Users.Disable(ctx, u.ID, in.Body.Reason)
			}
			if err != nil {
				return nil, err
			}
			u, err = a.findUser(ctx, in.ID)
			return oneOf(u.Version, shapeUser(u)), err
		})
	addBoth(a, operation{id: "invite-user-again", method: http.MethodPost, path: "/users/{id}/invite", permission: core.UsersWrite, summary: "Mail a new link to a user who has not accepted yet", status: http.StatusNoContent},
		func(ctx context.Context, in *IDInput) (*struct{}, error) {
			u, err := a.findUser(ctx, in.ID)
			if err == nil {
				_, err = a.Users.InviteAgain(ctx, u.ID)
			}
			return nil, err
		})
}

// findUser finds a user in the tenant of the address, or anywhere for the
// platform.
func (a *api) findUser(ctx context.Context, id string) (core.User, error) {
	u, err := a.Users.Find(ctx, id)
	if tenant := tenantOf(ctx); err == nil && tenant != "" && u.Tenant != tenant {
		return core.User{}, core.Errorf(core.NotFound, "There is no such user.")
	}
	return u, err
}

func (a *api) updateUser(ctx context.Context, in *struct {
	IDInput
	Match
	Body userChange
}) (*one[user], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	u, err := a.findUser(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if version != 0 {
		u.Version = version
	}
	u.Name, u.Role, u.Status = in.Body.Name, core.Role(in.Body.Role), in.Body.Status
	u, err = a.Users.Update(ctx, u, in.Body.Reason)
	return oneOf(u.Version, shapeUser(u)), in.stale(ctx, err, func() (int64, error) {
		now, err := a.findUser(ctx, in.ID)
		return now.Version, err
	})
}
