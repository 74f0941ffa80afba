package taint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// Statements that are text tell as much of the database as classes do: INSERT INTO notes (body)
// VALUES (?) stores what is given for it, and SELECT body FROM notes gives it back, by its name
// or its place. Only the plainest of SQL is read, and what is not understood is let be.

// sqlMark is the part of a value that is the statement of which it is a result, or a row.
const sqlMark = "\x00sql"

// statement is the one of which a value is a result.
func (v *value) statement() string {
	if v == nil || v.parts == nil {
		return ""
	}
	s, _ := v.parts[sqlMark].str()
	return s
}

// resultOf makes a value a result of a statement.
func resultOf(v *value, sql string) *value {
	w := *v
	w.parts = map[string]*value{sqlMark: strOf(sql)}
	return &w
}

// ofStatement makes of what a call gives a result of the statement that it is given, or of that
// which its object has run, and notes what the statement stores.
func (a *analysis) ofStatement(c *callSite, method string, v *value) *value {
	if c.node == nil || len(v.objs) > 0 || v.rows() != nil {
		return v
	}
	if v.statement() != "" { // fields were picked
		return v
	}
	text, at := a.statementOf(c, method)
	if text == "" {
		if s := c.recv.statement(); s != "" {
			v = resultOf(v, s)
			if alone[method] {
				return a.onlyColumn(c.fr, v, c.node)
			}
			return v
		}
		for _, x := range c.args { // session.execute(text(…))
			if s := x.v.statement(); s != "" && len(x.v.objs) == 0 {
				a.storedBy(c, s, x, v)
				return resultOf(v, s)
			}
		}
		return v
	}
	a.storedBy(c, text, at, v)
	if f, ok := c.node.Func.(*ast.Attribute); ok && c.recv != nil && len(c.recv.objs) == 0 { // cursor.execute(…); cursor.fetchone()
		a.refine(c.fr, c.st, f.Value, func(w *value) *value { return resultOf(orNew(w), text) })
	}
	return resultOf(v, text)
}

func orNew(v *value) *value {
	if v == nil {
		return &value{}
	}
	return v
}

// statementOf is the constant text, or its constant beginning, that a call runs as SQL.
func (a *analysis) statementOf(c *callSite, method string) (string, argument) {
	list := a.models.methods[method]
	for _, n := range c.names {
		list = append(list[:len(list):len(list)], a.models.sinks[n]...)
	}
	for _, s := range list {
		if s.kinds != a.models.sql || s.Method != "" && (known(a, c.names) || !c.endsIn(s.Method) || !a.models.uses(s.of)) {
			continue
		}
		for _, x := range c.given(s.arg) {
			if text := x.v.begins(); len(text) > 12 && len(text) < 4000 {
				return text, x
			}
		}
	}
	return "", argument{}
}

// ofResults are members that results have beside their columns.
var ofResults = map[string]bool{"fetchone": true, "fetchall": true, "fetchmany": true, "fetchval": true, "first": true, "one": true, "all": true, "mappings": true, "scalar": true, "scalars": true, "scalar_one": true,
	"one_or_none": true, "keys": true, "items": true, "values": true, "get": true, "execute": true, "close": true, "commit": true, "cursor": true, "count": true, "index": true}

// alone are methods of results that give a row, or the only column of it.
var alone = map[string]bool{"scalar": true, "scalar_one": true, "scalar_one_or_none": true, "fetchval": true, "first": true, "one": true, "one_or_none": true, "get": true, "last": true}

// onlyColumn makes a row of but one column what that holds, too: nobody knows which is asked for.
func (a *analysis) onlyColumn(fr *frame, v *value, e ast.Node) *value {
	list := a.columns(v.statement())
	if len(list) != 1 || list[0].name == "*" || list[0].in == "" {
		return v
	}
	w := *v
	w.marks = joinMarks(v.marks, a.inColumn(fr, v, list[0].in, e).marks)
	return &w
}

var (
	insertText  = match.Lazy(`(?is)^\s*(?:insert|replace)\s+(?:or\s+\w+\s+|ignore\s+)?into\s+([\w."` + "`" + `\[\]]+)\s*(?:\(([^()]*)\)\s*)?values\s*\((.*)\)`)
	createText  = match.Lazy(`(?is)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([\w."` + "`" + `\[\]]+)\s*\(`)
	updateText  = match.Lazy(`(?is)^\s*update\s+([\w."` + "`" + `\[\]]+)(?:\s+(?:as\s+)?\w+)?\s+set\s+(.*?)(?:\s+where\s.*|\s+returning\s.*)?;?\s*$`)
	selectText  = match.Lazy(`(?is)\bselect\s+(?:distinct\s+)?(.*?)\s+from\s+(.*)`)
	tableText   = match.Lazy(`(?is)(?:^|\bjoin\s+|,\s*)([\w."` + "`" + `\[\]]+)(?:\s+(?:as\s+)?(\w+))?`)
	placeText   = match.Lazy(`\?|%s|%\((\w+)\)s|[:@](\w+)|\$(\d+)`)
	columnText  = match.Lazy(`(?is)^(?:(\w+)\.)?["` + "`" + `\[]?(\w+)["` + "`" + `\]]?(?:\s+(?:as\s+)?["` + "`" + `]?(\w+)["` + "`" + `]?)?$`)
	notAnAlias  = map[string]bool{"where": true, "join": true, "left": true, "inner": true, "right": true, "outer": true, "cross": true, "order": true, "group": true, "limit": true, "on": true, "natural": true, "using": true, "having": true, "union": true, "for": true}
	quotesOfSQL = strings.NewReplacer(`"`, "", "`", "", "[", "", "]", "")
)

// tableName is a table's name without its schema and its quotes.
func tableName(name string) string {
	name = quotesOfSQL.Replace(strings.ToLower(name))
	return name[strings.LastIndexByte(name, '.')+1:]
}

// sqlList are the parts of a list, outside of its parentheses.
func sqlList(s string) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, s[from:i]), i+1
			}
		}
	}
	return append(out, s[from:])
}

// storedBy notes what a statement stores of what it is given.
func (a *analysis) storedBy(c *callSite, sql string, text argument, v *value) {
	type item struct{ column, value string }
	var items []item
	var into string
	if m := insertText().FindStringSubmatch(sql); m != nil {
		into = tableName(m[1])
		columns, values := sqlList(m[2]), sqlList(m[3])
		if m[2] == "" && a.links != nil {
			columns = a.links.tables[into]
		}
		for i := range min(len(columns), len(values)) {
			items = append(items, item{columns[i], values[i]})
		}
	} else if m := updateText().FindStringSubmatch(sql); m != nil {
		into = tableName(m[1])
		for _, s := range sqlList(m[2]) {
			column, value, _ := strings.Cut(s, "=")
			items = append(items, item{column, value})
		}
	} else {
		return
	}
	given := c.args
	if i := slices.IndexFunc(given, func(x argument) bool { return x.node == text.node && x.node != nil }); i >= 0 {
		given = given[i+1:]
	}
	if len(given) == 0 {
		return
	}
	var box *object // of all that is given
	if ids := given[0].v.objects(); len(ids) == 1 {
		if o := c.st.object(ids[0]); o != nil && (o.class == nil && o.contained() || len(o.keys) > 0) {
			box = o
		}
	}
	next := 0
	for _, x := range items {
		for _, m := range placeText().FindAllStringSubmatch(x.value, -1) {
			var w *value
			switch name := m[1] + m[2]; {
			case name != "" && box != nil:
				w = box.at(strOf(name))
			case name != "":
				if i := slices.IndexFunc(given, func(x argument) bool { return x.name == name }); i >= 0 {
					w = given[i].v
				} else if len(given[0].v.objects()) == 0 {
					w = given[0].v
				}
			case m[3] != "":
				if n, _ := strconv.Atoi(m[3]); n > 0 && n <= len(given) {
					w = given[n-1].v
				}
			case box != nil:
				w = box.at(intOf(int64(next)))
				next++
			case len(given[0].v.objects()) == 0:
				w = given[0].v // a list that is not known
			}
			if w.tainted() || len(w.objects()) > 0 {
				a.storedIn(c.fr, c.st, into+"."+strings.ToLower(strings.TrimSpace(quotesOfSQL.Replace(x.column))), w, c.node)
			}
		}
	}
}

// creates notes the columns of the tables that a text creates.
func (f *Facts) creates(text string) {
	for _, at := range createText().FindAllStringSubmatchIndex(text, 50) {
		body := text[at[1]:]
		depth, end := 1, -1
		for i := range len(body) {
			switch body[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 {
				end = i
				break
			}
		}
		if end < 0 {
			continue
		}
		var list []string
		for _, s := range sqlList(body[:end]) {
			words := strings.Fields(quotesOfSQL.Replace(strings.ToLower(s)))
			if len(words) == 0 || constraints[words[0]] {
				continue
			}
			list = append(list, strings.Clone(words[0]))
		}
		if f.tables == nil {
			f.tables = map[string][]string{}
		}
		f.tables[strings.Clone(tableName(text[at[2]:at[3]]))] = list
	}
}

// constraints are words that begin what is no column of a table.
var constraints = map[string]bool{"primary": true, "foreign": true, "unique": true, "check": true, "constraint": true, "key": true, "index": true, "--": true}

// tablesIn are the columns of the tables that all files create.
func tablesIn(list []*Facts) map[string][]string {
	out := map[string][]string{}
	for _, f := range list {
		if f != nil {
			for name, columns := range f.tables {
				if len(out[name]) == 0 {
					out[name] = columns
				}
			}
		}
	}
	return out
}

// A column is one that a statement gives: its name in the result, and where it stands.
type column struct{ name, in string }

// columns are those that a statement gives, or one named * where it gives all of a table.
func (a *analysis) columns(sql string) []column {
	list, ok := a.selects[sql]
	if !ok {
		list = columnsOf(sql)
		if len(list) == 1 && list[0].name == "*" && a.links != nil && len(a.links.tables[list[0].in]) > 0 {
			of := list[0].in
			list = nil
			for _, name := range a.links.tables[of] {
				list = append(list, column{name, of + "." + name})
			}
		}
		a.selects[strings.Clone(sql)] = list
	}
	return list
}

func columnsOf(sql string) []column {
	m := selectText().FindStringSubmatch(sql)
	if m == nil || len(m[1]) > 1000 {
		return nil
	}
	tables := map[string]string{}
	first := ""
	from := m[2]
	for _, t := range tableText().FindAllStringSubmatch(from, 8) {
		name := tableName(t[1])
		if notAnAlias[name] {
			continue
		}
		if first == "" {
			first = name
		}
		tables[name] = name
		if alias := strings.ToLower(t[2]); alias != "" && !notAnAlias[alias] {
			tables[alias] = name
		}
	}
	var out []column
	for _, s := range sqlList(m[1]) {
		s = strings.TrimSpace(s)
		if s == "*" || strings.HasSuffix(s, ".*") {
			of := first
			if t := tables[strings.ToLower(strings.TrimSuffix(s, ".*"))]; t != "" {
				of = t
			}
			out = append(out, column{"*", of})
			continue
		}
		p := columnText().FindStringSubmatch(s)
		if p == nil {
			out = append(out, column{})
			continue
		}
		of := first
		if t := tables[strings.ToLower(p[1])]; t != "" {
			of = t
		}
		name := p[2]
		if p[3] != "" {
			name = p[3]
		}
		out = append(out, column{name, of + "." + strings.ToLower(p[2])})
	}
	return out
}

// columnNamed is what a row holds under a name, or nil.
func (a *analysis) columnNamed(fr *frame, v *value, name string, e ast.Node) *value {
	for _, c := range a.columns(v.statement()) {
		switch {
		case c.name == "*":
			return a.inColumn(fr, v, c.in+"."+strings.ToLower(name), e)
		case strings.EqualFold(c.name, name):
			return a.inColumn(fr, v, c.in, e)
		}
	}
	return nil
}

// columnAt is what a row holds at a place, or nil. As nobody knows whether v is a row or many, it
// stays a result as well.
func (a *analysis) columnAt(fr *frame, v *value, i int64, e ast.Node) *value {
	list := a.columns(v.statement())
	if i < 0 || i >= int64(len(list)) || list[i].in == "" || slices.ContainsFunc(list, func(c column) bool { return c.name == "*" }) {
		return v
	}
	w := *a.inColumn(fr, v, list[i].in, e)
	w.parts = v.parts
	return &w
}

// inColumn is what the database gives back of a column.
func (a *analysis) inColumn(fr *frame, v *value, in string, e ast.Node) *value {
	if in == "" {
		return marked(v.marks)
	}
	at := place{}
	if e != nil && fr != nil {
		at = a.at(fr, e)
	}
	m := a.mark(inDatabase, at, in)
	m.src.field = in
	return marked([]mark{m})
}

// columnsIn are the columns of a row that is given with a star: Reading(*row), Reading(**row).
func (a *analysis) columnsIn(x argument) (out []argument) {
	if x.star == 0 || x.v == nil || len(x.v.objs) > 0 || x.v.statement() == "" {
		return nil
	}
	for _, c := range a.columns(x.v.statement()) {
		if c.name == "*" {
			return nil
		}
		y := argument{v: a.ofColumn(nil, x.v, c, nil)}
		if x.star == 2 {
			y.name = c.name
		}
		out = append(out, y)
	}
	return out
}

// unpackRow gives each target its column, where a row is unpacked.
func (a *analysis) unpackRow(fr *frame, st *state, elts []ast.Expr, v *value, e ast.Node) bool {
	if v == nil || len(v.objs) > 0 || v.statement() == "" {
		return false
	}
	list := a.columns(v.statement())
	if len(list) != len(elts) || slices.ContainsFunc(list, func(c column) bool { return c.name == "*" }) || slices.ContainsFunc(elts, func(x ast.Expr) bool { return x.Kind() == ast.KindStarred }) {
		return false
	}
	for i, x := range elts {
		a.store(fr, st, x, a.ofColumn(fr, v, list[i], x))
	}
	return true
}

// ofColumn is what a row v has in a column: what the program stores there, or whatever a row may have.
func (a *analysis) ofColumn(fr *frame, v *value, c column, e ast.Node) *value {
	if c.in == "" {
		return marked(v.marks)
	}
	return a.inColumn(fr, v, c.in, e)
}
