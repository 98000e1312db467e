package unitlist_test

import (
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

func TestTidyAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"22 harpur avenue, leixlip":                 "22 Harpur Avenue, Leixlip",
		"24  RATHBORNE AVENUE ,ASHTOWN":             "24 Rathborne Avenue, Ashtown",
		"36 OAK PARK, MALAHIDE, CO. DUBLIN":         "36 Oak Park, Malahide, Co. Dublin",
		"6 TANDY'S DRIVE, LUCAN":                    "6 Tandy's Drive, Lucan",
		"O'DEVANEY GARDENS, DUBLIN 7":               "O'Devaney Gardens, Dublin 7",
		"1 D’ARCY MCGRATH ROAD":                     "1 D’Arcy McGrath Road",
		"12 MACUILLIAM WALK, MACROOM":               "12 MacUilliam Walk, Macroom",
		"5 muirne na ngael, brideswell":             "5 Muirne na nGael, Brideswell",
		"BUN NA COILLE, MOYCULLEN":                  "Bun na Coille, Moycullen",
		"14 RADHARC AN CHNOIC, TULLA":               "14 Radharc an Chnoic, Tulla",
		"AN FÁNÁN, LETTERAGH ROAD":                  "An Fánán, Letteragh Road",
		"54a nephin rd, block b":                    "54A Nephin Rd, Block B",
		"PHASE II, 3 GEORGE IV STREET":              "Phase II, 3 George IV Street",
		"12 STOKE-ON-TRENT ROAD, ISLE OF MAN":       "12 Stoke-on-Trent Road, Isle of Man",
		"3 25TH AVENUE":                             "3 25th Avenue",
		"part of folio mh8851":                      "Part of Folio MH8851",
		"113 DUndoogan,, Haynestown , ":             "113 DUndoogan, Haynestown",
		"1\u00a0Main\tStreet\u200b,\x00 Naas":       "1 Main Street, Naas",
		"6 Dún Riabhach Park":                       "6 Dún Riabhach Park",
		"21 William's Grove, Ardclough, Co Kildare": "21 William's Grove, Ardclough, Co Kildare",
		"":     "",
		" , ,": "",
	} {
		if got := unitlist.TidyAddress(in); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
}

func TestTidyCounty(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Kildare": "Kildare", "CO. KILDARE": "Kildare", "County Cork": "Cork", "Co.Meath": "Meath",
		"GREATER LONDON": "Greater London", "County Durham": "County Durham", "": "",
	} {
		if got := unitlist.TidyCounty(in); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
}

func TestLabelOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"02 Harpur Park, Harpur Lane, Leixlip":             "2 Harpur Park",
		"No. 67, Vicars Glebe, Coachford":                  "67 Vicars Glebe",
		"No.10 Cedar Drive, Westport":                      "10 Cedar Drive",
		"No 8, The Mill Tree, Ratoath":                     "8 The Mill Tree",
		"Apt 03, The Mill, Naas":                           "Apt 3, The Mill",
		"Apartment 29, Block C, Aughamore":                 "Apartment 29, Block C, Aughamore",
		"Block D Apartment 45, The Blake, Fanan":           "Block D Apartment 45, The Blake",
		"Apartment 68 Block 1, Gleann Na Mona, Galway":     "Apartment 68 Block 1, Gleann Na Mona",
		"Site No 10, Brennanstown Wood, Brennanstown Road": "Site No 10, Brennanstown Wood",
		"The Skylarks, 3 Oak Grove, The Woods":             "The Skylarks, 3 Oak Grove",
		"Torpanmore, Ballyforan":                           "Torpanmore",
		"Plot 12":                                          "Plot 12",
		"1-43 The Springs, Kilminchy":                      "1-43 The Springs",
		"100 Main Street":                                  "100 Main Street",
	} {
		if got := unitlist.LabelOf(in, 0); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
	if got := unitlist.LabelOf("28 The Crescent, Walkers Gate, Kildare", 1); got != "28 The Crescent, Walkers Gate" {
		t.Errorf("longer label = %q", got)
	}
}

func TestKeyOf(t *testing.T) {
	t.Parallel()
	key := func(address, county string) string {
		return unitlist.KeyOf(core.Unit{Address: address, County: county})
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"02 Harpur Park, Leixlip", "2 HARPUR  PARK, LEIXLIP", true},
		{"54 Nephin Rd, Navan Rd, Dublin 7", "54 Nephin Road, Navan Road, Dublin 7", true},
		{"1 St. Mary's Street", "1 Saint Marys St", true},
		{"No. 33 Woodstream, Coolaney", "33 Woodstream, Coolaney", true},
		{"49 Clochán, Kilmeaden", "49 Clochan Kilmeaden", true},
		{"Apt. 5, The Mill", "Appartment 5, The Mill", true},
		{"14 Graydon Place, Co. Kildare", "14 Graydon Place, County Kildare", true},
		{"14 Graydon Place, Co. Kildare", "14 Graydon Place", true},
		{"54 Nephin Road", "54A Nephin Road", false},
		{"1 Harpur Park", "11 Harpur Park", false},
		{"1 Harpur Park", "1 Harpur Place", false},
		{"2 Harpur Green, Harpur Lane", "2 Harpur Grove, Harpur Lane", false},
		{"10 Main Street", "100 Main Street", false},
	} {
		if same := key(c.a, "Kildare") == key(c.b, "Kildare"); same != c.same {
			t.Errorf("%q and %q: same = %t", c.a, c.b, same)
		}
	}
	if key("1 Main Street", "Kildare") == key("1 Main Street", "Cork") {
		t.Error("one address in two counties is one unit")
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body       string
		duplicates int
	}{
		"resale":                          {"1 Main St,,100,01/02/2023\n1 Main Street,,120,01/06/2023\n", 1},
		"apartments behind one door":      {"1 Main St,W23F8EX,,\n1 Main St,W23V2DE,,\n", 0},
		"one of them without a postcode":  {"1 Main St,,,\n1 Main St,W23V2DE,,\n1 Main St,W23F8EX,,\n", 1},
		"postcode then none":              {"1 Main St,W23V2DE,,\n1 Main St,,,\n", 1},
		"places without a number":         {"Main Street,,100,01/02/2023\nMain Street,,120,01/02/2023\n", 0},
		"a place in full agreement":       {"Main Street,,100,01/02/2023\nMAIN STREET,,100,01/02/2023\n", 1},
		"number of a postal district":     {"\"The Green, Dublin 7\",,100,\n\"The Green, Dublin 7\",,120,\n", 0},
		"the same postcode written twice": {"1 Main St,W23F8EX,,\n1 Main St,w23 f8ex,,\n", 1},
	} {
		rows, report := read(t, "Address,Eircode,Price,Sold\n"+c.body, unitlist.Options{})
		if report.Duplicates != c.duplicates || report.Rejected != 0 {
			t.Errorf("%s: %+v", name, report)
		}
		keys := map[string]bool{}
		for _, r := range rows {
			keys[r.Key] = true
		}
		if len(keys) != len(rows) {
			t.Errorf("%s: %d keys for %d rows", name, len(keys), len(rows))
		}
	}
}

func TestUnitsOfOneBuilding(t *testing.T) {
	t.Parallel()
	rows, report := read(t, "Unit,Address\n1,12 High Street\n2,12 High Street\n02,12 HIGH ST\n", unitlist.Options{})
	if len(rows) != 2 || rows[0].Unit.Label != "Unit 1" || rows[1].Unit.Label != "Unit 2" || report.Repeats[0] != (unitlist.Repeat{Line: 4, First: 3, Address: "12 High St"}) {
		t.Errorf("rows %+v, repeats %+v", rows, report.Repeats)
	}
	rows, _ = read(t, "Address,Eircode\n12 High Street,W23F8EX\n12 High Street,W23V2DE\n", unitlist.Options{})
	if rows[0].Unit.Label != "12 High Street" || rows[1].Unit.Label != "12 High Street, W23 V2DE" {
		t.Errorf("labels %q, %q", rows[0].Unit.Label, rows[1].Unit.Label)
	}
}
