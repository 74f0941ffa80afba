package sanitize

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// A Report is a text that a strict policy has cleaned, and what it lost. Err says why a text
// was escaped whole.
type Report struct {
	HTML    string    `json:"html"`
	Removed []Removal `json:"removed,omitempty"`
	More    int       `json:"more,omitempty"` // removals beyond those listed
	Escaped string    `json:"escaped,omitempty"`
	Err     error     `json:"-"`
}

// A Removal is one thing that was taken out or changed.
type Removal struct {
	What  string `json:"what"` // tag, content, attribute, comment, address, style, …
	Tag   string `json:"tag,omitempty"`
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"` // its beginning
	Why   string `json:"why"`
}

const (
	maxRemovals = 200
	maxValue    = 120 // bytes of a value that a report shows
	maxRounds   = 4   // until a text that is read again comes out the same
)

var (
	errDepth    = errors.New("the text is nested too deeply")
	errUnstable = errors.New("the text changes each time it is read")
	errCrash    = errors.New("the text could not be read")
)

// Sanitize cleans a text. The result is read again as a browser would, and must come out as it
// went in: so no text can mean one thing to us and another to the page.
func (s *Sanitizer) Sanitize(text string) (r Report) {
	defer func() {
		if x := recover(); x != nil {
			r = Report{HTML: escapeAll(templateMarks.Replace(strings.ReplaceAll(text, "\x00", ""))), Escaped: errCrash.Error(), Err: errCrash}
		}
	}()
	fail := func(err error) Report {
		// Browsers drop null characters, and what stood on both sides of one meets.
		whole := strings.ReplaceAll(text, "\x00", "")
		if s.p.Templates {
			whole = templateMarks.Replace(whole)
		}
		return Report{HTML: escapeAll(whole), Removed: r.Removed, More: r.More, Escaped: err.Error(), Err: err}
	}
	if len(text) > s.p.MaxLength {
		return fail(errTooLong)
	}
	out, err := s.pass(valid(text), &r)
	if err != nil {
		return fail(err)
	}
	if strings.IndexByte(out, '<') < 0 {
		r.HTML = out
		return r
	}
	for range maxRounds {
		again, err := s.pass(out, &Report{More: -1})
		if err != nil {
			return fail(err)
		}
		if again == out {
			r.HTML = out
			return r
		}
		out = again
	}
	return fail(errUnstable)
}

// pass parses and filters once.
func (s *Sanitizer) pass(text string, r *Report) (string, error) {
	text = strings.ReplaceAll(text, "\x00", "")
	if strings.IndexByte(text, '<') >= 0 {
		if err := affordable(text); err != nil {
			return "", err
		}
	}
	nodes, err := html.ParseFragment(strings.NewReader(text), around)
	if err != nil {
		return "", errDepth
	}
	w := writer{s: s, r: r}
	for _, n := range nodes {
		w.node(n, 0, place{})
	}
	w.flush()
	return string(w.out), nil
}

// affordable refuses a text whose tree would be far larger than itself.
func affordable(text string) error {
	w := newWork()
	defer w.free()
	w.t.tags, w.t.strip, w.t.foreign = nil, false, true
	w.t.reset(text)
	return w.t.run()
}

// A place is what stands around a node.
type place struct {
	space  string // the namespace of the element around
	link   bool   // in an a
	pre    bool   // in pre or code: nothing is linkified
	choice bool   // in a select
}

type writer struct {
	s       *Sanitizer
	r       *Report
	out     []byte
	texts   []byte // that stand side by side now that tags between them are gone: they are one
	at      place  // where
	broken  bool   // a block began or ended, and nothing of it is left: a line break goes before the next text
	preText int    // where in out the text of a pre begins, if it begins with text
}

func (w *writer) removed(what, tag, name, value, why string) {
	switch {
	case w.r.More < 0:
		return
	case len(w.r.Removed) >= maxRemovals:
		w.r.More++
		return
	}
	if len(value) > maxValue {
		value = value[:maxValue]
		for !utf8.ValidString(value) {
			value = value[:len(value)-1]
		}
		value += "…"
	}
	w.r.Removed = append(w.r.Removed, Removal{what, tag, name, value, why})
}

// node writes a node and what stands in it. The parser bounds the depth at 512.
func (w *writer) node(n *html.Node, depth int, at place) {
	switch n.Type {
	case html.TextNode:
		w.text(n, at)
	case html.CommentNode:
		// A comment that looks like markup is how some texts carry it past a sanitiser.
		// Some templates live in comments.
		if w.s.p.Comments && !w.s.p.Templates && !strings.ContainsAny(n.Data, "<>&-!") {
			w.flush()
			w.out = append(append(append(w.out, "<!--"...), n.Data...), "-->"...)
		} else {
			w.removed("comment", "", "", n.Data, "comments are not allowed")
		}
	case html.ElementNode:
		w.element(n, depth, at)
	}
}

// allowed says why an element may not stand here; "" if it may.
func (w *writer) allowed(n *html.Node, depth int, at place) string {
	name := n.Data
	switch {
	case !w.s.tags[name]:
		return "the tag is not allowed"
	case w.s.p.Unsafe:
	case floorTags[name]:
		return "no policy allows it"
	case n.Namespace == "svg" && (!w.s.tags["svg"] || !safeSVG[name]), n.Namespace == "math" && (!w.s.tags["math"] || !safeMath[name]):
		return "no policy allows it there"
	case n.Namespace == "" && at.space != "":
		return "HTML in SVG or MathML is read differently elsewhere"
	case n.Namespace != "" && at.space == "" && name != n.Namespace:
		return "it belongs into SVG or MathML"
	case n.Namespace != "" && at.space != "" && n.Namespace != at.space:
		return "SVG and MathML in one another are read differently elsewhere"
	case n.Namespace == "" && (name == "svg" || name == "math" || safeSVG[name] && !htmlToo[name] || safeMath[name]):
		return "it belongs into SVG or MathML"
	case at.choice && name != "option" && name != "optgroup" && name != "hr":
		return "browsers differ about it in a select"
	case name == "a" && at.link:
		return "a link in a link"
	}
	if depth >= w.s.p.MaxDepth {
		return "it stands too deep"
	}
	return ""
}

// htmlToo is the names that HTML and SVG share.
var htmlToo = set("a")

func (w *writer) element(n *html.Node, depth int, at place) {
	name := n.Data
	why := w.allowed(n, depth, at)
	if why != "" {
		content := (w.s.drop[name] || n.Namespace != "" && at.space == "" || w.s.p.Disallowed == "drop") && !w.s.tags[name] ||
			floorContent[name] && !w.s.p.Unsafe || n.Namespace != "" && n.Data != "a" && depth < w.s.p.MaxDepth || at.choice
		what := "tag"
		if content {
			what = "content"
		}
		w.removed(what, name, "", "", why)
		switch {
		case content && w.s.p.Disallowed == "escape" && n.Namespace == "":
			w.write(startText(n), at)
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				if c.Type == html.TextNode {
					w.write(c.Data, at)
				}
			}
			w.write("</"+name+">", at)
		case content:
		case w.s.p.Disallowed == "escape":
			w.write(startText(n), at)
			w.children(n, depth, at)
			if !voidHTML[name] {
				w.write("</"+name+">", at)
			}
		default:
			block := blockLevel(name) || name == "br" || name == "tr"
			w.broken = w.broken || block && len(w.s.tags) == 0
			w.children(n, depth, at)
			w.broken = w.broken || block && len(w.s.tags) == 0
		}
		return
	}
	w.flush()
	w.out = append(append(w.out, '<'), name...)
	w.attributes(n)
	w.out = append(w.out, '>')
	if n.Namespace == "" && voidHTML[name] {
		return
	}
	in := at
	in.space = n.Namespace
	switch name {
	case "a":
		in.link = true
	case "pre", "code", "samp", "kbd", "button":
		in.pre = true
	case "select":
		in.choice = true
	}
	if name == "pre" {
		w.preText = len(w.out)
	}
	w.children(n, depth+1, in)
	w.flush()
	w.out = append(append(append(w.out, "</"...), name...), '>')
}

// voidHTML is the elements of today that have no end tag.
var voidHTML = set(`area base br col embed hr img input link meta param source track wbr`)

func (w *writer) children(n *html.Node, depth int, at place) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c, depth, at)
	}
}

// startText is a start tag as text.
func startText(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		fmt.Fprintf(&b, ` %s="%s"`, a.Key, a.Val)
	}
	b.WriteString(">")
	return b.String()
}

func (w *writer) text(n *html.Node, at place) {
	if w.broken && n.Data != "" {
		last := byte('\n') // nothing stands before it
		if k := len(w.texts); k > 0 {
			last = w.texts[k-1]
		} else if k := len(w.out); k > 0 {
			last = w.out[k-1]
		}
		if last != '\n' && n.Data[0] != '\n' {
			w.write("\n", at)
		}
		w.broken = false
	}
	w.write(n.Data, at)
}

// write takes a text down. What follows may belong to it: {<x>{ is {{ when the x is gone.
func (w *writer) write(s string, at place) {
	w.texts = append(w.texts, s...)
	w.at = at
}

// flush writes the texts that were taken down.
func (w *writer) flush() {
	if len(w.texts) == 0 {
		return
	}
	data, at := string(w.texts), w.at
	w.texts = w.texts[:0]
	if w.s.p.Templates {
		if s := templateMarks.Replace(data); s != data {
			w.removed("template", "", "", data, "the page is a template in the browser")
			data = s
		}
	}
	if data[0] == '\n' && w.preText == len(w.out) && w.preText > 0 {
		w.out = append(w.out, '\n') // the first line break of a pre is not read
	}
	if !w.s.p.Linkify || at.link || at.pre || at.choice || at.space != "" || !w.s.tags["a"] {
		w.escape(data, false)
		return
	}
	end := 0
	w.s.match.pages(data, func(from, to int) {
		address, pre, _ := trim(data[from:to])
		from += len(pre)
		href := address
		if !hasProtocol(address) {
			href = "http://" + address
		}
		clean, why := w.s.address(href, false)
		if why != "" || address == "" {
			return
		}
		w.escape(data[end:from], false)
		w.out = append(w.out, `<a href="`...)
		w.escape(clean, true)
		w.out = append(w.out, '"')
		w.rel(clean, nil, false)
		w.out = append(w.out, '>')
		w.escape(address, false)
		w.out = append(w.out, "</a>"...)
		end = from + len(address)
	})
	w.escape(data[end:], false)
}

var templateMarks = strings.NewReplacer("{{", " ", "}}", " ", "${", " ", "<%", " ", "%>", " ", "{%", " ", "%}", " ")

// escape writes text so that it is text everywhere: in quotes, too.
func (w *writer) escape(s string, quoted bool) {
	from := 0
	for i := 0; i < len(s); i++ {
		var e string
		switch c := s[i]; {
		case c == '&':
			e = "&amp;"
		case c == '<':
			e = "&lt;"
		case c == '>':
			e = "&gt;"
		case c == '"' && quoted:
			e = "&#34;"
		case c == '`' && quoted:
			e = "&#96;"
		case c == '\r':
			e = "&#13;" // it came as a reference, and would be read as \n
		case invisible(c) && c != '\f':
			e = "\uFFFD"
		default:
			continue
		}
		w.out = append(append(w.out, s[from:i]...), e...)
		from = i + 1
	}
	w.out = append(w.out, s[from:]...)
}

// How an attribute's value is to be read.
const (
	plainValue = iota
	addressValue
	addressList // separated by white space
	srcsetValue
	styleValue
	classValue
	idValue
	idList
)

// valueOf knows the attributes that are more than words.
func valueOf(space, tag, name string) int {
	switch name {
	case "href", "src", "action", "formaction", "cite", "poster", "background", "data", "longdesc", "manifest", "profile",
		"classid", "codebase", "icon", "dynsrc", "lowsrc", "xlink:href", "usemap", "datasrc", "code", "archive":
		return addressValue
	case "ping", "attributionsrc":
		return addressList
	case "srcset", "imagesrcset":
		return srcsetValue
	case "style":
		return styleValue
	case "class":
		return classValue
	case "id", "name", "for", "list", "form", "popovertarget", "commandfor", "anchor":
		return idValue
	case "headers", "aria-activedescendant", "aria-errormessage", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details", "aria-flowto", "itemref":
		return idList
	}
	return plainValue
}

func (w *writer) attributes(n *html.Node) {
	tag := n.Data
	var href *string
	target := false
	var rel []string
	for _, a := range n.Attr {
		name, val := a.Key, a.Val
		if a.Namespace != "" {
			name = a.Namespace + ":" + name
		}
		if why := w.s.attributeWhy(n.Namespace, tag, name); why != "" {
			w.removed("attribute", tag, name, val, why)
			continue
		}
		if name == "rel" {
			rel = strings.Fields(strings.ToLower(val))
			continue
		}
		clean, why := w.s.value(n.Namespace, tag, name, val)
		if why != "" {
			w.removed("attribute", tag, name, val, why)
			if clean == "" {
				continue
			}
		}
		// Text that ends elements whose content is text, or a comment, changes its meaning
		// wherever it lands in one.
		if !w.s.p.Unsafe && endsElsewhere(clean) {
			w.removed("attribute", tag, name, val, "it ends a comment or a text elsewhere")
			continue
		}
		if w.s.p.Templates {
			clean = templateMarks.Replace(clean)
		}
		switch {
		case name == "href" || name == "xlink:href":
			if href == nil {
				href = &clean
			}
		case name == "target" || name == "formtarget":
			if clean != "_blank" && clean != "_self" {
				w.removed("attribute", tag, name, val, "it is a frame of the page")
				continue
			}
			target = target || name == "target" && clean == "_blank"
		}
		w.out = append(append(append(w.out, ' '), name...), '=', '"')
		w.escape(clean, true)
		w.out = append(w.out, '"')
	}
	if tag == "a" || tag == "area" || tag == "form" {
		address := ""
		if href != nil {
			address = *href
		}
		if href != nil || target {
			w.rel(address, rel, target)
		}
	}
}

const maxRel = 32 // words of rel that are kept: there are some thirty

// rel writes what a link says of itself: what the policy wants, and noopener for a new window.
func (w *writer) rel(href string, own []string, window bool) {
	var words []string
	add := func(s string) {
		if !slices.Contains(words, s) {
			words = append(words, s)
		}
	}
	if w.s.attrs["a"]["rel"] || w.s.attrs["*"]["rel"] {
		for _, s := range own {
			if s != "opener" && len(words) < maxRel && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-:.") == "" {
				add(s)
			}
		}
	}
	if !strings.HasPrefix(href, "#") {
		for _, s := range w.s.p.Rel {
			add(s)
		}
	}
	if window {
		add("noopener")
	}
	if len(words) > 0 {
		w.out = append(w.out, ` rel="`...)
		w.escape(strings.Join(words, " "), true)
		w.out = append(w.out, '"')
	}
}

// attributeWhy says why a tag may not have an attribute; "" if it may.
func (s *Sanitizer) attributeWhy(space, tag, name string) string {
	low := strings.ToLower(name)
	if !s.p.Unsafe && floorAttribute(low) {
		return "no policy allows it"
	}
	if strings.ContainsAny(name, "<>\"'`=/& \t\n\f{}") || name == "" {
		return "it is no name"
	}
	if s.attrs[tag][name] || s.attrs["*"][name] {
		return ""
	}
	if name == "rel" && (tag == "a" || tag == "area") && len(s.p.Rel) > 0 {
		return "" // the policy's own word for it
	}
	if s.p.DataAttrs && strings.HasPrefix(name, "data-") && len(name) > 5 && space == "" {
		if s.p.Templates && directive(name[5:]) {
			return "the page is a template in the browser"
		}
		return ""
	}
	return "the attribute is not allowed"
}

// directive reports whether libraries for pages run what a data- attribute of this name says.
func directive(name string) bool {
	for _, head := range []string{"ng", "hx", "x", "v", "th", "on"} {
		if strings.HasPrefix(name, head) && len(name) > len(head) && strings.IndexByte("-:_", name[len(head)]) >= 0 {
			return true
		}
	}
	return name == "bind" || name == "controller" || name == "action"
}

// value is the value as it may be written. why says what was wrong with it; a value that comes
// with it is what is left.
func (s *Sanitizer) value(space, tag, name, val string) (clean, why string) {
	switch valueOf(space, tag, name) {
	case addressValue:
		if name == "usemap" || strings.HasPrefix(strings.TrimSpace(val), "#") {
			return s.fragment(val)
		}
		if space == "svg" && tag != "a" {
			return "", "only things of the page may be referred to"
		}
		return s.address(val, tag == "img" && name == "src")
	case addressList:
		var list []string
		for _, part := range strings.Fields(val) {
			if c, w := s.address(part, false); w == "" {
				list = append(list, c)
			} else {
				why = w
			}
		}
		return strings.Join(list, " "), why
	case srcsetValue:
		return s.srcset(val)
	case styleValue:
		return s.style(val)
	case classValue:
		return s.classes(val)
	case idValue:
		val = strings.TrimSpace(val)
		if val == "" || strings.ContainsAny(val, " \t\n\f") {
			return "", "it is no name"
		}
		return s.prefixed(val), ""
	case idList:
		list := strings.Fields(val)
		for i := range list {
			list[i] = s.prefixed(list[i])
		}
		return strings.Join(list, " "), ""
	}
	if space != "" && strings.ContainsAny(val, `(\`) && !words(name) {
		return s.paint(val)
	}
	return val, ""
}

// words reports whether an attribute of SVG is for people, and no style.
func words(name string) bool {
	return name == "title" || name == "alt" || name == "font-family" || strings.HasPrefix(name, "aria-")
}

func (s *Sanitizer) prefixed(id string) string {
	if s.prefix == "" || strings.HasPrefix(id, s.prefix) {
		return id
	}
	return s.prefix + id
}

// reference is an id as it is referred to. Where no ids come out, those of the page are meant.
func (s *Sanitizer) reference(id string) string {
	if !s.ids {
		return id
	}
	return s.prefixed(id)
}

func (s *Sanitizer) fragment(val string) (clean, why string) {
	val = strings.TrimSpace(val)
	if s.p.Relative == "deny" {
		return "", "addresses without a scheme are not allowed"
	}
	if len(val) < 2 || val[0] != '#' {
		return val, ""
	}
	return "#" + s.reference(val[1:]), ""
}

// address checks an address as browsers read it (the URL Standard) and writes it so that
// nobody reads another one.
func (s *Sanitizer) address(val string, picture bool) (clean, why string) {
	val = strings.TrimFunc(val, func(r rune) bool { return r <= ' ' })
	val = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return -1
		case r < ' ' || r == 0x7F:
			return '\uFFFD'
		}
		return r
	}, val)
	scheme := browserScheme(val)
	if scheme == "" {
		if s.base != nil {
			u, err := s.base.Parse(strings.ReplaceAll(val, `\`, "/"))
			if err != nil || !s.schemes[u.Scheme] {
				return "", "the address cannot be read"
			}
			return u.String(), ""
		}
		if s.p.Relative != "allow" {
			return "", "addresses without a scheme are not allowed"
		}
		// What looks relative and has a colon before any slash is read in two ways.
		if i := strings.IndexAny(val, ":/?#"); i >= 0 && val[i] == ':' {
			return "", "the address cannot be read"
		}
		return slashes(val), ""
	}
	if scheme == "data" && picture && s.p.DataImages && dataImage(val) {
		return val, ""
	}
	if !s.schemes[scheme] {
		return "", "the scheme " + scheme + " is not allowed"
	}
	switch scheme {
	case "http", "https", "ftp":
		rest := strings.TrimLeft(val[len(scheme)+1:], `/\`)
		host := rest
		if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
			host = rest[:i]
		}
		if host == "" || strings.ContainsAny(host, " <>\"`") || !hostStays(host) {
			return "", "the address names no host"
		}
		return scheme + "://" + host + slashes(rest[len(host):]), ""
	}
	return scheme + ":" + val[strings.IndexByte(val, ':')+1:], ""
}

// slashes makes backslashes what browsers take them for, up to the question mark.
func slashes(s string) string {
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	return strings.ReplaceAll(s[:end], `\`, "/") + s[end:]
}

func dataImage(val string) bool {
	low := strings.ToLower(val)
	for _, kind := range []string{"png", "jpeg", "gif", "webp", "avif"} {
		if strings.HasPrefix(low, "data:image/"+kind+";base64,") {
			return strings.Trim(low[len("data:image/"+kind+";base64,"):], "abcdefghijklmnopqrstuvwxyz0123456789+/=") == ""
		}
	}
	return false
}

// srcset keeps those candidates whose addresses are allowed.
func (s *Sanitizer) srcset(val string) (clean, why string) {
	var list []string
	for val != "" {
		val = strings.TrimLeft(val, " \t\n\f\r,")
		if val == "" {
			break
		}
		i := strings.IndexAny(val, " \t\n\f\r")
		if i < 0 {
			i = len(val)
		}
		address, rest := val[:i], val[i:]
		descriptor := ""
		if t := strings.TrimRight(address, ","); t != address {
			address = t
		} else if j := strings.IndexByte(rest, ','); j >= 0 {
			descriptor, rest = strings.TrimSpace(rest[:j]), rest[j+1:]
		} else {
			descriptor, rest = strings.TrimSpace(rest), ""
		}
		val = rest
		c, w := s.address(address, false)
		if w == "" && strings.Trim(descriptor, "0123456789.wxhe+-") != "" {
			w = "it is no size of a picture"
		}
		if w != "" {
			why = w
			continue
		}
		c = strings.ReplaceAll(c, ",", "%2C")
		if descriptor != "" {
			c += " " + descriptor
		}
		list = append(list, c)
	}
	return strings.Join(list, ", "), why
}

func (s *Sanitizer) classes(val string) (clean, why string) {
	var list []string
	for _, word := range strings.Fields(val) {
		ok := false
		for _, c := range s.p.Classes {
			head, star := strings.CutSuffix(c, "*")
			ok = ok || word == c || star && strings.HasPrefix(word, head)
		}
		if !ok {
			why = "the class is not allowed"
			continue
		}
		list = append(list, word)
	}
	return strings.Join(list, " "), why
}

// endsElsewhere is DOMPurify's rule for attributes.
func endsElsewhere(val string) bool {
	if strings.IndexByte(val, '>') < 0 && strings.IndexByte(val, '<') < 0 {
		return false
	}
	if strings.Contains(val, "-->") || strings.Contains(val, "--!>") || strings.Contains(val, "]>") {
		return true
	}
	low := strings.ToLower(val)
	for i := strings.Index(low, "</"); i >= 0; {
		rest := low[i+2:]
		for _, tag := range []string{"style", "script", "title", "xmp", "textarea", "noscript", "iframe", "noembed", "noframes", "template", "svg", "math"} {
			if strings.HasPrefix(rest, tag) {
				return true
			}
		}
		j := strings.Index(rest, "</")
		if j < 0 {
			return false
		}
		i += 2 + j
	}
	return false
}
