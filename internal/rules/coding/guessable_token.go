package coding

import (
	"slices"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// GuessableToken looks at hashes that become tokens, for what goes into them.
var GuessableToken = rule.Check{Called: guessableToken}

func guessableToken(p *rule.Pass, c *ast.Call, name string) {
	if len(c.Args) == 0 || unguessableIn().MatchString(p.Text(c)) {
		return
	}
	var becomes use
	for _, u := range uses(p, c) {
		if w := secret.Words(u.name); unguessable(u.name) && !slices.Contains(w, "hash") && !slices.Contains(w, "digest") && !slices.Contains(w, "salt") && !slices.Contains(w, "nonce") && !slices.Contains(w, "iv") {
			becomes = u
			break
		}
	}
	if becomes.name == "" && returned(p, c) || madeIn(p, c) {
		becomes = inFunction(p, c)
	}
	if becomes.name == "" {
		return
	}
	known := false
	for _, arg := range c.Args {
		for _, text := range textsOf(p, arg) {
			if unguessableIn().MatchString(text) {
				return
			}
			known = known || knownIn().MatchString(text)
		}
		for _, n := range namesIn(p, arg) {
			if unguessable(n) || secret.Of(n) != secret.None || unguessableIn().MatchString(n) {
				return
			}
			known = known || knownNames[n]
		}
	}
	if !known {
		return
	}
	f := p.Report(c, "%s is made of nothing that others do not know: whoever computes the same hash has it.", becomes.name)
	if becomes.at != nil && p.File.Position(becomes.at.Start()).Line != p.File.Position(c.Start()).Line {
		f.Because(becomes.at, becomes.name+" gets its value here")
	}
}

// madeIn says whether what a function makes a row with has a value that is called no more than that:
// ApiKey.objects.create(value=value).
func madeIn(p *rule.Pass, c *ast.Call) bool {
	return slices.ContainsFunc(uses(p, c), func(u use) bool {
		_, named := u.at.(*ast.Keyword)
		return named && (u.name == "value" || u.name == "code" || u.name == "key" || u.name == "token")
	})
}

// textsOf are the texts of an expression and of what the variables in it were given.
func textsOf(p *rule.Pass, e ast.Expr) []string {
	out := []string{p.Text(e)}
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if x, ok := n.(*ast.Name); ok && x.Ctx() == ast.Load && len(out) < 20 {
			for _, v := range p.Values(x) {
				if v != ast.Expr(x) {
					out = append(out, p.Text(v))
				}
			}
		}
		ast.Children(n, visit)
	}
	visit(e)
	return out
}

// unguessableIn are words of what nobody else knows.
var unguessableIn = match.Lazy(`(?i)secret|\bkey\b|_key|salt|random|token_|urandom|password|passwd|nonce|hmac|uuid4|private|pepper|getrandbits`)

// knownIn is what anybody can find out or try: the time, and the number of a process.
var knownIn = match.Lazy(`time\.time|time_ns|\bnow\(|utcnow|today\(|getpid|uuid1|monotonic`)

// knownNames are names of what others know or can count.
var knownNames = map[string]bool{"id": true, "pk": true, "email": true, "mail": true, "username": true, "user_id": true, "uid": true, "number": true, "count": true, "counter": true, "timestamp": true, "date": true, "now": true, "login": true, "phone": true}
