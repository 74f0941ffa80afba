// Package markup writes HTML into which nothing but text can get from outside.
//
// A page is an expression that looks like what it makes:
//
//	markup.El("p", markup.Class("message"), markup.Text(finding.Message))
//
// What comes from elsewhere has two ways in, as text and as the value of an attribute, and both
// escape. The names of elements and attributes are constants of the program: their type is not
// exported, so that the compiler takes a word written in quotation marks and refuses a variable.
// Style sheets and scripts, in which escaping would mean nothing, come from embedded files only.
//
// Why not html/template, which is as safe: it brings text/template, whose methods are called by
// names in variables. The linker must then keep every exported method of every type in the
// program. That was 2.2 of 25 MB.
package markup

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html"
	"io"
	"strings"
)

// constant is a word that the program was compiled with.
type constant string

// A Node is a part of a page: an element, an attribute of the element around it, text, or
// several of these.
type Node interface {
	// An element asks its parts twice, as attributes come first wherever they stand.
	attributes(b *bytes.Buffer)
	content(b *bytes.Buffer)
}

// Write writes a page of HTML 5.
func Write(w io.Writer, page ...Node) error {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html>")
	for _, n := range page {
		n.content(&b)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// How an element is written. Those that begin a line are the ones beside which a browser
// does not show white space: a page is read by people also as it is.
type form uint8

const (
	unknown form = iota
	inline
	line
	void // also begins a line, and has no end
)

// elements are all that can be written. There are none whose content is not text but a
// program, a style sheet or another page.
var elements = map[constant]form{
	"html": line, "head": line, "meta": void, "title": line, "body": line,
	"header": line, "main": line, "footer": line, "section": line, "article": line, "div": line,
	"h1": line, "h2": line, "h3": line, "h4": line, "p": line, "pre": line, "ul": line, "ol": line, "li": line, "dl": line, "dt": line, "dd": inline,
	"table": line, "thead": line, "tbody": line, "tr": line, "th": inline, "td": inline,
	"details": line, "summary": inline,
	"form": line, "fieldset": line, "legend": inline, "label": line, "input": void, "select": inline, "option": inline, "output": line, "button": line,
	"a": inline, "b": inline, "code": inline, "del": inline, "em": inline, "i": inline, "ins": inline, "mark": inline, "nav": line, "span": inline,
	"svg": line, "defs": line, "g": line, "path": inline, "pattern": inline, "rect": inline, "text": line,
}

// plain are the attributes that load nothing, run nothing and lead nowhere, whatever their
// values are. A link is not among them: see Link.
var plain = map[constant]bool{
	"aria-hidden": true, "aria-label": true, "aria-labelledby": true, "autocomplete": true, "charset": true, "checked": true, "class": true,
	"content": true, "d": true, "data-confidence": true, "data-practice": true, "data-severity": true, "height": true, "hidden": true,
	"http-equiv": true, "id": true, "lang": true, "name": true, "patternTransform": true, "patternUnits": true, "placeholder": true,
	"preserveAspectRatio": true, "rel": true, "role": true, "scope": true, "type": true, "value": true, "viewBox": true, "width": true,
	"x": true, "y": true,
}

type element struct {
	tag   constant
	parts []Node
}

// El is an element with its attributes and what stands in it. One that this package does not
// know is not written, with all that stands in it.
func El(tag constant, parts ...Node) Node { return element{tag, parts} }

// Words is an element with a class and nothing but text in it.
func Words(tag constant, class, s string) Node { return El(tag, Class(class), Text(s)) }

func (e element) attributes(*bytes.Buffer) {}

func (e element) content(b *bytes.Buffer) {
	form := elements[e.tag]
	switch form {
	case unknown:
		return
	case line, void:
		b.WriteByte('\n')
	}
	b.WriteByte('<')
	b.WriteString(string(e.tag))
	for _, p := range e.parts {
		p.attributes(b)
	}
	b.WriteByte('>')
	if form == void {
		return
	}
	for _, p := range e.parts {
		p.content(b)
	}
	b.WriteString("</")
	b.WriteString(string(e.tag))
	b.WriteByte('>')
}

type attribute struct {
	name  constant
	value string
}

// Attr is an attribute. One that this package does not know as harmless is not written.
func Attr(name constant, value string) Node {
	if !plain[name] {
		return None
	}
	return attribute{name, value}
}

// Class is the attribute with the names of classes.
func Class(names ...string) Node { return Attr("class", strings.Join(names, " ")) }

// Flag is an attribute without a value, such as hidden.
func Flag(name constant) Node { return Attr(name, "") }

// Link is where an element leads. Only what is on this page (#id) or begins with https:// is
// written; javascript: is an address, too.
func Link(address string) Node {
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "#") {
		return None
	}
	return attribute{"href", address}
}

func (a attribute) attributes(b *bytes.Buffer) {
	b.WriteByte(' ')
	b.WriteString(string(a.name))
	if a.value != "" {
		b.WriteString(`="`)
		b.WriteString(html.EscapeString(a.value))
		b.WriteByte('"')
	}
}

func (a attribute) content(*bytes.Buffer) {}

type text string

// Text is text, whatever is in it.
func Text(s string) Node { return text(s) }

func (t text) attributes(*bytes.Buffer) {}

func (t text) content(b *bytes.Buffer) { b.WriteString(html.EscapeString(string(t))) }

type group []Node

// None is nothing.
var None Node = group(nil)

// All is several nodes in the place of one.
func All(nodes ...Node) Node { return group(nodes) }

// If is the nodes, or nothing.
func If(condition bool, nodes ...Node) Node {
	if !condition {
		return None
	}
	return group(nodes)
}

func (g group) attributes(b *bytes.Buffer) {
	for _, n := range g {
		n.attributes(b)
	}
}

func (g group) content(b *bytes.Buffer) {
	for _, n := range g {
		n.content(b)
	}
}

type each[T any] struct {
	list []T
	node func(T) Node
}

// Each is what a function makes of each element of a list. It is asked when the page is
// written, so that the nodes of a long page need not all be there at once; attributes it
// cannot make.
func Each[T any](list []T, node func(T) Node) Node { return each[T]{list, node} }

func (e each[T]) attributes(*bytes.Buffer) {}

func (e each[T]) content(b *bytes.Buffer) {
	for _, x := range e.list {
		e.node(x).content(b)
	}
}

// An Asset is a style sheet or a script that the program was built with.
type Asset struct{ text string }

// Embedded is an asset from an embedded file. A file that is not there is empty.
func Embedded(files embed.FS, name constant) Asset {
	data, _ := files.ReadFile(string(name)) // cannot fail: a test writes every page
	return Asset{string(data)}
}

// Hash names the asset in a content security policy: nothing else runs then.
func (a Asset) Hash() string {
	h := sha256.Sum256([]byte(a.text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

type raw struct{ begin, text, end string }

// Style is a style sheet.
func Style(a Asset) Node { return raw{"\n<style>", a.text, "</style>"} }

// Script is a script.
func Script(a Asset) Node { return raw{"\n<script>", a.text, "</script>"} }

func (r raw) attributes(*bytes.Buffer) {}

func (r raw) content(b *bytes.Buffer) {
	b.WriteString(r.begin)
	b.WriteString(r.text)
	b.WriteString(r.end)
}
