package taint

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

var stringNames = []string{"builtins.str()"}

// magicOf are the methods that models name what an operator of a library's class does.
var magicOf = map[ast.Operator][2]string{ast.Mod: {".__mod__", ".__rmod__"}, ast.Add: {".__add__", ".__radd__"}}

// binary is a + b and the like.
func (a *analysis) binary(fr *frame, st *state, e ast.Node, op ast.Operator, l, r *value) *value {
	v := a.sized(fr, e, op, l, r, a.arithmetic(fr, st, e, op, l, r))
	if m, ok := magicOf[op]; ok && v.tainted() && l != nil && r != nil {
		for i, side := range []*value{l, r} {
			for _, n := range side.names {
				if strings.HasPrefix(n, "builtins.") {
					continue
				}
				for _, s := range a.models.sanitizers[n+m[i]] {
					v = clear(v, s.kinds)
				}
			}
		}
	}
	return v
}

func (a *analysis) arithmetic(fr *frame, st *state, e ast.Node, op ast.Operator, l, r *value) *value {
	if v, ok := a.operator(fr, st, e, op, l, r); ok {
		return v
	}
	if v := a.escaping(st, op, l, r); v != nil {
		return v
	}
	l, r = a.plainText(st, l), a.plainText(st, r)
	switch op {
	case ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.LShift, ast.RShift:
		// No text can be divided or diminished by a number: what was, is one.
		_, n1 := l.number()
		_, n2 := r.number()
		if n1 != n2 && l.tainted() != r.tainted() {
			return nil
		}
	}
	switch op {
	case ast.Add:
		if v, ok := a.addContainers(fr, st, e, l, r); ok {
			return v
		}
		return concat(l, r)
	case ast.Mod:
		return a.percent(fr, st, e, l, r)
	case ast.Mult:
		for _, v := range []*value{l, r} {
			if v != nil && len(v.objs) > 0 {
				other := r
				if v == r {
					other = l
				}
				return a.copied(fr, st, e, v, other)
			}
		}
		x, ok1 := l.only()
		y, ok2 := r.only()
		if ok1 && ok2 && x.kind == ast.Int && y.kind == ast.Int {
			return intOf(x.num * y.num)
		}
		if ok1 && ok2 && x.kind == ast.Str && y.kind == ast.Int && y.num >= 0 && y.num*int64(len(x.str)) < 1000 {
			return strOf(strings.Repeat(x.str, int(y.num)))
		}
		return &value{marks: joinMarks(l.origins(), r.origins()), names: textual(l, r)}
	case ast.Div:
		// A path may be joined so.
		v := &value{marks: joinMarks(l.origins(), r.origins())}
		if l != nil {
			v.names = l.names
		}
		if x, y, ok := integers(l, r); ok && y != 0 && x%y == 0 {
			return intOf(x / y)
		}
		return v
	case ast.Sub, ast.BitAnd, ast.BitXor:
		if op == ast.BitAnd && l != nil && r != nil && len(r.objs) == 1 && len(a.deep(st, l, 0)) > 0 && len(a.deep(st, r, 0)) == 0 {
			l, r = r, l // what is in both is in the one that holds nothing from outside
		}
		// What is left of a set.
		if l != nil && len(l.objs) == 1 {
			if o := st.object(l.objs[0]); o != nil && o.class == nil {
				c := o.clone()
				c.multi = false
				c.summarise()
				return a.alloc(fr, e, st, c)
			}
		}
	case ast.BitOr:
		if v, ok := a.mergedDicts(fr, st, e, l, r); ok {
			return v
		}
	}
	if x, y, ok := integers(l, r); ok {
		switch op {
		case ast.Sub:
			return intOf(x - y)
		case ast.FloorDiv:
			if y != 0 {
				return intOf(floorDiv(x, y))
			}
		case ast.BitAnd:
			return intOf(x & y)
		case ast.BitOr:
			return intOf(x | y)
		case ast.BitXor:
			return intOf(x ^ y)
		case ast.LShift:
			if y >= 0 && y < 62 && x < 1<<20 && x > -1<<20 {
				return intOf(x << min(y, 40))
			}
		case ast.RShift:
			if y >= 0 && y < 63 {
				return intOf(x >> y)
			}
		}
	}
	m := joinMarks(l.origins(), r.origins())
	if op == ast.BitOr && l != nil && r != nil && len(l.names)+len(r.names) > 0 {
		return &value{marks: m, names: union(l.names, r.names, 4)} // links of a chain
	}
	return marked(m)
}

func floorDiv(x, y int64) int64 {
	q := x / y
	if x%y != 0 && (x < 0) != (y < 0) {
		q--
	}
	return q
}

func integers(l, r *value) (x, y int64, ok bool) {
	a, ok1 := l.number()
	b, ok2 := r.number()
	return a, b, ok1 && ok2
}

func (v *value) number() (int64, bool) {
	c, ok := v.only()
	if !ok {
		return 0, false
	}
	switch c.kind {
	case ast.Int:
		return c.num, c.num < 1<<40 && c.num > -1<<40
	case ast.True:
		return 1, true
	case ast.False:
		return 0, true
	}
	return 0, false
}

// operator asks the magic methods of objects of the program.
func (a *analysis) operator(fr *frame, st *state, e ast.Node, op ast.Operator, l, r *value) (*value, bool) {
	name := magic[op]
	try := func(self, other *value, name string) (*value, bool) {
		if self == nil {
			return nil, false
		}
		for _, id := range self.objs {
			if o := st.object(id); o != nil && o.class != nil {
				if f, ok := a.member(fr, st, o.class, name); ok {
					return a.invoke(fr, st, a.bind(fr, st, f, &value{objs: []objectID{id}, names: namesOf(o)}, e), []argument{{v: other}}, e), true
				}
			}
		}
		return nil, false
	}
	if v, ok := try(l, r, "__"+name+"__"); ok {
		return v, true
	}
	return try(r, l, "__r"+name+"__")
}

// escaping is an operator of a text of a library that takes the harm from what is put into it:
// models call it what Python does, __mod__.
func (a *analysis) escaping(st *state, op ast.Operator, l, r *value) *value {
	clears := func(v *value, name string) (k models.Kinds) {
		if v != nil {
			for _, n := range v.names {
				for _, s := range a.models.sanitizers[n+name] {
					k |= s.kinds
				}
			}
		}
		return k
	}
	if l == nil || r == nil || len(l.names)+len(r.names) == 0 {
		return nil
	}
	switch name := magic[op] + "__"; {
	case clears(l, ".__"+name) != 0:
		k := clears(l, ".__"+name)
		if clears(r, ".__"+name) != 0 {
			k = 0 // it is such a text already
		}
		return &value{marks: joinMarks(l.marks, clear(marked(a.deep(st, r, 0)), k).origins()), names: l.names}
	case clears(r, ".__r"+name) != 0:
		return &value{marks: joinMarks(r.marks, clear(marked(a.deep(st, l, 0)), clears(r, ".__r"+name)).origins()), names: r.names}
	}
	return nil
}

var magic = map[ast.Operator]string{ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv", ast.Mod: "mod", ast.Pow: "pow",
	ast.LShift: "lshift", ast.RShift: "rshift", ast.BitOr: "or", ast.BitXor: "xor", ast.BitAnd: "and", ast.FloorDiv: "floordiv"}

func textual(vs ...*value) []string {
	for _, v := range vs {
		if v == nil {
			continue
		}
		for _, c := range v.consts {
			if c.kind == ast.Str {
				return stringNames
			}
		}
		if slices.Contains(v.names, "builtins.str()") {
			return stringNames
		}
	}
	return nil
}

// concat joins texts (and adds numbers).
func concat(l, r *value) *value {
	if x, y, ok := integers(l, r); ok {
		return intOf(x + y)
	}
	if l != nil && r != nil && len(l.consts) > 0 && len(r.consts) > 0 && len(l.consts)*len(r.consts) <= maxConsts && len(l.marks)+len(r.marks) == 0 {
		var out []constant
		for _, x := range l.consts {
			for _, y := range r.consts {
				if x.kind != y.kind || x.kind != ast.Str && x.kind != ast.Bytes || len(x.str)+len(y.str) > 4000 {
					return nil
				}
				out = union(out, []constant{{kind: x.kind, str: x.str + y.str}}, maxConsts)
			}
		}
		return &value{consts: out}
	}
	if s, ok := l.str(); ok && s == "" && r != nil && len(r.consts)+len(r.objs) == 0 {
		if len(r.names) > 0 {
			return r
		}
		w := *r
		w.names = stringNames
		return &w
	}
	rest := r.origins()
	page, shell := l.place()
	if len(rest) > 0 {
		if len(r.consts) == 0 && r.prefix != "" && (page != inText || shell != 0) {
			page, shell = pageAfter(page, r.prefix), shellAfter(shell, r.prefix)
		}
		rest = placed(rest, page, shell, r.quotes)
	}
	if l != nil && len(l.origins()) == 0 && len(rest) > 0 && (len(l.consts) == 0 && len(l.names) > 0 || l.filled()) {
		rest = clear(marked(rest), addressClears).origins() // something stands before it, so that it names no scheme
	}
	if l.filled() && len(l.origins()) == 0 && len(rest) > 0 {
		// What stands before it decides where the path begins, and whether a cell is a formula.
		rest = clear(marked(rest), concatClears).origins()
	}
	v := &value{marks: joinMarks(l.origins(), rest), names: textual(l, r), prefix: l.begins(), some: l.filled() || r.filled()}
	v.onHost = l.hosted() || !foreign(l.origins()) && closesHost(l, r)
	if s, ok := l.str(); ok {
		v.prefix = s + r.begins()
	}
	if len(v.prefix) > 400 {
		v.prefix = v.prefix[:400]
	}
	if v.empty() {
		return nil
	}
	if r != nil && len(r.consts) == 1 {
		page, shell = pageAfter(page, r.consts[0].str), shellAfter(shell, r.consts[0].str)
	} else if r != nil && page == inText && shell == 0 {
		page, shell = r.place()
	}
	v.page, v.shell = page&^atStart, shell
	if r != nil && len(r.consts) == 1 {
		v.page = page
	}
	if l != nil {
		v.quotes = l.quotes & shellWord
	}
	if r != nil {
		v.quotes |= r.quotes & shellWord
	}
	return v
}

// place is where a text ends, in a page and in a command line.
func (v *value) place() (page, shell uint8) {
	switch {
	case v == nil:
	case len(v.consts) == 1:
		return pageAfter(inText, v.consts[0].str), shellAfter(0, v.consts[0].str)
	default:
		return v.page, v.shell
	}
	return 0, 0
}

// closesHost says whether what comes behind l and r cannot be a part of an address's host any
// more: r has a separator, and l, whatever it is, the host.
func closesHost(l, r *value) bool {
	s := r.begins()
	if s == "" || l != nil && len(l.consts) > 0 {
		return false
	}
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	return strings.ContainsAny(s, "/?#") && !strings.HasPrefix(s, "//")
}

var addressClears, _ = models.ParseKind("html.address")

// concatClears is what a text cannot do that stands behind another one.
var concatClears, _ = models.ParseKinds([]string{"path.absolute", "formula"})

func (a *analysis) addContainers(fr *frame, st *state, e ast.Node, l, r *value) (*value, bool) {
	x, y := a.listOf(st, l), a.listOf(st, r)
	if x == nil || y == nil || !x.contained() || !y.contained() {
		return nil, false
	}
	o := x.clone()
	o.class, o.fields = nil, nil
	o.multi = false
	o.extend(y)
	return a.alloc(fr, e, st, o), true
}

// listOf is the one container that a value is. Where somebody asks what is put together, what
// a library has made stands for its elements: [path(…)] + router.urls.
func (a *analysis) listOf(st *state, v *value) *object {
	switch {
	case v == nil:
		return nil
	case len(v.objs) == 1:
		return st.object(v.objs[0])
	case a.build != nil && len(v.made) > 0:
		return &object{name: "builtins.list()", list: []*value{v}}
	}
	return nil
}

// take adds elements that were looped over; exact says that they come one by one.
func (o *object) take(list []*value, exact bool) {
	if exact && !o.loose {
		o.list = append(o.list, list...)
		return
	}
	o.summarise()
	for _, v := range list {
		o.add(v)
	}
}

// extend adds the elements of another list.
func (o *object) extend(y *object) {
	o.marks = joinMarks(o.marks, y.marks)
	if o.loose || y.loose || y.more {
		o.summarise()
		for _, v := range y.list {
			o.add(v)
		}
		if y.more {
			o.add(y.rest)
		}
		return
	}
	o.list = append(o.list, y.list...)
}

func (a *analysis) mergedDicts(fr *frame, st *state, e ast.Node, l, r *value) (*value, bool) {
	if l == nil || r == nil || len(l.objs) == 0 || len(r.objs) == 0 {
		return nil, false
	}
	o := &object{name: "builtins.dict()"}
	if x := st.object(l.objs[0]); x != nil && x.contained() {
		o = x.clone()
		o.class, o.fields = nil, nil
		o.multi = false
		if x.name != "builtins.dict()" {
			for _, id := range r.objs {
				if y := st.object(id); y != nil {
					o.extend(y)
				}
			}
			return a.alloc(fr, e, st, o), true
		}
	}
	a.mix(st, o, r)
	return a.alloc(fr, e, st, o), true
}

// copied is a container with the same elements several times.
func (a *analysis) copied(fr *frame, st *state, e ast.Node, v, times *value) *value {
	if n, ok := times.number(); ok && len(v.objs) == 1 && n >= 0 && n < maxUnroll {
		if x := st.object(v.objs[0]); x != nil && x.contained() && !x.open() && len(x.keys) == 0 && int(n)*len(x.list) <= maxUnroll {
			return a.alloc(fr, e, st, &object{name: x.name, list: slices.Repeat(x.list, int(n))})
		}
	}
	o := &object{name: "builtins.list()"}
	for _, id := range v.objs {
		if x := st.object(id); x != nil {
			o.name = x.name
			o.marks = joinMarks(o.marks, x.marks)
			for _, w := range x.list {
				o.add(w)
			}
			if x.more {
				o.add(x.rest)
			}
		}
	}
	o.loose = true
	return a.alloc(fr, e, st, o)
}

// formatted is an f-string.
func (a *analysis) formatted(fr *frame, st *state, parts []ast.Expr) *value {
	var out *value
	var from *variable // the only part that is data
	many := false
	for i, p := range parts {
		v := a.eval(fr, st, p)
		if v.tainted() {
			if x, ok := p.(*ast.FormattedValue); ok && from == nil && !many {
				from = a.makes(fr, st, x.Value, v)
			}
			many = many || out.tainted()
		}
		if i == 0 {
			if out = v; out == nil {
				out = &value{}
			}
			continue
		}
		if out = concat(out, v); out == nil {
			out = &value{}
		}
	}
	if out == nil {
		return strOf("")
	}
	if len(out.consts) == 0 && len(out.names) == 0 || from != nil && !many {
		c := *out
		if len(c.consts) == 0 && len(c.names) == 0 {
			c.names = stringNames
		}
		if from != nil && !many {
			c.madeOf = from
		}
		return &c
	}
	return out
}

var asText = map[string][]string{"__format__": {"__format__", "__str__", "__repr__"}, "__str__": {"__str__", "__repr__"}, "__repr__": {"__repr__"}}

// text is str(v), as f-strings and format ask for it.
func (a *analysis) text(fr *frame, st *state, v *value, magic string) *value {
	return a.textAs(fr, st, v, magic, strOf(""))
}

// textAs is text with what format is told: f"{v:spec}".
func (a *analysis) textAs(fr *frame, st *state, v *value, magic string, spec *value) *value {
	if v == nil || v == bottom {
		return nil
	}
	if len(v.objs) == 0 && a.number(v) {
		return &value{names: stringNames} // its digits are few
	}
	out := bottom
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if o.class != nil {
			self := &value{objs: []objectID{id}, names: namesOf(o)}
			found := false
			for _, m := range asText[magic] {
				if f, ok := a.member(fr, st, o.class, m); ok {
					args := []argument(nil)
					if m == "__format__" {
						args = []argument{{v: spec}}
					}
					out = join(out, a.invoke(fr, st, a.bind(fr, st, f, self, nil), args, nil))
					found = true
					break
				}
			}
			if t := o.fields[textField]; t != nil && !found {
				out = join(out, a.plainText(st, self))
				continue
			}
			if o.name != "" && !found {
				out = join(out, marked(a.deep(st, self, 0)))
			}
			if x, ok := o.fields["args"]; ok && !found { // an error
				out = join(out, marked(a.deep(st, x, 0)))
			}
			if (a.record(o.class) || a.data(o.class) || a.checkedModel(o.class)) && !found {
				out = join(out, clear(marked(a.deep(st, self, 0)), a.models.repr))
			}
			continue
		}
		for _, x := range o.list {
			out = join(out, a.shown(fr, st, x))
		}
		for _, c := range o.order {
			out = join(out, a.shown(fr, st, o.keys[c]))
		}
		if o.more {
			out = join(out, a.shown(fr, st, o.rest))
		}
		out = join(out, clear(marked(joinMarks(o.marks, o.named)), a.models.repr))
	}
	if len(v.consts) > 0 {
		var consts []constant
		for _, c := range v.consts {
			s, ok := c.text()
			if !ok {
				consts = nil
				break
			}
			consts = append(consts, constant{kind: ast.Str, str: s})
		}
		out = join(out, &value{consts: consts, marks: v.marks})
	} else if len(v.objs) == 0 || len(v.marks) > 0 {
		if gathers(v) { // its elements are quoted
			v = clear(v, a.models.repr)
		}
		out = join(out, &value{marks: v.origins(), names: stringNames, prefix: v.prefix, norm: v.norm, onHost: v.onHost, quotes: v.quotes, page: v.page, shell: v.shell})
	}
	if out == bottom {
		return &value{names: stringNames}
	}
	return out
}

// shown is what the text of a container shows of an element: its __repr__.
func (a *analysis) shown(fr *frame, st *state, v *value) *value {
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil || o.class == nil || !a.has(o.class, "__repr__") {
			return clear(marked(a.deep(st, v, 0)), a.models.repr)
		}
	}
	if len(v.objects()) == 0 {
		return clear(marked(v.origins()), a.models.repr)
	}
	return a.text(fr, st, v, "__repr__")
}

// text is str() of a constant.
func (c constant) text() (string, bool) {
	switch c.kind {
	case ast.Str:
		return c.str, true
	case ast.Int:
		return strconv.FormatInt(c.num, 10), true
	case ast.True:
		return "True", true
	case ast.False:
		return "False", true
	case ast.None:
		return "None", true
	}
	return "", false
}

// maxDeep is how far deep looks: values that hold values that hold values.
const maxDeep = 5

// deep collects the marks of a value and of all that it holds. Each object is looked at
// once, and those near first: records that know one another would take their power.
func (a *analysis) deep(st *state, v *value, depth int) []mark {
	if v == nil || v == bottom || depth > maxDeep {
		return nil
	}
	if len(v.objs) == 0 {
		return v.marks
	}
	m := v.marks
	todo := slices.Clone(v.objs)
	seen := make(map[objectID]bool, len(todo))
	for _, id := range todo {
		seen[id] = true
	}
	visit := func(x *value) {
		if x == nil || x == bottom || depth == maxDeep {
			return
		}
		m = joinMarks(m, x.marks)
		for _, id := range x.objs {
			if !seen[id] {
				seen[id] = true
				todo = append(todo, id)
			}
		}
	}
	for first := depth; depth <= maxDeep && len(todo) > 0; depth++ {
		level := todo
		todo = nil
		for _, id := range level {
			o := st.object(id)
			if o == nil || o.sealed == always || o.sealed == fromHolder && depth > first {
				continue
			}
			m = joinMarks(m, o.marks)
			m = joinMarks(m, o.named)
			for _, x := range o.list {
				visit(x)
			}
			for _, c := range o.order {
				visit(o.keys[c])
			}
			visit(o.keyed)
			if o.more {
				visit(o.rest)
			}
			if t := o.fields[textField]; t != nil { // it goes as a text
				visit(t)
				continue
			}
			for _, n := range slices.Sorted(maps.Keys(o.fields)) {
				visit(o.fields[n])
			}
		}
	}
	return m
}

// percent is format % values.
func (a *analysis) percent(fr *frame, st *state, e ast.Node, l, r *value) *value {
	if x, y, ok := integers(l, r); ok && y != 0 {
		return intOf(x - floorDiv(x, y)*y)
	}
	format, ok := l.str()
	if !ok {
		return &value{marks: joinMarks(l.origins(), a.deep(st, r, 0)), names: textual(l), prefix: upTo(l.begins(), "%")}
	}
	var args []*value
	if r != nil && len(r.objs) == 1 {
		if o := st.object(r.objs[0]); o != nil && o.name == "builtins.tuple()" && !o.open() {
			args = o.list
		} else if o != nil && o.name == "builtins.dict()" {
			return a.percentNames(fr, st, format, o)
		}
	}
	if args == nil {
		args = []*value{r}
	}
	out := strOf("")
	at := 0
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			out = concat(out, strOf(format))
			break
		}
		out = concat(out, strOf(format[:i]))
		j := i + 1
		for j < len(format) && strings.IndexByte("#0- +.*123456789lhL", format[j]) >= 0 {
			j++
		}
		if j >= len(format) {
			break
		}
		switch format[j] {
		case '%':
			out = concat(out, strOf("%"))
		default:
			var v *value
			if at < len(args) {
				v = args[at]
			} else if len(args) == 1 {
				v = marked(a.deep(st, args[0], 0))
			}
			at++
			if strings.IndexByte("dixXofFeEgGcu", format[j]) >= 0 {
				v = nil
			} else {
				how := "__str__"
				if format[j] == 'r' {
					how = "__repr__"
				}
				v = a.text(fr, st, v, how)
				if format[j] == 'r' {
					v = clear(marked(v.origins()), a.models.repr)
				}
			}
			if v == nil {
				v = &value{}
			}
			out = concat(out, v)
		}
		format = format[j+1:]
		if out == nil {
			out = &value{names: stringNames}
		}
	}
	return out
}

// percentNames is format % dictionary.
func (a *analysis) percentNames(fr *frame, st *state, format string, o *object) *value {
	out := strOf("")
	for format != "" {
		before, rest, ok := strings.Cut(format, "%(")
		out = concat(out, strOf(before))
		if out == nil {
			out = &value{names: stringNames}
		}
		if !ok {
			break
		}
		name, tail, _ := strings.Cut(rest, ")")
		how := "__str__"
		if i := strings.IndexFunc(tail, unicode.IsLetter); i >= 0 && tail[i] == 'r' {
			how = "__repr__"
		}
		v := a.text(fr, st, o.at(strOf(name)), how)
		if tail != "" {
			if strings.IndexByte("dixXofFeEgG", tail[0]) >= 0 {
				v = nil
			}
			tail = tail[1:]
		}
		if v == nil {
			v = &value{}
		}
		if out = concat(out, v); out == nil {
			out = &value{names: stringNames}
		}
		format = tail
	}
	return out
}

func upTo(s, sep string) string {
	before, _, _ := strings.Cut(s, sep)
	return before
}

func numericSpec(spec string) bool { return numeric.MatchString(spec) }

// numeric is a format specification that only numbers have.
var numeric = regexp.MustCompile(`^(.?[<>=^])?[-+ ]?z?#?0?\d*[,_]?(\.\d+)?[bcdeEfFgGnoxX%]$`)

// format is "…".format(…).
func (a *analysis) format(fr *frame, st *state, self *value, args []argument) *value {
	format, ok := self.str()
	var all []mark
	for _, x := range args {
		all = joinMarks(all, a.deep(st, x.v, 0))
	}
	if !ok {
		return &value{marks: joinMarks(self.origins(), all), names: stringNames, prefix: upTo(self.begins(), "{")}
	}
	out := strOf("")
	next := 0
	for format != "" {
		i := strings.IndexAny(format, "{}")
		if i < 0 {
			out = concat(out, strOf(format))
			break
		}
		out = concat(out, strOf(format[:i]))
		if out == nil {
			out = &value{names: stringNames}
		}
		if i+1 < len(format) && format[i+1] == format[i] {
			out = concat(out, strOf(format[i:i+1]))
			format = format[i+2:]
			continue
		}
		if format[i] == '}' {
			format = format[i+1:]
			continue
		}
		depth, j := 1, i+1
		for j < len(format) && depth > 0 {
			switch format[j] {
			case '{':
				depth++
			case '}':
				depth--
			}
			j++
		}
		field := format[i+1 : max(j-1, i+1)]
		format = format[j:]
		field, spec, _ := strings.Cut(field, ":")
		field, conv, _ := strings.Cut(field, "!")
		var v *value
		name := field
		if k := strings.IndexAny(field, ".["); k >= 0 {
			name = field[:k]
		}
		found := false
		n, err := strconv.Atoi(name)
		if name == "" {
			n, err = next, nil
			next++
		}
		pos := 0
		for _, x := range args {
			switch {
			case x.star > 0:
				if x.star == 1 && err == nil || x.star == 2 && err != nil {
					for _, id := range x.v.objects() {
						if o := st.object(id); o != nil {
							if x.star == 2 {
								v, found = o.at(strOf(name)), true
							} else {
								v, found = o.at(intOf(int64(n-pos))), true
							}
						}
					}
					if !found {
						v, found = marked(a.deep(st, x.v, 0)), true
					}
				}
			case x.name != "":
				if err != nil && x.name == name {
					v, found = x.v, true
				}
			default:
				if err == nil && pos == n {
					v, found = x.v, true
				}
				pos++
			}
			if found {
				break
			}
		}
		for rest := field[len(name):]; rest != "" && found; {
			if rest[0] == '.' {
				k := strings.IndexAny(rest[1:], ".[")
				if k < 0 {
					k = len(rest) - 1
				}
				v = a.attribute(fr, st, v, rest[1:1+k], nil)
				rest = rest[1+k:]
				continue
			}
			key, tail, _ := strings.Cut(rest[1:], "]")
			if n, err := strconv.Atoi(key); err == nil {
				v = a.element(fr, st, v, intOf(int64(n)), nil)
			} else {
				v = a.element(fr, st, v, strOf(key), nil)
			}
			rest = tail
		}
		how := "__format__"
		switch conv {
		case "s":
			how = "__str__"
		case "r", "a":
			how = "__repr__"
		}
		v = a.text(fr, st, v, how)
		if conv == "r" || conv == "a" {
			v = clear(marked(v.origins()), a.models.repr)
		}
		if numericSpec(spec) || v == nil {
			v = &value{}
		}
		if out = concat(out, v); out == nil {
			out = &value{names: stringNames}
		}
	}
	return out
}

func (v *value) objects() []objectID {
	if v == nil {
		return nil
	}
	return v.objs
}

// stringMethod is a method of a text. ok is false for what is not one.
func (a *analysis) stringMethod(fr *frame, st *state, e ast.Node, self *value, name string, args []argument) (v *value, ok bool) {
	arg := func(i int) *value {
		if i < len(args) && args[i].star == 0 {
			return args[i].v
		}
		return nil
	}
	var rest []mark
	for _, x := range args {
		rest = joinMarks(rest, a.deep(st, x.v, 0))
	}
	same := func() *value {
		return &value{marks: self.marks, names: stringNames, prefix: self.prefix, onHost: self.onHost}
	}
	fold := func(f func(s string) string) *value {
		if len(self.consts) == 0 {
			v := same()
			v.prefix = ""
			return v
		}
		out := &value{marks: self.marks}
		for _, c := range self.consts {
			if c.kind != ast.Str && c.kind != ast.Bytes {
				return same()
			}
			out.consts = union(out.consts, []constant{{kind: c.kind, str: f(c.str)}}, maxConsts)
		}
		return out
	}
	s0, has0 := arg(0).str()
	s1, has1 := arg(1).str()
	switch name {
	case "upper":
		return fold(strings.ToUpper), true
	case "lower", "casefold":
		return fold(strings.ToLower), true
	case "translate":
		v := same()
		v.prefix = ""
		if gone, by, ok := a.translation(st, arg(0)); ok {
			left := others(gone)
			for i := range left {
				left[i] = left[i] || by[i]
			}
			v = clear(v, a.models.harmless(left))
			rest = nil
		}
		v.marks = joinMarks(v.marks, rest)
		return v, true
	case "title", "capitalize", "swapcase", "expandtabs", "zfill", "ljust", "rjust", "center":
		v := same()
		v.prefix = ""
		v.marks = joinMarks(v.marks, rest)
		return v, true
	case "strip", "lstrip", "rstrip":
		set := " \t\n\r\f\v"
		if len(args) > 0 && !has0 {
			v := same()
			v.prefix = ""
			return v, true
		}
		if has0 {
			set = s0
			if name != "rstrip" && strings.Contains(set, "/") && self.tainted() {
				v := clear(same(), a.models.absolute)
				v.prefix = ""
				return v, true
			}
		}
		if len(self.consts) == 0 && name == "rstrip" {
			return same(), true
		}
		return fold(func(s string) string {
			if name != "rstrip" {
				s = strings.TrimLeft(s, set)
			}
			if name != "lstrip" {
				s = strings.TrimRight(s, set)
			}
			return s
		}), true
	case "removeprefix", "removesuffix":
		return fold(func(s string) string {
			if name == "removeprefix" {
				return strings.TrimPrefix(s, s0)
			}
			return strings.TrimSuffix(s, s0)
		}), true
	case "replace":
		if len(self.consts) > 0 && has0 && has1 {
			return fold(func(s string) string { return strings.ReplaceAll(s, s0, s1) }), true
		}
		v := same()
		v.prefix = ""
		if has0 && has1 {
			v = a.replaced(v, s0, s1)
			if self.parts[jsonOf] != nil {
				w := *v
				w.parts = self.parts
				if w.quotes |= self.quotes & scriptSafe; s0 == "<" && !strings.Contains(s1, "<") {
					w.quotes |= scriptSafe
				}
				v = &w
			}
			if p := self.begins(); p != "" && !strings.Contains(p, s0[:min(1, len(s0))]) {
				v.prefix = p
			}
		}
		v.marks = joinMarks(v.marks, arg(1).origins())
		return v, true
	case "format":
		return a.format(fr, st, self, args), true
	case "format_map":
		return a.format(fr, st, self, []argument{{v: arg(0), star: 2}}), true
	case "join":
		list, exact := a.iterate(fr, st, arg(0), e)
		if exact {
			out := strOf("")
			for i, x := range list {
				if i > 0 {
					out = orEmpty(concat(out, self))
				}
				x = a.text(fr, st, x, "__str__")
				out = orEmpty(concat(out, x))
			}
			return out, true
		}
		out := &value{names: stringNames}
		for _, x := range list {
			out.marks = joinMarks(out.marks, a.deep(st, x, 0))
		}
		if arg(0) != nil {
			out.marks = joinMarks(out.marks, arg(0).marks)
		}
		out.marks = joinMarks(out.marks, self.marks)
		if s, ok := self.str(); ok && strings.ContainsAny(s, "\r\n") {
			out = restore(out, a.models.repr) // lines that were taken apart
		}
		if s, ok := self.str(); ok && s != "" && strings.ContainsAny(s[:1], "?&#") && len(arg(0).objects()) == 1 {
			if o := st.object(arg(0).objs[0]); o != nil && o.fields[firstElement] != nil && !o.fields[firstElement].tainted() {
				out = clear(out, a.models.hosts) // a query behind an address of the program's own
			}
		}
		return out, true
	case "split", "rsplit", "splitlines", "partition", "rpartition":
		o := &object{name: "builtins.list()"}
		if s, ok := self.str(); ok && (has0 || len(args) == 0) && len(s) < 2000 {
			var parts []string
			n := -1
			if c, ok := arg(1).only(); ok && c.kind == ast.Int {
				n = int(c.num) + 1
			}
			switch {
			case name == "splitlines":
				parts = strings.Split(strings.TrimSuffix(s, "\n"), "\n")
			case name == "partition":
				b, t, found := strings.Cut(s, s0)
				parts = []string{b, "", t}
				if found {
					parts[1] = s0
				}
			case name == "split" && len(args) == 0:
				parts = strings.Fields(s)
			case name == "split" && has0 && s0 != "":
				parts = strings.SplitN(s, s0, max(n, -1))
				if n == 0 {
					parts = strings.Split(s, s0)
				}
			case has0 && s0 != "" && len(args) == 1 && name == "rsplit":
				parts = strings.Split(s, s0)
			case has0 && s0 != "":
				i := strings.LastIndex(s, s0)
				if i < 0 {
					parts = []string{s}
				} else if name == "rpartition" {
					parts = []string{s[:i], s0, s[i+len(s0):]}
				} else {
					parts = []string{s[:i], s[i+len(s0):]}
				}
			}
			if len(parts) <= maxUnroll {
				for _, p := range parts {
					o.list = append(o.list, strOf(p))
				}
				return a.alloc(fr, e, st, o), true
			}
		}
		if len(self.marks) == 0 {
			o.loose, o.more, o.rest = true, true, &value{names: stringNames}
			return a.alloc(fr, e, st, o), true
		}
		// What the text begins with for certain is in the first part.
		if has0 && s0 != "" && strings.Contains(self.begins(), s0) && (name == "split" || name == "partition") {
			pieces := strings.Split(self.begins(), s0)
			for _, p := range pieces[:len(pieces)-1] {
				o.list = append(o.list, strOf(p))
				if name == "partition" {
					o.list = append(o.list, strOf(s0))
					break
				}
			}
			o.list = append(o.list, &value{marks: self.marks, names: stringNames})
			if len(args) > 1 || name == "partition" {
				return a.alloc(fr, e, st, o), true
			}
			o.add(&value{marks: self.marks, names: stringNames})
			o.loose = false
			return a.alloc(fr, e, st, o), true
		}
		part := &value{marks: self.marks, names: stringNames, piece: s0 == "/" || s0 == "\\"}
		switch {
		case name == "splitlines" && len(args) == 0, len(args) == 0 && (name == "split" || name == "rsplit"):
			part = clear(part, a.models.repr) // no line's end is left in it
		case has0 && strings.Trim(s0, "\r\n") == "" && len(args) == 1 && name != "partition" && name != "rpartition":
			part = clear(part, a.models.without(s0, ""))
		}
		if name == "partition" || name == "rpartition" {
			o.list = []*value{part, {consts: []constant{{kind: ast.Str}, {kind: ast.Str, str: s0}}}, part}
			if !has0 {
				o.list[1] = arg(0)
			}
			return a.alloc(fr, e, st, o), true
		}
		o.loose, o.more, o.rest = true, true, part
		return a.alloc(fr, e, st, o), true
	case "encode", "decode":
		if len(self.consts) == 0 && (s0 == "unicode_escape" || s0 == "unicode-escape" || s0 == "raw_unicode_escape" || s0 == "string_escape") {
			v := &value{marks: self.marks, names: stringNames}
			if name == "encode" {
				return clear(v, a.models.repr), true
			}
			return restore(v, a.models.repr), true
		}
		if len(self.consts) > 0 {
			kind := ast.Bytes
			if name == "decode" {
				kind = ast.Str
			}
			out := &value{marks: self.marks}
			for _, c := range self.consts {
				out.consts = append(out.consts, constant{kind: kind, str: c.str})
			}
			return out, true
		}
		return &value{marks: self.marks, names: stringNames, prefix: self.prefix, onHost: self.onHost}, true
	case "startswith", "endswith":
		if s, ok := self.str(); ok && has0 {
			if name == "startswith" {
				return boolOf(strings.HasPrefix(s, s0)), true
			}
			return boolOf(strings.HasSuffix(s, s0)), true
		}
		if name == "startswith" && has0 && len(self.prefix) >= len(s0) && s0 != "" {
			return boolOf(strings.HasPrefix(self.prefix, s0)), true
		}
		return nil, true
	case "isdigit", "isalpha", "isalnum", "isdecimal", "isnumeric", "isidentifier", "isascii", "isspace", "isupper", "islower", "istitle", "isprintable", "count", "find", "rfind", "index", "rindex", "__len__":
		if s, ok := self.str(); ok {
			switch name {
			case "isdigit", "isdecimal", "isnumeric":
				return boolOf(s != "" && strings.Trim(s, "0123456789") == ""), true
			case "find":
				if has0 {
					return intOf(int64(strings.Index(s, s0))), true
				}
			case "count":
				if has0 && s0 != "" {
					return intOf(int64(strings.Count(s, s0))), true
				}
			}
		}
		return nil, true
	case "hex":
		return clear(same(), a.models.encoded), true
	}
	return nil, false
}

// translation is what a table for str.translate takes away, and what it puts there instead.
func (a *analysis) translation(st *state, table *value) (gone, by [128]bool, ok bool) {
	if len(table.objects()) != 1 || len(table.marks) > 0 {
		return gone, by, false
	}
	o := st.object(table.objs[0])
	if o == nil || o.open() || o.part || o.name != "builtins.dict()" {
		return gone, by, false
	}
	for _, k := range o.order {
		n := k.num
		if k.kind == ast.Str && len(k.str) == 1 {
			n = int64(k.str[0])
		}
		if n < 0 || n > 127 {
			continue
		}
		gone[n] = true
		c, ok := o.keys[k].only()
		switch {
		case !ok:
			return gone, by, false
		case c.kind == ast.Int && c.num >= 0 && c.num < 128:
			by[c.num] = true
		case c.kind == ast.Str:
			for _, r := range c.str {
				if r < 128 {
					by[r] = true
				}
			}
		}
	}
	return gone, by, true
}

// maketrans is str.maketrans of constants, or nil.
func (a *analysis) maketrans(c *callSite) *value {
	list := make([]string, len(c.args))
	for i, x := range c.args {
		s, ok := x.v.str()
		if !ok {
			if len(c.args) == 1 {
				return x.v // a dictionary, as translate reads it
			}
			return nil
		}
		list[i] = s
	}
	if len(list) < 2 || len(list) > 3 || len(list[0]) > 200 {
		return nil
	}
	o := &object{name: "builtins.dict()"}
	to := []rune(list[1])
	for i, r := range []rune(list[0]) {
		if i < len(to) {
			a.put(o, intOf(int64(r)), strOf(string(to[i])))
		}
	}
	if len(list) == 3 {
		for _, r := range list[2] {
			a.put(o, intOf(int64(r)), constOf(constant{kind: ast.None}))
		}
	}
	return a.fresh(c, o)
}

func orEmpty(v *value) *value {
	if v == nil {
		return &value{names: stringNames}
	}
	return v
}

// replaced knows what is gone from a text from which one text was taken out.
func (a *analysis) replaced(v *value, old, by string) *value {
	if strings.Contains(by, old) && len(old) != 1 {
		return v
	}
	clears := a.models.without(old, by)
	return clear(v, clears)
}

// comparing are the methods that comparisons ask.
var comparing = map[ast.CmpOp]string{ast.Eq: "__eq__", ast.NotEq: "__ne__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__", ast.GtE: "__ge__"}

// compareValue is the value of a comparison.
func (a *analysis) compareValue(fr *frame, st *state, e *ast.Compare) *value {
	l := a.eval(fr, st, e.Left)
	out := yes
	for i, op := range e.Ops {
		if i >= len(e.Comparators) {
			break
		}
		r := a.eval(fr, st, e.Comparators[i])
		if name := comparing[op]; name != "" && len(e.Ops) == 1 && len(l.objects()) > 0 {
			// What builds expressions answers with one.
			if v, ok := a.ask(fr, st, l, name, e, r); ok && v != nil && len(v.objs)+len(v.marks) > 0 {
				return v
			}
		}
		switch a.compare(fr, st, e, l, op, r) {
		case no:
			return boolOf(false)
		case unknown:
			out = unknown
		}
		l = r
	}
	if out == yes {
		return boolOf(true)
	}
	return nil
}

// compare decides a comparison of two values.
func (a *analysis) compare(fr *frame, st *state, e ast.Node, l *value, op ast.CmpOp, r *value) tri {
	if l == nil || r == nil || len(l.marks) > 0 && op != ast.Is && op != ast.IsNot || len(r.marks) > 0 && op != ast.In && op != ast.NotIn {
		return unknown
	}
	switch op {
	case ast.Eq, ast.NotEq, ast.Is, ast.IsNot:
		t := unknown
		switch {
		case len(l.consts) > 0 && len(r.consts) > 0 && len(l.objs)+len(r.objs)+len(l.marks) == 0:
			if len(l.consts) == 1 && len(r.consts) == 1 {
				t = triOf(equal(l.consts[0], r.consts[0]))
			} else if !slices.ContainsFunc(l.consts, func(c constant) bool {
				return slices.ContainsFunc(r.consts, func(d constant) bool { return equal(c, d) })
			}) {
				t = no
			}
		case (op == ast.Is || op == ast.IsNot) && len(l.objs) == 1 && len(r.objs) == 1 && len(l.consts)+len(r.consts)+len(l.marks)+len(r.marks) == 0:
			o := st.object(l.objs[0])
			if l.objs[0] != r.objs[0] {
				t = no
			} else if o != nil && !o.multi {
				t = yes
			}
		case len(l.objs) == 1 && len(r.objs) == 1 && len(l.consts)+len(r.consts)+len(l.marks)+len(r.marks) == 0:
			t = a.alike(st, e, l, r)
		case isNone(r) && (len(l.objs) > 0 || len(l.fns) > 0 || len(l.class) > 0) && len(l.consts) == 0:
			t = no
		case len(l.made) == 1 && len(r.made) == 1 && len(l.consts)+len(r.consts)+len(l.objs)+len(r.objs) == 0: // app is self.main
			t = triOf(l.made[0] == r.made[0])
		}
		if op == ast.NotEq || op == ast.IsNot {
			t = t.not()
		}
		return t
	case ast.In, ast.NotIn:
		c, ok := l.only()
		t := unknown
		if s, isText := r.str(); ok && isText && c.kind == ast.Str {
			t = triOf(strings.Contains(s, c.str))
		} else if ok && len(r.objs) == 1 && len(r.consts) == 0 {
			if o := st.object(r.objs[0]); o != nil && o.contained() && !a.has(o.class, "__contains__") {
				if t = o.contains(c); len(r.marks) > 0 {
					t = unknown // it may be something else
				}
			}
		}
		if op == ast.NotIn {
			t = t.not()
		}
		return t
	case ast.Lt, ast.LtE, ast.Gt, ast.GtE:
		x, y, ok := integers(l, r)
		if !ok {
			n, ok1 := order(l, r)
			if !ok1 {
				return a.version(st, l, op, r)
			}
			x, y = int64(n), 0
		}
		switch op {
		case ast.Lt:
			return triOf(x < y)
		case ast.LtE:
			return triOf(x <= y)
		case ast.Gt:
			return triOf(x > y)
		}
		return triOf(x >= y)
	}
	return unknown
}

// version compares sys.version_info with a tuple: where the answer is the same for all
// versions that programs are run with, it is known.
func (a *analysis) version(st *state, l *value, op ast.CmpOp, r *value) tri {
	if !slices.Contains(l.names, "sys.version_info") || len(r.objs) != 1 {
		return unknown
	}
	o := st.object(r.objs[0])
	if o == nil || o.class != nil || o.open() {
		return unknown
	}
	var asked []int64
	for _, x := range o.list {
		n, ok := x.number()
		if !ok {
			return unknown
		}
		asked = append(asked, n)
	}
	least := op == ast.GtE || op == ast.Gt // it asks for new ones
	switch {
	case slices.Compare(oldest, asked) >= 0:
		return triOf(least)
	case slices.Compare(newest, asked) < 0:
		return triOf(!least)
	}
	return unknown
}

// order compares two texts, or two numbers.
func order(l, r *value) (int, bool) {
	c, ok1 := l.only()
	d, ok2 := r.only()
	if !ok1 || !ok2 {
		return 0, false
	}
	if c.kind == ast.Str && d.kind == ast.Str {
		return strings.Compare(c.str, d.str), true
	}
	num := func(c constant) (float64, bool) {
		switch c.kind {
		case ast.Float:
			return c.flt, true
		case ast.Int:
			return float64(c.num), true
		}
		return 0, false
	}
	x, ok1 := num(c)
	y, ok2 := num(d)
	switch {
	case !ok1 || !ok2:
		return 0, false
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

// alike compares two lists or tuples of constants.
func (a *analysis) alike(st *state, e ast.Node, l, r *value) tri {
	x, y := st.object(l.objs[0]), st.object(r.objs[0])
	if x == nil || y == nil || x.class != nil || y.class != nil || x.open() || y.open() || x.name != y.name || x.keys != nil || y.keys != nil || x.name == "builtins.set()" {
		return unknown
	}
	if len(x.list) != len(y.list) {
		return no
	}
	t := yes
	for i := range x.list {
		switch a.compare(nil, st, e, x.list[i], ast.Eq, y.list[i]) {
		case no:
			return no
		case unknown:
			t = unknown
		}
	}
	return t
}

func (t tri) not() tri {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

func isNone(v *value) bool {
	c, ok := v.only()
	return ok && c.kind == ast.None
}

func equal(a, b constant) bool {
	if a == b {
		return true
	}
	x, ok1 := (&value{consts: []constant{a}}).number()
	y, ok2 := (&value{consts: []constant{b}}).number()
	return ok1 && ok2 && x == y
}

// contains decides whether a container has a constant in it.
func (o *object) contains(c constant) tri {
	for k := range o.keys {
		if equal(k, c) {
			if o.part {
				return unknown
			}
			return yes
		}
	}
	all := true
	if len(o.keys) == 0 || o.name != "builtins.dict()" {
		for _, v := range o.list {
			d, ok := v.only()
			if ok && equal(c, d) {
				return yes
			}
			all = all && ok
		}
	}
	if all && !o.open() {
		return no
	}
	return unknown
}

// ascii says whether a text's characters are its bytes.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
