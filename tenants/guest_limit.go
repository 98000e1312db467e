package tenants

import (
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// guestLimits keep one statement of a guest from taking the console's memory or
// time: bytes of a value, a row and a statement, of a pattern that backtracks,
// and how many databases it may attach.
var guestLimits = map[int32]int32{
	sqlite3.SQLITE_LIMIT_LENGTH:              20 << 20,
	sqlite3.SQLITE_LIMIT_SQL_LENGTH:          1 << 20,
	sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
	sqlite3.SQLITE_LIMIT_ATTACHED:            0,
}

// limit is called before the connection is used.
func (c *guestConn) limit() {
	thread := libc.NewTLS()
	defer thread.Close()
	for limit, most := range guestLimits {
		sqlite3.Xsqlite3_limit(thread, c.handle, limit, most)
	}
}
