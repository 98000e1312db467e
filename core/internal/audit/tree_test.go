package audit

import (
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"
)

// Every leaf of a tree of any size is proved by its path, and by no other's.
func TestPathsProveTheirLeaves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		leaves := make([]leaf, rapid.IntRange(1, 70).Draw(t, "size"))
		for i := range leaves {
			leaves[i] = leaf{hash{byte(i)}.String(), int64(i), hash{1, byte(i)}.String()}
		}
		index := rapid.IntRange(0, len(leaves)-1).Draw(t, "index")
		other := rapid.IntRange(0, len(leaves)-1).Draw(t, "other")
		top, err := root(leaves, nil)
		if err != nil {
			t.Fatal(err)
		}
		path, err := prove(leaves, index)
		if err != nil {
			t.Fatal(err)
		}
		if got := included(leaves[other], index, len(leaves), path, hex.EncodeToString(top)); got != (other == index) {
			t.Errorf("leaf %d with the path of leaf %d of %d: proved %t", other, index, len(leaves), got)
		}
	})
}
