package audit

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// leaf is the head of one chain in a checkpoint. Chain is the pseudonym of the
// tenant; it and Head are 64 hexadecimal digits.
type leaf struct {
	Chain string `json:"chain"`
	Seq   int64  `json:"seq"`
	Head  string `json:"head"`
}

// hash returns the hash of the leaf in the tree: of the 32 bytes of chain, seq
// as 8 bytes with the highest first, and the 32 bytes of head.
func (l leaf) hash() ([]byte, error) {
	chain, err := parseHash(l.Chain)
	if err != nil {
		return nil, err
	}
	head, err := parseHash(l.Head)
	if err != nil {
		return nil, err
	}
	b := binary.BigEndian.AppendUint64(chain[:], uint64(l.Seq))
	return rfc6962.DefaultHasher.HashLeaf(append(b, head[:]...)), nil
}

// root returns the root of the Merkle tree over leaves (RFC 6962). Visit, when
// it isn't nil, sees every node that a proof may need.
func root(leaves []leaf, visit compact.VisitFn) ([]byte, error) {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	for _, l := range leaves {
		hash, err := l.hash()
		if err != nil {
			return nil, err
		}
		if err := tree.Append(hash, visit); err != nil {
			return nil, err
		}
	}
	return tree.GetRootHash(nil)
}

// prove returns the path that proves the leaf at index to be in the tree.
func prove(leaves []leaf, index int) (path []string, err error) {
	nodes := map[compact.NodeID][]byte{}
	if _, err := root(leaves, func(id compact.NodeID, hash []byte) { nodes[id] = hash }); err != nil {
		return nil, err
	}
	plan, err := proof.Inclusion(uint64(index), uint64(len(leaves)))
	if err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(plan.IDs))
	for i, id := range plan.IDs {
		hashes[i] = nodes[id]
	}
	hashes, err = plan.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	for _, h := range hashes {
		path = append(path, hex.EncodeToString(h))
	}
	return path, err
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
