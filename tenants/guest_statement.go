package tenants

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/openhouse-ai/console/core"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	errGuestReads = core.Errorf(core.Invalid, "Nothing can be changed here: this call only reads.")
	errOneOnly    = core.Errorf(core.Invalid, "One call takes one SQL statement.")
	errNoText     = core.Errorf(core.Invalid, "There is no SQL statement.")
	errZeroByte   = core.Errorf(core.Invalid, "An SQL statement can't have a zero byte.")
)

// explain tells a guest what is wrong with its statement, and why nothing works
// any more once its transaction is over.
func (t *GuestTx) explain(err error) error {
	if why := context.Cause(t.ctx); err != nil && why != nil {
		return why
	}
	if resultOf(err)&0xff == sqlite3.SQLITE_READONLY && !t.writing {
		return errGuestReads
	}
	return explainGuest(err)
}

// explainGuest is explain for statements that somebody else has written.
func explainGuest(err error) error {
	if err = explain(err); err == nil || core.CodeOf(err) != core.Internal {
		return err
	}
	result := resultOf(err) & 0xff
	if _, refused := errors.AsType[*Refusal](err); refused || result == sqlite3.SQLITE_AUTH {
		return fmt.Errorf("%w: %w", core.Errorf(core.Forbidden, "The plugin has no right to do this."), err)
	}
	switch result {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_TOOBIG:
		return fmt.Errorf("%w: %w", core.Errorf(core.Invalid, "The database doesn't accept this."), err)
	}
	return err
}

// oneStatement refuses a text with more or less than one statement. The driver
// would run all of them. It splits a text where SQLite's tokenizer does.
func oneStatement(text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return errZeroByte
	}
	statements, ended := 0, true
	for i := 0; i < len(text); {
		n := token(text[i:])
		switch c := text[i]; {
		case strings.IndexByte(" \t\n\f\r", c) >= 0, n > 1 && (c == '-' || c == '/'): // a comment
		case c == ';':
			ended = true
		case ended:
			if statements++; statements > 1 {
				return errOneOnly
			}
			ended = false
		}
		i += n
	}
	if statements == 0 {
		return errNoText
	}
	return nil
}

// token returns the length of the quoted text, the comment or the one byte that
// the text begins with. What isn't closed goes to the end.
func token(text string) int {
	until := func(from int, end string) int {
		if at := strings.Index(text[from:], end); at >= 0 {
			return from + at + len(end)
		}
		return len(text)
	}
	switch c := text[0]; {
	case c == '\'' || c == '"' || c == '`': // a doubled quote begins the next token, which is as good
		return until(1, text[:1])
	case c == '[':
		return until(1, "]")
	case strings.HasPrefix(text, "--"):
		return until(2, "\n")
	case strings.HasPrefix(text, "/*") && len(text) > 2:
		return until(2, "*/")
	}
	return 1
}
