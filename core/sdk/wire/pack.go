// Package wire is what travels between the console and a plugin: the gRPC
// contract and its generated code, the packing of rows and parameters, the
// handshake, and errors.
//
// A plugin and its host may also meet in one process, as they do in tests:
//
//	host, closeHost, err := wire.Local(func(s *grpc.Server) { wire.RegisterHostServer(s, desk) })
//	server, err := sdk.New(plugin)
//	server.Connect(host)
//	conn, closePlugin, err := wire.Local(server.Register)
//	wire.NewPluginClient(conn).Configure(ctx, &wire.ConfigureRequest{Egress: …})
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ProtocolVersion grows when an older side could not understand a newer one.
const ProtocolVersion = 1

// GrantKey is the metadata that carries the grant of an invocation.
const GrantKey = "openhouse-grant"

// Limits of one page of rows, of a message, and of one line of a log.
const (
	PageRows    = 256
	PageBytes   = 256 << 10
	MaxMessage  = 16 << 20
	MaxLogBytes = 60 << 10 // go-plugin loses the level of lines over 64 KiB
)

// Kinds of a packed value: one byte before its content.
const (
	null byte = iota
	integer
	float
	text
	blob
	boolean
)

// ErrPacked is returned for bytes that Append did not make.
var ErrPacked = errors.New("packed values are damaged")

// Append packs values behind b: nil, int64, float64, string, []byte and bool,
// which are what SQLite and its driver know. Returns an error for another type.
func Append(b []byte, values ...any) ([]byte, error) {
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = append(b, null)
		case int64:
			b = binary.AppendVarint(append(b, integer), v)
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, float), math.Float64bits(v))
		case string:
			b = append(binary.AppendUvarint(append(b, text), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, blob), uint64(len(v))), v...)
		case bool:
			b = append(b, boolean, 0)
			if v {
				b[len(b)-1] = 1
			}
		default:
			return b, fmt.Errorf("a %T can't be packed", v)
		}
	}
	return b, nil
}

// Next unpacks the first value of b and returns the rest. A blob is a part of
// b, not a copy.
func Next(b []byte) (value any, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, ErrPacked
	}
	kind, b := b[0], b[1:]
	switch kind {
	case null:
		return nil, b, nil
	case integer:
		v, n := binary.Varint(b)
		if n <= 0 {
			return nil, nil, ErrPacked
		}
		return v, b[n:], nil
	case float:
		if len(b) < 8 {
			return nil, nil, ErrPacked
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), b[8:], nil
	case boolean:
		if len(b) < 1 || b[0] > 1 {
			return nil, nil, ErrPacked
		}
		return b[0] == 1, b[1:], nil
	case text, blob:
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, nil, ErrPacked
		}
		body, rest := b[n:n+int(size):n+int(size)], b[n+int(size):]
		if kind == text {
			return string(body), rest, nil
		}
		return body, rest, nil
	}
	return nil, nil, ErrPacked
}

// Unpack returns every value of b.
func Unpack(b []byte) ([]any, error) {
	var values []any
	for len(b) > 0 {
		v, rest, err := Next(b)
		if err != nil {
			return nil, err
		}
		values, b = append(values, v), rest
	}
	return values, nil
}
