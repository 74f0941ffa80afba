package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// native is a method of a container that the engine knows itself.
func (a *analysis) native(c *callSite, f *function, args []argument) *value {
	st := c.st
	out := bottom
	for _, id := range f.self.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		out = join(out, a.method(c, id, o, f.native, args, len(f.self.objs) > 1))
		writeBack(st, id)
	}
	if len(f.self.consts) > 0 {
		v, _ := a.stringMethod(c.fr, st, c.nodeOrNil(), f.self, f.native, args)
		out = join(out, v)
	}
	for _, g := range f.self.fns {
		out = join(out, a.later(c, g, f.native, args))
	}
	for _, k := range f.self.class {
		out = join(out, a.modelMethod(c, k, f.native, args))
	}
	if out == bottom {
		return nil
	}
	if f.self.also && out != nil {
		out = join(out, nil) // what else it may be gives something of its own
	}
	return out
}

func arg(args []argument, i int, name string) *value {
	n := 0
	for _, x := range args {
		if name != "" && x.name == name {
			return x.v
		}
		if x.name == "" && x.star == 0 {
			if n == i {
				return x.v
			}
			n++
		}
	}
	return nil
}

// method changes or asks a container.
func (a *analysis) method(c *callSite, id objectID, o *object, name string, args []argument, weak bool) *value {
	fr, st := c.fr, c.st
	var node ast.Node = nil
	if c.node != nil {
		node = c.node
	}
	n := o.clone()
	weak = weak || o.multi
	save := func() {
		if weak {
			st.store(id, joinObjects(o, n))
		} else {
			st.store(id, n)
		}
	}
	x, y := arg(args, 0, ""), arg(args, 1, "")
	if v, ok := a.special(c, id, o, name, args); ok {
		return v
	}
	dict := o.name == "builtins.dict()"
	if dict {
		x = a.asKey(st, x)
	}
	switch name {
	case "append", "add", "appendleft", "put", "put_nowait", "push", "send":
		switch {
		case n.loose || fr.repeat > 0 && len(n.list) > 40:
			n.add(x)
		case o.name == "heap":
			a.inOrder(st, n, x)
		case name == "appendleft":
			delete(n.fields, firstElement)
			n.list = append([]*value{x}, n.list...)
		default:
			n.list = append(n.list, x)
		}
		n.trim(name == "appendleft")
		n.some = true
		save()
		return constOf(constant{kind: ast.None})
	case "insert":
		delete(n.fields, firstElement)
		if k, ok := x.number(); ok && !n.loose && int(k) <= len(n.list) && k >= 0 {
			n.list = slices.Insert(n.list, int(k), y)
		} else {
			n.summarise()
			n.add(y)
		}
		n.some = true
		save()
		return nil
	case "extend", "update", "union", "extendleft":
		n.some = o.holds()
		if dict {
			for _, q := range args {
				if q.name != "" {
					a.put(n, strOf(q.name), q.v)
				} else {
					a.mix(st, n, a.pairsIn(c, q.v))
				}
			}
		} else {
			list, exact := a.iterate(fr, st, x, node)
			if name == "extendleft" && exact && !n.loose {
				front := slices.Clone(list)
				slices.Reverse(front)
				n.list, list = front, n.list
			}
			n.take(list, exact)
			n.trim(name == "extendleft")
		}
		if name == "union" {
			return a.fresh(c, n)
		}
		save()
		return nil
	case "__getitem__":
		return o.at(x)
	case "__setitem__":
		a.setItem(st, id, o, x, y, weak)
		return nil
	case "__delitem__":
		a.drop(st, id, o, x)
		return nil
	case "pop", "popleft", "get", "get_nowait", "popitem", "setdefault", "peek", "recv":
		if dict {
			if c.node != nil && c.recv != nil && len(c.node.Args) > 0 && x.tainted() {
				if f, ok := c.node.Func.(*ast.Attribute); ok {
					a.read(fr, c.node, f.Value, c.node.Args[0], c.recv, x)
				}
			}
			v := o.at(x)
			if _, known := x.only(); !known && len(args) > 0 && len(o.order) > 0 {
				if p := a.partOfName(fr, st, x, args[0].node); p.tells() {
					if w := a.elementsNamed(st, &value{objs: []objectID{id}}, p); w != bottom {
						v = w
					}
				}
			}
			known := false
			if k, ok := x.only(); ok {
				_, known = o.keys[k]
				if known && o.part {
					known = false // it may not be there
				}
				if _, ok := o.keys[k]; !ok && !o.open() {
					v = bottom
				}
			}
			def := arg(args, 1, "default")
			if name == "popitem" {
				if at := len(o.order) - 1; at >= 0 && !weak && !o.open() && !o.part {
					if last, ok := arg(args, 0, "last").only(); ok && !last.truth() {
						at = 0
					}
					key := constOf(o.order[at])
					return a.fresh(c, &object{name: "builtins.tuple()", list: []*value{key, a.drop(st, id, o, key)}})
				}
				return a.fresh(c, &object{name: "builtins.tuple()", list: []*value{nil, o.all()}})
			}
			if !known {
				if def == nil && len(args) < 2 {
					v = join(v, constOf(constant{kind: ast.None}))
					if name == "get" && x.tainted() && !o.open() && len(o.named) == 0 && c.node != nil && len(c.node.Args) == 1 {
						// What is found tells that the key is one of those.
						if k, ok := c.node.Args[0].(*ast.Name); ok {
							if at, was := a.slotOf(fr, st, k.Ident); was != nil && v != nil {
								v = knowing(v, []fact{{slot: at, was: was, yes: trusted(was), no: was}})
							}
						}
					}
				} else {
					v = join(v, def)
				}
			}
			switch name {
			case "pop":
				if !weak {
					a.drop(st, id, o, x)
				}
			case "setdefault":
				if k, ok := x.only(); !known && ok && o.keys[k] != nil { // it may be there
					def = join(o.keys[k], orBottom(def))
				}
				if !known {
					a.put(n, x, def)
					save()
				}
			}
			if v == bottom {
				return nil
			}
			return v
		}
		if !o.loose && len(o.list) > 0 {
			at := len(o.list) - 1
			if name == "popleft" || name == "recv" || strings.HasPrefix(name, "get") {
				at = 0
			}
			if k, ok := x.number(); ok && name == "pop" {
				if k < 0 {
					k += int64(len(o.list))
				}
				if k >= 0 && int(k) < len(o.list) {
					at = int(k)
				}
			} else if x != nil && name == "pop" {
				return o.all()
			}
			v := o.list[at]
			if name != "peek" && !weak {
				n.list = slices.Delete(n.list, at, at+1)
				save()
			}
			if o.name == "builtins.set()" {
				return o.all()
			}
			return merge(v, marked(o.marks))
		}
		if name != "peek" && name != "__getitem__" {
			save() // it is no more what it was
		}
		return o.all()
	case "move_to_end":
		k, known := x.only()
		y = arg(args, 1, "last")
		last, told := y.only()
		if at := slices.Index(n.order, k); known && at >= 0 && (y == nil || told) {
			n.order = slices.Delete(slices.Clone(n.order), at, at+1)
			if y == nil || last.truth() {
				at = len(n.order)
			} else {
				at = 0
			}
			n.order = slices.Insert(n.order, at, k)
			save()
		}
		return nil
	case "remove", "discard":
		k, known := x.only()
		if known && !o.loose {
			for i, v := range o.list {
				if d, ok := v.only(); ok && equal(d, k) {
					n.list = slices.Delete(n.list, i, i+1)
					save()
					return nil
				}
			}
		} else if x.tainted() && !o.loose {
			for i, v := range o.list {
				if v.tainted() && same(v, x) {
					n.list = slices.Delete(n.list, i, i+1)
					save()
					return nil
				}
			}
		}
		return nil
	case "clear":
		n.list, n.keys, n.order, n.rest, n.more, n.loose, n.marks = nil, nil, nil, nil, false, false, nil
		save()
		return nil
	case "copy", "__copy__":
		return a.fresh(c, n)
	case "reverse":
		delete(n.fields, firstElement)
		slices.Reverse(n.list)
		save()
		return nil
	case "sort":
		delete(n.fields, firstElement)
		n.summarise()
		save()
		return nil
	case "keys":
		r := &object{name: "builtins.list()", loose: o.open()}
		for _, k := range o.order {
			r.list = append(r.list, a.ofKey(st, k))
		}
		if o.open() {
			r.summarise()
			r.add(o.otherKeys())
		}
		return a.fresh(c, r)
	case "values":
		r := &object{name: "builtins.list()"}
		for _, k := range o.order {
			r.list = append(r.list, merge(o.keys[k], marked(o.marks)))
		}
		if o.open() {
			r.summarise()
			r.add(o.all())
		}
		return a.fresh(c, r)
	case "items":
		r := &object{name: "builtins.list()"}
		for _, k := range o.order {
			r.list = append(r.list, a.fresh(c, &object{name: "builtins.tuple()", list: []*value{a.ofKey(st, k), merge(o.keys[k], marked(o.marks))}}))
		}
		if o.open() {
			r.summarise()
			r.add(a.fresh(c, &object{name: "builtins.tuple()", list: []*value{o.otherKeys(), o.all()}}))
		}
		return a.fresh(c, r)
	case "index", "count", "__len__", "__contains__", "qsize", "empty", "full":
		if name == "__len__" && !o.open() {
			return intOf(int64(o.size()))
		}
		return nil
	case "__iter__":
		return &value{objs: []objectID{id}, names: namesOf(o)}
	case "__next__", "throw", "close":
		return o.all()
	case "_replace":
		for _, q := range args {
			if q.name != "" {
				if n.fields == nil {
					n.fields = map[string]*value{}
				}
				n.fields[q.name] = q.v
			}
		}
		return a.fresh(c, n)
	case "intersection", "difference", "symmetric_difference":
		return a.fresh(c, n)
	}
	// Something else that is done with it: what it holds comes back.
	m := a.deep(st, &value{objs: []objectID{id}}, 0)
	for _, q := range args {
		m = joinMarks(m, a.deep(st, q.v, 0))
	}
	return marked(weaken(m))
}

// trim is told that something was added to a queue that keeps only so many: the oldest go, which
// are at the other end.
func (o *object) trim(front bool) {
	most, ok := o.fields[maxLen].number()
	switch n := int64(len(o.list)); {
	case !ok || o.loose || most < 0 || n <= most:
	case front:
		o.list = o.list[:most]
	default:
		o.list = slices.Clone(o.list[n-most:])
	}
}

// special are methods of objects that are no containers.
func (a *analysis) special(c *callSite, id objectID, o *object, name string, args []argument) (*value, bool) {
	st := c.st
	x, y := arg(args, 0, ""), arg(args, 1, "")
	if o.fields != nil && o.class == nil && o.name == "builtins.dict()" {
		if v, ok := a.tallied(c, id, o, name, args); ok {
			return v, true
		}
	}
	if isQueue(o) && c.recv != nil && c.recv.parts[heldAs] != nil {
		if v := a.queued(c, name, nil); v != nil && o.size() == 0 {
			return v, true // what handlers have put there
		}
	}
	switch {
	case o.name == signalType || o.name == emitterType:
		return a.eventMethod(c, id, o, name, args)
	case name == "__setattr__" && o.class != nil:
		if s, ok := x.str(); ok {
			a.field(st, id, o, s, y, false)
		}
		return nil, true
	case o.name == "generator" && (name == "send" || name == "asend") && o.fields[madeBy] != nil && x.tainted():
		// What is sent is what yield gives.
		out := bottom
		for _, f := range o.fields[madeBy].fns {
			g := *f
			g.sent = x
			for _, id := range a.function(&callSite{fr: c.fr, st: st}, &g).objects() {
				if made := st.object(id); made != nil {
					out = join(out, made.all())
				}
			}
		}
		if out == bottom {
			return nil, true
		}
		return out, true
	case o.fields[dictOf] != nil:
		of := o.fields[dictOf]
		switch name {
		case "update":
			d := &object{name: "builtins.dict()"}
			for _, q := range args {
				if q.name != "" && q.star == 0 {
					a.put(d, strOf(q.name), q.v)
				} else {
					a.mix(st, d, q.v)
				}
			}
			a.reach(c.fr, c.nodeOrNil(), nil, nil, d.named, a.models.member, "__dict__.update", false)
			for _, k := range d.order {
				for _, id := range of.objs {
					if x := st.object(id); x != nil {
						a.field(st, id, x, k.str, d.keys[k], len(of.objs) > 1)
					}
				}
			}
			return nil, true
		case "get", "pop":
			v := a.element(c.fr, st, &value{objs: []objectID{id}}, x, c.nodeOrNil())
			if v == nil {
				v = y
			}
			return v, true
		case "items", "values", "keys", "copy":
			for _, id := range of.objs {
				if x := st.object(id); x != nil {
					d := &object{name: "builtins.dict()"}
					var names []string
					for n := range x.fields {
						names = append(names, n)
					}
					slices.Sort(names)
					for _, n := range names {
						a.put(d, strOf(n), x.fields[n])
					}
					v := a.fresh(c, d)
					return a.method(c, v.objs[0], d, name, args, false), true
				}
			}
		}
		return nil, true
	case name == "__init__" && o.class != nil:
		if o.name != "" {
			a.filledWith(c, id, args)
			return nil, true
		}
		if !a.failure(o.class) {
			return nil, true
		}
		given := &object{name: "builtins.tuple()"}
		for _, q := range args {
			given.list = append(given.list, q.v)
		}
		a.field(st, id, o, "args", a.fresh(c, given), false)
		return nil, true
	case o.class != nil && name == "_replace":
		return a.fresh(c, a.replacedFields(o, args)), true
	case o.class != nil && o.name == "" && (name == "model_dump" || name == "dict"):
		v := a.listed(c, o, true, 0)
		if extra := o.fields[extraFields]; extra != nil && arg(args, -1, "include") == nil {
			v = join(v, extra)
		}
		return v, true
	case o.class != nil && o.name == "" && (name == "model_copy" || name == "copy"):
		n := o.clone()
		if up := arg(args, 0, "update"); up != nil && n.fields != nil {
			for _, id := range up.objs {
				if d := st.object(id); d != nil {
					for _, k := range d.order {
						n.fields[k.str] = d.keys[k]
					}
				}
			}
		}
		return a.fresh(c, n), true
	case o.class != nil && name == "_asdict":
		return a.listed(c, o, true, 0), true
	case o.name == "future":
		v := o.fields[resultField]
		switch name {
		case "result", "get", "wait", "exception":
			return v, true
		case "set_result":
			a.field(st, id, o, resultField, x, false)
			return nil, true
		case "add_done_callback":
			a.callback(c, x, &value{objs: []objectID{id}, names: namesOf(o)})
		}
		return nil, true
	case o.name == contextType:
		switch name {
		case "set":
			was := o.fields["value"]
			a.field(st, id, o, "value", x, false)
			return a.fresh(c, &object{name: "contextvars.Token()", fields: map[string]*value{"value": was}}), true
		case "reset":
			var was *value
			for _, t := range x.objects() {
				if token := st.object(t); token != nil {
					was = token.fields["value"]
				}
			}
			a.field(st, id, o, "value", was, false)
			return nil, true
		case "get":
			v, set := o.fields["value"]
			if set && v != nil {
				return v, true
			}
			if x != nil {
				return x, true
			}
			return o.fields["default"], true
		}
	case o.name == templateType && (name == "substitute" || name == "safe_substitute"):
		return a.substituted(c, o, args), true
	case o.name == structType && (name == "unpack" || name == "unpack_from"):
		return a.fromBytes(c, o.fields["format"], x)
	case o.name == "io.StringIO()":
		switch name {
		case "write", "writelines":
			n := o.clone()
			list, exact := []*value{x}, true
			if name == "writelines" {
				list, exact = a.iterate(c.fr, st, x, c.nodeOrNil())
			}
			for _, x := range list {
				if n.loose || !exact || len(n.list) > 100 {
					n.summarise()
					n.add(x)
				} else {
					n.list = append(n.list, x)
				}
			}
			delete(n.fields, woundBack)
			st.store(id, n)
			return nil, true
		case "seek":
			if k, ok := x.number(); ok && k == 0 {
				a.field(st, id, o, woundBack, x, false)
			}
			return nil, true
		case "truncate":
			if k, ok := x.number(); ok && k == 0 || x == nil && o.fields[woundBack] != nil {
				st.store(id, &object{name: o.name, multi: o.multi})
			}
			return nil, true
		case "flush", "tell", "close", "isatty", "writable", "readable":
			return nil, true
		case "getvalue", "read", "getbuffer", "readline":
			if o.open() || name == "readline" {
				return &value{marks: a.deep(st, o.all(), 0), names: stringNames}, true
			}
			out := strOf("")
			for _, v := range o.list {
				out = orEmpty(concat(out, a.text(c.fr, st, v, "__str__")))
			}
			if n, ok := x.number(); ok && name == "read" { // the next n
				from, _ := o.fields[readTo].number()
				a.field(st, id, o, readTo, intOf(from+n), false)
				if begins := out.begins(); n >= 0 && o.fields[woundBack] == nil && int(from+n) <= len(begins) && ascii(begins) {
					return strOf(begins[from : from+n]), true
				}
			}
			return out, true
		}
	case o.name == "configparser.ConfigParser()":
		section, ok1 := x.str()
		option, ok2 := y.str()
		key := (*value)(nil)
		if ok1 && ok2 {
			key = strOf(section + "\x00" + option)
		}
		switch name {
		case "set":
			n := o.clone()
			a.put(n, key, arg(args, 2, "value"))
			st.store(id, n)
			return nil, true
		case "get":
			if key != nil {
				if v, ok := o.keys[key.consts[0]]; ok {
					return v, true
				}
				if !o.more {
					return nil, true
				}
			}
			return o.all(), true
		case "add_section", "read", "sections", "has_option", "has_section", "getint", "getboolean", "getfloat":
			return nil, true
		}
	case name == "rotate":
		n := o.clone()
		by, ok := int64(1), true
		if x != nil {
			by, ok = x.number()
		}
		if k := int64(len(n.list)); ok && !n.loose && k > 0 {
			at := int((k - by%k + k) % k)
			n.list = append(slices.Clone(n.list[at:]), n.list[:at]...)
		} else {
			n.summarise()
		}
		st.store(id, n)
		return nil, true
	case o.name == "lifo" && (name == "get" || name == "get_nowait") && !o.loose && len(o.list) > 0:
		n := o.clone()
		v := n.list[len(n.list)-1]
		if !o.multi {
			n.list = n.list[:len(n.list)-1]
			st.store(id, n)
		}
		return v, true
	}
	return nil, false
}

// readTo is the field of a buffer that says how much of it has been read.
const readTo = "\x00read"

// maxLen is the field of a queue with two ends that says how many it holds.
const maxLen = "\x00most"

// woundBack is the field of a buffer that was wound back.
const woundBack = "\x00start"

// fresh stores a new object.
func (a *analysis) fresh(c *callSite, o *object) *value {
	o.multi = false
	a.objects++
	c.st.store(a.objects, o)
	return &value{objs: []objectID{a.objects}, names: namesOf(o)}
}

// extendAll is list += other.
func (a *analysis) extendAll(fr *frame, st *state, old, r *value, e ast.Node) bool {
	done := false
	for _, id := range old.objs {
		o := st.object(id)
		if o == nil || !o.contained() || o.name == "builtins.tuple()" {
			continue
		}
		a.method(&callSite{fr: fr, st: st}, id, o, "extend", []argument{{v: r}}, len(old.objs) > 1)
		done = true
	}
	return done
}

// builtin is a function of the language that the engine knows itself.
func (a *analysis) builtin(c *callSite, name string) (v *value, ok bool) {
	fr, st, args := c.fr, c.st, c.args
	var node ast.Node
	if c.node != nil {
		node = c.node
	}
	x := arg(args, 0, "")
	list := func(from *value, kind string) *value {
		l, exact := a.iterate(fr, st, from, node)
		o := &object{name: kind}
		if exact {
			o.list = slices.Clone(l)
		} else {
			o.loose = true
			for _, v := range l {
				o.add(v)
			}
		}
		return a.fresh(c, o)
	}
	switch name {
	case "str.maketrans":
		v := a.maketrans(c)
		return v, v != nil
	case "str", "repr", "ascii", "format":
		if len(args) == 0 {
			return strOf(""), true
		}
		how := "__str__"
		switch name {
		case "repr", "ascii":
			how = "__repr__"
		case "format":
			how = "__format__"
		}
		spec := strOf("")
		if name == "format" && len(args) > 1 {
			spec = args[1].v
		}
		v := a.textAs(fr, st, x, how, spec)
		if name == "repr" || name == "ascii" {
			v = clear(marked(v.origins()), a.models.repr)
		}
		return v, true
	case "bytes", "bytearray", "memoryview":
		if _, isNumber := x.number(); isNumber {
			return nil, true
		}
		return &value{marks: a.deep(st, x, 0), names: []string{"builtins.bytes()"}}, true
	case "list", "tuple", "set", "frozenset", "reversed", "sorted", "iter", "collections.deque":
		kind := "builtins." + name + "()"
		if name != "list" && name != "tuple" && name != "set" {
			kind = "builtins.list()"
		}
		if len(args) == 0 {
			return a.fresh(c, &object{name: kind}), true
		}
		if x == nil && len(args) == 1 && args[0].name == "maxlen" {
			return a.fresh(c, &object{name: kind, fields: map[string]*value{maxLen: args[0].v}}), true
		}
		if name == "reversed" {
			if v, ok := a.ask(fr, st, x, "__reversed__", node); ok {
				return v, true
			}
		}
		if name == "iter" && len(args) == 2 && args[1].name == "" {
			return a.fresh(c, listOf([]*value{a.callback(c, x)}, false)), true // iter(f, sentinel)
		}
		v := list(x, kind)
		o := st.object(v.objs[0]).clone()
		switch name {
		case "collections.deque":
			if most := arg(args, 1, "maxlen"); most != nil && !isNone(most) {
				a.field(st, v.objs[0], o, maxLen, most, false)
			}
		case "reversed":
			slices.Reverse(o.list)
			st.store(v.objs[0], o)
		case "sorted":
			if key := arg(args, 9, "key"); key != nil && len(key.fns) > 0 {
				a.invoke(fr, st, key, []argument{{v: o.all()}}, node)
			}
			o.summarise()
			st.store(v.objs[0], o)
		}
		return v, true
	case "object": // a sentinel is itself and nothing else
		if len(args) == 0 {
			return a.fresh(c, &object{name: "builtins.object()"}), true
		}
	case "dict", "collections.OrderedDict", "collections.defaultdict":
		o := &object{name: "builtins.dict()"}
		for i, q := range args {
			switch {
			case q.name != "":
				a.put(o, strOf(q.name), q.v)
			case name == "collections.defaultdict" && i == 0:
				o.makes = q.v
			case q.v != nil && len(q.v.objs) > 0:
				q.v = a.asMapping(fr, st, q.v, node)
				if src := st.object(q.v.objs[0]); src != nil && src.name == "builtins.dict()" {
					a.mix(st, o, q.v)
					break
				}
				pairs, _ := a.iterate(fr, st, q.v, node)
				for _, p := range pairs {
					a.put(o, a.asKey(st, a.element(fr, st, p, intOf(0), node)), a.element(fr, st, p, intOf(1), node))
				}
			default:
				a.mix(st, o, q.v)
			}
		}
		return a.fresh(c, o), true
	case "queue.Queue", "queue.LifoQueue", "queue.SimpleQueue", "asyncio.Queue", "multiprocessing.Queue", "queue.PriorityQueue":
		o := &object{name: "queue"}
		switch name {
		case "queue.LifoQueue":
			o.name = "lifo"
		case "queue.PriorityQueue":
			o.name = "heap"
		}
		return a.fresh(c, o), true
	case "range":
		if x.tainted() {
			return nil, false
		}
		lo, hi := int64(0), int64(0)
		n, ok1 := x.number()
		m, ok2 := arg(args, 1, "").number()
		switch {
		case len(args) == 1 && ok1:
			hi = n
		case len(args) == 2 && ok1 && ok2:
			lo, hi = n, m
		default:
			return a.fresh(c, &object{name: "builtins.list()", loose: true, more: true}), true
		}
		if hi-lo > maxUnroll {
			return a.fresh(c, &object{name: "builtins.list()", loose: true, more: true}), true
		}
		o := &object{name: "builtins.list()"}
		for i := lo; i < hi; i++ {
			o.list = append(o.list, intOf(i))
		}
		return a.fresh(c, o), true
	case "enumerate":
		l, exact := a.iterate(fr, st, x, node)
		start, ok := arg(args, 1, "start").number()
		o := &object{name: "builtins.list()"}
		for i, v := range l {
			n := (*value)(nil)
			if exact && (ok || arg(args, 1, "start") == nil) {
				n = intOf(start + int64(i))
			}
			p := a.fresh(c, &object{name: "builtins.tuple()", list: []*value{n, v}})
			if exact {
				o.list = append(o.list, p)
			} else {
				o.loose = true
				o.add(p)
			}
		}
		return a.fresh(c, o), true
	case "zip":
		var lists [][]*value
		exact := true
		n := maxUnroll
		for _, q := range args {
			if q.name != "" {
				continue
			}
			l, e := a.iterate(fr, st, q.v, node)
			exact = exact && e
			n = min(n, len(l))
			lists = append(lists, l)
		}
		o := &object{name: "builtins.list()"}
		if exact {
			for i := range n {
				t := &object{name: "builtins.tuple()"}
				for _, l := range lists {
					t.list = append(t.list, l[i])
				}
				o.list = append(o.list, a.fresh(c, t))
			}
			return a.fresh(c, o), true
		}
		t := &object{name: "builtins.tuple()"}
		for _, l := range lists {
			all := bottom
			for _, v := range l {
				all = join(all, v)
			}
			t.list = append(t.list, all)
		}
		o.loose = true
		o.add(a.fresh(c, t))
		return a.fresh(c, o), true
	case "map", "filter", "functools.reduce", "itertools.chain", "itertools.starmap", "itertools.filterfalse":
		o := &object{name: "builtins.list()"}
		if name == "itertools.chain" {
			for _, q := range args {
				l, e := a.iterate(fr, st, q.v, node)
				o.take(l, e)
			}
			return a.fresh(c, o), true
		}
		l, exact := a.iterate(fr, st, arg(args, 1, "iterable"), node)
		switch name {
		case "functools.reduce":
			acc := arg(args, 2, "initial")
			for i, v := range l {
				if i == 0 && acc == nil {
					acc = v
					if exact {
						continue
					}
				}
				acc = a.callback(c, x, acc, v)
			}
			return acc, true
		}
		for i, v := range l {
			var r *value
			switch name {
			case "map":
				more := []*value{v}
				for j := 2; j < len(args); j++ {
					other, e := a.iterate(fr, st, args[j].v, node)
					if e && exact && i < len(other) {
						more = append(more, other[i])
					} else {
						all := bottom
						for _, w := range other {
							all = join(all, w)
						}
						more = append(more, all)
					}
				}
				r = a.callback(c, x, more...)
			case "itertools.starmap":
				parts, _ := a.iterate(fr, st, v, node)
				r = a.callback(c, x, parts...)
			default:
				takes, good, bad := a.chosen(c, x, v)
				r = clear(v, good)
				if name == "itertools.filterfalse" {
					takes, r = takes.not(), clear(v, bad)
				}
				if takes == no {
					continue
				}
				if takes == unknown {
					exact = false
				}
			}
			if exact {
				o.list = append(o.list, r)
			} else {
				o.summarise()
				o.add(r)
			}
		}
		return a.fresh(c, o), true
	case "dir":
		return a.fresh(c, a.namesIn(st, x)), true
	case "getattr":
		if s, ok := arg(args, 1, "").str(); ok {
			v := a.attribute(fr, st, x, s, node)
			if v == nil || len(x.objects()) > 0 && v == nil {
				v = arg(args, 2, "")
			}
			return v, true
		}
		if k := arg(args, 1, ""); k != nil && len(k.consts) > 1 && len(k.marks) == 0 {
			out := bottom
			for _, s := range k.consts {
				out = join(out, a.attribute(fr, st, x, s.str, node))
			}
			return out, true
		}
		if len(args) > 1 {
			if p := a.partOfName(fr, st, args[1].v, args[1].node); p.tells() {
				if v := a.attributesNamed(fr, st, x, p, node); v != bottom {
					return join(v, arg(args, 2, "")), true
				}
			}
		}
		return nil, false
	case "setattr":
		if s, ok := arg(args, 1, "").str(); ok {
			a.setAttribute(fr, st, x, s, arg(args, 2, ""), node)
			return nil, true
		}
		if v := arg(args, 2, ""); len(a.deep(st, v, 0)) > 0 {
			for _, id := range x.objects() {
				if o := st.object(id); o != nil {
					a.field(st, id, o, anyField, join(orBottom(o.fields[anyField]), v), len(x.objs) > 1)
				}
			}
		}
		return nil, false
	case "hasattr", "isinstance", "issubclass", "callable", "len", "id", "hash", "ord", "abs", "sum", "round", "divmod", "pow", "any", "all", "type", "print", "bool", "chr":
		switch name {
		case "print":
			a.printed(c)
		case "sum":
			l, _ := a.iterate(fr, st, x, node)
			if start := arg(args, 1, "start"); start != nil && len(start.objs) > 0 || slices.ContainsFunc(l, func(v *value) bool { return v != nil && len(v.objs) > 0 }) {
				out := start
				for _, v := range l {
					out = a.binary(fr, st, c.node, ast.Add, out, v)
				}
				return out, true
			}
		case "any", "all":
			l, exact := a.iterate(fr, st, x, node)
			if !exact {
				break
			}
			t := triOf(name == "all")
			for _, v := range l {
				switch w := a.truth(st, v); {
				case w == unknown:
					return nil, true
				case name == "any" && w == yes, name == "all" && w == no:
					return boolOf(name == "any"), true
				}
			}
			return boolOf(t == yes), true
		case "bool":
			if t := a.truth(st, x); t != unknown {
				return boolOf(t == yes), true
			}
		case "len":
			if v, ok := a.ask(fr, st, x, "__len__", node); ok {
				return v, true
			}
			if x != nil && len(x.objs) == 1 && len(x.marks) == 0 {
				if o := st.object(x.objs[0]); o != nil && o.contained() && !o.open() {
					return intOf(int64(o.size())), true
				}
			}
			if s, ok := x.str(); ok {
				return intOf(int64(len([]rune(s)))), true
			}
		case "isinstance":
			if t := a.instanceOf(st, x, arg(args, 1, "")); t != unknown {
				return boolOf(t == yes), true
			}
		case "type":
			if len(args) == 3 {
				return a.madeClass(c, x, arg(args, 1, ""), arg(args, 2, "")), true
			}
			if x != nil && len(x.objs) == 1 {
				if o := st.object(x.objs[0]); o != nil && o.class != nil {
					return &value{class: []*class{o.class}}, true
				}
			}
		}
		return nil, true
	case "min", "max", "next":
		if name != "next" && len(args) > 1 && args[1].name == "" {
			out := bottom
			for _, q := range args {
				if q.name == "" {
					if n, ok := order(out, q.v); ok && out != bottom {
						if (n < 0) == (name == "max") {
							out = q.v
						}
						continue
					}
					out = join(out, q.v)
				}
			}
			if name == "min" && slices.ContainsFunc(args, func(q argument) bool { return q.name == "" && q.star == 0 && !a.unbounded(q.v) }) {
				out = clear(out, sizes)
			}
			return out, true
		}
		if name == "next" && x != nil && len(x.objs) == 1 {
			if o := st.object(x.objs[0]); o != nil && o.name == "generator" && !o.open() && !o.multi && o.size() == 0 && len(args) == 1 {
				a.raise(fr, st, &value{names: []string{"builtins.StopIteration()"}, marks: a.deep(st, o.fields[resultField], 0)})
				return nil, true
			}
			if o := st.object(x.objs[0]); o != nil && o.class == nil && !o.loose && len(o.list) > 0 && !o.multi {
				n := o.clone()
				n.list = n.list[1:]
				st.store(x.objs[0], n)
				return o.list[0], true
			} else if o != nil && o.class != nil {
				if f, ok := a.member(fr, st, o.class, "__next__"); ok {
					return a.invoke(fr, st, a.bind(fr, st, f, x, node), nil, node), true
				}
			}
		}
		l, _ := a.iterate(fr, st, x, node)
		out := bottom
		for _, v := range l {
			out = join(out, v)
		}
		if name == "next" {
			if d := arg(args, 1, ""); d != nil {
				out = join(out, d)
			}
		}
		return out, true
	case "vars", "globals", "locals":
		fresh := func(o *object) *value { // a dictionary, and one of names
			v := *a.fresh(c, o)
			v.names = append(slices.Clone(v.names), "builtins."+name+"()")
			return &v
		}
		if name == "globals" {
			return fresh(a.namespace(st, fr.mod)), true
		}
		if name == "vars" && x != nil && len(x.names) > 0 && len(x.objs)+len(x.mods)+len(x.class)+len(x.marks) == 0 {
			return a.attribute(fr, st, x, "__dict__", nil), true
		}
		if name == "vars" && x != nil && len(x.mods) == 1 && len(x.objs) == 0 {
			return fresh(a.namespace(st, x.mods[0])), true
		}
		if name == "vars" && x != nil && len(x.objs) == 1 {
			if o := st.object(x.objs[0]); o != nil && o.class != nil {
				v := *a.attribute(fr, st, x, "__dict__", node)
				v.names = append(slices.Clone(v.names), "builtins.vars()")
				return &v, true
			} else if o != nil {
				r := &object{name: "builtins.dict()"}
				var names []string
				for k := range o.fields {
					names = append(names, k)
				}
				slices.Sort(names)
				for _, k := range names {
					a.put(r, strOf(k), o.fields[k])
				}
				return fresh(r), true
			}
		}
		if len(args) == 0 { // vars(), locals()
			o := &object{name: "builtins.dict()"}
			seen := map[string]*value{}
			for at := st; at != nil; at = at.parent {
				for k := range at.vars.all() {
					if k.frame == fr.id {
						if v, ok := st.get(k); ok {
							seen[k.name] = v
						}
					}
				}
			}
			names := make([]string, 0, len(seen))
			for n := range seen {
				names = append(names, n)
			}
			slices.Sort(names)
			for _, n := range names {
				a.put(o, strOf(n), seen[n])
			}
			return fresh(o), true
		}
		return nil, false
	case "functools.partial", "functools.partialmethod":
		if x == nil {
			return nil, true
		}
		out := *x
		out.fns = nil
		if len(x.fns) == 0 {
			out = value{fns: []*function{{mod: fr.mod, lib: x, args: args[1:], name: "partial"}}}
		}
		for _, f := range x.fns {
			g := *f
			g.args = append(slices.Clone(f.args), args[1:]...)
			out.fns = append(out.fns, &g)
		}
		return &out, true
	case "collections.namedtuple":
		s, ok := arg(args, 1, "").str()
		k := &class{mod: fr.mod, name: "namedtuple", frame: a.newFrame(0), attrs: map[string]*value{}}
		var fields []string
		if ok {
			fields = strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
		} else {
			l, _ := a.iterate(fr, st, arg(args, 1, ""), node)
			for _, v := range l {
				if s, ok := v.str(); ok {
					fields = append(fields, s)
				}
			}
		}
		return a.namedTuple(k, fields), true
	case "copy.deepcopy":
		if v, ok := a.ask(fr, st, x, "__deepcopy__", node, nil); ok {
			return v, true
		}
		return a.deepcopy(st, x, map[objectID]objectID{}), true
	case "copy.copy":
		if v, ok := a.ask(fr, st, x, "__copy__", node); ok {
			return v, true
		}
		if x != nil && len(x.objs) == 1 {
			if o := st.object(x.objs[0]); o != nil {
				return a.fresh(c, o.clone()), true
			}
		}
		return x, true
	case "threading.Thread", "multiprocessing.Process", "threading.Timer":
		target, given, named := arg(args, 9, "target"), arg(args, 9, "args"), arg(args, 9, "kwargs")
		if name == "threading.Timer" {
			target, given, named = arg(args, 1, "function"), arg(args, 2, "args"), arg(args, 3, "kwargs")
		}
		if target != nil {
			a.startBeside(c, target, given, named)
		}
		return &value{names: []string{name + "()"}}, true
	}
	return nil, false
}

// deepcopy copies a value with all that it holds.
func (a *analysis) deepcopy(st *state, v *value, done map[objectID]objectID) *value {
	if v == nil || len(v.objs) == 0 {
		return v
	}
	out := *v
	out.objs = nil
	for _, id := range v.objs {
		if d, ok := done[id]; ok {
			out.objs = append(out.objs, d)
			continue
		}
		o := st.object(id)
		if o == nil || len(done) > 200 {
			out.objs = append(out.objs, id)
			continue
		}
		a.objects++
		d := a.objects
		done[id] = d
		n := o.clone()
		n.multi = false
		for k, x := range n.fields {
			n.fields[k] = a.deepcopy(st, x, done)
		}
		for k, x := range n.keys {
			n.keys[k] = a.deepcopy(st, x, done)
		}
		for i, x := range n.list {
			n.list[i] = a.deepcopy(st, x, done)
		}
		n.rest = a.deepcopy(st, n.rest, done)
		st.store(d, n)
		out.objs = append(out.objs, d)
	}
	return &out
}

func (a *analysis) instanceOf(st *state, x, types *value) tri {
	if x == nil || types == nil || len(x.marks) > 0 {
		return unknown
	}
	if len(types.class) == 1 && len(types.names) == 0 && len(x.objs) > 0 {
		t := unknown
		for i, id := range x.objs {
			o := st.object(id)
			if o == nil || o.class == nil {
				return unknown
			}
			is := triOf(slices.Contains(a.lineage(o.class), types.class[0]))
			if i > 0 && is != t {
				return unknown
			}
			t = is
		}
		return t
	}
	if c, ok := x.only(); ok && len(types.names) == 1 && constType[c.kind] != "" && strings.HasPrefix(types.names[0], "builtins.") {
		return triOf(constType[c.kind] == types.names[0])
	}
	return unknown
}

// namedTuple is a class made by collections.namedtuple.
func (a *analysis) namedTuple(k *class, fields []string) *value {
	k.bases = []*value{{names: []string{"typing.NamedTuple"}}}
	k.tuple = fields
	return &value{class: []*class{k}}
}

// callback calls a function that was given as an argument.
func (a *analysis) callback(c *callSite, f *value, args ...*value) *value {
	if f == nil {
		var m []mark
		for _, v := range args {
			m = joinMarks(m, a.deep(c.st, v, 0))
		}
		return marked(m)
	}
	list := make([]argument, len(args))
	for i, v := range args {
		list[i] = argument{v: v}
	}
	if len(f.fns) == 0 && len(f.class) == 0 {
		// A function of a library: str, int, html.escape …
		site := &callSite{fr: c.fr, st: c.st, node: c.node, args: list, names: f.names}
		return a.apply(site, f)
	}
	return a.invoke(c.fr, c.st, f, list, c.nodeOrNil())
}

// chosen asks a function that was given as an argument whether it takes v, and which kinds
// it has taken from what it takes, and from what it does not.
func (a *analysis) chosen(c *callSite, f, v *value) (takes tri, yes, no models.Kinds) {
	if f == nil || isNone(f) {
		return a.truth(c.st, v), 0, 0
	}
	for _, n := range f.names {
		for _, s := range a.models.guards[n] {
			if s.Holds == "" || s.Holds == "true" {
				yes |= s.kinds
			}
		}
		if method, ok := strings.CutPrefix(n, "builtins.str."); ok {
			yes |= a.asked(method)
		}
	}
	for _, g := range f.fns {
		if g.native == "__contains__" && g.self != nil && len(g.self.objs) > 0 && !foreign(a.deep(c.st, g.self, 0)) {
			return unknown, models.All, 0 // filter(KNOWN.__contains__, words)
		}
	}
	if len(f.fns) == 0 || c.node == nil {
		return a.truth(c.st, a.callback(c, f, v)), yes, no
	}
	site := &callSite{fr: c.fr, st: c.st, split: true, args: []argument{{v: v, node: c.node}}}
	out := bottom
	for _, g := range f.fns {
		out = join(out, a.function(site, g))
	}
	for _, w := range site.ways {
		y, n := w.cleared()
		yes, no = yes|y, no|n
	}
	if out == bottom {
		out = nil
	}
	return a.truth(c.st, out), yes, no
}

func (c *callSite) nodeOrNil() ast.Node {
	if c.node == nil {
		return nil
	}
	return c.node
}
