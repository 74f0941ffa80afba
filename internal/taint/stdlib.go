package taint

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// standard is a function of the standard library that hands its arguments on as they are: to an
// element, an attribute, a list of something. What these are in detail stands in a function
// a module, since most calls are of none of them.
func (a *analysis) standard(c *callSite, name string) (*value, bool) {
	switch firstName(name) {
	case "traceback":
		switch name {
		case "traceback.format_exc", "traceback.format_exception", "traceback.format_exception_only":
			return &value{names: stringNames, marks: joinMarks(a.deep(c.st, handling(c.fr), 0), a.given(c.st, c.args))}, true
		}
	case "sys":
		switch name {
		case "sys.exc_info":
			return a.fresh(c, &object{name: "builtins.tuple()", list: []*value{nil, handling(c.fr), nil}}), true
		case "sys.exception":
			return handling(c.fr), true
		}
	case "json":
		switch name {
		case "json.dumps":
			x := arg(c.args, 0, "obj")
			if x == nil || len(x.objs) == 0 {
				return nil, false
			}
			return &value{names: []string{a.models.rename("json.dumps()")}, marks: a.deep(c.st, x, 0), parts: map[string]*value{jsonOf: x}}, true
		case "json.loads":
			if x := arg(c.args, 0, "s"); x != nil && x.parts[jsonOf] != nil {
				return a.deepcopy(c.st, x.parts[jsonOf], map[objectID]objectID{}), true
			}
		}
	case "contextvars":
		if name == "contextvars.ContextVar" {
			return a.fresh(c, &object{name: contextType, fields: map[string]*value{"default": arg(c.args, 9, "default")}}), true
		}
	case "shlex":
		x := arg(c.args, 0, "s")
		if first, _, ok := strings.Cut(x.begins(), " "); name == "shlex.split" && ok && first != "" && x.tainted() {
			rest := a.sanitized(c, &value{marks: x.marks, names: stringNames})
			return a.fresh(c, &object{name: "builtins.list()", list: []*value{strOf(first)}, more: true, rest: rest}), true
		}
	case "hmac":
		code := func(names []string, message *value) (*value, bool) {
			if !message.tainted() {
				return nil, false
			}
			return &value{names: names, parts: map[string]*value{macOf: message}}, true
		}
		switch name {
		case "hmac.new", "hmac.HMAC":
			return code([]string{name + "()"}, arg(c.args, 1, "msg"))
		case "hmac.digest":
			return code(nil, arg(c.args, 1, "msg"))
		case "hmac.new().hexdigest", "hmac.new().digest", "hmac.HMAC().hexdigest", "hmac.HMAC().digest":
			if c.recv != nil && c.recv.parts[macOf] != nil {
				return code(stringNames, c.recv.parts[macOf])
			}
		case "hmac.new().update", "hmac.HMAC().update":
			if f, ok := c.node.Func.(*ast.Attribute); ok {
				message := arg(c.args, 0, "msg")
				a.refine(c.fr, c.st, f.Value, func(v *value) *value {
					w, _ := code(v.names, message)
					return cmp.Or(w, v)
				})
			}
		}
	case "string":
		if x := arg(c.args, 0, "template"); name == "string.Template" && x != nil {
			return a.fresh(c, &object{name: templateType, list: []*value{x}}), true
		}
	case "struct":
		switch name {
		case "struct.Struct":
			return a.fresh(c, &object{name: structType, fields: map[string]*value{"format": arg(c.args, 0, "format")}}), true
		case "struct.unpack", "struct.unpack_from":
			return a.fromBytes(c, arg(c.args, 0, "format"), arg(c.args, 1, "buffer"))
		}
	case "itertools":
		return a.itertoolsFunction(c, withoutModule(name))
	case "heapq", "bisect":
		return a.heapFunction(c, withoutModule(name))
	case "collections":
		return a.collectionsFunction(c, name)
	case "builtins":
		switch name {
		case "builtins.dict.fromkeys":
			return a.fromKeys(c), true
		case "builtins.slice":
			args, whole := positional(c.args)
			if !whole || len(args) == 0 {
				return nil, false
			}
			o := &object{name: sliceType, fields: map[string]*value{}}
			switch len(args) {
			case 1:
				o.fields["stop"] = args[0]
			default:
				o.fields["start"], o.fields["stop"] = args[0], args[1]
				if len(args) > 2 {
					o.fields["step"] = args[2]
				}
			}
			return a.fresh(c, o), true
		}
	case "random", "secrets":
		x := arg(c.args, 0, "")
		switch name {
		case "random.shuffle":
			for _, id := range x.objects() {
				if o := c.st.object(id); o != nil && o.contained() {
					n := o.clone()
					n.summarise()
					c.st.store(id, n)
				}
			}
			return nil, true
		case "random.choice", "secrets.choice", "random.sample", "random.choices":
			list, _ := a.iterate(c.fr, c.st, x, c.nodeOrNil())
			v := anyOf(list)
			if name == "random.sample" || name == "random.choices" {
				v = a.fresh(c, listOf([]*value{v}, false))
			}
			return v, true
		}
	case "contextlib":
		return a.contextlibFunction(c, name)
	case "operator", "_operator":
		_, f, _ := strings.Cut(name, ".")
		return a.operatorFunction(c, f)
	}
	return nil, false
}

// sliceType is what builtins.slice makes.
const sliceType = "builtins.slice()"

// positional are the values of the arguments that have no names.
func positional(args []argument) (out []*value, whole bool) {
	for _, x := range args {
		switch {
		case x.star > 0:
			return out, false
		case x.name == "":
			out = append(out, x.v)
		}
	}
	return out, true
}

// operators are the functions of module operator that are operators.
var operators = map[string]ast.Operator{"add": ast.Add, "concat": ast.Add, "iadd": ast.Add, "iconcat": ast.Add, "mod": ast.Mod, "imod": ast.Mod, "mul": ast.Mult,
	"imul": ast.Mult, "or_": ast.BitOr, "ior": ast.BitOr, "and_": ast.BitAnd, "sub": ast.Sub, "truediv": ast.Div, "matmul": ast.MatMult}

// operatorFunction is a function of module operator.
func (a *analysis) operatorFunction(c *callSite, name string) (*value, bool) {
	fr, st, node := c.fr, c.st, c.nodeOrNil()
	args, whole := positional(c.args)
	if !whole {
		return nil, false
	}
	if op, ok := operators[name]; ok && len(args) == 2 && node != nil {
		return a.binary(fr, st, node, op, args[0], args[1]), true
	}
	switch {
	case name == "itemgetter" || name == "attrgetter" || name == "methodcaller":
		// A function that is given what it is made of first, and then what it looks into.
		return &value{fns: []*function{{mod: fr.mod, lib: &value{names: []string{"operator." + name + "()"}}, args: c.args, name: "operator." + name}}}, true
	case name == "methodcaller()" && len(args) > 1:
		of := args[len(args)-1]
		method, ok := args[0].str()
		if !ok {
			return nil, false
		}
		callee := a.attribute(fr, st, of, method, node)
		site := &callSite{fr: fr, st: st, node: c.node, recv: of, names: callee.called()}
		for _, v := range args[1 : len(args)-1] {
			site.args = append(site.args, argument{v: v})
		}
		for _, x := range c.args {
			if x.name != "" {
				site.args = append(site.args, x)
			}
		}
		if isText(of) || of.tainted() && len(of.objs) == 0 {
			if v, ok := a.stringMethod(fr, st, node, of, method, site.args); ok {
				return v, true
			}
		}
		return a.apply(site, callee), true
	case (name == "itemgetter()" || name == "attrgetter()") && len(args) > 1:
		of, keys := args[len(args)-1], args[:len(args)-1]
		o := &object{name: "builtins.tuple()"}
		for _, k := range keys {
			v := of
			if s, ok := k.str(); ok && name == "attrgetter()" {
				for part := range strings.SplitSeq(s, ".") {
					v = a.attribute(fr, st, v, part, node)
				}
			} else {
				v = a.element(fr, st, of, k, node)
			}
			o.list = append(o.list, v)
		}
		if len(o.list) == 1 {
			return o.list[0], true
		}
		return a.fresh(c, o), true
	case name == "getitem" && len(args) == 2:
		return a.element(fr, st, args[0], args[1], node), true
	case name == "setitem" && len(args) == 3 && node != nil:
		a.setElement(fr, st, args[0], args[1], args[2], node)
		return nil, true
	case name == "call" && len(args) > 0:
		return a.pass(c, args[0], c.args[1:]), true
	case name == "contains" || name == "eq" || name == "ne" || name == "lt" || name == "gt" || name == "le" || name == "ge" || name == "not_" || name == "truth" || name == "is_" || name == "countOf" || name == "indexOf" || name == "length_hint":
		return nil, true
	}
	return nil, false
}

// contextlibFunction is a function of module contextlib.
func (a *analysis) contextlibFunction(c *callSite, name string) (*value, bool) {
	x := arg(c.args, 0, "")
	switch name {
	case "contextlib.closing", "contextlib.aclosing":
		return a.fresh(c, &object{name: closers, fields: map[string]*value{closers: x}}), true
	case "contextlib.redirect_stdout":
		return a.fresh(c, &object{name: redirecting, fields: map[string]*value{redirecting: x}}), true
	case "contextlib.ExitStack().enter_context", "contextlib.AsyncExitStack().enter_context", "contextlib.AsyncExitStack().enter_async_context":
		return a.enter(c, x), true
	case "contextlib.ExitStack().callback", "contextlib.AsyncExitStack().callback", "contextlib.AsyncExitStack().push_async_callback":
		if len(c.args) > 0 {
			a.pass(c, x, c.args[1:])
		}
		return x, true
	}
	return nil, false
}

// printed is print: what is written goes into the object that is named, or that stands for
// the standard output.
func (a *analysis) printed(c *callSite) {
	to := arg(c.args, 1<<30, "file")
	if to == nil {
		to, _ = c.st.get(ambient(redirecting))
	}
	if to == nil || len(to.objs) == 0 {
		return
	}
	out := strOf("")
	for i, x := range c.args {
		if x.name != "" {
			continue
		}
		v := a.text(c.fr, c.st, x.v, "__str__")
		if x.star > 0 {
			v = marked(a.deep(c.st, x.v, 0))
		}
		if i > 0 {
			out = orEmpty(concat(out, strOf(" ")))
		}
		out = orEmpty(concat(out, orEmpty(v)))
	}
	out = orEmpty(concat(out, strOf("\n")))
	if f := a.attribute(c.fr, c.st, to, "write", c.nodeOrNil()); f != nil {
		a.invoke(c.fr, c.st, f, []argument{{v: out}}, c.nodeOrNil())
	}
}

// jsonOf is the part of a text that it was made of.
const jsonOf = "\x00json"

// Objects of the standard library that remember a text: the template, and the format.
const (
	templateType = "string.Template()"
	contextType  = "contextvars.ContextVar()"
	structType   = "struct.Struct()"
)

var placeholder = regexp.MustCompile(`\$\$|\$([_a-zA-Z][_a-zA-Z0-9]*)|\$\{([_a-zA-Z][_a-zA-Z0-9]*)\}|[{}]`)

// substituted is string.Template(text).substitute(…): only what the text names goes into it.
func (a *analysis) substituted(c *callSite, o *object, args []argument) *value {
	text := o.list[0]
	if s, ok := text.str(); ok {
		text = strOf(placeholder.ReplaceAllStringFunc(s, func(m string) string {
			switch {
			case m == "$$":
				return "$"
			case m == "{" || m == "}":
				return m + m
			}
			return "{" + strings.Trim(m, "${}") + "}"
		}))
	}
	given := slices.Clone(args)
	for i := range given {
		if given[i].name == "" && given[i].star == 0 { // a mapping
			given[i].star = 2
		}
	}
	slices.SortStableFunc(given, func(x, y argument) int { return cmp.Compare(x.star, y.star) }) // names go before a mapping
	return a.format(c.fr, c.st, text, a.spread(c.st, given))
}

// fromBytes are the parts of binary data: numbers, and texts where the format has s, p or c.
func (a *analysis) fromBytes(c *callSite, format, data *value) (*value, bool) {
	s, ok := format.str()
	if !ok {
		return nil, false
	}
	text := &value{marks: a.deep(c.st, data, 0), names: []string{"builtins.bytes()"}}
	o := &object{name: "builtins.tuple()"}
	count, given := 0, false
	for _, r := range s {
		if r >= '0' && r <= '9' {
			count, given = min(count*10+int(r-'0'), 100), true
			continue
		}
		n := count
		if !given {
			n = 1
		}
		count, given = 0, false
		switch r {
		case 's', 'p':
			o.list = append(o.list, text)
		case 'c':
			for range n {
				o.list = append(o.list, text)
			}
		case '@', '=', '<', '>', '!', ' ', 'x':
		default:
			for range n {
				o.list = append(o.list, nil)
			}
		}
	}
	return a.fresh(c, o), true
}
