package unitlist

// The parsers of values, for their tables and fuzz targets.
var (
	ParsePrice    = parsePrice
	ParseDate     = parseDate
	ParsePostcode = parsePostcode
	CutPostcode   = cutPostcode
	TidyAddress   = tidyAddress
	TidyCounty    = tidyCounty
	LabelOf       = labelOf
	KeyOf         = keyOf
	Clean         = clean
	Fold          = fold
	Heading       = heading
)
