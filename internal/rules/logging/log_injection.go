package logging

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// LogInjection looks at log calls that write a part of the request as it came. What
// takes a longer way from the request to the log is followed by the taint rules.
var LogInjection = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: injected}

func injected(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	if !levels[args.Callee(c)] {
		return
	}
	written, ok := logCall(p, c)
	if !ok || structured(p, c) {
		return
	}
	quoted := quotedFields(p, written)
	for i, a := range written {
		if i > 0 && quoted[i-1] {
			continue
		}
		if e := raw(p, a, 0); e != nil {
			f := p.Report(e, "A part of the request is written to the log as it came: line breaks in it make entries of their own.")
			switch up := p.Parent(e).(type) {
			case *ast.FormattedValue:
				if up.Conversion <= 0 && up.FormatSpec == nil {
					f.SafeFix("write it quoted", p.Replace(up, "{"+p.Text(e)+"!r}"))
				}
			case *ast.Call:
				if up == c && i > 0 {
					f.SafeFix("write it quoted", p.Replace(e, "repr("+p.Text(e)+")"))
				}
			}
			return
		}
	}
}

// structured loggers write values as JSON, where line breaks are escaped.
func structured(p *rule.Pass, c *ast.Call) bool {
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		return false
	}
	for _, n := range p.Names(f.Value) {
		if len(n) > 9 && n[:9] == "structlog" {
			return true
		}
	}
	return false
}

// quotedFields says which arguments a format of %r and %d shows harmlessly.
func quotedFields(p *rule.Pass, written []ast.Expr) map[int]bool {
	out := map[int]bool{}
	if len(written) < 2 {
		return out
	}
	s, _ := p.Str(written[0])
	at := 0
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		i++
		for i < len(s) && (s[i] == '-' || s[i] == '.' || s[i] >= '0' && s[i] <= '9') {
			i++
		}
		if i == len(s) || s[i] == '%' {
			continue
		}
		out[at] = s[i] == 'r' || s[i] == 'd' || s[i] == 'i' || s[i] == 'x' || s[i] == 'f' || s[i] == 'a'
		at++
	}
	return out
}

// raw finds a part of the request in what is written, as it came.
func raw(p *rule.Pass, e ast.Expr, depth int) ast.Expr {
	if depth > 6 || e == nil {
		return nil
	}
	switch e := e.(type) {
	case *ast.JoinedStr:
		for _, v := range e.Values {
			if f, ok := v.(*ast.FormattedValue); ok && f.Conversion != 'r' && f.Conversion != 'a' {
				if found := raw(p, f.Value, depth+1); found != nil {
					return found
				}
			}
		}
		return nil
	case *ast.BinOp:
		if e.Op != ast.Add && e.Op != ast.Mod {
			return nil
		}
		if e.Op == ast.Mod {
			if t, ok := e.Right.(*ast.Tuple); ok {
				quoted := quotedFields(p, append([]ast.Expr{e.Left}, t.Elts...))
				for i, x := range t.Elts {
					if !quoted[i] {
						if found := raw(p, x, depth+1); found != nil {
							return found
						}
					}
				}
				return nil
			}
			if quotedFields(p, []ast.Expr{e.Left, e.Right})[0] {
				return nil
			}
		}
		if found := raw(p, e.Left, depth+1); found != nil {
			return found
		}
		return raw(p, e.Right, depth+1)
	case *ast.Call:
		if args.Callee(e) == "format" {
			for _, a := range e.Args {
				if found := raw(p, a, depth+1); found != nil {
					return found
				}
			}
			return nil
		}
	}
	if request(p, e) && text(p, e) {
		return e
	}
	return nil
}

// text says whether a part of the request is text as it came: whole dictionaries are
// shown with repr, which escapes.
func text(p *rule.Pass, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Attribute:
		switch e.Attr {
		case "url", "path", "full_path", "user_agent", "referrer", "base_url":
			return false // percent-encoded, or escaped by the server
		case "data", "body", "query_string":
			return false // bytes
		}
		return false
	case *ast.Name:
		for _, v := range p.Values(e) {
			if v != ast.Expr(e) && text(p, v) {
				return true
			}
		}
		return args.Handed(p.Unit, e)
	case *ast.Subscript:
		key, _ := p.Str(e.Slice)
		return !byServer(key)
	case *ast.Call:
		switch args.Callee(e) {
		case "get_json", "get_data", "to_dict", "getlist", "getall":
			return false
		case "get":
			if len(e.Args) > 0 {
				key, _ := p.Str(e.Args[0])
				return !byServer(key)
			}
		}
		return true
	}
	return true
}

// byServer says whether a key of META or of the WSGI environment is the server's own: it
// has no line breaks in it.
func byServer(key string) bool {
	switch key {
	case "REMOTE_ADDR", "REMOTE_PORT", "REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "CONTENT_LENGTH", "wsgi.url_scheme":
		return true
	}
	return false
}
