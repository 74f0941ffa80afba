package sanitize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Options is a configuration as programs in other languages write it, in JSON. Mode decides
// which fields count; unknown ones are errors, so that a slip cannot widen a policy.
type Options struct {
	Mode string `json:"mode"` // clean, linkify or strict

	Tags          []string       `json:"tags,omitempty"`
	Attributes    AttributesJSON `json:"attributes,omitzero"`
	Protocols     []string       `json:"protocols,omitempty"`
	Strip         bool           `json:"strip,omitempty"`
	StripComments bool           `json:"strip_comments,omitempty"`
	CSS           *CSSJSON       `json:"css,omitempty"`
	AskStyles     bool           `json:"ask_styles,omitempty"`
	Linkify       *LinkifyJSON   `json:"linkify,omitempty"`
	Policy        *Policy        `json:"policy,omitempty"` // for strict
}

// CSSJSON is the two lists of a CSSSanitizer.
type CSSJSON struct {
	Properties []string `json:"properties"`
	SVG        []string `json:"svg"`
}

// LinkifyJSON is the options of linkify.
type LinkifyJSON struct {
	Callbacks  []string `json:"callbacks,omitempty"`
	Ask        bool     `json:"ask,omitempty"`
	AskPages   bool     `json:"ask_pages,omitempty"`
	AskMails   bool     `json:"ask_mails,omitempty"`
	SkipTags   []string `json:"skip_tags,omitempty"`
	ParseEmail bool     `json:"parse_email,omitempty"`
	TLDs       []string `json:"tlds,omitempty"`
	EmailTLDs  []string `json:"email_tlds,omitempty"`
	Protocols  []string `json:"protocols,omitempty"`
	Tags       []string `json:"recognized_tags,omitempty"`
}

// AttributesJSON is a list of names, an object of lists by tags, or true, which asks. In an
// object, true for a tag asks about its attributes.
type AttributesJSON Attributes

// UnmarshalJSON reads any of the three.
func (a *AttributesJSON) UnmarshalJSON(data []byte) error {
	switch data = bytes.TrimSpace(data); {
	case len(data) == 0:
		return fmt.Errorf("attributes are missing")
	case data[0] == '[':
		return json.Unmarshal(data, &a.All)
	case data[0] != '{':
		return json.Unmarshal(data, &a.Ask)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	a.Map = make(map[string]Rule, len(m))
	for tag, v := range m {
		var r Rule
		var err error
		if v = bytes.TrimSpace(v); len(v) > 0 && v[0] == '[' {
			err = json.Unmarshal(v, &r.Names)
		} else {
			err = json.Unmarshal(v, &r.Ask)
		}
		if err != nil {
			return fmt.Errorf("attributes of %s: %w", tag, err)
		}
		a.Map[tag] = r
	}
	return nil
}

// A Program is a prepared configuration of any mode. It may be used by several goroutines.
type Program struct {
	clean  *Cleaner
	strict *Sanitizer
}

// Prepare reads and prepares a configuration.
func Prepare(data []byte) (*Program, error) {
	var o Options
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	return o.Prepare()
}

// Prepare prepares the configuration.
func (o *Options) Prepare() (*Program, error) {
	switch o.Mode {
	case "clean":
		b := Bleach{Tags: o.Tags, Attributes: Attributes(o.Attributes), Protocols: o.Protocols,
			Strip: o.Strip, KeepComments: !o.StripComments, AskStyles: o.AskStyles}
		if o.CSS != nil {
			b.CSS = &CSS{Properties: o.CSS.Properties, SVG: o.CSS.SVG}
		}
		if o.Linkify != nil {
			l := o.Linkify.linkify()
			b.Linkify = &l
		}
		return &Program{clean: New(b)}, nil
	case "linkify":
		l := o.Linkify
		if l == nil {
			l = &LinkifyJSON{}
		}
		return &Program{clean: NewLinker(l.linkify(), nil)}, nil
	case "strict":
		p := o.Policy
		if p == nil {
			p = &Policy{}
		}
		s, err := p.Prepare()
		if err != nil {
			return nil, err
		}
		return &Program{strict: s}, nil
	}
	return nil, fmt.Errorf("mode %q: it is clean, linkify or strict", o.Mode)
}

func (l *LinkifyJSON) linkify() Linkify {
	return Linkify{Callbacks: l.Callbacks, AskLinks: l.Ask, AskPages: l.AskPages, AskMails: l.AskMails, SkipTags: l.SkipTags, ParseEmail: l.ParseEmail,
		TLDs: l.TLDs, EmailTLDs: l.EmailTLDs, Protocols: l.Protocols, Tags: l.Tags}
}

// Run cleans a text. An error comes with a text, too: the whole of it, escaped.
func (p *Program) Run(text string, ask Asker) (string, error) {
	if p.strict != nil {
		r := p.strict.Sanitize(text)
		return r.HTML, r.Err
	}
	return p.clean.Ask(text, ask)
}

// Explain cleans a text and says what it lost. Only a strict policy can.
func (p *Program) Explain(text string) (Report, error) {
	if p.strict == nil {
		return Report{}, errors.New("what Bleach does is not explained: leave --bleach away")
	}
	return p.strict.Sanitize(text), nil
}

// ReadPolicy reads a Policy in JSON. A name that it does not know is an error.
func ReadPolicy(data []byte) (p Policy, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(&p)
	return p, err
}

// BleachDefaults is what bleach.clean allows when it is told nothing.
func BleachDefaults() *Options {
	return &Options{Mode: "clean", StripComments: true,
		Tags:      strings.Fields("a abbr acronym b blockquote code em i li ol strong ul"),
		Protocols: []string{"http", "https", "mailto"},
		Attributes: AttributesJSON{Map: map[string]Rule{
			"a": {Names: []string{"href", "title"}}, "abbr": {Names: []string{"title"}}, "acronym": {Names: []string{"title"}}}},
	}
}
