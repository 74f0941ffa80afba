package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// What the rules about SQL share: telling a statement from prose, and the place of what
// is put into it.

// started says whether a text that a database is given begins as a statement.
var started = match.Lazy(`(?is)^[\s(]*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:` +
	`select\b|insert\s+(?:or\s+\w+\s+|ignore\s+|overwrite\s+)?(?:into|table)?\b|replace\s+into\b|update\s+.*?\bset\b|delete\s+(?:from\b|\x00)|merge\s+into\b|` +
	`with\s+(?:recursive\s+)?\S+.*?\bas\s*\(|` +
	`(?:create|alter|drop|rename)\s+(?:or\s+replace\s+|unique\s+|temp(?:orary)?\s+|materialized\s+|global\s+|virtual\s+|external\s+)*(?:table|index|view|database|schema|user|role|function|procedure|trigger|sequence|type|extension|policy|\x00)|` +
	`truncate\s|pragma\s|grant\s.*\b(?:to|on)\b|revoke\s|exec(?:ute)?\s+\S|call\s+\S+?\s*\(|explain\s|attach\s|detach\s|set\s+.*(?:=|\bto\b)|show\s+\w+|describe\s|use\s|lock\s+tables?\b|copy\s+.*\b(?:from|to)\b|load\s+data|optimize\s+table|savepoint\s|notify\s|listen\s)`)

// holed is started for a text that begins with a part that is not constant.
var holed = match.Lazy(`(?is)^\W*\x00.*?\b(?:select\b.*\bfrom|insert\s+into|update\b.*\bset|delete\s+from|where\s|values\s*\(|order\s+by|limit\s)`)

// Statements that need not reach a database to be recognised: written in capitals, or
// with more of SQL's grammar than prose could have by chance.
var (
	capitals = match.Lazy(`(?s)^[\s(]*(?:SELECT\s.*\sFROM\s|INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s.*\sAS\s*\(.*SELECT\s|MERGE\s+INTO\s|REPLACE\s+INTO\s)`)
	grammar  = match.Lazy("(?is)^[\\s(]*(?:" +
		"select\\s+(?:distinct\\s+)?(?:\\*|[\\w.\"`\\x00()*]+(?:\\s*,\\s*[\\w.\"`\\x00()*]+)*)\\s+from\\s+[\\w.\"`\\x00]+\\s*(?:\\w+\\s+)?(?:where\\s+[\\w.\"`\\x00]+\\s*(?:=|<|>|!|in\\b|like\\b|is\\b|not\\b|between\\b)|join\\s|order\\s+by|group\\s+by|limit\\s|;)|" +
		"insert\\s+into\\s+[\\w.\"`\\x00]+\\s*(?:\\([^)]*\\)\\s*)?(?:values\\s*\\(|select\\s)|" +
		"update\\s+[\\w.\"`\\x00]+\\s+set\\s+[\\w.\"`\\x00]+\\s*=|" +
		"delete\\s+from\\s+[\\w.\"`\\x00]+\\s+where\\s+[\\w.\"`\\x00]+\\s*(?:=|<|>|!|in\\b|like\\b|is\\b))")
)

// simple is the pattern that people who come from Bandit know: for the audit profile.
var simple = match.Lazy(`(?is)(?:select\s.*from\s|delete\s+from\s|insert\s+into\s.*values[\s(]|update\s.*set\s)`)

// schema is a statement about tables, not about what is in them.
var schema = match.Lazy(`(?i)^\s*(?:create|alter|drop|comment|rename)\s`)

// isStatement judges a text that reaches a database.
func isStatement(s string) bool { return started().MatchString(s) || holed().MatchString(s) }

// isPlainStatement judges a text of unknown use.
func isPlainStatement(s string) bool { return capitals().MatchString(s) || grammar().MatchString(s) }

// A position is where in a statement a part stands.
type position uint8

const (
	clause     position = iota // a condition, a list, the rest of the statement
	value                      // what a parameter can be used for
	inQuotes                   // a value between quotes
	identifier                 // the name of a table or column
)

var lastWord = match.Lazy(`(?i)([a-z_]+)\s*\(?\s*$`)
var compared = match.Lazy(`(?i)^["` + "`" + `\])]*\s*(?:=|<|>|!=|like\b|ilike\b|in\b|is\b|between\b|asc\b|desc\b|not\b)`)

// positions classifies the holes of a statement, in the order of its parts.
func positions(t *text.Text) map[ast.Expr]position {
	out := map[ast.Expr]position{}
	var before strings.Builder
	quote := byte(0)
	for i, part := range t.Parts {
		if part.Expr == nil {
			for k := 0; k < len(part.Const); k++ {
				switch ch := part.Const[k]; {
				case quote == 0 && (ch == '\'' || ch == '"' || ch == '`'):
					quote = ch
				case ch == quote:
					quote = 0
				}
			}
			before.WriteString(part.Const)
			continue
		}
		after := ""
		if i+1 < len(t.Parts) {
			after = t.Parts[i+1].Const
		}
		if old, ok := out[part.Expr]; !ok || old == identifier {
			out[part.Expr] = place(before.String(), after, quote)
		}
		before.WriteString("x")
	}
	return out
}

func place(before, after string, quote byte) position {
	switch quote {
	case '\'':
		return inQuotes
	case '`':
		return identifier
	case '"': // a name in standard SQL, a string in MySQL
		b := strings.TrimRight(before[:strings.LastIndexByte(before, '"')], " \n\t")
		if strings.HasSuffix(b, "=") || strings.HasSuffix(strings.ToLower(b), "like") {
			return inQuotes
		}
		return identifier
	}
	b := strings.TrimRight(before, " \t\r\n")
	if b == before { // glued to a word: log_{year}, schema.{table}
		b = strings.TrimRight(b, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
		b = strings.TrimRight(b, " \t\r\n")
	}
	if b == "" {
		return clause
	}
	switch b[len(b)-1] {
	case '=', '<', '>', '+', '-', '/', '%':
		return value
	case '.', '"', '`', '[':
		return identifier
	case '*':
		return clause
	}
	if compared().MatchString(after) && !strings.HasSuffix(b, ",") {
		return identifier
	}
	word := ""
	if m := lastWord().FindStringSubmatch(b); m != nil {
		word = strings.ToLower(m[1])
	}
	open := b[len(b)-1] == '(' || b[len(b)-1] == ','
	switch word {
	case "like", "ilike", "between", "limit", "offset", "values", "in", "interval", "top", "any", "escape", "regexp", "then", "else", "default", "password":
		return value
	case "from", "join", "into", "update", "table", "view", "index", "database", "schema", "select", "distinct", "by", "pragma", "trigger", "column",
		"user", "role", "exists", "as", "only", "drop", "alter", "on", "to", "use", "describe", "explain", "truncate", "add", "constraint", "references", "owner", "function",
		"procedure", "sequence", "extension", "type", "call", "exec", "execute", "grant", "collate", "attach", "detach", "analyze", "vacuum", "table_info",
		"index_list", "tables", "columns", "savepoint", "notify", "listen":
		return identifier
	case "where", "and", "or", "having", "set", "not", "when":
		if open {
			return value
		}
		return clause
	}
	if open { // one of a list: of what, the last keyword says
		switch key := lastKeyword(b); key {
		case "values", "in", "where", "and", "or", "having", "limit":
			return value
		case "set":
			return clause
		case "":
			return clause
		}
		if b[len(b)-1] == '(' && word != "" && lastKeyword(b) != "into" && lastKeyword(b) != "table" {
			return value // an argument of a function
		}
		return identifier
	}
	return clause
}

var keywords = match.Lazy(`(?i)\b(select|from|join|into|table|set|where|and|or|having|values|in|limit|by|on)\b`)

func lastKeyword(s string) string {
	m := keywords().FindAllString(s, -1)
	if len(m) == 0 {
		return ""
	}
	return strings.ToLower(m[len(m)-1])
}

// escaped says whether e was quoted for SQL by a function that says so.
func escaped(p *rule.Pass, e ast.Expr) bool { return escapedDepth(p, e, 0) }

func escapedDepth(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 6 {
		return false
	}
	switch e := e.(type) {
	case *ast.Call:
		name := ""
		switch f := e.Func.(type) {
		case *ast.Attribute:
			name = f.Attr
		case *ast.Name:
			name = f.Ident
		}
		if p.Is(e.Func, "builtins.map") && len(e.Args) == 2 {
			if a, ok := e.Args[0].(*ast.Attribute); ok {
				name = a.Attr
			} else if a, ok := e.Args[0].(*ast.Name); ok {
				name = a.Ident
			}
		}
		name = strings.ToLower(name)
		for _, w := range []string{"quote", "escape", "sanitize", "sanitise", "literal", "mogrify", "placeholder", "identifier"} {
			if strings.Contains(name, w) {
				return true
			}
		}
		if name == "as_string" || name == "as_sql" || name == "compile" || name == "param_marker" || name == "format_param" {
			return true
		}
		if name == "join" && len(e.Args) == 1 {
			return escapedDepth(p, e.Args[0], depth+1)
		}
		if p.Is(e.Func, "builtins.str", "builtins.list") && len(e.Args) == 1 {
			return escapedDepth(p, e.Args[0], depth+1)
		}
	case *ast.ListComp:
		return escapedDepth(p, e.Elt, depth+1)
	case *ast.GeneratorExp:
		return escapedDepth(p, e.Elt, depth+1)
	case *ast.Subscript:
		return escapedDepth(p, e.Value, depth+1)
	case *ast.Name:
		v := p.Values(e)
		if len(v) == 1 && v[0] == ast.Expr(e) {
			for _, b := range p.Bindings(e) {
				// sql, params = query.as_sql()
				if a, ok := b.(*ast.Assign); !ok || !escapedDepth(p, a.Value, depth+1) {
					return false
				}
			}
			return len(p.Bindings(e)) > 0
		}
		for _, x := range v {
			if !text.Fixed(p.Unit, x) && !escapedDepth(p, x, depth+1) {
				return false
			}
		}
		return len(v) > 0
	}
	return false
}
