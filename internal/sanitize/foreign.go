package sanitize

// foreign follows svg and math far enough to know whether the content of a style or a title
// is text or markup. It is a guess at what the parser's tree will be; the tree is compared
// with it afterwards, and where it was wrong the text is read again with what was learnt.
type foreign struct {
	stack []open // from the outermost svg or math; empty outside
}

type open struct {
	name  string
	alien bool // an element of SVG or MathML
	point bool // but HTML follows in it
}

const deepest = 512 // elements that the parser will hold open

// inside reports whether a tag here would be one of SVG or MathML.
func (f *foreign) inside() bool {
	if len(f.stack) == 0 {
		return false
	}
	top := f.stack[len(f.stack)-1]
	return top.alien && !top.point
}

// alien reports whether the innermost element is one of SVG or MathML.
func (f *foreign) alien() bool { return len(f.stack) > 0 && f.stack[len(f.stack)-1].alien }

// breakout is the start tags that end SVG and MathML.
var breakout = set(`b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr
	i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var`)

func (f *foreign) breaksOut(name string) bool { return breakout[name] }

// void reports whether an element has no content and no end tag, in Bleach's eyes.
func void(name string) bool {
	switch name {
	case "base", "command", "event-source", "link", "meta", "hr", "br", "img", "embed", "param", "area", "col", "input", "source", "track", "wbr":
		return true
	}
	return false
}

func (f *foreign) start(name string, attrs []attr, self bool) {
	inside := f.inside()
	if inside && (breakout[name] || name == "font" && hasAny(attrs, "color", "face", "size")) {
		for f.inside() {
			f.stack = f.stack[:len(f.stack)-1]
		}
		inside = false
	}
	alien := inside || name == "svg" || name == "math"
	if len(f.stack) == 0 && !alien || self && alien || !alien && void(name) || len(f.stack) >= deepest {
		return
	}
	o := open{name: name, alien: alien}
	switch {
	case !alien:
	case name == "foreignobject", name == "desc", name == "title":
		o.point = f.within("svg")
	case name == "mi", name == "mo", name == "mn", name == "ms", name == "mtext":
		o.point = f.within("math")
	case name == "annotation-xml":
		for _, a := range attrs {
			o.point = o.point || a.name == "encoding" && htmlEncoding(a.val) && f.within("math")
		}
	}
	f.stack = append(f.stack, o)
}

// within reports whether the innermost svg or math is this one.
func (f *foreign) within(root string) bool {
	for i := len(f.stack) - 1; i >= 0; i-- {
		if n := f.stack[i].name; n == "svg" || n == "math" {
			return n == root
		}
	}
	return false
}

func (f *foreign) end(name string) {
	if f.inside() && (name == "p" || name == "br") {
		for f.inside() {
			f.stack = f.stack[:len(f.stack)-1]
		}
	}
	for i := len(f.stack) - 1; i >= 0; i-- {
		if f.stack[i].name == name {
			f.stack = f.stack[:i]
			return
		}
	}
}

func hasAny(attrs []attr, names ...string) bool {
	for _, a := range attrs {
		for _, n := range names {
			if a.name == n {
				return true
			}
		}
	}
	return false
}
