package settings

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A Tri is yes, no, or neither known nor settled.
type Tri int8

// The answers, so ordered that "and" is the least and "or" the greatest of them.
const (
	No Tri = iota - 1
	Maybe
	Yes
)

func triOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// A Judgement says whether something holds of settings. Now is the answer for the program as
// it stands in the repository, with no variable of the environment set. Always is Yes or No
// if no variable, and no condition, can change the answer.
type Judgement struct{ Now, Always Tri }

// And, Or and Not are logic on both parts.
func (j Judgement) And(k Judgement) Judgement {
	return Judgement{min(j.Now, k.Now), min(j.Always, k.Always)}
}

// Or holds if one of them does.
func (j Judgement) Or(k Judgement) Judgement {
	return Judgement{max(j.Now, k.Now), max(j.Always, k.Always)}
}

// Not turns the answers around.
func (j Judgement) Not() Judgement { return Judgement{-j.Now, -j.Always} }

var (
	yes    = Judgement{Yes, Yes}
	no     = Judgement{No, No}
	either = Judgement{}
)

func judged(b bool) Judgement {
	if b {
		return yes
	}
	return no
}

// A Place is where something is written.
type Place struct {
	Path string
	Span source.Span
}

// A Kind is what a Const is.
type Kind uint8

// The kinds.
const (
	Scalar Kind = iota // a constant of Python: V
	List               // a list, tuple or set: Items
	Dict               // Map
	Ref                // something of a library, by its qualified name: Name
	Object             // what a call of something made, of which only that is known: Name
	Text               // a text that is not empty, and no more is known: a path
	Lapse              // a timedelta, in seconds: V, an Int
	class              // Map, with Items as bases
	function
	module
)

// A Const is one thing that a value can be.
type Const struct {
	Kind  Kind
	V     program.Value
	Items *Items
	Map   *Map
	Name  string
	Now   bool // it is this if no variable of the environment is set

	fn *fn
}

// A Value is what is known of a setting: all that it can be. With one Const and nothing
// else it is known; Open says that it can be something else, which nobody can know from the
// code.
type Value struct {
	Alts []Const
	Open bool
	// Raw says that it is the text of a variable of the environment as it came, if that is
	// set: "False" is as true as "True".
	Raw  bool
	Envs []string // the variables that decide
}

// Items are the elements of a list. Mixed says that their order is not known.
type Items struct {
	List  []Item
	Open  bool // there may be others
	Mixed bool
	saved bool // a snapshot has List, too: it is not written to
}

// An Item is an element, and whether it is there.
type Item struct {
	Value Value
	In    Judgement
	At    Place
}

// A Map is the entries of a dictionary or a namespace, in the order in which they came.
type Map struct {
	List  []Entry
	Open  bool
	index map[string]int
	saved bool // as of Items
}

// An Entry is a key, its value, and whether it is there.
type Entry struct {
	Key   string
	Value Value
	In    Judgement
	At    Place
}

// maxAlts is how many things a value can be and still be told apart.
const maxAlts = 8

// maxItems bounds lists and dictionaries.
const maxItems = 4096

// maxDeep bounds how far values are compared and copied; what lies deeper is not known.
const maxDeep = 24

func scalar(v program.Value) Value { return Value{Alts: []Const{{V: v, Now: true}}} }
func text(s string) Value          { return scalar(program.Value{Kind: ast.Str, Str: s}) }
func number(n int64) Value         { return scalar(program.Value{Kind: ast.Int, Int: n}) }
func none() Value                  { return scalar(program.Value{Kind: ast.None}) }
func unknown() Value               { return Value{Open: true} }
func some(c Const) Value           { c.Now = true; return Value{Alts: []Const{c}} }
func someText() Value              { return some(Const{Kind: Text}) }
func truth(b bool) Value {
	if b {
		return scalar(program.Value{Kind: ast.True})
	}
	return scalar(program.Value{Kind: ast.False})
}

// boolean is a value that is True or False and decided by a judgement.
func boolean(j Judgement, envs []string) Value {
	if j.Always != Maybe {
		return truth(j.Always == Yes)
	}
	return Value{Envs: envs, Alts: []Const{
		{V: program.Value{Kind: ast.True}, Now: j.Now == Yes},
		{V: program.Value{Kind: ast.False}, Now: j.Now == No},
	}}
}

// Known returns what the value is, if it can be nothing else.
func (v Value) Known() (Const, bool) {
	if len(v.Alts) != 1 || v.Open {
		return Const{}, false
	}
	return v.Alts[0], true
}

// Now returns what the value is if no variable of the environment is set.
func (v Value) Now() (Const, bool) {
	for _, c := range v.Alts {
		if c.Now {
			return c, true
		}
	}
	return Const{}, false
}

// Judge asks a question of all that the value can be.
func (v Value) Judge(ask func(Const) Tri) Judgement {
	j := either
	for i, c := range v.Alts {
		t := ask(c)
		if c.Now {
			j.Now = t
		}
		if i == 0 {
			j.Always = t
		} else if j.Always != t {
			j.Always = Maybe
		}
	}
	if v.Open {
		j.Always = Maybe
	}
	if j.Now == Maybe && j.Always != Maybe {
		j.Now = j.Always
	}
	return j
}

// True says whether Python takes the value for true.
func (v Value) True() Judgement { return v.Judge(Const.true) }

func (c Const) true() Tri {
	switch c.Kind {
	case Scalar:
		return triOf(c.V.True())
	case Lapse:
		return triOf(c.V.Int != 0)
	case List:
		return c.Items.any()
	case Dict:
		return c.Map.any()
	case Ref:
		return Maybe
	}
	return Yes
}

// any says whether there is an element.
func (l *Items) any() Tri {
	t := No
	for _, x := range l.List {
		t = max(t, x.In.Now)
		if x.In.Always == Yes {
			return Yes
		}
	}
	if l.Open && t == No {
		t = Maybe
	}
	return t
}

func (m *Map) any() Tri {
	t := No
	for _, x := range m.List {
		t = max(t, x.In.Now)
	}
	if m.Open && t == No {
		t = Maybe
	}
	return t
}

// Is says whether the value is the singleton: ast.True, ast.False or ast.None.
func (v Value) Is(kind ast.ConstKind) Judgement {
	return v.Judge(func(c Const) Tri {
		if c.Kind == Ref {
			return Maybe
		}
		return triOf(c.Kind == Scalar && c.V.Kind == kind)
	})
}

// Equals says whether the value is this text.
func (v Value) Equals(s string) Judgement {
	return v.Judge(func(c Const) Tri { return c.text(func(t string) bool { return t == s }) })
}

// Text asks a question of a text. Anything else is No.
func (v Value) Text(ask func(string) bool) Judgement {
	return v.Judge(func(c Const) Tri { return c.text(ask) })
}

func (c Const) text(ask func(string) bool) Tri {
	switch {
	case c.Kind == Text, c.Kind == Ref:
		return Maybe
	case c.Kind == Scalar && (c.V.Kind == ast.Str || c.V.Kind == ast.Bytes):
		return triOf(ask(c.V.Str))
	}
	return No
}

// Number asks a question of a number, or of a length of time in seconds.
func (v Value) Number(ask func(float64) bool) Judgement {
	return v.Judge(func(c Const) Tri {
		switch {
		case c.Kind == Lapse, c.Kind == Scalar && c.V.Kind == ast.Int:
			return triOf(ask(float64(c.V.Int)))
		case c.Kind == Scalar && c.V.Kind == ast.Float:
			return triOf(ask(c.V.Flt))
		case c.Kind == Ref:
			return Maybe
		}
		return No
	})
}

// Has says whether a list has an element, or a dictionary a key, that is such a text.
func (v Value) Has(ask func(string) bool) Judgement {
	if v.Open && len(v.Alts) == 0 {
		return either
	}
	var j Judgement
	for i, c := range v.Alts {
		k := no
		switch c.Kind {
		case List:
			for _, x := range c.Items.List {
				k = k.Or(x.In.And(x.Value.Text(ask)))
			}
			if c.Items.Open {
				k = k.Or(either)
			}
		case Dict:
			for _, x := range c.Map.List {
				k = k.Or(x.In.And(judged(ask(x.Key))))
			}
			if c.Map.Open {
				k = k.Or(either)
			}
		case Ref:
			k = either
		}
		if c.Now {
			j.Now = k.Now
		}
		if i == 0 {
			j.Always = k.Always
		} else if j.Always != k.Always {
			j.Always = Maybe
		}
	}
	if v.Open {
		j.Always = Maybe
	}
	if j.Now == Maybe {
		j.Now = j.Always
	}
	return j
}

// Contains is Has for one text.
func (v Value) Contains(s string) Judgement {
	return v.Has(func(t string) bool { return t == s })
}

// Elements are those of all lists that the value can be.
func (v Value) Elements() []Item {
	var out []Item
	for _, c := range v.Alts {
		if c.Kind == List {
			out = append(out, c.Items.List...)
		}
	}
	return out
}

// Entries are those of all dictionaries that the value can be.
func (v Value) Entries() []Entry {
	var out []Entry
	for _, c := range v.Alts {
		if c.Kind == Dict {
			out = append(out, c.Map.List...)
		}
	}
	return out
}

// Get is the entry of a dictionary. What may be missing is Open.
func (v Value) Get(key string) (Value, Place, bool) {
	if len(v.Alts) != 1 || v.Alts[0].Kind != Dict {
		return unknown(), Place{}, len(v.Alts) > 0 || v.Open
	}
	m := v.Alts[0].Map
	e := m.get(key)
	if e == nil {
		return unknown(), Place{}, m.Open || v.Open
	}
	got := e.Value
	if e.In.Always != Yes || v.Open {
		got.Open = true
	}
	return got, e.At, true
}

func (m *Map) get(key string) *Entry {
	if m == nil {
		return nil
	}
	if i, ok := m.index[key]; ok {
		return &m.List[i]
	}
	return nil
}

// set gives a key a value, for certain.
func (m *Map) set(key string, v Value, at Place) {
	m.put(Entry{Key: key, Value: v, In: yes, At: at})
}

func (m *Map) put(e Entry) {
	m.own()
	if i, ok := m.index[e.Key]; ok {
		m.List[i] = e
		return
	}
	if len(m.List) >= maxItems {
		m.Open = true
		return
	}
	if m.index == nil {
		m.index = map[string]int{}
	}
	m.index[e.Key] = len(m.List)
	m.List = append(m.List, e)
}

func (m *Map) drop(key string) {
	i, ok := m.index[key]
	if !ok {
		return
	}
	m.own()
	m.List = slices.Delete(m.List, i, i+1)
	delete(m.index, key)
	for j := i; j < len(m.List); j++ {
		m.index[m.List[j].Key] = j
	}
}

// open forgets what is known of a dictionary or namespace: anything may have been done to it.
func (m *Map) open() {
	m.own()
	m.Open = true
	for i := range m.List {
		m.List[i].Value.Open = true
		m.List[i].In.Always = Maybe
	}
}

// own makes the list the map's own to write to.
func (m *Map) own() {
	if !m.saved {
		return
	}
	m.saved = false
	m.List = slices.Clone(m.List)
	index := make(map[string]int, len(m.index)+1)
	for k, i := range m.index {
		index[k] = i
	}
	m.index = index
}

func (l *Items) own() {
	if l.saved {
		l.saved = false
		l.List = slices.Clone(l.List)
	}
}

// open forgets what is known of a list: any element may be gone, and others there.
func (l *Items) open() {
	l.own()
	l.Open, l.Mixed = true, true
	for i := range l.List {
		l.List[i].In.Always = Maybe
	}
}

func (l *Items) add(x Item) {
	l.own()
	if len(l.List) >= maxItems {
		l.Open = true
		return
	}
	l.List = append(l.List, x)
}

// same says whether two values are alike in all that is known of them.
func same(a, b Value, deep int) bool {
	if a.Open != b.Open || len(a.Alts) != len(b.Alts) || a.Raw != b.Raw || deep > maxDeep {
		return false
	}
	for i := range a.Alts {
		if a.Alts[i].Now != b.Alts[i].Now || !alike(a.Alts[i], b.Alts[i], deep) {
			return false
		}
	}
	return true
}

// alike is same for what a value can be.
func alike(a, b Const, deep int) bool {
	if a.Kind != b.Kind || deep > maxDeep {
		return false
	}
	switch a.Kind {
	case Scalar, Lapse:
		return equal(a.V, b.V)
	case List:
		if a.Items == b.Items {
			return true
		}
		return a.Items.Open == b.Items.Open && a.Items.Mixed == b.Items.Mixed && slices.EqualFunc(a.Items.List, b.Items.List, func(x, y Item) bool {
			return x.In == y.In && same(x.Value, y.Value, deep+1)
		})
	case Dict, class:
		if a.Map == b.Map {
			return true
		}
		return a.Map.Open == b.Map.Open && slices.EqualFunc(a.Map.List, b.Map.List, func(x, y Entry) bool {
			return x.Key == y.Key && x.In == y.In && same(x.Value, y.Value, deep+1)
		})
	case function:
		return a.fn == b.fn
	case Object:
		return a.Name == b.Name && a.Items == b.Items && a.Map == b.Map
	}
	return a.Name == b.Name
}

// equal says whether two constants are the same, as Python's == has it: 1 is True.
func equal(a, b program.Value) bool {
	if x, ok := asInt(a); ok {
		y, ok := asInt(b)
		return ok && x == y && a.Kind == b.Kind
	}
	return a.Kind == b.Kind && a.Str == b.Str && a.Flt == b.Flt && a.Int == b.Int
}

func asInt(v program.Value) (int64, bool) {
	switch v.Kind {
	case ast.Int:
		return v.Int, true
	case ast.True:
		return 1, true
	case ast.False:
		return 0, true
	}
	return 0, false
}

// join is the value behind a condition: a if it held, b if not. pick says which of them it
// is if no variable of the environment is set.
func join(a, b Value, pick Tri, envs []string, deep int) Value {
	if same(a, b, deep) {
		return a
	}
	out := Value{Open: a.Open || b.Open, Raw: a.Raw || b.Raw, Envs: mergeNames(mergeNames(a.Envs, b.Envs), envs)}
	if deep > maxDeep {
		out.Open = true
		return out
	}
	used := make([]bool, len(b.Alts))
	for _, x := range a.Alts {
		j := slices.IndexFunc(b.Alts, func(y Const) bool { return alike(x, y, deep) })
		if j < 0 && (x.Kind == List || x.Kind == Dict) {
			j = slices.IndexFunc(b.Alts, func(y Const) bool { return x.Kind == y.Kind })
		}
		if j < 0 {
			x.Now = x.Now && pick == Yes
			out.Alts = append(out.Alts, x)
			continue
		}
		used[j] = true
		y := b.Alts[j]
		if !alike(x, y, deep) {
			if x.Kind == List {
				x.Items = joinItems(x.Items, y.Items, pick, envs, deep+1)
			} else {
				x.Map = joinMaps(x.Map, y.Map, pick, envs, deep+1)
			}
		}
		switch pick {
		case No:
			x.Now = y.Now
		case Maybe:
			x.Now = x.Now && y.Now
		}
		out.Alts = append(out.Alts, x)
	}
	for j, y := range b.Alts {
		if !used[j] {
			y.Now = y.Now && pick == No
			out.Alts = append(out.Alts, y)
		}
	}
	return out.bounded()
}

// bounded forgets alternatives where there are too many to tell apart.
func (v Value) bounded() Value {
	if len(v.Alts) > maxAlts {
		v.Open = true
		v.Alts = slices.DeleteFunc(slices.Clone(v.Alts), func(c Const) bool { return !c.Now })
		v.Alts = v.Alts[:min(len(v.Alts), maxAlts)]
	}
	return v
}

func joinJudgement(a, b Judgement, pick Tri) Judgement {
	j := a
	if a.Always != b.Always {
		j.Always = Maybe
	}
	switch {
	case pick == No:
		j.Now = b.Now
	case pick == Maybe && a.Now != b.Now:
		j.Now = Maybe
	}
	return j
}

// absent is whether something is in what does not name it.
func absent(open bool) Judgement {
	if open {
		return either
	}
	return no
}

// key finds an item again in another list.
func (x Item) key() string {
	if c, ok := x.Value.Known(); ok {
		switch c.Kind {
		case Scalar:
			return c.V.Kind.String() + ":" + c.V.Str + strconv.FormatInt(c.V.Int, 10)
		case Ref:
			return "ref:" + c.Name
		}
	}
	return ""
}

func joinItems(a, b *Items, pick Tri, envs []string, deep int) *Items {
	out := &Items{Open: a.Open || b.Open, Mixed: a.Mixed || b.Mixed}
	at := map[string]int{}
	used := make([]bool, len(b.List))
	for j, y := range b.List {
		if k := y.key(); k != "" {
			if _, ok := at[k]; !ok {
				at[k] = j
			}
		}
	}
	last := -1
	for i, x := range a.List {
		k := x.key()
		j, ok := at[k]
		if k == "" && i < len(b.List) && b.List[i].key() == "" {
			j, ok = i, true // what cannot be told apart is held against its like in the same place
		}
		if !ok || used[j] {
			x.In = joinJudgement(x.In, absent(b.Open), pick)
			out.add(x)
			continue
		}
		if j < last {
			out.Mixed = true
		}
		last = j
		used[j] = true
		y := b.List[j]
		x.Value = join(x.Value, y.Value, pick, envs, deep+1)
		x.In = joinJudgement(x.In, y.In, pick)
		out.add(x)
	}
	for j, y := range b.List {
		if !used[j] {
			if j < last || len(a.List) > 0 && j < len(b.List)-1 {
				out.Mixed = true
			}
			y.In = joinJudgement(absent(a.Open), y.In, pick)
			out.add(y)
		}
	}
	return out
}

func joinMaps(a, b *Map, pick Tri, envs []string, deep int) *Map {
	out := &Map{Open: a.Open || b.Open}
	for _, x := range a.List {
		y := b.get(x.Key)
		if y == nil {
			x.In = joinJudgement(x.In, absent(b.Open), pick)
			x.Value.Envs = mergeNames(x.Value.Envs, envs)
			out.put(x)
			continue
		}
		if pick == No {
			x.At = y.At
		}
		x.Value = join(x.Value, y.Value, pick, envs, deep+1)
		x.In = joinJudgement(x.In, y.In, pick)
		out.put(x)
	}
	for _, y := range b.List {
		if a.get(y.Key) == nil {
			y.In = joinJudgement(absent(a.Open), y.In, pick)
			y.Value.Envs = mergeNames(y.Value.Envs, envs)
			out.put(y)
		}
	}
	return out
}

// maxEnvs is how many variables are remembered to decide a value.
const maxEnvs = 6

func mergeNames(a, b []string) []string {
	for _, n := range b {
		if len(a) >= maxEnvs {
			break
		}
		if !slices.Contains(a, n) {
			a = append(a[:len(a):len(a)], n)
		}
	}
	return a
}

// A copier copies values out of the sources that they were read from, which go.
type copier struct {
	lists map[*Items]*Items
	maps  map[*Map]*Map
}

func (c *copier) value(v Value, deep int) Value {
	if deep > maxDeep {
		return unknown()
	}
	out := Value{Open: v.Open, Raw: v.Raw}
	for _, x := range v.Alts {
		switch x.Kind {
		case function, module, class:
			out.Open = true
			continue
		}
		x.Name = strings.Clone(x.Name)
		x.V = keep(x.V)
		if x.Items != nil {
			x.Items = c.items(x.Items, deep+1)
		}
		if x.Map != nil {
			x.Map = c.mapping(x.Map, deep+1)
		}
		out.Alts = append(out.Alts, x)
	}
	for _, e := range v.Envs {
		out.Envs = append(out.Envs, strings.Clone(e))
	}
	return out
}

func keep(v program.Value) program.Value {
	v.Str = strings.Clone(v.Str)
	return v
}

func (c *copier) items(l *Items, deep int) *Items {
	if x := c.lists[l]; x != nil {
		return x
	}
	out := &Items{Open: l.Open, Mixed: l.Mixed, List: make([]Item, len(l.List))}
	c.lists[l] = out
	for i, x := range l.List {
		x.Value = c.value(x.Value, deep)
		out.List[i] = x
	}
	return out
}

func (c *copier) mapping(m *Map, deep int) *Map {
	if x := c.maps[m]; x != nil {
		return x
	}
	out := &Map{Open: m.Open}
	c.maps[m] = out
	for _, e := range m.List {
		e.Key = strings.Clone(e.Key)
		e.Value = c.value(e.Value, deep)
		out.put(e)
	}
	return out
}
