package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/source"
)

// HardcodedUrlCredentials looks into every text that has the shape of an address with a
// user and a password, or of a connection string.
var HardcodedUrlCredentials = rule.Check{Kinds: []ast.Kind{ast.KindConstant}, Visit: credentialsInText}

func credentialsInText(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Constant)
	if c.ConstKind() != ast.Str && c.ConstKind() != ast.Bytes || len(c.Raw) > 600 {
		return
	}
	at := strings.Contains(c.Raw, "://") && strings.Contains(c.Raw, "@")
	dsn := !at && (strings.Contains(c.Raw, "PWD=") || strings.Contains(c.Raw, "Pwd=") || strings.Contains(c.Raw, "assword=") || strings.Contains(c.Raw, "PASSWORD="))
	if !at && !dsn {
		return
	}
	joined := false
	switch p.Parent(n).(type) {
	case *ast.ExprStmt: // documentation
		return
	case *ast.JoinedStr:
		// A part of something that is put together. What is put in is another matter; but a
		// password that stands before the host is whole.
		joined = true
	}
	s := c.Str()
	if joined && strings.HasSuffix(s, "@") {
		s += "host.internal"
	}
	var password, what string
	if at {
		password, what = secret.Address(s)
	} else {
		password, what = secret.Connection(s)
	}
	if password == "" || secret.Placeholder(password) || len(password) < 3 || strings.ContainsAny(password, "{}$%() ") && !strings.ContainsAny(password, "0123456789") || strings.Contains(password, "{") || strings.HasPrefix(password, "$") {
		return
	}
	l := strings.ToLower(password)
	hidden := inner(p, c)
	if joined {
		hidden = c.Span()
	}
	if i := strings.Index(p.Text(n), password); i >= 0 {
		hidden = source.Span{Start: c.Start() + source.Pos(i), End: c.Start() + source.Pos(i+len(password))}
	}
	if l == "password" || l == "passwd" || l == "pass" || l == "pw" || l == "pwd" || l == "token" {
		p.Report(n, "The %s has a password in it.", what).With(finding.Low, finding.LowConfidence).ForAudit(true).Hide(hidden)
		return
	}
	f := p.Report(n, "The %s has a password in it.", what).Hide(hidden)
	if secret.Local(s) {
		f.With(finding.Low, finding.MediumConfidence)
	}
	name := "SERVICE_URL"
	if a, ok := p.Parent(n).(*ast.Assign); ok && len(a.Targets) == 1 && variable(a.Targets[0]) != "" {
		name = variable(a.Targets[0])
	} else if k, ok := p.Parent(n).(*ast.Keyword); ok && k.Arg != "" {
		name = k.Arg
	} else if strings.Contains(what, "database") || dsn {
		name = "DATABASE_URL"
	}
	if !joined {
		fromEnvironment(p, f, name, c)
	}
	f.Secrets = []source.Span{hidden}
}
