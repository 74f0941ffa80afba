package sanitize

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A Rule says which attributes a tag may have: those listed, or whichever an Asker lets.
type Rule struct {
	Names []string
	Ask   bool
}

// Attributes is the attributes argument of Bleach: a list for all tags, or a rule a tag with
// * for those that have none or whose own does not allow it, or a question for each.
type Attributes struct {
	All []string
	Map map[string]Rule
	Ask bool
}

// An AttributeQuestion asks whether a tag may have an attribute, by its value as it is
// written.
type AttributeQuestion struct{ Tag, Name, Value string }

// A Link is one that linkify found, or that was there: its attributes and its text, New if
// linkify makes it. As an answer, nil drops the link and keeps its text.
type Link struct {
	Attrs []Attr
	Text  string
	New   bool
}

// An Attr is an attribute of a Link, with the short name of its namespace.
type Attr struct{ Space, Name, Value string }

// An Asker answers what the configuration leaves to the caller's own functions, all
// questions of one kind at once. An error ends the call.
type Asker interface {
	Attributes([]AttributeQuestion) ([]bool, error)
	Styles([]string) ([]string, error)
	Links([]Link) ([]*Link, error)
	// Find is where addresses stand in texts, in bytes: "pages" or "mails".
	Find(what string, texts []string) ([][][2]int, error)
}

// Bleach is a configuration of bleach.clean, with the defaults of nothing: no tag, no
// attribute, no protocol. Its results are Bleach's 6.3, to the letter where html5lib's tree
// is also a browser's.
type Bleach struct {
	Tags         []string
	Attributes   Attributes
	Protocols    []string
	Strip        bool // drop tags that are not allowed, instead of escaping them
	KeepComments bool
	CSS          *CSS     // what style attributes may say; nil empties them
	AskStyles    bool     // an Asker judges style attributes
	Linkify      *Linkify // linkify in the same parse
	Ask          Asker    // for rules that ask
}

// A Cleaner cleans texts by one configuration. It may be used by several goroutines.
type Cleaner struct {
	c         Bleach
	tags      map[string]bool // as they are given
	lower     map[string]bool
	protocols map[string]bool
	all       map[string]bool
	rules     map[string]rule
	foreign   bool
	link      *linker
	whole     bool // linkify alone: nothing is sanitised
}

type rule struct {
	names map[string]bool
	ask   bool
}

// New prepares a configuration.
func New(c Bleach) *Cleaner {
	k := &Cleaner{c: c, tags: setOf(c.Tags), lower: map[string]bool{}, protocols: setOf(c.Protocols), all: setOf(c.Attributes.All), rules: map[string]rule{}}
	for _, s := range c.Tags {
		k.lower[strings.ToLower(s)] = true
	}
	for tag, r := range c.Attributes.Map {
		k.rules[tag] = rule{setOf(r.Names), r.Ask}
	}
	k.foreign = k.lower["svg"] || k.lower["math"]
	if c.Linkify != nil {
		k.link = newLinker(c.Linkify)
	}
	return k
}

func setOf(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, s := range list {
		m[s] = true
	}
	return m
}

// Clean is bleach.clean. A text that cannot be cleaned comes back escaped whole, with the
// reason; it is safe all the same.
func (k *Cleaner) Clean(s string) (string, error) { return k.Ask(s, k.c.Ask) }

// Ask is Clean with an Asker of this call's own.
func (k *Cleaner) Ask(s string, ask Asker) (out string, err error) {
	defer func() {
		if x := recover(); x != nil {
			out, err = escapeAll(s), errCrash
		}
	}()
	toks, w, err := k.tokens(s, ask)
	defer w.free()
	if err != nil {
		return escapeAll(s), err
	}
	ser := serializer{out: w.buf[:0], escapeLess: !k.whole}
	for i := range toks {
		ser.token(&toks[i])
	}
	w.buf = ser.out
	return string(ser.out), nil
}

// valid makes a text that can be written: lines end in \n, and what is no UTF-8 becomes
// U+FFFD.
func valid(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return s
}

// tokens is the text, cleaned and linkified, as the tokens that are to be written.
func (k *Cleaner) tokens(s string, ask Asker) ([]tok, *work, error) {
	w := newWork()
	if len(s) > maxText {
		return nil, w, errTooLong
	}
	w.t.tags, w.t.strip, w.t.foreign = k.lower, k.c.Strip, k.foreign
	toks, err := w.t.tree(valid(s), w.toks[:0])
	w.toks = toks
	if err != nil {
		return nil, w, err
	}
	if !k.whole {
		if toks, err = k.sanitize(toks, w, ask); err != nil {
			return nil, w, err
		}
	}
	if k.link != nil {
		if toks, err = k.link.filter(toks, ask); err != nil {
			return nil, w, err
		}
	}
	return toks, w, nil
}

// sanitize is Bleach's filter over the tokens of a tree.
func (k *Cleaner) sanitize(toks []tok, w *work, ask Asker) ([]tok, error) {
	verdicts, err := k.verdicts(toks, ask)
	if err != nil {
		return nil, err
	}
	out := w.more[:0]
	var styles []*attr // for an Asker
	merge := len(out)  // the first of the texts that end out
	flush := func() {
		if n := len(out) - merge; n > 1 {
			size := 0
			for _, p := range out[merge:] {
				size += len(p.data)
			}
			var b strings.Builder
			b.Grow(size)
			for _, p := range out[merge:] {
				b.WriteString(p.data)
			}
			out = append(out[:merge], tok{kind: chars, data: b.String()})
		}
	}
	put := func(t tok) {
		if t.kind != chars {
			flush()
			out = append(out, t)
			merge = len(out)
			return
		}
		out = append(out, t)
	}
	for i := range toks {
		t := &toks[i]
		switch t.kind {
		case startTag, emptyTag, endTag:
			switch {
			case k.tags[t.name]:
				if t.kind != endTag {
					t.attrs = k.attributes(t, &verdicts, w)
					if k.c.AskStyles {
						for i := range t.attrs {
							if t.attrs[i].space == "" && t.attrs[i].name == "style" {
								styles = append(styles, &t.attrs[i])
							}
						}
					}
				}
				put(*t)
			case k.c.Strip:
			default:
				put(tok{kind: chars, data: asText(t)})
			}
		case comment:
			if k.c.KeepComments {
				t.data = commentEscaper.Replace(t.data)
				put(*t)
			}
		case chars:
			references(visible(t.data), put)
		default:
			put(*t)
		}
	}
	flush()
	w.more = out
	if len(styles) > 0 {
		vals := make([]string, len(styles))
		for i, a := range styles {
			vals[i] = a.val
		}
		if vals, err = ask.Styles(vals); err != nil {
			return nil, err
		}
		for i, a := range styles {
			a.val = vals[i]
		}
	}
	return out, nil
}

var commentEscaper = strings.NewReplacer("&", "&amp;", ">", "&gt;", "<", "&lt;", `"`, "&quot;", "'", "&#x27;")

// visible replaces control characters by question marks.
func visible(s string) string {
	for i := 0; i < len(s); i++ {
		if invisible(s[i]) {
			b := []byte(s)
			for ; i < len(b); i++ {
				if invisible(b[i]) {
					b[i] = '?'
				}
			}
			return string(b)
		}
	}
	return s
}

func invisible(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' }

// references takes a text apart into what is a character reference, which stays as it is
// written, and what is not. &amp; becomes &, since linkify cannot see beyond a token.
func references(s string, put func(tok)) {
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			if s != "" {
				put(tok{kind: chars, data: s})
			}
			return
		}
		part := s[i:]
		if j := strings.IndexByte(part[1:], '&'); j >= 0 {
			part = part[:j+1]
		}
		name := reference(part)
		if name == "" {
			i += len(part)
			put(tok{kind: chars, data: s[:i]})
			s = s[i:]
			continue
		}
		if i > 0 {
			put(tok{kind: chars, data: s[:i]})
		}
		if name == "amp" {
			put(tok{kind: chars, data: "&"})
		} else {
			put(tok{kind: entity, data: name})
		}
		s = s[i+len(part)-len(rest(part, name)):]
	}
}

// asText is a tag that only the tree knows, such as the end tag of a paragraph that was never
// begun, as the text that it becomes.
func asText(t *tok) string {
	var b strings.Builder
	b.WriteByte('<')
	if t.kind == endTag {
		b.WriteByte('/')
	}
	b.WriteString(t.name)
	for _, a := range t.attrs {
		b.WriteByte(' ')
		switch a.space {
		case "xlink", "xml":
			b.WriteString(a.space + ":")
		case "xmlns":
			if a.name != "xmlns" {
				b.WriteString("xmlns:")
			}
		}
		b.WriteString(a.name + `="` + a.val + `"`)
	}
	b.WriteByte('>')
	return b.String()
}

// verdicts are the answers about attributes, in the order in which they are asked for.
type verdicts struct{ answers []bool }

func (v *verdicts) next() bool {
	if len(v.answers) == 0 {
		return false
	}
	a := v.answers[0]
	v.answers = v.answers[1:]
	return a
}

// verdicts asks for all attributes of the text at once.
func (k *Cleaner) verdicts(toks []tok, ask Asker) (v verdicts, err error) {
	asks := k.c.Attributes.Ask
	for _, r := range k.rules {
		asks = asks || r.ask
	}
	if !asks {
		return v, nil
	}
	var q []AttributeQuestion
	for i := range toks {
		t := &toks[i]
		if t.kind != startTag && t.kind != emptyTag || !k.tags[t.name] {
			continue
		}
		for _, a := range t.attrs {
			if k.judge(t.name, a.name) == leftOpen {
				q = append(q, AttributeQuestion{t.name, a.name, a.val})
			}
		}
	}
	if len(q) == 0 {
		return v, nil
	}
	v.answers, err = ask.Attributes(q)
	if err == nil && len(v.answers) != len(q) {
		err = errAnswers
	}
	return v, err
}

const (
	denied = iota
	granted
	leftOpen // for an Asker
)

func (k *Cleaner) judge(tag, name string) int {
	yes := func(b bool) int {
		if b {
			return granted
		}
		return denied
	}
	switch {
	case k.c.Attributes.Ask:
		return leftOpen
	case k.c.Attributes.Map == nil:
		return yes(k.all[name])
	}
	if r, ok := k.rules[tag]; ok {
		if r.ask {
			return leftOpen
		}
		if r.names[name] {
			return granted
		}
	}
	if r, ok := k.rules["*"]; ok {
		if r.ask {
			return leftOpen
		}
		return yes(r.names[name])
	}
	return denied
}

// foreignURL is what Bleach takes out of attributes that refer to paint and masks.
var foreignURL = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`url\s*\(\s*[^#\s][^)]+?\)`) })

// attributes is what is left of a tag's attributes.
func (k *Cleaner) attributes(t *tok, v *verdicts, w *work) []attr {
	if len(t.attrs) == 0 {
		return nil
	}
	from := len(w.attrs)
	for _, a := range t.attrs {
		switch k.judge(t.name, a.name) {
		case denied:
			continue
		case leftOpen:
			if !v.next() {
				continue
			}
		}
		if isAddress(&a) {
			if !allowedAddress(a.val, k.protocols) {
				continue
			}
		} else if runsElsewhere(t, &a, k.protocols, k.foreign) {
			continue
		}
		if a.space == "" && svgRefers(a.name) {
			// Python's unescape goes from &gt; over &lt; to &amp;, one after the other.
			s := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(a.val, "&gt;", ">"), "&lt;", "<"), "&amp;", "&")
			a.val = strings.TrimSpace(foreignURL().ReplaceAllString(s, " "))
			if a.val == "" {
				continue
			}
		}
		if a.name == "href" && svgLocalOnly(t.name) && (a.space == "" || a.space == "xlink") {
			if s := strings.TrimSpace(a.val); s != "" && s[0] != '#' {
				continue
			}
		}
		if a.space == "" && a.name == "style" && !k.c.AskStyles {
			if k.c.CSS == nil {
				a.val = ""
			} else {
				a.val = k.c.CSS.Sanitize(a.val)
			}
		}
		w.attrs = append(w.attrs, a)
	}
	return slices.Clip(w.attrs[from:])
}
