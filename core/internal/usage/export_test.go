package usage

// What the tests look at from inside.
var (
	Canonical = func(data []byte) ([]byte, error) {
		p := plain{out: []byte("left"), at: 3, members: make([]member, 2), scratch: []byte("behind")} // by another, which was refused
		return p.canonical(data)
	}
	Identity  = identity
	Digest    = digest
	Reordered = reordered // canonical without its shortcut
)
