package taint

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What regular expressions let through. A compiled pattern and a match carry the pattern
// as their beginning: "re:…".

func parsePattern(p string) *syntax.Regexp {
	p = strings.ReplaceAll(p, `\Z`, `\z`)
	if rest, ok := strings.CutPrefix(p, "(?x)"); ok {
		p = unspaced(rest)
	}
	re, err := syntax.Parse(p, syntax.Perl)
	if err != nil {
		return nil
	}
	return re
}

// widened is the pattern without what only looks ahead or behind: it lets through more.
func widened(p string) string {
	if !strings.Contains(p, "(?=") && !strings.Contains(p, "(?!") && !strings.Contains(p, "(?<") {
		return p
	}
	var out strings.Builder
	skip := 0 // parentheses that are open in what is left out
	class := false
	for i := 0; i < len(p); i++ {
		c := p[i]
		looks := !class && skip == 0 && c == '(' && (strings.HasPrefix(p[i:], "(?=") || strings.HasPrefix(p[i:], "(?!") || strings.HasPrefix(p[i:], "(?<=") || strings.HasPrefix(p[i:], "(?<!"))
		switch {
		case c == '\\' && i+1 < len(p):
			if skip == 0 {
				out.WriteString(p[i : i+2])
			}
			i++
			continue
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if i+1 < len(p) && p[i+1] == ']' || strings.HasPrefix(p[i:], "[^]") { // a bracket that is one of the characters
				n := strings.IndexByte(p[i:], ']')
				if skip == 0 {
					out.WriteString(p[i : i+n+1])
				}
				i += n
				continue
			}
		case looks:
			skip = 1
			continue
		case c == '(' && skip > 0:
			skip++
		case c == ')' && skip > 0:
			skip--
			continue
		}
		if skip == 0 {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// unspaced is a pattern without the space and comments that re.VERBOSE allows.
func unspaced(p string) string {
	var out strings.Builder
	class := false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p):
			out.WriteString(p[i : i+2])
			i++
		case class:
			class = c != ']'
			out.WriteByte(c)
		case c == '[':
			class = true
			out.WriteByte(c)
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		case c == '#':
			for i+1 < len(p) && p[i+1] != '\n' {
				i++
			}
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// flagsOf are the flags of a call of re, from its argument with this number on.
func flagsOf(e *ast.Call, n int) string {
	var x ast.Expr
	if len(e.Args) > n {
		x = e.Args[n]
	}
	for _, k := range e.Keywords {
		if k.Arg == "flags" {
			x = k.Value
		}
	}
	if x == nil {
		return ""
	}
	out := ""
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		name := ""
		switch n := n.(type) {
		case *ast.Attribute:
			name = n.Attr
		case *ast.Name:
			name = n.Ident
		}
		switch name {
		case "M", "MULTILINE":
			out += "m"
		case "I", "IGNORECASE":
			out += "i"
		case "S", "DOTALL":
			out += "s"
		case "X", "VERBOSE":
			out += "x"
		}
		ast.Children(n, visit)
	}
	visit(x)
	return out
}

// withFlags is a pattern that says itself which flags it was given.
func withFlags(p, flags string) string {
	verbose := strings.Contains(flags, "x")
	if flags = strings.ReplaceAll(flags, "x", ""); flags != "" {
		p = "(?" + flags + ")" + p
	}
	if verbose {
		p = "(?x)" + p
	}
	return p
}

// matched is what a text that matches a pattern cannot do any more: decided on the
// characters that the pattern lets through, and on how what matches begins.
func (a *analysis) matched(pattern, how string) models.Kinds {
	re := parsePattern(widened(pattern))
	if re == nil {
		return 0
	}
	start := how != "search" || begins(re, 0)
	k := models.Kinds(0)
	if start {
		k = a.sent(re)
		if addressed(re, how == "fullmatch") {
			k |= a.models.hosts
		}
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(pattern, "^"), "/(?!"); ok {
			if i := strings.IndexAny(rest, ")"); i > 0 && strings.Contains(rest[:i], "/") { // one slash, and not two
				k |= a.sent(parsePattern(`/[^/\\]`))
			}
		}
	}
	if how == "fullmatch" || start && ends(re, 0) {
		var set [128]bool
		letThrough(re, &set, 0)
		k |= a.models.harmless(set)
	}
	return k
}

// begins says whether what a pattern finds begins where the text does. A line's beginning is
// not the text's, where re.MULTILINE says so.
func begins(re *syntax.Regexp, depth int) bool {
	switch re.Op {
	case syntax.OpBeginText:
		return true
	case syntax.OpCapture:
		return depth < 100 && begins(re.Sub[0], depth+1)
	case syntax.OpConcat:
		return len(re.Sub) > 0 && depth < 100 && begins(re.Sub[0], depth+1)
	case syntax.OpAlternate:
		return depth < 100 && !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return !begins(s, depth+1) })
	}
	return false
}

// ends says whether what a pattern finds ends where the text does.
func ends(re *syntax.Regexp, depth int) bool {
	switch re.Op {
	case syntax.OpEndText:
		return true
	case syntax.OpCapture:
		return depth < 100 && ends(re.Sub[0], depth+1)
	case syntax.OpConcat:
		return len(re.Sub) > 0 && depth < 100 && ends(re.Sub[len(re.Sub)-1], depth+1)
	case syntax.OpAlternate:
		return depth < 100 && !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return !ends(s, depth+1) })
	}
	return false
}

// sent is what an address cannot do that begins as a pattern says: with a host that stands in
// it, or with a path.
func (a *analysis) sent(re *syntax.Regexp) models.Kinds {
	list, next := beginnings(re, 0)
	if len(list) == 0 {
		return 0
	}
	k := a.models.hosts
	for _, s := range list {
		switch {
		case wholeHost(s):
		case s == "/" && next != nil && !next['/'] && !next['\\'], len(s) > 1 && s[0] == '/' && s[1] != '/' && s[1] != '\\':
			k &^= a.models.fetch
		default:
			return 0
		}
	}
	return k
}

// addressed says whether what matches begins with an address to hosts that the pattern chooses:
// it ends their name, and what is left open before that cannot end a name.
func addressed(re *syntax.Regexp, whole bool) bool {
	text := sketch(re, nil, 0)
	if whole {
		text = append(text, '/')
	}
	scheme, rest, ok := strings.Cut(string(text), "://")
	end := strings.IndexAny(rest, "/?#")
	if !ok || strings.Trim(scheme, string(someOfHost)) == "" || strings.ContainsRune(scheme, leftOpen) || end <= 0 {
		return false
	}
	host := strings.TrimSuffix(rest[:end], string(somePort))
	if strings.ContainsAny(host, string([]rune{leftOpen, somePort, '@', '\\'})) {
		return false
	}
	i := strings.LastIndex(host, string(someOfHost))
	return i < 0 || strings.HasPrefix(host[i+1:], ".") && strings.Count(host[i:], ".") > 1
}

// What stands in a sketch for what a pattern leaves open.
const (
	someOfHost rune = iota // characters of which names of hosts are made
	somePort               // digits and a colon
	leftOpen
)

// sketch spells what a pattern matches, with what it leaves open as one character.
func sketch(re *syntax.Regexp, text []rune, depth int) []rune {
	switch {
	case depth > 20:
		return append(text, leftOpen)
	case re.Op == syntax.OpLiteral:
		return append(text, re.Rune...)
	case re.Op == syntax.OpCapture, re.Op == syntax.OpConcat:
		for _, s := range re.Sub {
			text = sketch(s, text, depth+1)
		}
		return text
	case re.Op == syntax.OpBeginText, re.Op == syntax.OpEmptyMatch:
		return text
	case re.Op == syntax.OpEndText:
		return append(text, '/')
	}
	var set [128]bool
	letThrough(re, &set, 0)
	host, port, slash, more := false, false, false, false
	for c, has := range set {
		switch {
		case !has:
		case c == ':':
			port = true
		case c == '/' || c == '?' || c == '#':
			slash = true
		case c == '.' || c == '-' || c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z':
			host = true
		case c >= '0' && c <= '9':
		default:
			more = true
		}
	}
	switch {
	case more || port && (host || slash) || slash && host:
		return append(text, leftOpen)
	case slash && !ending(re):
		return append(text, leftOpen)
	case slash:
		return append(text, '/')
	case port:
		return append(text, somePort)
	}
	return append(text, someOfHost)
}

// ending says whether what a pattern lets through always ends a host: (/|$), and not /?.
func ending(re *syntax.Regexp) bool {
	return re.Op == syntax.OpCharClass || re.Op == syntax.OpAlternate && !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool {
		return s.Op != syntax.OpLiteral && s.Op != syntax.OpCharClass && s.Op != syntax.OpEndText
	})
}

// beginnings are the texts with one of which everything begins that matches, if they are few,
// and the characters below 128 that can come next, nil if it may be any.
func beginnings(re *syntax.Regexp, depth int) (list []string, next *[128]bool) {
	list, next, _ = opening(re, depth)
	return list, next
}

// opening is beginnings, and says whether the texts are all that can match.
func opening(re *syntax.Regexp, depth int) (list []string, next *[128]bool, whole bool) {
	if depth > 20 {
		return []string{""}, nil, false
	}
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}, nil, true
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpEmptyMatch:
		return []string{""}, nil, true
	case syntax.OpCapture:
		return opening(re.Sub[0], depth+1)
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune) && len(list) < 5; i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1] && len(list) < 5; r++ {
				list = append(list, string(r))
			}
		}
		if len(list) < 5 { // (a|b)
			return list, nil, true
		}
		var set [128]bool
		letThrough(re, &set, 0)
		return []string{""}, &set, false
	case syntax.OpPlus:
		list, next, _ := opening(re.Sub[0], depth+1)
		return list, next, false
	case syntax.OpRepeat:
		if re.Min > 0 {
			list, next, _ := opening(re.Sub[0], depth+1)
			return list, next, false
		}
	case syntax.OpQuest:
		if l, _, whole := opening(re.Sub[0], depth+1); whole {
			return append([]string{""}, l...), nil, true
		}
	case syntax.OpAlternate:
		whole = true
		for _, s := range re.Sub {
			l, _, w := opening(s, depth+1)
			list = append(list, l...)
			whole = whole && w
		}
		if len(list) > 16 {
			return []string{""}, nil, false
		}
		return list, nil, whole
	case syntax.OpConcat:
		list = []string{""}
		for _, s := range re.Sub {
			l, n, w := opening(s, depth+1)
			if len(list)*len(l) > 16 {
				return list, nil, false
			}
			var both []string
			for _, x := range list {
				for _, y := range l {
					both = append(both, x+y)
				}
			}
			if list = both; !w {
				return list, n, false
			}
		}
		return list, nil, true
	}
	return []string{""}, nil, false
}

// letThrough collects the characters below 128 that a text which matches can hold.
func letThrough(re *syntax.Regexp, set *[128]bool, depth int) {
	if depth > 200 { // anything, then
		for i := range set {
			set[i] = true
		}
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r < 128 {
				set[r] = true
				if re.Flags&syntax.FoldCase != 0 && r >= 'A' && r|0x20 <= 'z' {
					set[r^0x20] = true
				}
			}
		}
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if r >= 128 {
					break
				}
				set[r] = true
			}
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		for i := range set {
			set[i] = true
		}
		return
	}
	for _, s := range re.Sub {
		letThrough(s, set, depth+1)
	}
}

// groupHarmless is what a group of a match cannot do, 0 for the whole.
func (a *analysis) groupHarmless(re *syntax.Regexp, group int) models.Kinds {
	if re == nil {
		return 0
	}
	if group > 0 {
		if re = capture(re, group); re == nil {
			return 0
		}
	}
	var set [128]bool
	letThrough(re, &set, 0)
	return a.models.harmless(set)
}

func capture(re *syntax.Regexp, n int) *syntax.Regexp {
	if re.Op == syntax.OpCapture && re.Cap == n {
		return re
	}
	for _, s := range re.Sub {
		if c := capture(s, n); c != nil {
			return c
		}
	}
	return nil
}

// without is what a text cannot do in which a pattern of single characters is nowhere.
func (a *analysis) without(re *syntax.Regexp, by string) models.Kinds {
	for re != nil && (re.Op == syntax.OpPlus || re.Op == syntax.OpCapture) {
		re = re.Sub[0]
	}
	if re == nil || re.Op != syntax.OpCharClass && re.Op != syntax.OpAnyChar && re.Op != syntax.OpAnyCharNotNL && (re.Op != syntax.OpLiteral || len(re.Rune) != 1) {
		return 0
	}
	var gone, left [128]bool
	letThrough(re, &gone, 0)
	for i := range left {
		left[i] = !gone[i]
	}
	for _, r := range by {
		if r < 128 {
			left[r] = true
		}
	}
	return a.models.harmless(left)
}

// regular is a function of re, or a method of a pattern or match.
func (a *analysis) regular(c *callSite, name string) (*value, bool) {
	if !strings.HasPrefix(name, "re.") {
		return nil, false
	}
	st := c.st
	_, rest, _ := strings.Cut(name, ".")
	method := rest[strings.LastIndexByte(rest, '.')+1:]
	var re *syntax.Regexp
	text, source := 1, ""
	own := false
	switch {
	case c.recv != nil && strings.HasPrefix(c.recv.prefix, "re:"):
		source, own = c.recv.prefix[3:], true
		text = 0
	case !strings.ContainsAny(rest, "."):
		s, ok := arg(c.args, 0, "pattern").str()
		if !ok {
			return nil, false
		}
		source = s
	default:
		return nil, false
	}
	if !own && c.node != nil && (method == "match" || method == "fullmatch" || method == "search" || method == "findall") {
		source = withFlags(source, flagsOf(c.node, 2))
	}
	re = parsePattern(widened(source))
	switch method {
	case "match", "fullmatch", "search":
		x := arg(c.args, text, "string")
		if x == nil {
			return nil, false
		}
		v := clear(marked(x.origins()), a.groupHarmless(re, 0))
		if v == nil {
			v = &value{}
		}
		v.names, v.prefix = []string{name + "()"}, "re:"+source
		return v, true
	case "findall":
		x := arg(c.args, text, "string")
		group := func(i int) *value {
			return &value{names: stringNames, marks: clear(marked(x.origins()), a.groupHarmless(re, i)).origins()}
		}
		var v *value
		switch {
		case re == nil || re.MaxCap() == 0:
			v = group(0)
		case re.MaxCap() == 1:
			v = group(1)
		default:
			t := &object{name: "builtins.tuple()"}
			for i := range re.MaxCap() {
				t.list = append(t.list, group(i+1))
			}
			v = a.fresh(c, t)
		}
		return a.fresh(c, &object{name: "builtins.list()", loose: true, more: true, rest: v}), true
	case "sub", "subn":
		by, x := arg(c.args, text, "repl"), arg(c.args, text+1, "string")
		var k models.Kinds
		flags, count := "", len(c.args) > text+2
		if c.node != nil && !own {
			flags = flagsOf(c.node, text+3)
			count = len(c.node.Args) == text+3 || slices.ContainsFunc(c.node.Keywords, func(k *ast.Keyword) bool { return k.Arg == "count" })
		}
		if s, ok := by.str(); ok && !count {
			k = a.without(parsePattern(withFlags(source, flags)), s)
		}
		v := clear(marked(x.origins()), k)
		out := &value{marks: v.origins(), names: stringNames}
		if by != nil && len(by.fns) > 0 {
			r := a.callback(c, by, &value{marks: x.origins(), names: []string{"re.match()"}, prefix: "re:" + source})
			out.marks = joinMarks(out.marks, a.deep(st, r, 0))
		} else if by != nil {
			out.marks = joinMarks(out.marks, by.marks)
		}
		if method == "subn" {
			return a.fresh(c, &object{name: "builtins.tuple()", list: []*value{out, nil}}), true
		}
		return out, true
	case "group", "groups", "groupdict", "expand":
		if !own {
			return nil, false
		}
		if method == "group" && len(c.args) < 2 {
			if v, ok := a.groupOf(c.recv, cmp.Or(arg(c.args, 0, ""), intOf(0))); ok {
				return v, true
			}
		}
		v := &value{marks: c.recv.marks, names: stringNames}
		if method == "groups" && re != nil {
			o := &object{name: "builtins.tuple()"}
			for i := range re.MaxCap() {
				o.list = append(o.list, clear(v, a.groupHarmless(re, i+1)))
			}
			return a.fresh(c, o), true
		}
		if method == "groupdict" && re != nil {
			o := &object{name: "builtins.dict()"}
			for i, n := range re.CapNames() {
				if n != "" {
					a.put(o, strOf(n), clear(v, a.groupHarmless(re, i)))
				}
			}
			return a.fresh(c, o), true
		}
		return v, true
	}
	return nil, false
}

// groupOf is what a match holds of one group, by its number or name.
func (a *analysis) groupOf(match, by *value) (*value, bool) {
	if match == nil || !strings.HasPrefix(match.prefix, "re:") || len(match.names) == 0 || !strings.HasSuffix(match.names[0], "match()") && !strings.HasSuffix(match.names[0], "search()") {
		return nil, false
	}
	re := parsePattern(widened(match.prefix[3:]))
	group := -1
	if n, ok := by.number(); ok && n >= 0 && n < 100 {
		group = int(n)
	} else if s, ok := by.str(); ok && re != nil {
		group = slices.Index(re.CapNames(), s)
	}
	if group < 0 {
		return nil, false
	}
	return clear(&value{marks: match.marks, names: stringNames}, a.groupHarmless(re, group)), true
}

// absent: where a search for single characters finds none, the text holds only others.
func (a *analysis) absent(fr *frame, f *state, e ast.Expr, pattern string) {
	k := a.without(parsePattern(pattern), "")
	a.refine(fr, f, e, func(v *value) *value { return clear(v, k) })
}
