package directory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// maxProblems is how many field errors one import reports.
const maxProblems = 100

// Add imports units inside the caller's transaction, tidies them in place and
// gives them their ids. A unit keeps the code that it brings, which was
// registered before (RegisterCodes), or has none yet. One whose address its
// development has already is left out, and so is the second of two in the
// input; duplicates holds their indices. For each development there is one
// audit record and one event with the count, however many units it is.
// Returns invalid, and adds nothing, if a field of any unit is wrong.
func (s *Units) Add(ctx context.Context, tx *tenants.Tx, units []core.Unit) (added int, duplicates []int, err error) {
	if err := checkUnits(units); err != nil {
		return 0, nil, err
	}
	tallies, err := startTallies(ctx, tx, units)
	if err != nil {
		return 0, nil, err
	}
	for i := range units {
		units[i].ID = core.NewID(core.PrefixUnit, tx.Now)
	}
	fresh, err := insertUnits(ctx, tx, units)
	if err != nil {
		return 0, nil, fmt.Errorf("import %s: %w", counted(len(units), "unit"), err)
	}
	for i, u := range units {
		if fresh[u.ID] {
			tallies[u.DevelopmentID].added++
		} else {
			tallies[u.DevelopmentID].duplicates++
			duplicates = append(duplicates, i)
		}
	}
	return len(fresh), duplicates, s.tellImport(ctx, tx, tallies)
}

// importTally counts what an import did to one development.
type importTally struct{ added, duplicates int }

// startTallies starts a count for each development, which must exist.
func startTallies(ctx context.Context, tx *tenants.Tx, units []core.Unit) (map[string]*importTally, error) {
	tallies := map[string]*importTally{}
	for _, u := range units {
		if tallies[u.DevelopmentID] != nil {
			continue
		}
		if err := developmentExists(ctx, tx, u.DevelopmentID); err != nil {
			return nil, err
		}
		tallies[u.DevelopmentID] = &importTally{}
	}
	return tallies, nil
}

func (s *Units) tellImport(ctx context.Context, tx *tenants.Tx, tallies map[string]*importTally) error {
	for _, development := range slices.Sorted(maps.Keys(tallies)) {
		count := tallies[development]
		if count.added == 0 {
			continue
		}
		err := s.tell(ctx, tx, fact{
			action: "unit.import", event: "unit.imported",
			target: core.Target{Kind: "development", ID: development},
			changes: diff{
				{Field: "added", After: strconv.Itoa(count.added)},
				{Field: "duplicates", After: strconv.Itoa(count.duplicates)},
			},
			data: eventData{DevelopmentID: development, Count: count.added},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func checkUnits(units []core.Unit) error {
	var problems core.Problems
	for i := range units {
		c := checker{prefix: "units[" + strconv.Itoa(i) + "]."}
		c.unit(&units[i])
		if problems = append(problems, c.Problems...); len(problems) > maxProblems {
			return problems[:maxProblems].Err()
		}
	}
	return problems.Err()
}
