package directory_test

import (
	"testing"

	"github.com/openhouse-ai/console/core/internal/directory"
	"pgregory.net/rapid"
)

func TestAddressKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ label, address, want string }{
		{"", "02 Harpur Park, Harpur Lane, Leixlip", "2 harpur park harpur lane leixlip"},
		{"2 Harpur Park", "02  HARPUR PARK,HARPUR LANE, LEIXLIP.", "2 harpur park harpur lane leixlip"},
		{"", "11 Cronan's Well", "11 cronans well"},
		{"", "11 Cronan’s Well", "11 cronans well"},
		{"", "Cúirt Bhóirme", "cuirt bhoirme"},
		{"", "Cu\u0301irt Bho\u0301irme", "cuirt bhoirme"},
		{"", "Straße & Søn", "strasse and son"},
		{"", "Apt A-007, Block 00", "apt a 7 block 0"},
		{"", "Apt 1 2 Main St", "apt 1 2 main st"},
		{"", "Apt 12 Main St", "apt 12 main st"},
		{"Unit 3", "Harpur Lane, Leixlip", "unit 3 harpur lane leixlip"}, // one address for every row
		{"3", "Apt 3, Harpur Lane", "apt 3 harpur lane"},
		{"3", "Apt 33, Harpur Lane", "3 apt 33 harpur lane"},
		{"Unit 3", "", "unit 3"},
		{"", "", ""},
		{"", " ,;. ", ""},
		{"", "№5 ½ Ａ", "no5 1 2 a"},
	} {
		equal(t, "key of "+c.label+" / "+c.address, directory.AddressKey(c.label, c.address), c.want)
	}
}

// A key is its own key, so that comparing keys is the same as folding again.
func FuzzAddressKey(f *testing.F) {
	f.Add("2 Harpur Park", "02 Harpur Park, Léixlip")
	f.Add("İ", "ẞ ﬁ 00ſ&&'")
	f.Fuzz(func(t *testing.T, label, address string) {
		key := directory.AddressKey(label, address)
		if again := directory.AddressKey("", key); again != key {
			t.Fatalf("key of key %q is %q", key, again)
		}
	})
}

// Noise that people put between the words of an address doesn't change its key.
func TestAddressKeyIgnoresNoise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,8}|[1-9][0-9]{0,2}`), 1, 6).Draw(t, "parts")
		noise := rapid.SampledFrom([]string{" ", ", ", "  ", ".", " - ", "\t", "/", "; "})
		zeros := rapid.SampledFrom([]string{"", "0", "00"})
		plain, noisy := "", ""
		for _, part := range parts {
			plain += part + " "
			if part[0] <= '9' {
				part = zeros.Draw(t, "zeros") + part
			}
			noisy += part + noise.Draw(t, "noise")
		}
		equal(t, "key", directory.AddressKey("", noisy), directory.AddressKey("", plain))
	})
}
