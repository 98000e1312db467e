package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// userCreate creates a user. The password is read from standard input with
// --password-stdin; without it the user gets an invitation link.
func userCreate(ctx context.Context, args []string) error {
	flags := newSettings("user create")
	name := flags.String("name", "", "the user's `NAME`")
	email := flags.String("email", "", "the user's e-mail `ADDRESS`")
	role := flags.String("role", "", "`ROLE`: "+roleNames())
	tenant := flags.String("tenant", "", "tenant `ID`, for a developer's staff")
	fromStdin := flags.Bool("password-stdin", false, "read the password from standard input")
	a, err := openTool(ctx, flags, args)
	if err != nil {
		return err
	}
	defer a.Close()
	ctx = operator(ctx)
	user := core.User{Name: *name, Email: *email, Role: core.Role(*role), Tenant: core.TenantID(*tenant)}
	if *fromStdin {
		password, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if password == "" {
			return fmt.Errorf("read password: %w", err)
		}
		user, err = a.Access.Users.Create(ctx, user, strings.TrimRight(password, "\r\n"))
		if err != nil {
			return err
		}
		fmt.Printf("%s\t%s\t%s\n", user.ID, user.Email, user.Role)
		return nil
	}
	user, link, err := a.Access.Users.Invite(ctx, user)
	if err != nil {
		return err
	}
	fmt.Printf("%s\t%s\t%s\ninvitation: %s\n", user.ID, user.Email, user.Role, link)
	return nil
}

func roleNames() string {
	var names []string
	for _, r := range core.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}
