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

// A piece is a stretch of the tokens: some that pass as they are, a link with its tokens, or
// an address found in text.
type piece struct {
	toks []tok
	link *Link // to be asked about; nil for what passes
	mail bool
	text string // what to write if the link is dropped
	pre  string // text before and behind a link that was found
	post string
	a    *tok // the tag, for a link that was there
}

// filter is Bleach's LinkifyFilter: first the links that are there and the addresses of
// e-mail, then what looks like an address of a page in the text that is left.
func (l *linker) filter(toks []tok, ask Asker) ([]tok, error) {
	first := "pages"
	if l.ParseEmail {
		first = "mails"
	}
	find, err := l.finder(first, toks, chars, ask)
	if err != nil {
		return nil, err
	}
	var pieces []piece
	pass := func(t ...tok) {
		if n := len(pieces); n > 0 && pieces[n-1].link == nil {
			pieces[n-1].toks = append(pieces[n-1].toks, t...)
			return
		}
		pieces = append(pieces, piece{toks: append([]tok(nil), t...)})
	}
	skipping, inA := "", -1
	var buffer []tok
	for i := range toks {
		t := &toks[i]
		if inA >= 0 {
			if t.kind != endTag || t.name != "a" {
				entities(*t, func(t tok) { buffer = append(buffer, t) })
				continue
			}
			buffer = append(buffer, *t)
			text := textOf(buffer)
			pieces = append(pieces, piece{toks: buffer, a: &buffer[0], text: text, link: linkOf(buffer[0].attrs, text, false)})
			inA, buffer = -1, nil
			continue
		}
		switch {
		case t.kind == startTag || t.kind == emptyTag:
			if l.skip[t.name] {
				skipping = t.name
			} else if t.name == "a" {
				inA, buffer = i, []tok{*t}
				continue
			}
			pass(*t)
		case skipping != "":
			if t.kind == endTag && t.name == skipping {
				skipping = ""
			}
			pass(*t)
		case t.kind == chars:
			if !l.ParseEmail {
				l.addresses(find, t.data, &pieces, pass)
				continue
			}
			l.mails(find, t.data, &pieces, pass)
		default:
			pass(*t)
		}
	}
	// A link that does not end is lost, as in the original, where it can come from filters only.
	if !l.ParseEmail {
		return l.answer(pieces, ask, false)
	}
	return l.answer(pieces, ask, true)
}

func linkOf(attrs []attr, text string, fresh bool) *Link {
	k := &Link{Text: text, New: fresh}
	for _, a := range attrs {
		k.Attrs = append(k.Attrs, Attr{a.space, a.name, a.val})
	}
	return k
}

// searched marks text in which addresses of pages are still to be looked for.
const searched kind = 100

// mails takes a text apart at its addresses of e-mail. What lies between is searched for
// pages once it is known which of them became links.
func (l *linker) mails(find finder, s string, pieces *[]piece, pass func(...tok)) {
	end, any := 0, false
	find.find(s, func(from, to int) {
		if from > end {
			pass(tok{kind: searched, data: s[end:from]})
		}
		text := s[from:to]
		local, domain, _ := strings.Cut(text, "@")
		*pieces = append(*pieces, piece{mail: true, text: text, link: &Link{
			Attrs: []Attr{{"", "href", "mailto:" + quote(local) + "@" + domain}}, Text: text, New: true}})
		end, any = to, true
	})
	if !any || end < len(s) {
		pass(tok{kind: searched, data: s[end:]})
	}
}

// addresses takes a text apart at its addresses of pages.
func (l *linker) addresses(find finder, s string, pieces *[]piece, pass func(...tok)) {
	end := 0
	put := func(s string) { entities(tok{kind: chars, data: s}, func(t tok) { pass(t) }) }
	find.find(s, func(from, to int) {
		if from > end {
			put(s[end:from])
		}
		url, pre, post := trim(s[from:to])
		href := url
		if !hasProtocol(url) {
			href = "http://" + url
		}
		*pieces = append(*pieces, piece{text: pre + url + post, pre: pre, post: post, link: &Link{
			Attrs: []Attr{{"", "href", href}}, Text: url, New: true}})
		end = to
	})
	if end == 0 || end < len(s) {
		put(s[end:])
	}
}

// answer asks about the links and writes the tokens. again: texts are to be searched.
func (l *linker) answer(pieces []piece, ask Asker, again bool) ([]tok, error) {
	answers, err := l.ask(pieces, ask)
	if err != nil {
		return nil, err
	}
	var out []tok
	put := func(t ...tok) {
		out = append(out, t...)
	}
	putText := func(s string) { entities(tok{kind: chars, data: s}, func(t tok) { put(t) }) }
	for i := range pieces {
		p := &pieces[i]
		if p.link == nil {
			put(p.toks...)
			continue
		}
		k := answers[0]
		answers = answers[1:]
		switch {
		case p.a != nil && k == nil:
			put(tok{kind: chars, data: p.text})
		case p.a != nil:
			p.a.attrs = attrsOf(k)
			if k.Text == p.text {
				put(p.toks...)
			} else {
				put(*p.a, tok{kind: chars, data: k.Text}, p.toks[len(p.toks)-1])
			}
		case k == nil && p.mail:
			put(tok{kind: searched, data: p.text})
		case k == nil:
			putText(p.text)
		default:
			if p.pre != "" {
				putText(p.pre)
			}
			put(tok{kind: startTag, name: "a", attrs: attrsOf(k)})
			putText(k.Text)
			put(tok{kind: endTag, name: "a"})
			if p.post != "" {
				putText(p.post)
			}
		}
	}
	if !again {
		return out, nil
	}
	find, err := l.finder("pages", out, searched, ask)
	if err != nil {
		return nil, err
	}
	var second []piece
	pass := func(t ...tok) { second = append(second, piece{toks: append([]tok(nil), t...)}) }
	for _, t := range out {
		if t.kind == searched {
			l.addresses(find, t.data, &second, pass)
		} else {
			pass(t)
		}
	}
	return l.answer(second, ask, false)
}

func attrsOf(k *Link) []attr {
	out := make([]attr, len(k.Attrs))
	for i, a := range k.Attrs {
		out[i] = attr{a.Space, a.Name, a.Value}
	}
	return out
}

// ask runs the links through the callbacks.
func (l *linker) ask(pieces []piece, ask Asker) ([]*Link, error) {
	var links []*Link
	for i := range pieces {
		if pieces[i].link != nil {
			links = append(links, pieces[i].link)
		}
	}
	if !l.AskLinks {
		for _, k := range links {
			for _, name := range l.Callbacks {
				callback(name, k)
			}
		}
		return links, nil
	}
	if len(links) == 0 {
		return nil, nil
	}
	q := make([]Link, len(links))
	for i, k := range links {
		q[i] = *k
	}
	answers, err := ask.Links(q)
	if err == nil && len(answers) != len(q) {
		err = errAnswers
	}
	return answers, err
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
