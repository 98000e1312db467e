package rate

import (
	"cmp"
	"math/big"
	"slices"
)

// Part is one who bears a part of a total, by weight. Ids differ.
type Part struct {
	ID     string
	Weight int64
}

// Share shares a total out by weight, with the largest remainders first and ties
// to the lowest id: the parts add up to the total, and their order doesn't
// matter (H21, P11). A negative total is shared like its positive. A weight
// below 0 is none. Where nobody has a weight, the lowest id bears all; without
// parts nobody does.
func Share(total Amount, parts []Part) []Amount {
	if len(parts) == 0 {
		return nil
	}
	weights := new(big.Int)
	for _, p := range parts {
		weights.Add(weights, big.NewInt(max(p.Weight, 0)))
	}
	amounts := make([]Amount, len(parts))
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	byID := func(a, b int) int { return cmp.Compare(parts[a].ID, parts[b].ID) }
	if weights.Sign() == 0 {
		amounts[slices.MinFunc(order, byID)] = total
		return amounts
	}
	whole := new(big.Int).Abs(big.NewInt(int64(total)))
	left := new(big.Int).Set(whole)
	rests := make([]*big.Int, len(parts))
	given := make([]*big.Int, len(parts))
	for i, p := range parts {
		given[i], rests[i] = new(big.Int), new(big.Int)
		given[i].Mul(whole, big.NewInt(max(p.Weight, 0)))
		given[i].QuoRem(given[i], weights, rests[i])
		left.Sub(left, given[i])
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(rests[b].Cmp(rests[a]), byID(a, b)) })
	one := big.NewInt(1)
	for _, i := range order[:left.Int64()] { // fewer than there are parts
		given[i].Add(given[i], one)
	}
	for i, n := range given {
		if total < 0 {
			n.Neg(n)
		}
		amounts[i] = Amount(n.Int64())
	}
	return amounts
}
