package usage

// What the tests look at from inside.
var (
	Canonical = canonical
	Identity  = identity
	Digest    = digest
	Reordered = reordered // canonical without its shortcut
)
