package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
	"github.com/gambeson/gambeson/internal/source"
)

// SqlFromStrings judges statements that are put together from text.
var SqlFromStrings = rule.Check{File: sqlFromStrings}

// databases are methods that a database runs the text of, with its position. They need
// not be known by type: the text must be a statement as well.
var databases = map[string]int{
	"execute": 0, "executemany": 0, "executescript": 0, "raw": 0, "exec_driver_sql": 0, "execute_sql": 0, "execute_query": 0, "execute_async": 0,
	"read_sql": 0, "read_sql_query": 0, "sql": 0, "query": 0, "fetch": 0, "fetchrow": 0, "fetchval": 0, "fetch_all": 0, "fetch_one": 0, "fetch_val": 0,
	"mogrify": 0, "from_statement": 0, "prepare": 0, "copy_expert": 0, "exec": 0, "iterate": 0, "query_and_wait": 0, "run_query": 0, "execute_command": 0,
	"scalar": 0, "scalars": 0, "stream": 0, "op_execute": 0, "run": 0, "cursor": 0,
}

// fragments are functions that mark any text as SQL, also a part of a statement.
var fragments = []string{
	"sqlalchemy.text", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text", "sqlalchemy.literal_column", "sqlalchemy.sql.literal_column", "sqlalchemy.DDL",
	"sqlalchemy.sql.expression.literal_column", "sqlalchemy.schema.DDL", "psycopg2.sql.SQL", "psycopg.sql.SQL", "peewee.SQL",
}

type sqlFile struct {
	p    *rule.Pass
	done []source.Span
	long map[ast.Expr]bool // long sums of strings that audit has seen
}

func sqlFromStrings(p *rule.Pass) {
	s := &sqlFile{p: p}
	var builders []ast.Expr
	nodes := p.Tree.Nodes()
	for id, kind := range p.Tree.Kinds() {
		switch ast.Kind(kind) {
		case ast.KindCall:
			c := nodes[id].(*ast.Call)
			if q, sure := query(p, c); q != nil && p.Live(c) {
				s.reaches(c, q, sure)
			}
			if f, ok := c.Func.(*ast.Attribute); ok && (f.Attr == "format" || f.Attr == "join" || f.Attr == "replace") && begins(p, c, 0) {
				builders = append(builders, c)
			}
		case ast.KindJoinedStr:
			if e := nodes[id].(*ast.JoinedStr); begins(p, e, 0) {
				builders = append(builders, e)
			}
		case ast.KindBinOp:
			if e := nodes[id].(*ast.BinOp); (e.Op == ast.Add || e.Op == ast.Mod) && begins(p, e, 0) {
				builders = append(builders, e)
			}
		}
	}
	for _, e := range builders {
		s.builds(e)
	}
	if !p.Audit {
		return
	}
	for n := range p.Tree.Of(ast.KindConstant) {
		if c := n.(*ast.Constant); c.ConstKind() == ast.Str && !c.IsPart() && p.Live(c) {
			s.audit(c)
		}
	}
}

// begins says whether the first piece of a text may begin a statement, without taking the
// text apart: few texts do.
func begins(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 8 {
		return false
	}
	switch e := e.(type) {
	case *ast.Constant:
		return e.ConstKind() == ast.Str && verb(e.Raw)
	case *ast.JoinedStr:
		if len(e.Values) == 0 {
			return false
		}
		switch v := e.Values[0].(type) {
		case *ast.Constant:
			return verb(v.Raw)
		case *ast.FormattedValue:
			return begins(p, v.Value, depth+1)
		}
	case *ast.BinOp:
		var left ast.Expr = e
		for {
			b, ok := left.(*ast.BinOp)
			if !ok {
				return begins(p, left, depth+1)
			}
			left = b.Left
		}
	case *ast.Call:
		f, ok := e.Func.(*ast.Attribute)
		if !ok {
			return len(e.Args) > 0 && begins(p, e.Args[0], depth+1)
		}
		if (f.Attr == "join" || f.Attr == "dedent") && len(e.Args) == 1 {
			if list, ok := ast.Elements(e.Args[0]); ok {
				return len(list) > 0 && begins(p, list[0], depth+1)
			}
			return begins(p, e.Args[0], depth+1)
		}
		return begins(p, f.Value, depth+1)
	case *ast.List:
		return len(e.Elts) > 0 && begins(p, e.Elts[0], depth+1)
	case *ast.Name, *ast.Attribute:
		if v, ok := p.Const(e); ok {
			return verb(v.Str)
		}
		for _, v := range p.Values(e) {
			if v != e && begins(p, v, depth+1) {
				return true
			}
		}
		for _, b := range p.Bindings(e) { // also where it is added to
			if a, ok := b.(*ast.Assign); ok && a.Value != nil && a.Value.Kind() != ast.KindName && begins(p, a.Value, depth+4) {
				return true
			}
		}
	}
	return false
}

// verb says whether a literal, with its quotes or without, begins with a word that
// statements begin with.
func verb(raw string) bool {
	s := raw
	if i := strings.IndexAny(raw[:min(len(raw), 4)], `'"`); i >= 0 {
		s = strings.TrimLeft(raw[i:], `'"`)
	}
	for {
		t := strings.TrimLeft(s, " \t\r\n(")
		t = strings.TrimPrefix(strings.TrimPrefix(t, `\n`), "\\\n")
		if len(t) == len(s) {
			break
		}
		s = t
	}
	if len(s) < 4 {
		return false
	}
	switch s[0] | 0x20 {
	case 's', 'i', 'u', 'd', 'w', 'm', 'r':
	default:
		return false
	}
	w := strings.ToLower(s[:min(len(s), 7)])
	for _, v := range []string{"select", "insert", "update", "delete", "with", "merge", "replace"} {
		if strings.HasPrefix(w, v) {
			return true
		}
	}
	return false
}

// query returns the text that a call gives to a database, or nil. It is sure where the
// function takes nothing but SQL.
func query(p *rule.Pass, c *ast.Call) (text ast.Expr, sure bool) {
	switch f := c.Func.(type) {
	case *ast.Attribute:
		if at, ok := databases[f.Attr]; ok {
			for _, name := range []string{"sql", "query", "statement", "operation", "raw_query"} {
				if e := program.Arg(c, at, name); e != nil {
					return e, false
				}
			}
			return nil, false
		}
		if f.Attr != "text" && f.Attr != "SQL" && f.Attr != "DDL" && f.Attr != "literal_column" {
			return nil, false
		}
	case *ast.Name:
		if _, ok := databases[f.Ident]; ok && len(c.Args) > 0 && p.Is(f, "pandas.read_sql", "pandas.read_sql_query", "alembic.op.execute", "duckdb.sql", "duckdb.query", "duckdb.execute") {
			return c.Args[0], false
		}
	default:
		return nil, false
	}
	if len(c.Args) > 0 && p.Is(c.Func, fragments...) {
		return c.Args[0], true
	}
	return nil, false
}

func (s *sqlFile) overlaps(at source.Span) bool {
	for _, d := range s.done {
		if at.Start < d.End && d.Start < at.End {
			return true
		}
	}
	return false
}

// reaches judges a text that a database is given.
func (s *sqlFile) reaches(c *ast.Call, q ast.Expr, sure bool) {
	p := s.p
	if call, ok := q.(*ast.Call); ok {
		if inner, _ := query(p, call); inner != nil {
			return // execute(text(…)): the inner call is judged
		}
	}
	t := text.Split(p.Unit, q)
	if !t.Built || len(t.Holes()) == 0 || !sure && !isStatement(t.String()) || s.overlaps(t.At.Span()) {
		return
	}
	f := s.report(t, c)
	if f == nil {
		return
	}
	if t.At != q {
		// Where it runs is where harm is done; auditors and other tools look where it is built.
		if p.Audit {
			f.Because(c, "and a database is given it here")
		} else {
			f.Move(q).Because(t.At, "it is put together here")
		}
	}
	if !f.AuditOnly {
		parametrise(p, c, q, t, f)
	}
}

// builds judges a text that is put together, wherever it goes.
func (s *sqlFile) builds(e ast.Expr) {
	p := s.p
	if !p.Live(e) || nested(p, e) || s.overlaps(e.Span()) {
		return
	}
	t := text.Split(p.Unit, e)
	if !t.Built || len(t.Holes()) == 0 || !isPlainStatement(t.String()) {
		return
	}
	if f := s.report(t, nil); f != nil && spoken(p, e) {
		f.ForAudit(true)
	}
}

// nested says whether e only contributes to a larger text.
func nested(p *rule.Pass, e ast.Expr) bool {
	switch n := p.Parent(e).(type) {
	case *ast.BinOp:
		return n.Op == ast.Add || n.Op == ast.Mod
	case *ast.FormattedValue:
		return true
	case *ast.Attribute:
		return n.Attr == "format" || n.Attr == "join" || n.Attr == "replace"
	}
	return false
}

// spoken says whether a text is for people: logged, printed or raised.
func spoken(p *rule.Pass, e ast.Expr) bool {
	for n := p.Parent(e); n != nil; n = p.Parent(n) {
		switch n := n.(type) {
		case *ast.Raise, *ast.Assert:
			return true
		case *ast.Call:
			name := ""
			switch f := n.Func.(type) {
			case *ast.Attribute:
				name = f.Attr
			case *ast.Name:
				name = f.Ident
			}
			switch name {
			case "print", "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "write", "echo", "secho", "skip", "fail", "_", "gettext",
				"assertEqual", "assertIn", "add_argument", "ValueError", "RuntimeError":
				return true
			}
		case ast.Stmt:
			return false
		}
	}
	return false
}

// report makes the finding for a statement with holes, which a database is given in a call, if that
// is in sight. It returns nil where the audit profile's own pass will see it.
func (s *sqlFile) report(t *text.Text, call *ast.Call) *rule.Found {
	p := s.p
	free := t.Free(p.Unit, func(e ast.Expr) bool { return escaped(p, e) })
	if len(free) == 0 {
		return nil
	}
	where := positions(t)
	ddl := schema().MatchString(t.String())
	var worst text.Part
	rank := -1
	for _, h := range free {
		r := grade(p, h.Expr, where[h.Expr], call != nil)
		if saidBy(p, h.Expr, call) {
			r = min(r, 0)
		}
		if ddl && where[h.Expr] == clause {
			r = min(r, 0) // tools that write schemas have no parameters to use
		}
		if r > rank {
			worst, rank = h, r
		}
	}
	if rank < 0 {
		return nil
	}
	s.done = append(s.done, t.At.Span())
	what := excerpt(p, worst.Expr)
	f := p.Report(t.At, "SQL is built with %s in it.", what)
	switch where[worst.Expr] {
	case identifier:
		f.Message = "SQL is built with a name from " + what + " in it."
		f.Advise("compare %s with a set of allowed names: a name cannot be a parameter", what)
	case inQuotes:
		f.Message = "SQL is built with " + what + " between quotes, which it can end."
	case clause:
		f.Message = "SQL is built with " + what + " in it, whatever that is."
	}
	switch {
	case rank >= 4:
		f.With(finding.High, finding.HighConfidence)
	case rank == 3:
		f.With(finding.Medium, finding.HighConfidence)
	case rank == 2:
		f.With(finding.Medium, finding.MediumConfidence)
	case rank == 1 && where[worst.Expr] == identifier:
		f.With(finding.Medium, finding.LowConfidence)
	case rank == 1:
		f.With(finding.Medium, finding.MediumConfidence)
	default:
		f.With(finding.Medium, finding.LowConfidence).ForAudit(true)
	}
	if h := worst.Expr.Span(); h.Start < t.At.Start() || h.End > t.At.End() {
		f.Because(worst.Expr, "this is put into it")
	}
	return f
}

// saidBy says whether a part is an attribute of the database that is given the statement: how it
// writes the time, or a type.
func saidBy(p *rule.Pass, e ast.Expr, call *ast.Call) bool {
	at, ok := e.(*ast.Attribute)
	if !ok || call == nil {
		return false
	}
	f, ok := call.Func.(*ast.Attribute)
	return ok && p.Text(at.Value) == p.Text(f.Value) && p.Text(f.Value) != "self"
}

// grade says how much a part matters: 4 for a value from outside, 3 and 2 for another, 1 for a name or condition of
// unknown origin, 0 for auditors, -1 for nobody.
func grade(p *rule.Pass, e ast.Expr, at position, reaches bool) int {
	_, isCall := e.(*ast.Call)
	_, isAttr := e.(*ast.Attribute)
	switch at {
	case inQuotes, value:
		switch {
		case !reaches:
			return 2
		case outside(p, e):
			return 4
		case p.IsParameter(e):
			return 3
		}
		return 2
	case identifier:
		if reaches && !isCall && !isAttr {
			return 1
		}
		return 0
	}
	if reaches && !isCall && !isAttr {
		return 1
	}
	return 0
}

// audit is the wide net: a string that looks like SQL anywhere in it and is part of
// something that builds text.
func (s *sqlFile) audit(c *ast.Constant) {
	p := s.p
	var stmt string
	var root ast.Expr
	switch n := p.Parent(c).(type) {
	case *ast.BinOp:
		top, steps := n, 0
		for {
			up, ok := p.Parent(top).(*ast.BinOp)
			if !ok {
				break
			}
			top = up
			steps++
		}
		if s.long[top] {
			return
		}
		bits := []string{c.Str()}
		gather(top, n, &bits)
		if steps > 50 { // once is enough: a table of ten thousand strings is not looked at as often
			if s.long == nil {
				s.long = map[ast.Expr]bool{}
			}
			s.long[top] = true
			bits = bits[:0]
			gather(top, nil, &bits)
		}
		stmt, root = strings.Join(bits, " "), top
	case *ast.Attribute:
		if n.Attr != "format" && n.Attr != "replace" {
			return
		}
		stmt, root = c.Str(), n
		if call, ok := p.Parent(n).(*ast.Call); ok {
			root = call
		}
	case *ast.JoinedStr:
		var b strings.Builder
		for i, v := range n.Values {
			if x, ok := v.(*ast.Constant); ok {
				if i > 0 && b.Len() == 0 && x.ID() != c.ID() {
					return
				}
				b.WriteString(x.Str())
			}
		}
		stmt, root = b.String(), n
	default:
		return
	}
	if s.overlaps(root.Span()) || !simple().MatchString(stmt) {
		return
	}
	s.done = append(s.done, root.Span())
	p.Report(root, "This looks like SQL that is put together from text.").ForAudit(true).With(finding.Low, finding.LowConfidence)
}

// gather collects the strings of a tree of operators, but for one part of it.
func gather(n, stop *ast.BinOp, bits *[]string) {
	if n == stop {
		return
	}
	for _, side := range []ast.Expr{n.Left, n.Right} {
		switch x := side.(type) {
		case *ast.BinOp:
			gather(x, stop, bits)
		case *ast.Constant:
			if x.ConstKind() == ast.Str {
				*bits = append(*bits, x.Str())
			}
		}
	}
}

// parametrise rewrites execute(f"… = {x}") to execute("… = ?", (x,)), where the driver
// and so the sign for a parameter is known.
func parametrise(p *rule.Pass, c *ast.Call, q ast.Expr, t *text.Text, f *rule.Found) {
	fn, ok := c.Func.(*ast.Attribute)
	if !ok || fn.Attr != "execute" || len(c.Args) != 1 || len(c.Keywords) > 0 || t.At != q {
		return
	}
	for _, at := range positions(t) {
		if at != value && at != inQuotes {
			return
		}
	}
	mark := paramMark(p, fn.Value)
	if mark == "" {
		return
	}
	var sql string
	var args []string
	switch e := q.(type) {
	case *ast.JoinedStr:
		sql, args = fromFString(p, e, mark)
	case *ast.BinOp:
		if e.Op == ast.Mod {
			sql, args = fromPercent(p, e, mark)
		}
	}
	if sql == "" || len(args) == 0 {
		return
	}
	tuple := "(" + strings.Join(args, ", ") + ")"
	if len(args) == 1 {
		tuple = "(" + args[0] + ",)"
	}
	f.ReviewFix("give the values to execute", p.Replace(q, sql+", "+tuple))
}

// paramMark is the sign for a parameter of the driver that the file uses, if it is one.
func paramMark(p *rule.Pass, receiver ast.Expr) string {
	marks := map[string]string{
		"sqlite3": "?", "aiosqlite": "?", "duckdb": "?", "pyodbc": "?",
		"psycopg2": "%s", "psycopg": "%s", "pymysql": "%s", "MySQLdb": "%s", "mysql": "%s", "aiomysql": "%s", "django": "%s", "snowflake": "%s",
	}
	for _, n := range p.Names(receiver) {
		top, _, _ := strings.Cut(n, ".")
		if m := marks[top]; m != "" {
			return m
		}
	}
	found := ""
	for _, s := range p.Tree.Nodes() {
		var names []string
		switch s := s.(type) {
		case *ast.Import:
			for _, a := range s.Names {
				names = append(names, a.Name)
			}
		case *ast.ImportFrom:
			names = append(names, s.Module)
		}
		for _, n := range names {
			top, _, _ := strings.Cut(n, ".")
			if top == "sqlalchemy" || top == "asyncpg" {
				return ""
			}
			if m := marks[top]; m != "" && (top != "django" || strings.HasPrefix(n, "django.db")) {
				if found != "" && found != m {
					return ""
				}
				found = m
			}
		}
	}
	return found
}

// fromFString turns a single f-string literal into a plain one.
func fromFString(p *rule.Pass, e *ast.JoinedStr, mark string) (string, []string) {
	src := p.Text(e)
	if len(src) < 3 || src[0] != 'f' && src[0] != 'F' || strings.ContainsAny(src, "\\%") {
		return "", nil
	}
	_, body := ast.Unquote(src)
	open := src[1 : len(src)-len(body)]
	if n := (len(src) - 1 - len(body)) / 2; len(open) < n {
		return "", nil
	}
	var b strings.Builder
	var args []string
	at := e.Start() + 1
	for _, v := range e.Values {
		fv, ok := v.(*ast.FormattedValue)
		if !ok {
			continue
		}
		if fv.Conversion > 0 || fv.FormatSpec != nil {
			return "", nil
		}
		piece := p.File.Text(source.Span{Start: at, End: fv.Start()})
		if strings.HasSuffix(piece, "'") && p.File.Text(source.Span{Start: fv.End(), End: fv.End() + 1}) == "'" && len(piece) > 1 {
			piece = piece[:len(piece)-1]
			at = fv.End() + 1
		} else {
			at = fv.End()
		}
		b.WriteString(piece + mark)
		arg := p.Text(fv.Value)
		if strings.ContainsAny(arg, "\n") || !text.Movable(fv.Value) {
			return "", nil
		}
		args = append(args, arg)
	}
	b.WriteString(p.File.Text(source.Span{Start: at, End: e.End()}))
	sql := b.String()
	// Several literals side by side would leave an f behind, and {{ means {.
	if strings.ContainsAny(sql, "{}") || strings.Count(strings.Trim(sql, sql[:1]), sql[:1]) > 0 {
		return "", nil
	}
	return sql, args
}

// fromPercent turns "… %s" % (a, b) into its two sides.
func fromPercent(p *rule.Pass, e *ast.BinOp, mark string) (string, []string) {
	c, ok := e.Left.(*ast.Constant)
	if !ok || c.Next != nil {
		return "", nil
	}
	src := p.Text(c)
	if strings.Contains(src, "\\") || strings.Count(src, "%") != strings.Count(src, "%s") {
		return "", nil
	}
	var args []string
	switch r := e.Right.(type) {
	case *ast.Tuple:
		for _, x := range r.Elts {
			if x.Kind() == ast.KindStarred {
				return "", nil
			}
			args = append(args, p.Text(x))
		}
	case *ast.Dict:
		return "", nil
	default:
		args = []string{p.Text(r)}
	}
	if strings.Count(src, "%s") != len(args) || strings.Contains(strings.Join(args, ""), "\n") {
		return "", nil
	}
	quote := src[len(src)-1:]
	if quote != "'" {
		src = strings.ReplaceAll(src, "'%s'", "%s")
	}
	if strings.Contains(src, "'%") || strings.Contains(src, "%s'") {
		return "", nil
	}
	return strings.ReplaceAll(src, "%s", mark), args
}
