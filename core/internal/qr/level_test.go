package qr

import (
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// The tables are right when Q, where it is chosen, takes no larger code than M.
func TestLevelCostsNothing(t *testing.T) {
	t.Parallel()
	better := 0
	for n := 1; n <= 220; n++ {
		text := strings.Repeat("x", n)
		if level(text) != qr.Q {
			continue
		}
		better++
		m, err := qr.Encode(text, qr.M, qr.Unicode)
		if err != nil {
			t.Fatal(err)
		}
		code, err := Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		if code.Size() > m.Bounds().Dx() {
			t.Errorf("%d bytes: %d modules at Q, %d at M", n, code.Size(), m.Bounds().Dx())
		}
	}
	if better == 0 {
		t.Error("Q was never chosen")
	}
}
