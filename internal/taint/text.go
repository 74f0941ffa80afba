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
	if l.tainted() && kindsOf(l.marks)&addressClears == 0 && len(rest) > 0 {
		rest = clear(marked(rest), addressClears).origins() // what stands before it begins with no scheme: request.path + "?" + query
	}
	if l != nil && len(l.origins()) == 0 && len(rest) > 0 && (len(l.consts) == 0 && len(l.names) > 0 || l.filled()) {
		rest = clear(marked(rest), addressClears).origins() // something stands before it, so that it names no scheme
	}
	if l.filled() && len(rest) > 0 {
		// What stands before it decides where the path begins, and whether a cell is a formula, or an argument an option.
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
var concatClears, _ = models.ParseKinds([]string{"path.absolute", "formula", "command.argument"})

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

// formats says whether a class of the program decides itself what a format asks for: {x:n} is a
// number for all others.
func (a *analysis) formats(st *state, v *value) bool {
	return slices.ContainsFunc(v.objects(), func(id objectID) bool {
		o := st.object(id)
		return o != nil && o.class != nil && a.has(o.class, "__format__")
	})
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
	if wrongPlaces(format) {
		return &value{marks: all, names: stringNames, prefix: upTo(format, "%")}
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
							if x.star == 2 && o.class != nil { // it may know what to do with names that it lacks
								v, found = a.element(fr, st, &value{objs: []objectID{id}}, strOf(name), nil), true
							} else if x.star == 2 {
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
		own := a.formats(st, v)
		v = a.textAs(fr, st, v, how, strOf(spec))
		if conv == "r" || conv == "a" {
			v = clear(marked(v.origins()), a.models.repr)
		}
		if numericSpec(spec) && !own || v == nil {
			v = &value{}
		}
		if out = concat(out, v); out == nil {
			out = &value{names: stringNames}
		}
	}
	return out
}

// wrongPlaces says whether the places of a text are those of the % operator, in which format puts
// nothing: who wrote it took one for the other, and what is meant is what has to be mended.
func wrongPlaces(format string) bool {
	return strings.Contains(format, "%s") && !strings.ContainsAny(format, "{}")
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
		if gone, ok := a.translation(st, arg(0)); ok {
			var out [128]bool
			for r := range out {
				out[r] = gone[r] != nil
			}
			left, marks := others(out), others(out)
			for r, to := range gone {
				if to == nil {
					continue
				}
				v = clear(v, a.models.without(string(rune(r)), *to))
				for _, c := range *to {
					if c < 128 {
						left[c] = true
						marks[c] = marks[c] || !entity(*to)
					}
				}
			}
			v = clear(v, a.models.harmless(left)|a.models.harmless(marks)&(a.models.page|a.models.quoted))
			if !left['\''] && !left['"'] {
				v = clear(v, a.models.xpath) // it stays in its quotes
			}
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
		if self.begins() != "" { // what stood behind it in the text may now begin a part
			self = restore(self, a.models.argument|a.models.absolute)
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
func (a *analysis) translation(st *state, table *value) (gone [128]*string, ok bool) {
	if len(table.objects()) != 1 || len(table.marks) > 0 {
		return gone, false
	}
	o := st.object(table.objs[0])
	if o == nil || o.open() || o.part || o.name != "builtins.dict()" {
		return gone, false
	}
	for _, k := range o.order {
		n := k.num
		if k.kind == ast.Str && len(k.str) == 1 {
			n = int64(k.str[0])
		}
		if n < 0 || n > 127 {
			continue
		}
		c, ok := o.keys[k].only()
		switch {
		case !ok:
			return gone, false
		case c.kind == ast.Int && c.num >= 0:
			c.str = string(rune(c.num))
		case c.kind != ast.Str && c.kind != ast.None:
			return gone, false
		}
		gone[n] = &c.str
	}
	return gone, true
}

// entity is whether a text is a character reference of HTML.
func entity(s string) bool { return len(s) > 2 && s[0] == '&' && strings.IndexByte(s, ';') == len(s)-1 }

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
	if entity(old) && strings.ContainsAny(by, "<>\"'") {
		return restore(v, a.models.page|a.models.quoted) // what was escaped is not any more
	}
	return clear(v, a.models.without(old, by))
}

// ascii says whether a text's characters are its bytes.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
