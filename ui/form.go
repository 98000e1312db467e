package ui

// Form is typed fields in sections. It is posted (or with Get requested) to
// Action and works without JavaScript: a failed POST draws it again with
// errors beside the fields.
type Form struct {
	ID       string
	Action   string
	Get      bool
	Title    string
	Lead     string
	Error    string // what is wrong with the whole
	Fields   []Field
	Sections []FieldSection // after Fields
	Submit   string         // a verb; empty: "Save"
	Extra    []Submit       // other buttons: "Save draft"
	Cancel   *Link

	Danger      bool   // a red button
	Consequence string // what will happen, in numbers
	Typed       string // the name that has to be typed to enable the button, sent as "confirm"

	Guard bool // ask before leaving with unsaved changes
	Plain bool // no panel around it: inside a section or a bare page
}

// Submit is one more button of a form, told apart by its name and value.
type Submit struct {
	Label, Name, Value string
}

// FieldSection is a titled group of fields.
type FieldSection struct {
	Title, Lead string
	Fields      []Field
}

// FieldKind is the kind of control that a field is.
type FieldKind string

// The kinds of field; the zero value is a line of text.
const (
	TextField     FieldKind = ""
	EmailField    FieldKind = "email"
	PasswordField FieldKind = "password"
	NumberField   FieldKind = "number"
	DateField     FieldKind = "date"
	URLField      FieldKind = "url"
	TextArea      FieldKind = "textarea"
	Select        FieldKind = "select"
	Checkbox      FieldKind = "checkbox" // one; its value is "on"
	Checkboxes    FieldKind = "checkboxes"
	Radios        FieldKind = "radios" // cards with a title and a hint
	ColorField    FieldKind = "color"  // #rrggbb, picker and text
	FileField     FieldKind = "file"
	ListField     FieldKind = "list" // one entry a line, in Values
	HiddenField   FieldKind = "hidden"
	CodeField     FieldKind = "code" // six digits of a one-time code
)

// Field is one input of a form, with its hint and what is wrong beside it.
type Field struct {
	Kind        FieldKind
	Name        string
	Label       string
	Value       string
	Values      []string // Checkboxes, ListField
	Checked     bool     // Checkbox
	Hint        string
	Error       string
	Placeholder string
	Prefix      string // drawn inside, before the value: €, https://
	Suffix      string // behind it: px, per minute
	Options     []Option
	Required    bool
	ReadOnly    bool
	Autofocus   bool
	Half        bool   // shares its line with the next half field
	Complete    string // autocomplete: current-password, email
	Accept      string // FileField: .csv,.xlsx
	Min, Max    string
	Step        string
	MaxLength   int
	Rows        int // TextArea, ListField
}

// Option is one choice of a field or filter.
type Option struct {
	Value    string
	Label    string // empty: the value
	Hint     string // Radios
	Disabled bool
}

// Fill puts what was sent into the form, so that a failed POST shows what was
// typed. Passwords, codes and files stay empty. A list splits at line ends.
func (f *Form) Fill(values map[string][]string) {
	f.each(func(field *Field) { field.fill(values[field.Name]) })
}

// Fail notes what is wrong with the field of the name; without such a field
// the reason joins the form's own error.
func (f *Form) Fail(name, reason string) {
	found := false
	f.each(func(field *Field) {
		if field.Name == name {
			field.Error, found = reason, true
		}
	})
	if !found {
		f.Error = joinSentences(f.Error, name, reason)
	}
}

// Multipart reports whether the form sends a file.
func (f Form) Multipart() bool {
	found := false
	f.each(func(field *Field) { found = found || field.Kind == FileField })
	return found
}

// Failed counts the fields that have an error.
func (f Form) Failed() int {
	n := 0
	f.each(func(field *Field) {
		if field.Error != "" {
			n++
		}
	})
	return n
}

func (f *Form) each(do func(*Field)) {
	for i := range f.Fields {
		do(&f.Fields[i])
	}
	for s := range f.Sections {
		for i := range f.Sections[s].Fields {
			do(&f.Sections[s].Fields[i])
		}
	}
}
