package sanitize

import (
	"strings"
)

// Linkify is a configuration of bleach.linkify.
type Linkify struct {
	SkipTags   []string // linkify nothing in these
	ParseEmail bool
	// Callbacks are those of Bleach that are known by name: nofollow and target_blank, in
	// order. With AskLinks an Asker has them all, instead.
	Callbacks []string
	AskLinks  bool
	TLDs      []string // nil for Bleach's
	EmailTLDs []string // the same for addresses of e-mail, in the order that counts
	Protocols []string // nil for Bleach's
	AskPages  bool     // an Asker finds addresses of pages, and of e-mail, by patterns of its own
	AskMails  bool
	Tags      []string // what linkify alone knows and does not escape; nil for Bleach's
}

// NewLinker prepares bleach.linkify: nothing is sanitised.
func NewLinker(l Linkify, ask Asker) *Cleaner {
	tags := l.Tags
	if tags == nil {
		tags = strings.Fields(htmlTags)
	}
	k := New(Bleach{Tags: tags, Linkify: &l, Ask: ask})
	k.whole = true
	return k
}

// htmlTags is what linkify alone takes for tags: the standard's list of 2018.
const htmlTags = `a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption
	cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure footer
	form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd keygen label legend li link map mark
	menu meta meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp
	script section select slot small source span strong style sub summary sup table tbody td template textarea tfoot th
	thead time title tr track u ul var video wbr`

type linker struct {
	Linkify
	skip  map[string]bool
	match matcher
}

func newLinker(l *Linkify) *linker {
	return &linker{*l, setOf(l.SkipTags), newMatcher(l)}
}

func textOf(toks []tok) string {
	n, last := 0, ""
	for i := range toks {
		if k := toks[i].kind; k == chars || k == spaces {
			n++
			last = toks[i].data
		}
	}
	if n < 2 {
		return last
	}
	var b strings.Builder
	for i := range toks {
		if k := toks[i].kind; k == chars || k == spaces {
			b.WriteString(toks[i].data)
		}
	}
	return b.String()
}

// A finder finds addresses in texts: the matcher, or an Asker that was asked about all texts
// before.
type finder struct {
	all   func(string, func(from, to int))
	known map[string][][2]int
}

func (f finder) find(s string, found func(from, to int)) {
	if f.known == nil {
		f.all(s, found)
		return
	}
	end := 0
	for _, span := range f.known[s] {
		if from, to := span[0], span[1]; end <= from && from < to && to <= len(s) {
			found(from, to)
			end = to
		}
	}
}

// finder asks, if it has to, where addresses stand in the texts of these tokens.
func (l *linker) finder(what string, toks []tok, of kind, ask Asker) (finder, error) {
	if what == "mails" && !l.AskMails || what == "pages" && !l.AskPages {
		if what == "mails" {
			return finder{all: l.match.mails}, nil
		}
		return finder{all: l.match.pages}, nil
	}
	f := finder{known: map[string][][2]int{}}
	var texts []string
	for i := range toks {
		if _, ok := f.known[toks[i].data]; toks[i].kind == of && !ok {
			f.known[toks[i].data] = nil
			texts = append(texts, toks[i].data)
		}
	}
	if len(texts) == 0 {
		return f, nil
	}
	spans, err := ask.Find(what, texts)
	if err == nil && len(spans) != len(texts) {
		err = errAnswers
	}
	if err != nil {
		return f, err
	}
	for i, text := range texts {
		f.known[text] = spans[i]
	}
	return f, nil
}

// searched marks text in which addresses of pages are still to be looked for, and slot the
// place of a link.
const (
	searched kind = 100 + iota
	slot
)

// A find is a link that was there or an address that was found in text.
type find struct {
	link Link
	mail bool
	old  []tok  // the link that was there, from its tag to its end tag
	text string // what to write if the link is dropped
	pre  string // text before and behind an address
	post string
}

// A search is the tokens of a text with slots for the links among them.
type search struct {
	toks  []tok
	finds []find
}

func (s *search) put(t tok)     { s.toks = append(s.toks, t) }
func (s *search) text(p string) { entities(tok{kind: chars, data: p}, s.put) }
func (s *search) found(f find) {
	s.toks = append(s.toks, tok{kind: slot})
	s.finds = append(s.finds, f)
}

// filter is Bleach's LinkifyFilter: first the links that are there and the addresses of
// e-mail, then what looks like an address of a page in the text that is left.
func (l *linker) filter(toks []tok, ask Asker) ([]tok, error) {
	first := "pages"
	if l.ParseEmail {
		first = "mails"
	}
	where, err := l.finder(first, toks, chars, ask)
	if err != nil {
		return nil, err
	}
	s := search{toks: make([]tok, 0, len(toks)+8)}
	skipping, from, odd := "", -1, false
	for i := range toks {
		t := &toks[i]
		if from >= 0 {
			if t.kind != endTag || t.name != "a" {
				odd = odd || (t.kind == chars || t.kind == comment) && strings.IndexByte(t.data, '&') >= 0
				continue
			}
			old := toks[from : i+1]
			if odd {
				old = nil
				for _, t := range toks[from : i+1] {
					entities(t, func(t tok) { old = append(old, t) })
				}
			}
			text := textOf(old)
			s.found(find{link: Link{Attrs: linkAttrs(old[0].attrs), Text: text}, old: old, text: text})
			from = -1
			continue
		}
		switch {
		case t.kind == startTag || t.kind == emptyTag:
			if l.skip[t.name] {
				skipping = t.name
			} else if t.name == "a" {
				from, odd = i, false
				continue
			}
			s.put(*t)
		case skipping != "":
			if t.kind == endTag && t.name == skipping {
				skipping = ""
			}
			s.put(*t)
		case t.kind == chars && l.ParseEmail:
			l.mails(where, t.data, &s)
		case t.kind == chars:
			l.addresses(where, t.data, &s)
		default:
			s.put(*t)
		}
	}
	// A link that does not end is lost, as in the original, where it can come from filters only.
	out, err := l.answer(s, ask)
	if err != nil || !l.ParseEmail {
		return out.toks, err
	}
	if where, err = l.finder("pages", out.toks, searched, ask); err != nil {
		return nil, err
	}
	s = search{toks: make([]tok, 0, len(out.toks)+8)}
	for _, t := range out.toks {
		if t.kind == searched {
			l.addresses(where, t.data, &s)
		} else {
			s.put(t)
		}
	}
	out, err = l.answer(s, ask)
	return out.toks, err
}

func linkAttrs(attrs []attr) []Attr {
	out := make([]Attr, len(attrs), len(attrs)+1)
	for i, a := range attrs {
		out[i] = Attr{a.space, a.name, a.val}
	}
	return out
}

// mails takes a text apart at its addresses of e-mail. What lies between is searched for
// pages once it is known which of them became links.
func (l *linker) mails(where finder, text string, s *search) {
	end, any := 0, false
	where.find(text, func(from, to int) {
		if from > end {
			s.put(tok{kind: searched, data: text[end:from]})
		}
		whole := text[from:to]
		local, domain, at := strings.Cut(whole, "@")
		href := "mailto:" + quote(local)
		if at {
			href += "@" + domain
		}
		s.found(find{mail: true, text: whole, link: Link{Attrs: []Attr{{"", "href", href}}, Text: whole, New: true}})
		end, any = to, true
	})
	if !any || end < len(text) {
		s.put(tok{kind: searched, data: text[end:]})
	}
}

// addresses takes a text apart at its addresses of pages.
func (l *linker) addresses(where finder, text string, s *search) {
	end := 0
	where.find(text, func(from, to int) {
		if from > end {
			s.text(text[end:from])
		}
		url, pre, post := trim(text[from:to])
		href := url
		if !hasProtocol(url) {
			href = "http://" + url
		}
		attrs := append(make([]Attr, 0, 2), Attr{"", "href", href})
		s.found(find{text: text[from:to], pre: pre, post: post, link: Link{Attrs: attrs, Text: url, New: true}})
		end = to
	})
	if end == 0 || end < len(text) {
		s.text(text[end:])
	}
}

// answer asks about the links and writes them.
func (l *linker) answer(s search, ask Asker) (out search, err error) {
	if len(s.finds) == 0 {
		return s, nil
	}
	answers, err := l.ask(s.finds, ask)
	if err != nil {
		return out, err
	}
	out.toks = make([]tok, 0, len(s.toks)+8*len(s.finds))
	next := 0
	for i := range s.toks {
		if s.toks[i].kind != slot {
			out.toks = append(out.toks, s.toks[i])
			continue
		}
		f, k := &s.finds[next], answers[next]
		next++
		switch {
		case f.old != nil && k == nil:
			out.put(tok{kind: chars, data: f.text})
		case f.old != nil:
			f.old[0].attrs = attrsOf(k)
			if k.Text == f.text {
				out.toks = append(out.toks, f.old...)
			} else {
				out.toks = append(out.toks, f.old[0], tok{kind: chars, data: k.Text}, f.old[len(f.old)-1])
			}
		case k == nil && f.mail:
			out.put(tok{kind: searched, data: f.text})
		case k == nil:
			out.text(f.text)
		default:
			if f.pre != "" {
				out.text(f.pre)
			}
			out.put(tok{kind: startTag, name: "a", attrs: attrsOf(k)})
			out.text(k.Text)
			out.put(tok{kind: endTag, name: "a"})
			if f.post != "" {
				out.text(f.post)
			}
		}
	}
	return out, nil
}

// ask runs the links through the callbacks.
func (l *linker) ask(finds []find, ask Asker) ([]*Link, error) {
	if !l.AskLinks {
		links := make([]*Link, len(finds))
		for i := range finds {
			links[i] = &finds[i].link
			for _, name := range l.Callbacks {
				callback(name, links[i])
			}
		}
		return links, nil
	}
	q := make([]Link, len(finds))
	for i := range finds {
		q[i] = finds[i].link
	}
	answers, err := ask.Links(q)
	if err == nil && len(answers) != len(q) {
		err = errAnswers
	}
	return answers, err
}

func attrsOf(k *Link) []attr {
	out := make([]attr, len(k.Attrs))
	for i, a := range k.Attrs {
		out[i] = attr{a.Space, a.Name, a.Value}
	}
	return out
}

// callback is one of bleach.callbacks.
func callback(name string, k *Link) {
	href := k.get("href")
	if href == nil || strings.HasPrefix(href.Value, "mailto:") {
		return
	}
	switch name {
	case "nofollow":
		var words []string
		if rel := k.get("rel"); rel != nil {
			for _, w := range strings.Split(rel.Value, " ") {
				if w != "" {
					words = append(words, w)
				}
			}
		}
		for _, w := range words {
			if strings.ToLower(w) == "nofollow" {
				k.set("rel", strings.Join(words, " "))
				return
			}
		}
		k.set("rel", strings.Join(append(words, "nofollow"), " "))
	case "target_blank":
		k.set("target", "_blank")
	}
}

func (k *Link) get(name string) *Attr {
	for i := range k.Attrs {
		if k.Attrs[i].Space == "" && k.Attrs[i].Name == name {
			return &k.Attrs[i]
		}
	}
	return nil
}

func (k *Link) set(name, value string) {
	if a := k.get(name); a != nil {
		a.Value = value
		return
	}
	k.Attrs = append(k.Attrs, Attr{"", name, value})
}

// entities gives on a token, with the references in its text as tokens of their own. A comment
// with an & becomes text in a link, as it does in Bleach.
func entities(t tok, put func(tok)) {
	if t.kind != chars && t.kind != comment || strings.IndexByte(t.data, '&') < 0 {
		put(t)
		return
	}
	references(t.data, put)
}

// trim takes off an address what the search for it took along: brackets around it, and the
// points and commas behind.
func trim(s string) (url, pre, post string) {
	from, to := 0, len(s)
	opened := strings.Count(s, "(")
	for from < to {
		switch c := s[to-1]; {
		case s[from] == '(':
			from++
			opened--
			if from < to && s[to-1] == ')' {
				to--
			}
			continue
		case c == ')' && opened == 0, c == ',', c == '.':
			to--
			continue
		}
		break
	}
	return s[from:to], s[:from], s[to:]
}

// hasProtocol reports whether the text begins with a word and a colon.
func hasProtocol(s string) bool {
	i := 0
	for i < len(s) {
		r, n := runeAt(s, i)
		if !word(r) && r != '-' {
			break
		}
		i += n
	}
	return i > 0 && i < len(s) && s[i] == ':'
}

// quote writes the local part of an address of e-mail for a mailto: link.
func quote(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if letter(c) || '0' <= c && c <= '9' || strings.IndexByte("_.-~/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
