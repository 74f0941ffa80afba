package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// AssertAsGuard tells assertions that decide who may do something from those that only
// remind the reader. Bandit's option skips, names of files, is honoured.
var AssertAsGuard = rule.Check{Kinds: []ast.Kind{ast.KindAssert}, Visit: assertAsGuard}

func assertAsGuard(p *rule.Pass, n ast.Node) {
	a := n.(*ast.Assert)
	if skipped(p) {
		return
	}
	why := guardsSecurity(p, a.Test)
	if why == "" {
		p.Report(a, "This assertion disappears when Python runs with -O.").ForAudit(true).With(finding.Low, finding.HighConfidence)
		return
	}
	f := p.Report(a, "%s is only checked by an assertion, which disappears when Python runs with -O.", why)
	if text, ok := asRaise(p, a); ok {
		f.ReviewFix("raise an exception instead", p.Replace(a, text))
	}
}

// skipped obeys Bandit's option.
func skipped(p *rule.Pass) bool {
	list, _ := p.Options["skips"].([]any)
	for _, x := range list {
		if s, ok := x.(string); ok && fnmatch(s, p.File.Path) {
			return true
		}
	}
	return false
}

// fnmatch is Python's, but for [classes]: * goes over slashes.
func fnmatch(pattern, path string) bool {
	star, back := -1, 0
	i := 0
	for j := 0; j < len(path); {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, back = i, j
			i++
		case i < len(pattern) && (pattern[i] == '?' || pattern[i] == path[j]):
			i++
			j++
		case star >= 0:
			back++
			i, j = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}

// proofs are names whose truth lets somebody in.
var proofs = map[string]bool{
	"is_authenticated": true, "is_admin": true, "is_staff": true, "is_superuser": true, "is_owner": true, "is_authorized": true, "is_authorised": true, "authorized": true,
	"authorised": true, "is_allowed": true, "has_perm": true, "has_perms": true, "has_permission": true, "has_permissions": true, "has_object_permission": true, "has_role": true,
	"has_scope": true, "has_access": true, "can_access": true, "can_edit": true, "can_delete": true, "can_view": true, "can_read": true, "can_write": true, "can_manage": true, "check_password": true,
	"check_password_hash": true, "verify_password": true, "verify_signature": true, "verify_token": true, "check_token": true, "check_permission": true, "check_permissions": true, "validate_csrf": true,
	"verify_csrf": true, "compare_digest": true, "is_logged_in": true, "logged_in": true, "authenticated": true, "isadmin": true, "checkpw": true, "is_safe_url": true,
	"url_has_allowed_host_and_scheme": true, "is_active_admin": true, "permitted": true, "is_permitted": true, "user_can": true, "constant_time_compare": true, "valid_signature": true, "signature_valid": true,
	"is_relative_to": true, "allowed_file": true, "is_moderator": true, "login": false,
}

// guardsSecurity says in words what the condition protects, or "".
func guardsSecurity(p *rule.Pass, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BoolOp:
		for _, v := range e.Values {
			if s := guardsSecurity(p, v); s != "" {
				return s
			}
		}
	case *ast.UnaryOp:
		return guardsSecurity(p, e.Operand)
	case *ast.NamedExpr:
		return guardsSecurity(p, e.Value)
	case *ast.Call:
		if p.Is(e.Func, "builtins.isinstance", "builtins.hasattr", "builtins.callable", "builtins.issubclass") {
			return ""
		}
		if p.Is(e.Func, "builtins.any", "builtins.all", "builtins.bool") && len(e.Args) == 1 {
			if g, ok := e.Args[0].(*ast.GeneratorExp); ok {
				return guardsSecurity(p, g.Elt)
			}
			return guardsSecurity(p, e.Args[0])
		}
		return proof(p, e.Func)
	case *ast.Await:
		return guardsSecurity(p, e.Value)
	case *ast.Name, *ast.Attribute:
		if a, ok := e.(*ast.Attribute); ok && right(a.Attr) && principal(p, a.Value) {
			return excerpt(p, e)
		}
		return proof(p, e)
	case *ast.Compare:
		return guardsByComparison(p, e)
	}
	return ""
}

// right says whether an attribute is a yes or no about somebody.
func right(name string) bool {
	for _, w := range []string{"is_", "has_", "can_", "may_"} {
		if strings.HasPrefix(name, w) {
			return true
		}
	}
	return false
}

// principal says whether e is whoever asks, also as a dependency of FastAPI gives it.
func principal(p *rule.Pass, e ast.Expr) bool {
	if who(p, e) {
		return true
	}
	n, ok := e.(*ast.Name)
	if !ok || !p.IsParameter(n) {
		return false
	}
	depends := func(e ast.Expr) bool {
		c, ok := e.(*ast.Call)
		if !ok || !p.Is(c.Func, "fastapi.Depends", "fastapi.Security") || len(c.Args) == 0 {
			return false
		}
		return slices.ContainsFunc(secret.Words(lastName(c.Args[0])), func(w string) bool {
			return w == "current" || w == "user" || w == "auth" || w == "authenticated" || w == "login" || w == "principal" || w == "identity" || w == "account" || w == "member"
		})
	}
	if d := parameterDefault(p, n); d != nil && depends(d) {
		return true
	}
	return slices.ContainsFunc(p.Bindings(n), func(b ast.Node) bool {
		a, ok := b.(*ast.Arg)
		if !ok || a.Annotation == nil {
			return false
		}
		s, ok := a.Annotation.(*ast.Subscript)
		if !ok || !p.Is(s.Value, "typing.Annotated", "typing_extensions.Annotated") {
			return false
		}
		t, ok := s.Slice.(*ast.Tuple)
		return ok && slices.ContainsFunc(t.Elts, depends)
	})
}

// proof looks at the last name of an expression.
func proof(p *rule.Pass, e ast.Expr) string {
	name := lastName(e)
	if proofs[strings.ToLower(name)] {
		return excerpt(p, e)
	}
	return ""
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Name:
		return e.Ident
	case *ast.Attribute:
		return e.Attr
	case *ast.Subscript:
		if s, ok := e.Slice.(*ast.Constant); ok && s.ConstKind() == ast.Str {
			return s.Str()
		}
	case *ast.Call:
		if f, ok := e.Func.(*ast.Attribute); ok && (f.Attr == "get" || f.Attr == "strip" || f.Attr == "lower" || f.Attr == "hexdigest" || f.Attr == "digest") {
			if f.Attr == "get" && len(e.Args) > 0 {
				if s, ok := ast.IsStr(e.Args[0]); ok {
					return s.Str()
				}
				return ""
			}
			return lastName(f.Value) + "_" + f.Attr
		}
		return lastName(e.Func)
	}
	return ""
}

// ranks are values that a role is compared with where it lets somebody in.
var ranks = map[string]bool{"admin": true, "administrator": true, "owner": true, "staff": true, "root": true, "superuser": true, "editor": true, "manager": true, "moderator": true, "superadmin": true, "maintainer": true}

func guardsByComparison(p *rule.Pass, c *ast.Compare) string {
	if len(c.Ops) != 1 {
		return ""
	}
	left, right := c.Left, c.Comparators[0]
	switch c.Ops[0] {
	case ast.Is, ast.IsNot:
		if v, ok := right.(*ast.Constant); ok && (v.ConstKind() == ast.True || v.ConstKind() == ast.False) {
			return guardsSecurity(p, left)
		}
		return ""
	case ast.NotIn, ast.In:
		if s, ok := p.Str(left); ok {
			switch {
			case c.Ops[0] == ast.NotIn && (s == ".." || s == "../"):
				return "That " + excerpt(p, right) + " stays inside its folder"
			case c.Ops[0] == ast.In && permissionList(lastName(right)):
				return excerpt(p, right)
			}
			return ""
		}
	}
	for _, side := range []struct{ a, b ast.Expr }{{left, right}, {right, left}} {
		if proofCall, ok := side.a.(*ast.Call); ok {
			if s := proof(p, proofCall.Func); s != "" {
				return s
			}
		}
		if s := proof(p, side.a); s != "" && p.IsConst(side.b) {
			return s
		}
		name := strings.ToLower(lastName(side.a))
		w := secret.Words(lastName(side.a))
		if len(w) == 0 {
			continue
		}
		last := w[len(w)-1]
		switch {
		case last == "role" || last == "roles" || last == "group":
			if rank(p, side.b) {
				return excerpt(p, side.a)
			}
		case permissionList(name) && (c.Ops[0] == ast.In && side.a == right || c.Ops[0] == ast.NotIn && side.a == right):
			return excerpt(p, side.a)
		case unguessable(lastName(side.a)) || last == "signature" || last == "hmac" || name == "digest":
			if !p.IsConst(side.b) && !constantLooking(side.b) && !number(p, side.b) && (c.Ops[0] == ast.Eq || c.Ops[0] == ast.NotEq) {
				return excerpt(p, side.a)
			}
		case who(p, side.a) && whose(p, side.b):
			return excerpt(p, side.a)
		}
	}
	return ""
}

func permissionList(name string) bool {
	w := secret.Words(name)
	if len(w) == 0 {
		return false
	}
	switch w[len(w)-1] {
	case "permissions", "perms", "scopes", "privileges", "roles":
		return true
	}
	return false
}

func rank(p *rule.Pass, e ast.Expr) bool {
	v, ok := p.Const(e)
	if !ok {
		return false
	}
	if ranks[strings.ToLower(v.Str)] {
		return true
	}
	for _, x := range v.List {
		if ranks[strings.ToLower(x.Str)] {
			return true
		}
	}
	return false
}

// constantLooking is Class.NAME and NAME.
func constantLooking(e ast.Expr) bool {
	n := lastName(e)
	return n != "" && n == strings.ToUpper(n)
}

func number(p *rule.Pass, e ast.Expr) bool {
	return p.Is(e, "builtins.int()", "builtins.len()", "builtins.float()")
}

// who says whether e is the one who asks: request.user, current_user.id, session["user_id"].
func who(p *rule.Pass, e ast.Expr) bool {
	for {
		switch x := e.(type) {
		case *ast.Attribute:
			if x.Attr == "user" || x.Attr == "current_user" || x.Attr == "user_id" {
				if base := lastName(x.Value); base == "request" || base == "req" || base == "g" || base == "session" || base == "info" || base == "context" {
					return true
				}
			}
			e = x.Value
			continue
		case *ast.Subscript:
			return lastName(x.Value) == "session" && strings.Contains(lastName(x), "user")
		case *ast.Name:
			return x.Ident == "current_user" || dependedOn(p, x)
		}
		return false
	}
}

// dependedOn says whether a name is the user that FastAPI has worked out for the handler:
// user: User = Depends(get_user), user: Annotated[User, Depends(get_user)], user: CurrentUser.
func dependedOn(p *rule.Pass, n *ast.Name) bool {
	if l := strings.ToLower(n.Ident); !strings.Contains(l, "user") && l != "me" && l != "principal" || !p.IsParameter(n) {
		return false
	}
	if d := parameterDefault(p, n); d != nil && p.Is(d, "fastapi.Depends()", "fastapi.Security()") {
		return true
	}
	for _, b := range p.Bindings(n) {
		a, ok := b.(*ast.Arg)
		if !ok || a.Annotation == nil {
			continue
		}
		said := p.Text(a.Annotation)
		if strings.Contains(said, "Depends(") || strings.Contains(said, "Security(") || strings.HasPrefix(lastName(a.Annotation), "Current") {
			return true
		}
	}
	return false
}

// whose says whether e names whom a thing belongs to.
func whose(p *rule.Pass, e ast.Expr) bool {
	if p.IsConst(e) {
		return false
	}
	for {
		switch lastName(e) {
		case "owner", "owner_id", "user", "user_id", "author", "author_id", "created_by", "creator", "account", "account_id", "tenant", "tenant_id", "customer", "customer_id", "username":
			return true
		}
		a, ok := e.(*ast.Attribute)
		if !ok {
			return false
		}
		e = a.Value
	}
}

// asRaise writes the assertion as a condition.
func asRaise(p *rule.Pass, a *ast.Assert) (string, bool) {
	src := p.File.Bytes
	start := int(a.Start())
	for start > 0 && (src[start-1] == ' ' || src[start-1] == '\t') {
		start--
	}
	if start > 0 && src[start-1] != '\n' {
		return "", false // on a line with something else
	}
	end := int(a.End())
	for end < len(src) && (src[end] == ' ' || src[end] == '\t' || src[end] == '\r') {
		end++
	}
	if end < len(src) && src[end] != '\n' && src[end] != '#' {
		return "", false
	}
	indent := string(src[start:a.Start()])
	step := "    "
	if strings.Contains(indent, "\t") {
		step = "\t"
	}
	cond := p.Text(a.Test)
	if strings.Contains(cond, "\n") {
		cond = "(" + cond + ")"
	}
	switch t := a.Test.(type) {
	case *ast.BoolOp, *ast.IfExp, *ast.Lambda, *ast.NamedExpr:
		cond = "not (" + p.Text(a.Test) + ")"
	case *ast.UnaryOp:
		if t.Op == ast.Not && operand(t.Operand) {
			cond = p.Text(t.Operand)
		} else {
			cond = "not (" + p.Text(a.Test) + ")"
		}
	case *ast.Compare:
		if op, ok := inverse[t.Ops[0]]; ok && len(t.Ops) == 1 && operand(t.Left) && operand(t.Comparators[0]) {
			cond = p.Text(t.Left) + " " + op + " " + p.Text(t.Comparators[0])
		} else {
			cond = "not (" + p.Text(a.Test) + ")"
		}
	default:
		cond = "not " + cond
	}
	msg := ""
	if a.Msg != nil {
		msg = p.Text(a.Msg)
		if a.Msg.Kind() == ast.KindTuple || strings.Contains(msg, "\n") {
			return "", false
		}
		msg = "(" + msg + ")"
	}
	return "if " + cond + ":\n" + indent + step + "raise PermissionError" + msg, true
}

// operand says whether an expression needs no parentheses, and no care, anywhere.
func operand(e ast.Expr) bool {
	switch e.Kind() {
	case ast.KindName, ast.KindAttribute, ast.KindCall, ast.KindSubscript, ast.KindConstant, ast.KindList, ast.KindSet, ast.KindDict:
		return true
	}
	return false
}

var inverse = map[ast.CmpOp]string{ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in", ast.NotIn: "in"}
