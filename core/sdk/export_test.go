package sdk

import (
	"io"
	"log/slog"
	"net/netip"
)

// Reaches is whether an address may be dialled.
func Reaches(granted []string, ip netip.Addr, port string) bool {
	return egress(granted).reaches(ip, port)
}

// Allows is whether a place was granted by name.
func Allows(granted []string, host, port string) bool { return egress(granted).allows(host, port) }

// Lines is a logger as a plugin's process has it.
func Lines(out io.Writer) *slog.Logger { return newLines(out) }
