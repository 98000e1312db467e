package usage

import "encoding/binary"

// identity is what names an event for ever. One whose id begins with the time
// begins with it too: then new identities lie beside each other on disk, and a
// table of millions takes them as quickly as an empty one.
func identity(source, id string) [16]byte {
	sum := digest(source, id)
	ms, ordered := momentOf(id)
	if !ordered {
		return sum
	}
	var named [16]byte
	binary.BigEndian.PutUint64(named[:8], ms<<16)
	copy(named[6:], sum[:10])
	return named
}

// momentOf reads the 48 bits of milliseconds that a UUID of version 7 and a
// ULID begin with.
func momentOf(id string) (ms uint64, ordered bool) {
	switch len(id) {
	case 36:
		return uuidMoment(id)
	case 26:
		return ulidMoment(id)
	}
	return 0, false
}

func uuidMoment(id string) (ms uint64, ordered bool) {
	for i := range len(id) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if id[i] != '-' {
				return 0, false
			}
			continue
		}
		digit := hexDigit(id[i])
		if digit > 15 {
			return 0, false
		}
		if i < 13 {
			ms = ms<<4 | digit
		}
	}
	return ms, id[14] == '7' && hexDigit(id[19])>>2 == 2 // the version, and RFC 9562's variant
}

func hexDigit(c byte) uint64 {
	switch {
	case '0' <= c && c <= '9':
		return uint64(c - '0')
	case 'a' <= c && c <= 'f':
		return uint64(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return uint64(c - 'A' + 10)
	}
	return 255
}

// crockford are the digits of a ULID, as offsets from '0'; 255 is none.
var crockford = func() (values [256]byte) {
	for c := range values {
		values[c] = 255
	}
	for i, c := range []byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
		values[c] = byte(i)
		if c >= 'A' {
			values[c+'a'-'A'] = byte(i)
		}
	}
	return values
}()

func ulidMoment(id string) (ms uint64, ordered bool) {
	for i := range len(id) {
		digit := crockford[id[i]]
		if digit == 255 || i == 0 && digit > 7 { // the first holds three bits alone
			return 0, false
		}
		if i < 10 {
			ms = ms<<5 | uint64(digit)
		}
	}
	return ms, true
}
