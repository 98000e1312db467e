package tenants

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/openhouse-ai/console/core"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a tenant can't be used.
var (
	errNoTenant  = core.Errorf(core.NotFound, "There is no such tenant.")
	errSuspended = core.Errorf(core.Forbidden, "This tenant is suspended: it can be read and not changed.")
	errNotYet    = core.Errorf(core.Unavailable, "This tenant is still being set up.")
	errNewer     = core.Errorf(core.Unavailable, "The data was written by a newer version of OpenHouse Console.")
	errBehind    = core.Errorf(core.Unavailable, "The data of this tenant could not be brought to the present version. It waits for an engineer.")
)

// Sentences for failures of the disk. Nothing that was acknowledged is lost in
// either case.
var (
	errFull     = core.Errorf(core.Unavailable, "The disk is full. Nothing was changed; free some space and try again.")
	errReadOnly = core.Errorf(core.Unavailable, "The storage is read-only at the moment. Nothing was changed.")
	errBusy     = core.Errorf(core.Unavailable, "The storage is busy with another program. Nothing was changed; try again.")
	errDisk     = core.Errorf(core.Unavailable, "The disk reports an error. Nothing was changed.")
	errUnknown  = core.Errorf(core.Unavailable, "The disk did not confirm the change, so it is not known whether it was stored. Look before you repeat it.")
	errClosed   = core.Errorf(core.Unavailable, "The storage is shutting down. Nothing was changed.")
)

// resultOf returns SQLite's extended result code, or 0.
func resultOf(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

// explain gives an error of SQLite or of the file system the code and the
// sentence that a person can act on. Other errors pass as they are.
func explain(err error) error {
	if err == nil || core.CodeOf(err) != core.Internal {
		return err
	}
	result := resultOf(err)
	switch {
	case result == sqlite3.SQLITE_CONSTRAINT_UNIQUE, result == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", core.Errorf(core.Conflict, "There is an entry with these values already."), err)
	case result&0xff == sqlite3.SQLITE_FULL, errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", errFull, err)
	case result&0xff == sqlite3.SQLITE_READONLY, errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %w", errReadOnly, err)
	case result&0xff == sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w: %w", errBusy, err)
	case result&0xff == sqlite3.SQLITE_IOERR, result&0xff == sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	return err
}
