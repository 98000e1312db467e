package tenants

import (
	"log/slog"
	"syscall"
)

// defaultOpen is the number of tenants that are kept open.
const defaultOpen = 512

// What the process needs for connections and files of its own, and what an
// open tenant needs: file and log of the writer and of two readers, and the
// shared index.
const (
	reservedDescriptors = 256
	tenantDescriptors   = 7
)

// openLimit returns how many tenants may stay open: what was asked for, or
// less when the process may not open so many files.
func openLimit(asked int, log *slog.Logger) int {
	if asked <= 0 {
		asked = defaultOpen
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		log.Warn("read the limit of open files", "error", err)
		return asked
	}
	return boundOpen(asked, limit.Cur, log)
}

func boundOpen(asked int, descriptors uint64, log *slog.Logger) int {
	if uint64(asked)*tenantDescriptors+reservedDescriptors <= descriptors {
		return asked
	}
	bound := 1
	if descriptors > reservedDescriptors+tenantDescriptors {
		bound = int((descriptors - reservedDescriptors) / tenantDescriptors)
	}
	log.Warn("fewer tenants stay open than configured", "configured", asked, "open", bound, "open_file_limit", descriptors)
	return bound
}
