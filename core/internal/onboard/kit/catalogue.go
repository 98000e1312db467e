package kit

// catalogue holds the words of every language. The first is the one that
// readers of all others get.
var catalogue = []texts{english("en-IE"), english("en-GB"), german}

// english is Irish English, and British where it differs.
func english(locale string) texts {
	t := irish
	t.Locale = locale
	if locale == "en-GB" {
		t.Topics[1].Text = "Appliance guides, warranties and your energy certificate in one place."
		t.Postcode = "Postcode"
	}
	return t
}

var irish = texts{
	Months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	Date:   "{day} {month} {year}",

	Scan: "Scan to meet your home",

	Letters:    "Welcome letters",
	To:         "To the homeowners of",
	Headline:   "Welcome home to {unit}.",
	Dear:       "Dear homeowner,",
	Welcome:    "Congratulations on your new home. Everyone at {developer} hopes that you will be very happy in it, from the first evening on.",
	Assistant:  "Your home comes with an assistant that knows {development} well. Ask in your own words, at any hour, and it answers from the documents of your home.",
	StepsTitle: "Getting started takes a minute",
	Steps: [3]string{
		"Scan the code with your phone and open the link.",
		"Enter your name and e-mail address to sign up.",
		"Ask your first question.",
	},
	TopicsTitle: "What you can ask",
	Topics: [4]topic{
		{"Your home", "How things work, from the heating to the alarm."},
		{"Manuals and certificates", "Appliance guides, warranties and your BER certificate in one place."},
		{"Maps and neighbourhood", "Site map, parking, bus stops, schools and shops."},
		{"Snags and contacts", "How to report a snag, and who looks after what."},
	},
	Closing: "And if you would rather talk to a person, we are always glad to hear from you.",
	Regards: "Warm regards,",
	Privacy: "Your privacy: {developer} uses your name and e-mail address to provide the assistant of your home. You may ask to see, correct or delete them at any time: {email}. The code belongs to your home alone, so please don’t share a picture of it.",

	Poster:         "Poster",
	PosterHeadline: "Meet your home.",
	PosterText:     "Every home at {development} comes with an assistant. Ask it how things work, where the manuals are and who looks after what.",
	PosterSteps: [3]topic{
		{"Scan", "Point your phone’s camera at the code."},
		{"Find your home", "Its own code is in your welcome letter."},
		{"Ask anything", "Day or night, in your own words."},
	},
	PosterContact: "Questions? {email}",

	Checklist:      "Launch checklist",
	ChecklistIntro: "Three short rounds, so that every home at {development} greets its owners.",
	Initials:       "Initials, date",
	Sections: [3]section{
		{"Before handover", []topic{
			{"Print the label sheets on A4 and cut along the marks", "labels.pdf, at 100 %: not “fit to page”."},
			{"Fix each label inside its own home", "At eye level beside the fuse board, dry and out of the sun."},
			{"Scan every label once", "Check that the right home opens. Tick it off in the register."},
			{"Put up the poster", "In the show house and in the site office."},
			{"Check the documents of every house type", "Manuals, certificates and warranties are uploaded and current."},
			{"Check the snag contacts", "Including a number for evenings and weekends."},
		}},
		{"At handover", []topic{
			{"Give the homeowners their welcome letter", "The letter of that very unit: each holds its own code."},
			{"Let them scan the label with their own phone", "Stay while they sign up and ask a first question."},
			{"Note the date of handover in the console", ""},
		}},
		{"In the first week", []topic{
			{"Ring those who have not signed up yet", "The console lists them by development."},
			{"Read the questions that found no answer", "Add the document that was missing."},
			{"Replace labels that are damaged or lost", "Print the sheet again: the codes stay the same."},
		}},
	},
	Register:      "Unit by unit",
	RegisterIntro: "One line for each home. Done means ticked, not remembered.",
	RegisterTicks: [4]string{"Label fixed", "Code tested", "Letter given", "Signed up"},
	UnitsOne:      "1 unit",
	UnitsMany:     "{n} units",
	Page:          "Page {page} of {pages}",

	Labels:    "Labels",
	Number:    "No.",
	Unit:      "Unit",
	Address:   "Address",
	Postcode:  "Eircode",
	Link:      "Link",
	UnitSheet: "Units",
	Readme: `{developer}
{development}: launch kit

welcome-letters.pdf   a letter for each unit; A4, one page each
poster.pdf            for the show house and the site office; A4, enlarges to A3
checklist.pdf         for the site team, with a register of all units
units.xlsx            the unit list, with the link of every code
qr-pack/labels.pdf    label sheets; print on A4 at 100 %, cut along the marks
qr-pack/png, svg      each code on its own, for signs and handover packs
qr-pack/index.csv     which file belongs to which unit

Start with checklist.pdf. Each code opens its own unit, so letters and labels
must not be mixed up. Whoever holds a code can sign up for its unit: keep these
files as you would keep keys.
`,
}

var german = texts{
	Locale: "de-DE",
	Months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	Date:   "{day}. {month} {year}",

	Scan: "Scannen und Zuhause kennen lernen",

	Letters:    "Willkommensbriefe",
	To:         "An die Bewohner von",
	Headline:   "Willkommen zu Hause: {unit}.",
	Dear:       "Guten Tag,",
	Welcome:    "herzlichen Glückwunsch zu Ihrem neuen Zuhause. Alle bei {developer} wünschen Ihnen, dass Sie darin vom ersten Abend an glücklich sind.",
	Assistant:  "Zu Ihrem Zuhause gehört ein Assistent, der {development} gut kennt. Fragen Sie in eigenen Worten, zu jeder Stunde: Er antwortet aus den Unterlagen Ihres Hauses.",
	StepsTitle: "In einer Minute geht es los",
	Steps: [3]string{
		"Scannen Sie den Code und öffnen Sie den Link.",
		"Melden Sie sich mit Name und E-Mail-Adresse an.",
		"Stellen Sie Ihre erste Frage.",
	},
	TopicsTitle: "Was Sie fragen können",
	Topics: [4]topic{
		{"Ihr Zuhause", "Wie alles funktioniert, von der Heizung bis zum Alarm."},
		{"Anleitungen und Nachweise", "Geräteanleitungen, Garantien und der Energieausweis an einem Ort."},
		{"Karten und Umgebung", "Lageplan, Parkplätze, Haltestellen, Schulen, Läden."},
		{"Mängel und Kontakte", "Wie Sie einen Mangel melden und wer wofür zuständig ist."},
	},
	Closing: "Und wenn Sie lieber mit einem Menschen sprechen: Wir freuen uns, von Ihnen zu hören.",
	Regards: "Herzliche Grüße",
	Privacy: "Ihre Privatsphäre: {developer} verwendet Ihren Namen und Ihre E-Mail-Adresse, um den Assistenten Ihres Hauses bereitzustellen. Sie können jederzeit Auskunft, Berichtigung oder Löschung verlangen: {email}. Der Code gehört allein zu Ihrem Haus; bitte teilen Sie kein Bild davon.",

	Poster:         "Plakat",
	PosterHeadline: "Hallo, Zuhause.",
	PosterText:     "Zu jedem Zuhause in {development} gehört ein Assistent. Fragen Sie ihn, wie etwas funktioniert, wo die Anleitungen sind und wer wofür zuständig ist.",
	PosterSteps: [3]topic{
		{"Scannen", "Richten Sie die Kamera Ihres Telefons auf den Code."},
		{"Ihr Zuhause finden", "Sein eigener Code steht in Ihrem Willkommensbrief."},
		{"Alles fragen", "Bei Tag und Nacht, in Ihren Worten."},
	},
	PosterContact: "Fragen? {email}",

	Checklist:      "Checkliste zum Start",
	ChecklistIntro: "Drei kurze Runden, damit jedes Zuhause in {development} seine Bewohner begrüßt.",
	Initials:       "Kürzel, Datum",
	Sections: [3]section{
		{"Vor der Übergabe", []topic{
			{"Etikettenbögen auf A4 drucken und an den Marken schneiden", "labels.pdf mit 100 %: nicht „an Seite anpassen“."},
			{"Jedes Etikett in seinem eigenen Haus anbringen", "Auf Augenhöhe am Sicherungskasten, trocken und ohne direkte Sonne."},
			{"Jedes Etikett einmal scannen", "Prüfen, ob sich das richtige Haus öffnet, und im Verzeichnis abhaken."},
			{"Das Plakat aufhängen", "Im Musterhaus und im Baubüro."},
			{"Die Unterlagen jedes Haustyps prüfen", "Anleitungen, Nachweise und Garantien sind hochgeladen und aktuell."},
			{"Die Kontakte für Mängel prüfen", "Auch eine Nummer für Abende und Wochenenden."},
		}},
		{"Bei der Übergabe", []topic{
			{"Den Bewohnern ihren Willkommensbrief geben", "Genau den Brief dieses Hauses: Jeder hat seinen eigenen Code."},
			{"Die Bewohner mit dem eigenen Telefon scannen lassen", "Dabei bleiben, bis sie angemeldet sind und eine erste Frage gestellt haben."},
			{"Das Datum der Übergabe in der Konsole eintragen", ""},
		}},
		{"In der ersten Woche", []topic{
			{"Anrufen, wer noch nicht angemeldet ist", "Die Konsole listet sie nach Wohnanlage auf."},
			{"Die Fragen ohne Antwort lesen", "Das fehlende Dokument ergänzen."},
			{"Beschädigte oder verlorene Etiketten ersetzen", "Den Bogen neu drucken: Die Codes bleiben dieselben."},
		}},
	},
	Register:      "Haus für Haus",
	RegisterIntro: "Eine Zeile für jedes Haus. Erledigt ist, was abgehakt ist.",
	RegisterTicks: [4]string{"Etikett", "Code geprüft", "Brief", "Angemeldet"},
	UnitsOne:      "1 Einheit",
	UnitsMany:     "{n} Einheiten",
	Page:          "Seite {page} von {pages}",

	Labels:    "Etiketten",
	Number:    "Nr.",
	Unit:      "Einheit",
	Address:   "Adresse",
	Postcode:  "Postleitzahl",
	Link:      "Link",
	UnitSheet: "Einheiten",
	Readme: `{developer}
{development}: Startpaket

welcome-letters.pdf   ein Brief für jede Einheit; A4, je eine Seite
poster.pdf            für Musterhaus und Baubüro; A4, vergrößerbar auf A3
checklist.pdf         für das Team vor Ort, mit einem Verzeichnis aller Einheiten
units.xlsx            die Liste der Einheiten mit dem Link jedes Codes
qr-pack/labels.pdf    Etikettenbögen; auf A4 mit 100 % drucken, an den Marken schneiden
qr-pack/png, svg      jeder Code einzeln, für Schilder und Übergabemappen
qr-pack/index.csv     welche Datei zu welcher Einheit gehört

Beginnen Sie mit checklist.pdf. Jeder Code öffnet seine eigene Einheit; Briefe
und Etiketten dürfen nicht vertauscht werden. Wer einen Code hat, kann sich für
die Einheit anmelden: Bewahren Sie diese Dateien auf wie Schlüssel.
`,
}
