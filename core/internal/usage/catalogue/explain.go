package catalogue

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Explain says where and why JSON can't be read, for a person who reads it.
func Explain(err error) string {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf("%v at byte %d", syntax.Err, syntax.ByteOffset)
	}
	if err == io.EOF {
		return "it is empty"
	}
	return err.Error()
}
