package audit

import (
	"encoding/hex"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// leaf is the head of one chain in a checkpoint; its canonical JSON is hashed.
// Chain is the pseudonym of the tenant.
type leaf struct {
	Chain string `json:"chain"`
	Seq   int64  `json:"seq"`
	Head  string `json:"head"`
}

func (l leaf) hash() ([]byte, error) {
	b, err := canonical(l)
	return rfc6962.DefaultHasher.HashLeaf(b), err
}

// root returns the root of the Merkle tree over leaves (RFC 6962) and what
// proves that the leaf at index is in it.
func root(leaves []leaf, index int) (top []byte, path []string, err error) {
	nodes := map[compact.NodeID][]byte{}
	keep := func(id compact.NodeID, hash []byte) { nodes[id] = hash }
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	for _, l := range leaves {
		hash, err := l.hash()
		if err != nil {
			return nil, nil, err
		}
		if err := tree.Append(hash, keep); err != nil {
			return nil, nil, err
		}
	}
	if top, err = tree.GetRootHash(nil); err != nil {
		return nil, nil, err
	}
	plan, err := proof.Inclusion(uint64(index), uint64(len(leaves)))
	if err != nil {
		return nil, nil, err
	}
	hashes := make([][]byte, len(plan.IDs))
	for i, id := range plan.IDs {
		hashes[i] = nodes[id]
	}
	hashes, err = plan.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	for _, h := range hashes {
		path = append(path, hex.EncodeToString(h))
	}
	return top, path, err
}

// included reports whether path proves that l is the leaf at index of the tree
// of size leaves with that root.
func included(l leaf, index, size int, path []string, top string) bool {
	hash, err := l.hash()
	if err != nil || index < 0 || index >= size {
		return false
	}
	hashes := make([][]byte, len(path))
	for i, p := range path {
		if hashes[i], err = hex.DecodeString(p); err != nil {
			return false
		}
	}
	want, err := hex.DecodeString(top)
	return err == nil && proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), hash, hashes, want) == nil
}
