package taint

import (
	"slices"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// A value is what is known of a Python value at one point. Values are never changed. nil is
// a value that nothing is known of, but that nobody outside controls.
type value struct {
	marks  []mark     // where it comes from, and what it may still do; sorted by source
	consts []constant // everything that it can be, or nothing where that is not known
	names  []string   // qualified names that it can stand for; see program.Unit.Name
	fns    []*function
	class  []*class // it is one of these classes
	mods   []*module
	objs   []objectID        // it is one of these objects of the heap
	prefix string            // how the text begins, for certain
	norm   bool              // a path without .. and links in it
	some   bool              // a text that is not empty
	quotes uint8             // see quoted
	parts  map[string]*value // what was put into an object of a library under constant keys
	lazy   []lazy            // what an import names, and nobody has asked for yet
	facts  []fact            // what its truth tells of variables
	onHost bool              // an address of which the host is fixed
	copyOf *variable         // the variable, or path, that it was read from, unchanged
	char   bool              // one of the characters of a text
	page   uint8             // where in a page it ends; see context.go
	shell  uint8             // where in a command line it ends
	piece  bool              // what stands between two separators of a path
	madeOf *variable         // the variable, or path, with the name that this is the path of
	copied bool              // another variable has it, too
	made   []*Made           // what of a library it is, where somebody asks what is put together
	also   bool              // or something that is not told, as None
}

// A variable is one with what it held.
type variable struct {
	slot slot
	was  *value
	root *value // of a path: the variable that it begins with
}

// A lazy value is a name that was imported: its module is run when it is asked for. Or it
// waits for what other modules put into a module; see fill.
type lazy struct {
	name, from string
	wait       *module
}

// A constant is one that can be compared.
type constant struct {
	kind ast.ConstKind
	str  string // of Str and Bytes
	num  int64
	flt  float64
}

// bottom is no value at all: that of a name that is not bound on some way.
var bottom = &value{}

// A mark is one origin of a value.
type mark struct {
	src   *origin
	kinds models.Kinds // what it may still do
	step  *step
	weak  bool // the way led through something unknown
}

// An origin is a place where data enters.
type origin struct {
	id     int
	local  bool   // not from the network
	part   bool   // one part of the route's path
	stored bool   // from a database, which anybody may have filled
	field  string // of the database, if that is known
	says   string
	at     place
	entry  *Entry
}

// An Entry is where the application is entered.
type Entry struct {
	Method, Route, Parameter, Handler string

	addresses []address
}

// A place is somewhere in a file.
type place struct {
	file *source.File
	span source.Span
}

// A step is a stop on the way, newest first.
type step struct {
	at   place
	says string
	prev *step
	n    int
}

func (s *step) then(at place, says string) *step {
	if s != nil && s.at == at {
		return s
	}
	n := 1
	if s != nil {
		n = s.n + 1
	}
	return &step{at, says, s, n}
}

// What one value is said to be is bounded.
const (
	maxConsts = 8
	maxMarks  = 8
	maxFns    = 40 // a table of handlers has dozens: with 8, Redash took 4 % less time
	maxObjs   = 8
)

// join is the value of what may be one or the other.
func join(a, b *value) *value {
	switch {
	case a == b || b == bottom:
		return a
	case a == bottom:
		return b
	case a == nil:
		a = &value{}
	case b == nil:
		b = &value{}
	}
	out := &value{marks: joinMarks(a.marks, b.marks), norm: a.norm && b.norm, some: a.some && b.some, quotes: a.quotes & b.quotes, prefix: common(a.begins(), b.begins())}
	if len(a.consts) > 0 && len(b.consts) > 0 {
		out.consts = union(a.consts, b.consts, maxConsts)
		if len(out.consts) > maxConsts {
			out.consts = nil
		}
	}
	out.also = a.also || b.also || a.told() != b.told() || len(a.consts)+len(b.consts) > 0 && len(out.consts) == 0
	out.names = union(a.names, b.names, 4)
	out.onHost = a.hosted() && b.hosted()
	if a.page == b.page {
		out.page = a.page
	}
	if a.shell == b.shell {
		out.shell = a.shell
	}
	out.char, out.piece = a.char && b.char, a.piece && b.piece
	out.fns = union(a.fns, b.fns, maxFns)
	out.class = union(a.class, b.class, maxFns)
	out.mods = union(a.mods, b.mods, maxObjs)
	out.objs = union(a.objs, b.objs, maxObjs)
	out.lazy = union(a.lazy, b.lazy, maxObjs)
	if len(a.made)+len(b.made) > 0 {
		out.made = union(a.made, b.made, maxMade)
	}
	return out
}

// told says whether a value says what there is: a constant, an object, a function, and not only by which
// name it came.
func (v *value) told() bool {
	return len(v.consts)+len(v.objs)+len(v.fns)+len(v.class)+len(v.mods)+len(v.lazy) > 0
}

// union adds what is not there yet; of constants one too many is kept, which tells that
// they are too many.
func union[T comparable](a, b []T, most int) []T {
	if len(a) == 0 {
		return b
	}
	for _, x := range b {
		if len(a) > most {
			break
		}
		if !slices.Contains(a, x) {
			a = append(a[:len(a):len(a)], x)
		}
	}
	return a
}

func joinMarks(a, b []mark) []mark {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 || &a[0] == &b[0] {
		return a
	}
	out := make([]mark, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].src.id < b[0].src.id:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0].src.id < a[0].src.id:
			out, b = append(out, b[0]), b[1:]
		default:
			m := a[0]
			o := b[0]
			switch {
			case m.kinds == o.kinds && o.step.length() < m.step.length(), m.kinds&^o.kinds == 0 && m.kinds != o.kinds:
				m.step = o.step
			}
			m.kinds |= o.kinds
			m.weak = m.weak && o.weak
			out, a, b = append(out, m), a[1:], b[1:]
		}
	}
	return out[:min(len(out), maxMarks)]
}

func (s *step) length() int {
	if s == nil {
		return 0
	}
	return s.n
}

// same says whether two values say the same, steps left out.
func same(a, b *value) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a == bottom || b == bottom {
		return a == nil && b != bottom && b.empty() || b == nil && a != bottom && a.empty()
	}
	if len(a.marks) != len(b.marks) || a.norm != b.norm || a.some != b.some || a.quotes != b.quotes || a.prefix != b.prefix || a.also != b.also {
		return false
	}
	for i := range a.marks {
		if a.marks[i].src != b.marks[i].src || a.marks[i].kinds != b.marks[i].kinds {
			return false
		}
	}
	return slices.Equal(a.consts, b.consts) && slices.Equal(a.names, b.names) && slices.Equal(a.fns, b.fns) && slices.Equal(a.class, b.class) && slices.Equal(a.objs, b.objs) && slices.Equal(a.made, b.made)
}

func (v *value) empty() bool {
	return len(v.marks) == 0 && len(v.consts) == 0 && len(v.names) == 0 && len(v.fns) == 0 && len(v.objs) == 0 && len(v.class) == 0 && len(v.mods) == 0 && len(v.lazy) == 0 && len(v.made) == 0 && v.prefix == "" && !v.norm && len(v.facts) == 0
}

func (v *value) tainted() bool { return v != nil && len(v.marks) > 0 }

// origins are the marks of a value that may be nil.
func (v *value) origins() []mark {
	if v == nil {
		return nil
	}
	return v.marks
}

// kindsOf are all kinds of marks.
func kindsOf(list []mark) (k models.Kinds) {
	for _, m := range list {
		k |= m.kinds
	}
	return k
}

// marked is a value of which only the marks are known.
func marked(m []mark) *value {
	if len(m) == 0 {
		return nil
	}
	return &value{marks: m}
}

// clear takes kinds from the marks; a mark without kinds goes.
func clear(v *value, k models.Kinds) *value {
	if !v.tainted() || k == 0 {
		return v
	}
	out := *v
	out.marks = nil
	for _, m := range v.marks {
		if m.kinds &^= k; m.kinds != 0 {
			out.marks = append(out.marks, m)
		}
	}
	return &out
}

// trace adds a step to each mark.
func trace(v *value, at place, says string) *value {
	if !v.tainted() {
		return v
	}
	out := *v
	out.marks = slices.Clone(v.marks)
	for i := range out.marks {
		out.marks[i].step = out.marks[i].step.then(at, says)
	}
	return &out
}

// weaken marks that the way led through something unknown.
func weaken(m []mark) []mark {
	if !slices.ContainsFunc(m, func(m mark) bool { return !m.weak }) {
		return m
	}
	m = slices.Clone(m)
	for i := range m {
		m[i].weak = true
	}
	return m
}

func constOf(c constant) *value { return &value{consts: []constant{c}} }
func strOf(s string) *value     { return constOf(constant{kind: ast.Str, str: s}) }
func boolOf(b bool) *value {
	if b {
		return constOf(constant{kind: ast.True})
	}
	return constOf(constant{kind: ast.False})
}
func intOf(n int64) *value { return constOf(constant{kind: ast.Int, num: n}) }

// only is the one constant that v is, if it is one.
func (v *value) only() (constant, bool) {
	if v != nil && len(v.consts) == 1 && len(v.marks) == 0 && len(v.objs) == 0 {
		return v.consts[0], true
	}
	return constant{}, false
}

// str is the one string that v is.
func (v *value) str() (string, bool) {
	c, ok := v.only()
	return c.str, ok && c.kind == ast.Str
}

// begins is how the text begins, for certain.
func (v *value) begins() string {
	if v == nil {
		return ""
	}
	if len(v.consts) == 0 {
		return v.prefix
	}
	s := v.consts[0].str
	for _, c := range v.consts[1:] {
		s = common(s, c.str)
	}
	return s
}

// hosted says whether an address goes to a host that nobody outside chooses.
func (v *value) hosted() bool {
	switch {
	case v == nil:
		return false
	case v.onHost:
		return true
	case len(v.consts) > 0:
		return !slices.ContainsFunc(v.consts, func(c constant) bool { return !wholeHost(c.str) })
	}
	return wholeHost(v.prefix)
}

// common is the common beginning of two texts.
func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// truth is Python's truth of a constant.
func (c constant) truth() bool {
	switch c.kind {
	case ast.None, ast.False:
		return false
	case ast.Str, ast.Bytes:
		return c.str != ""
	case ast.Int:
		return c.num != 0
	case ast.Float, ast.Complex:
		return c.flt != 0
	}
	return true
}

// A tri is yes, no, or unknown.
type tri int8

const (
	unknown tri = iota
	yes
	no
)

func triOf(b bool) tri {
	if b {
		return yes
	}
	return no
}

// plain says whether all of a class is known, and nothing in it says what is true of it.
func (a *analysis) plain(c *class) bool {
	for _, k := range a.lineage(c) {
		if k.attrs["__bool__"] != nil || k.attrs["__len__"] != nil || k.attrs["__getattr__"] != nil || k.tuple != nil {
			return false
		}
		for _, b := range k.bases {
			if b == nil || len(b.class) == 0 && !slices.Equal(b.names, []string{"builtins.object"}) {
				return false
			}
		}
	}
	return true
}

// truth is whether v is true in a condition.
func (a *analysis) truth(st *state, v *value) tri {
	if v == nil || v == bottom || len(v.marks) > 0 || v.also {
		return unknown
	}
	t := unknown
	add := func(x tri) bool {
		if t != unknown && t != x || x == unknown {
			return false
		}
		t = x
		return true
	}
	for _, c := range v.consts {
		if !add(triOf(c.truth())) {
			return unknown
		}
	}
	for _, id := range v.objs {
		o := st.object(id)
		switch {
		case o == nil:
			return unknown
		case o.class != nil:
			if !a.plain(o.class) {
				return unknown // __bool__, __len__
			}
			if !add(yes) {
				return unknown
			}
			continue
		case o.part && len(o.list) == 0 && !o.some:
			return unknown
		case o.some && !o.multi:
			if !add(yes) {
				return unknown
			}
			continue
		case o.open():
			return unknown
		}
		if !add(triOf(o.size() > 0)) {
			return unknown
		}
	}
	if len(v.fns)+len(v.class)+len(v.mods) > 0 && !add(yes) {
		return unknown
	}
	if len(v.consts)+len(v.objs)+len(v.fns)+len(v.class)+len(v.mods) == 0 && len(v.names) > 0 && !slices.ContainsFunc(v.names, func(n string) bool { return !a.models.callable(n) }) {
		return yes // a library's function
	}
	return t
}

// filled says whether a text is known not to be empty.
func (v *value) filled() bool {
	if v == nil {
		return false
	}
	if v.some || v.prefix != "" {
		return true
	}
	for _, c := range v.consts {
		if c.str == "" {
			return false
		}
	}
	return len(v.consts) > 0
}
