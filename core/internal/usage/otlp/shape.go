package otlp

import "google.golang.org/protobuf/encoding/protowire"

// What holds more messages than maxNodes, or deeper within each other than
// maxDepth, would cost many times its length to read.
const (
	maxNodes = 500_000
	maxDepth = 100
)

// message is what lies within a Protobuf message, by number of field; a field
// without a message of its own is nil.
type message map[protowire.Number]message

// request is as much of ExportTraceServiceRequest as repeats or nests: what a
// few bytes can blow up.
var request = requestMessage()

func requestMessage() message {
	value := message{}
	attribute := message{2: value}
	value[5] = message{1: value}     // a list
	value[6] = message{1: attribute} // a map

	entity := message{3: nil, 4: nil}
	resource := message{1: attribute, 3: entity}
	span := message{9: attribute, 11: {3: attribute}, 13: {4: attribute}, 15: nil}
	scopes := message{1: {3: attribute}, 2: span}
	return message{1: {1: resource, 2: scopes, 1000: scopes}}
}

// checkProtobuf holds a request to our limits before it is read: the reader
// that comes after it would follow any depth, and make hundreds of bytes of two.
func checkProtobuf(body []byte) error {
	left := maxNodes
	return request.walk(body, maxDepth, &left)
}

func (m message) walk(body []byte, depth int, left *int) error {
	if depth == 0 {
		return ErrTooLarge
	}
	for len(body) > 0 {
		number, kind, n := protowire.ConsumeTag(body)
		if n < 0 {
			return protowire.ParseError(n)
		}
		body = body[n:]
		inside, counts := m[number]
		if !counts || kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, body); n < 0 {
				return protowire.ParseError(n)
			}
			body = body[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(body)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if *left--; *left < 0 {
			return ErrTooLarge
		}
		if body = body[n:]; inside == nil {
			continue
		}
		if err := inside.walk(value, depth-1, left); err != nil {
			return err
		}
	}
	return nil
}
