package directory

import (
	"context"
	"fmt"
	"strconv"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// maxProblems is how many field errors one import reports.
const maxProblems = 100

// Add imports units inside the caller's transaction: all with the code that
// they bring, registered before (RegisterCodes), or without one. A unit whose
// address its development has already is left out, and so is the second of
// two in the input; duplicates holds their indices. For each development there
// is one audit record and one event with the count, however many units it is.
// Returns invalid, and adds nothing, if a field of any unit is wrong.
func (s *Units) Add(ctx context.Context, tx *tenants.Tx, units []core.Unit) (added int, duplicates []int, err error) {
	if err := checkUnits(units); err != nil {
		return 0, nil, err
	}
	tallies, err := tally(ctx, tx, units)
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
			tallies.of(u.DevelopmentID).added++
		} else {
			tallies.of(u.DevelopmentID).duplicates++
			duplicates = append(duplicates, i)
		}
	}
	return len(fresh), duplicates, s.tellImport(ctx, tx, tallies)
}

// importTally counts what an import did to one development.
type importTally struct {
	development       string
	added, duplicates int
}

// importTallies are in the order in which the developments came.
type importTallies []*importTally

func (t importTallies) of(development string) *importTally {
	for _, one := range t {
		if one.development == development {
			return one
		}
	}
	return nil
}

// tally starts a count for each development, which must exist.
func tally(ctx context.Context, tx *tenants.Tx, units []core.Unit) (importTallies, error) {
	var tallies importTallies
	for _, u := range units {
		if tallies.of(u.DevelopmentID) != nil {
			continue
		}
		if err := developmentExists(ctx, tx, u.DevelopmentID); err != nil {
			return nil, err
		}
		tallies = append(tallies, &importTally{development: u.DevelopmentID})
	}
	return tallies, nil
}

func (s *Units) tellImport(ctx context.Context, tx *tenants.Tx, tallies importTallies) error {
	for _, t := range tallies {
		if t.added == 0 {
			continue
		}
		err := s.tell(ctx, tx, fact{
			action: "unit.import", event: "unit.imported",
			target: core.Target{Kind: "development", ID: t.development},
			changes: diff{
				{Field: "added", After: strconv.Itoa(t.added)},
				{Field: "duplicates", After: strconv.Itoa(t.duplicates)},
			},
			data: eventData{DevelopmentID: t.development, Count: t.added},
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
