package access

import (
	"fmt"

	"github.com/openhouse-ai/console/core"
)

// invitationLetter asks a new user to set a password.
func invitationLetter(u core.User, by core.Actor, link string) core.Message {
	inviter := "We have"
	if by.Kind == kindStaff || by.Kind == kindDeveloper {
		inviter = by.Name + " has"
	}
	return core.Message{
		Template: "user_invitation",
		To:       u.Email,
		Subject:  "Your invitation to OpenHouse Console",
		Text: fmt.Sprintf(`Hello %s,

%s invited you to OpenHouse Console.

Open this link to choose your password and sign in:

%s

The link works once, for seven days. If you did not expect this message, you
can ignore it: nothing happens until somebody opens the link.

OpenHouse AI
`, u.Name, inviter, link),
	}
}

// resetLetter lets a user set a new password.
func resetLetter(u core.User, link string) core.Message {
	return core.Message{
		Template: "password_reset",
		To:       u.Email,
		Subject:  "Set a new password for OpenHouse Console",
		Text: fmt.Sprintf(`Hello %s,

somebody, hopefully you, asked for a new password for your sign-in to
OpenHouse Console. Open this link to choose one:

%s

The link works once, for one hour, and signs you out everywhere else. If it was
not you, ignore this message: your password stays as it is.

OpenHouse AI
`, u.Name, link),
	}
}
