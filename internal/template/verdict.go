package template

import (
	"strings"

	"github.com/gambeson/gambeson/internal/source"
)

// Escaping says whether what is printed is escaped.
type Escaping uint8

// The states of escaping.
const (
	Inherit Escaping = iota // as the environment does by default
	On
	Off
)

func (e Escaping) on(byDefault bool) bool { return e == On || e == Inherit && byDefault }

// A Place is where one datum of the context is printed.
type Place struct {
	Template *Template
	At       source.Span // what is printed, with its delimiters
	Path     []string    // from a variable of the context: "items", "*", "name"
	Steps    []Step      // what it went through, in order
	Escape   Escaping
	Contexts []Context // where it can stand in the page, by the branches before it
}

// Any stands in a path for any element; Key for any key of a mapping, and Result for what
// calling gives back.
const (
	Any    = "*"
	Key    = "*key"
	Result = "()"
)

// Line is where the place is, from 1.
func (p *Place) Line() int { return p.Template.File.Position(p.At.Start).Line }

// Known says whether everything on the way is known: filters of the project's own may have made
// the text safe.
func (p *Place) Known() bool {
	for _, s := range p.Steps {
		if s.Name != "" && !s.Known {
			return false
		}
	}
	return true
}

// A Class says what an attacker's text can do in a place.
type Class uint8

// The classes, from harmless to severe.
const (
	Harmless Class = iota
	// StringEnd: in a string of a script only a backslash or a line end gets through, so that the string does not
	// end where it should. It takes a second value on the line to make something of it.
	StringEnd
	// Styles: CSS, which reads values elsewhere in the page, and moves what is clicked on.
	Styles
	// Address: a scheme such as javascript: in an address that is visited.
	Address
	// Attribute: an attribute of its own, since no quotes end where the value does.
	Attribute
	// Scripts: code in a script or a handler, where escapes for HTML do nothing.
	Scripts
	// HTML: any element.
	HTML
)

func (c Class) String() string {
	return [...]string{"harmless", "string end", "styles", "address", "attribute", "script", "html"}[c]
}

// Verdict says what an attacker's text can do, and where. on says whether the environment
// escapes in this template by default.
func (p *Place) Verdict(on bool) (Class, Context) {
	o := p.output(on)
	var worst Class
	var where Context
	for i, c := range p.Contexts {
		if class := c.open(o); class > worst || i == 0 {
			worst, where = class, c
		}
	}
	return worst, where
}

// output is what is left of an attacker's text.
func (p *Place) output(on bool) output {
	o := output{written: every, decoded: every}
	for _, s := range p.Steps {
		o = o.step(p.Template.Dialect, s, on)
	}
	return o.step(p.Template.Dialect, Step{Escape: p.Escape}, on)
}

// open says what a text can do in a place.
func (c Context) open(o output) Class {
	w, d := o.written, o.decoded
	switch c.Where {
	case Text, RawText, Comment:
		if w&tag != 0 {
			return HTML
		}
	case TagName, AttrName:
		switch {
		case w&tag != 0:
			return HTML
		case w&blank != 0:
			return Attribute
		}
	case Style:
		switch {
		case w&tag != 0:
			return HTML
		case w&code != 0:
			return Styles
		}
	case Script:
		if w&tag != 0 {
			return HTML // </script> ends any script
		}
		return c.script(w)
	case Value:
		switch c.Quote {
		case '"':
			if w&double != 0 {
				return HTML
			}
		case '\'':
			if w&single != 0 {
				return HTML
			}
		default:
			if w&tag != 0 {
				return HTML
			}
		}
		inner := Harmless
		switch c.Kind {
		case URL:
			if c.Start && d&colon != 0 {
				inner = Address
			}
		case Handler:
			inner = c.script(d)
		case CSS:
			if d&code != 0 {
				inner = Styles
			}
		case Srcdoc:
			if d&tag != 0 {
				inner = HTML
			}
		}
		if c.Quote == 0 && w&blank != 0 {
			inner = max(inner, Attribute)
		}
		return inner
	}
	return Harmless
}

// script says what a text can do within a script.
func (c Context) script(has chars) Class {
	switch c.JS {
	case Data:
		return Harmless
	case Single, Double:
		quote := single
		if c.JS == Double {
			quote = double
		}
		switch {
		case has&quote != 0:
			return Scripts
		case has&backslash != 0:
			return StringEnd
		}
	case TemplateJS:
		if has&dollar != 0 {
			return Scripts
		}
	default:
		if has&code != 0 {
			return Scripts
		}
	}
	return Harmless
}

// String is for tests and for reading.
func (c Context) String() string {
	var b strings.Builder
	b.WriteString([...]string{"text", "tag", "name", "value", "script", "style", "raw", "comment"}[c.Where])
	if c.Where == Value {
		b.WriteString(" " + c.Element + "." + c.Attr)
		b.WriteString(map[byte]string{0: " bare", '"': " double", '\'': " single"}[c.Quote])
		b.WriteString([...]string{"", " url", " link", " handler", " css", " srcdoc"}[c.Kind])
		if c.Kind == URL && c.Start {
			b.WriteString(" start")
		}
	}
	if c.Where == Script || c.Kind == Handler {
		b.WriteString([...]string{"", " code", " 'string'", ` "string"`, " `template`", " comment", " pattern", " data"}[c.JS])
	}
	return b.String()
}
