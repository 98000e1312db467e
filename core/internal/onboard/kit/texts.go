package kit

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// texts are the words of one language. {developer}, {development}, {unit} and
// {email} stand for the site's; each language uses those that English uses.
type texts struct {
	Locale string
	Months [12]string
	Date   string // {day}, {month}, {year}

	Scan string // on labels, beside a code

	Letters, To, Headline, Dear, Welcome, Assistant string
	StepsTitle                                      string
	Steps                                           [3]string
	TopicsTitle                                     string
	Topics                                          [4]topic
	Closing, Regards, Privacy                       string

	Poster, PosterHeadline, PosterText string
	PosterSteps                        [3]topic
	PosterContact                      string

	Checklist, ChecklistIntro, Initials string
	Sections                            [3]section
	Register, RegisterIntro             string
	RegisterTicks                       [4]string
	UnitsOne, UnitsMany, Page           string // {n}; {page}, {pages}

	Labels                                string
	Number, Unit, Address, Postcode, Link string
	UnitSheet                             string // name of the sheet: at most 31 characters
	Readme                                string
}

type topic struct{ Title, Text string }

type section struct {
	Title string
	Items []topic
}

// textsFor returns the words of the language that is nearest to a locale.
func textsFor(locale string) texts {
	tags := make([]language.Tag, len(catalogue))
	for i, t := range catalogue {
		tags[i] = language.Make(t.Locale)
	}
	_, i, _ := language.NewMatcher(tags).Match(language.Make(locale))
	return catalogue[i]
}

// date writes a day the way the language does.
func (t texts) date(day time.Time) string {
	return strings.NewReplacer("{day}", strconv.Itoa(day.Day()), "{month}", t.Months[day.Month()-1], "{year}", strconv.Itoa(day.Year())).Replace(t.Date)
}

// units counts units in words.
func (t texts) units(n int) string {
	if n == 1 {
		return t.UnitsOne
	}
	return strings.ReplaceAll(t.UnitsMany, "{n}", strconv.Itoa(n))
}
