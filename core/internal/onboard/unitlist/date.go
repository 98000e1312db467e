package unitlist

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

var (
	timeOfDay  = regexp.MustCompile(`[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?$`)
	figureDate = regexp.MustCompile(`^(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})$`)
	wordDate   = regexp.MustCompile(`^(?:\pL+,? )?(\d{1,2})(?:ST|ND|RD|TH)?(?: OF)?[ \-/.]*(\pL{3,9})\.?,?[ \-/.]*(\d{4}|\d{2})$`)
	monthDate  = regexp.MustCompile(`^(\pL{3,9})\.?[ \-]*(\d{1,2})(?:ST|ND|RD|TH)?,?[ \-]+(\d{4})$`)
	serialDate = regexp.MustCompile(`^(\d{5})(?:\.\d+)?$`)

	monthNames = strings.Fields("JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER")

	errNoDate       = core.Errorf(core.Invalid, "This isn't a date such as 01/02/2023.")
	errNoSuchDate   = core.Errorf(core.Invalid, "There is no such date.")
	errUnlikelyDate = core.Errorf(core.Invalid, "The year must be between 1900 and 2100.")
)

// parseDate returns a date as 2006-01-02, "" if none is given. A time of day
// is dropped. Figures of the wrong order, such as 02/13/2023 with the day
// first, are an error and not turned round: half of such a file would be
// silently wrong. Epoch is the year of a workbook's day 0, 0 outside one.
func parseDate(s string, order DateOrder, epoch int) (string, error) {
	s = strings.ToUpper(clean(s))
	if unknown(s) {
		return "", nil
	}
	if epoch != 0 {
		if m := serialDate.FindStringSubmatch(s); m != nil {
			return serial(m[1], epoch)
		}
	}
	s = strings.TrimSpace(timeOfDay.ReplaceAllString(s, ""))
	if m := figureDate.FindStringSubmatch(s); m != nil {
		return figures(m[1], m[2], m[3], order)
	}
	if m := wordDate.FindStringSubmatch(s); m != nil {
		return calendarDate(m[3], monthNumber(m[2]), m[1])
	}
	if m := monthDate.FindStringSubmatch(s); m != nil {
		return calendarDate(m[3], monthNumber(m[1]), m[2])
	}
	return "", errNoDate
}

func figures(a, b, c string, order DateOrder) (string, error) {
	switch {
	case len(a) == 4 && len(c) <= 2:
		return calendarDate(a, atoi(b), c)
	case len(a) > 2 || len(c) != 2 && len(c) != 4:
		return "", errNoDate
	case order == MonthFirst:
		return calendarDate(c, atoi(a), b)
	}
	return calendarDate(c, atoi(b), a)
}

// monthNumber is 0 for a word that is no month or not clear.
func monthNumber(word string) int {
	for i, name := range monthNames {
		if strings.HasPrefix(name, word) || word == "SEPT" && name == "SEPTEMBER" {
			return i + 1
		}
	}
	return 0
}

// calendarDate checks that the day exists. Years of two figures are of this
// century.
func calendarDate(year string, month int, day string) (string, error) {
	if month == 0 {
		return "", errNoDate
	}
	y, d := atoi(year), atoi(day)
	if len(year) == 2 {
		y += 2000
	}
	t := time.Date(y, time.Month(month), d, 0, 0, 0, 0, time.UTC)
	if t.Year() != y || t.Month() != time.Month(month) || t.Day() != d {
		return "", errNoSuchDate
	}
	return likely(t)
}

// serial is a day of a workbook: Excel counts from 1899-12-30 because it
// believes in a 29 February 1900, which no date of a unit is older than.
func serial(days string, epoch int) (string, error) {
	zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if epoch == 1904 {
		zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return likely(zero.AddDate(0, 0, atoi(days)))
}

func likely(t time.Time) (string, error) {
	if t.Year() < 1900 || t.Year() > 2100 {
		return "", errUnlikelyDate
	}
	return t.Format(time.DateOnly), nil
}

// atoi reads figures that a pattern has checked.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// orderOf returns the order that a heading gives: Date of Sale (dd/mm/yyyy).
func orderOf(heading string, fallback DateOrder) DateOrder {
	h := strings.ToLower(heading)
	switch {
	case strings.Contains(h, "dd/mm"), strings.Contains(h, "dd-mm"), strings.Contains(h, "dd.mm"):
		return DayFirst
	case strings.Contains(h, "mm/dd"), strings.Contains(h, "mm-dd-y"), strings.Contains(h, "mm.dd"):
		return MonthFirst
	}
	return fallback
}
