package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// OldTlsVersion looks at the names of old protocol versions, and at ssl.wrap_socket,
// which chooses badly when nothing is said.
var OldTlsVersion = rule.Check{Called: wrapSocket, Kinds: []ast.Kind{ast.KindAttribute, ast.KindName}, Visit: oldVersion}

// oldVersions are the names, and whether they are old by themselves. SSLv23_METHOD is
// OpenSSL's old word for "whatever both sides know".
var oldVersions = map[string]bool{
	"PROTOCOL_SSLv2": true, "PROTOCOL_SSLv3": true, "PROTOCOL_TLSv1": true, "PROTOCOL_TLSv1_1": true,
	"SSLv2_METHOD": true, "SSLv3_METHOD": true, "TLSv1_METHOD": true, "TLSv1_1_METHOD": true, "SSLv23_METHOD": false,
}

func oldVersion(p *rule.Pass, n ast.Node) {
	e, name := n.(ast.Expr), ""
	switch n := n.(type) {
	case *ast.Attribute:
		name = n.Attr
		if n.Ctx() != ast.Load {
			return
		}
	case *ast.Name:
		name = n.Ident
		if n.Ctx() != ast.Load {
			return
		}
	}
	if len(name) < 5 || len(name) > 16 || !strings.Contains(name, "v1") && !strings.Contains(name, "SSLv") {
		return
	}
	old, known := oldVersions[name]
	qualified := p.Name(e)
	if !known {
		if name == "SSLv3" || name == "TLSv1" || name == "TLSv1_1" {
			oldMinimum(p, e, qualified)
		}
		return
	}
	lib := strings.HasPrefix(qualified, "ssl.") || strings.HasPrefix(qualified, "OpenSSL.") || strings.HasPrefix(qualified, "pyOpenSSL.") || strings.HasPrefix(qualified, "urllib3.") || strings.HasPrefix(qualified, "eventlet.") || strings.HasPrefix(qualified, "gevent.")
	if _, plain := n.(*ast.Name); plain && !lib {
		return // somebody's constant of that name
	}
	where := versionUsed(p, e)
	p.Report(n, "%s %s a version of TLS that is broken or too old.", name, where.verb()).ForAudit(!old || !lib || where == versionNamed)
}

// A versionUse is what is done with a version.
type versionUse uint8

const (
	versionNamed versionUse = iota
	versionPassed
	versionDefault
	versionAssigned
)

func (w versionUse) verb() string {
	switch w {
	case versionDefault:
		return "is the default, and chooses"
	case versionNamed:
		return "names"
	}
	return "chooses"
}

func versionUsed(p *rule.Pass, e ast.Expr) versionUse {
	switch up := p.Parent(e).(type) {
	case *ast.Call:
		if up.Func == e {
			return versionNamed
		}
		switch args.Callee(up) {
		case "getattr", "hasattr", "print", "assertEqual", "append", "get", "isinstance", "add":
			return versionNamed
		}
		return versionPassed
	case *ast.Keyword:
		return versionPassed
	case *ast.Arguments:
		return versionDefault
	case *ast.Assign:
		if _, table := up.Targets[0].(*ast.Subscript); table {
			return versionNamed
		}
		return versionAssigned
	case *ast.AnnAssign:
		return versionAssigned
	case *ast.IfExp, *ast.BoolOp:
		return versionUsed(p, up.(ast.Expr))
	}
	return versionNamed
}

// oldMinimum: context.minimum_version = ssl.TLSVersion.TLSv1.
func oldMinimum(p *rule.Pass, e ast.Expr, qualified string) {
	if !strings.HasPrefix(qualified, "ssl.TLSVersion.") {
		return
	}
	a, ok := p.Parent(e).(*ast.Assign)
	if !ok || len(a.Targets) != 1 {
		if k, isKeyword := p.Parent(e).(*ast.Keyword); !isKeyword || !strings.Contains(k.Arg, "version") {
			return
		}
	} else if t, ok := a.Targets[0].(*ast.Attribute); !ok || t.Attr != "minimum_version" && t.Attr != "maximum_version" {
		return
	}
	f := p.Report(e, "%s is accepted here, a version of TLS that is broken or too old.", qualified[len("ssl.TLSVersion."):])
	if at, ok := e.(*ast.Attribute); ok {
		f.SafeFix("ask for TLS 1.2 at least", p.Replace(e, p.Text(at.Value)+".TLSv1_2"))
	}
}

// wrapSocket: without a version it takes what comes, and it never checks names.
func wrapSocket(p *rule.Pass, c *ast.Call, name string) {
	if program.Arg(c, 5, "ssl_version") == nil {
		p.Report(c, "%s takes old versions of TLS too, and checks no names.", name).With(finding.Low, finding.MediumConfidence).
			Advise("ssl.create_default_context().wrap_socket(sock, server_hostname=host)").ForAudit(program.HasStar(c))
	}
}
