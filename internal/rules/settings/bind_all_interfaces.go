package settings

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// BindAllInterfaces looks at calls that listen, and where their address comes from. The
// address anywhere else (in comparisons, in documentation) is for auditors.
var BindAllInterfaces = rule.Check{Kinds: []ast.Kind{ast.KindCall, ast.KindConstant}, Visit: listening}

// everywhere says whether an address means all interfaces. The empty one does only in an
// address pair.
func everywhere(s string) bool {
	return s == "0.0.0.0" || s == "::" || s == "[::]"
}

func listening(p *rule.Pass, n ast.Node) {
	if c, ok := n.(*ast.Constant); ok {
		if c.ConstKind() == ast.Str && len(c.Raw) >= 4 && len(c.Raw) < 40 && everywhere(c.Str()) {
			if _, said := p.Parent(c).(*ast.ExprStmt); !said && !listens(p, c) {
				p.Report(c, "This address stands for all interfaces of the machine.").With(finding.Low, finding.LowConfidence).ForAudit(true)
			}
		}
		return
	}
	host, pair := address(p, n.(*ast.Call))
	if host == nil {
		return
	}
	s, ok := p.Str(host)
	if !ok || !everywhere(s) && !(pair && s == "") {
		return
	}
	what := args.Callee(n.(*ast.Call))
	f := p.Report(host, "%s listens on all interfaces of the machine, also on those that face strangers.", what).ForAudit(anyPort(p, host))
	if _, literal := ast.IsStr(host); literal {
		f.ReviewFix("listen on this machine only", p.Replace(host, `"127.0.0.1"`))
	}
}

// listens says whether the constant itself is the address of a call that listens.
func listens(p *rule.Pass, c *ast.Constant) bool {
	n := p.Parent(c)
	for range 3 {
		switch up := n.(type) {
		case *ast.Call:
			host, _ := address(p, up)
			return host == ast.Expr(c)
		case *ast.Keyword, *ast.Tuple:
			n = p.Parent(n)
		default:
			return false
		}
	}
	return false
}

// address returns what a call listens on, if it is one that listens. Pair says that it
// is the first of an address pair, where the empty text means everywhere too.
func address(p *rule.Pass, c *ast.Call) (host ast.Expr, pair bool) {
	name := args.Callee(c)
	switch name {
	case "bind", "server_bind":
		if _, method := c.Func.(*ast.Attribute); !method || len(c.Args) != 1 {
			return nil, false
		}
		return first(p, c.Args[0])
	case "create_server", "start_server", "create_datagram_endpoint":
		if p.Is(c.Func, "socket.create_server") {
			if e := program.Arg(c, 0, "address"); e != nil {
				return first(p, e)
			}
			return nil, false
		}
		if e, _ := args.Keyword(p.Unit, c, "local_addr"); e != nil {
			return first(p, e)
		}
		return program.Arg(c, 1, "host"), false
	case "HTTPServer", "ThreadingHTTPServer", "TCPServer", "UDPServer", "ThreadingTCPServer", "ThreadingUDPServer", "ForkingTCPServer", "SimpleXMLRPCServer", "DocXMLRPCServer", "WSGIServer", "StreamServer", "SMTPServer":
		e := program.Arg(c, 0, "server_address")
		if e == nil {
			return nil, false
		}
		return first(p, e)
	case "make_server", "run_simple":
		return program.Arg(c, 0, "host"), false
	case "listen":
		// Tornado: listen(port, address). A socket's listen has no address.
		if e, _ := args.Keyword(p.Unit, c, "address"); e != nil {
			return e, false
		}
		if len(c.Args) > 1 {
			return c.Args[1], false
		}
		return nil, false
	case "run":
		if e, _ := args.Keyword(p.Unit, c, "host"); e != nil {
			return e, false
		}
		if p.Is(c.Func, "flask.Flask().run", "quart.Quart().run", "flask_socketio.SocketIO().run") && len(c.Args) > 0 {
			return c.Args[0], false
		}
		if e, _ := args.Keyword(p.Unit, c, "bind"); e != nil {
			return e, false
		}
		return nil, false
	case "run_app", "run_server", "serve", "launch", "TCPSite", "start_http_server", "Config", "run_async", "create_unix_server", "start", "serve_forever", "run_forever", "Server", "Hypercorn", "run_http":
		for _, k := range []string{"host", "address", "server_name", "bind", "addr", "listen"} {
			if e, _ := args.Keyword(p.Unit, c, k); e != nil {
				return e, false
			}
		}
		if (name == "TCPSite" || name == "serve" || name == "start_http_server") && len(c.Args) > 1 {
			return c.Args[1], false
		}
	}
	return nil, false
}

// anyPort says that the address pair has port 0: somebody looks for a free port.
func anyPort(p *rule.Pass, host ast.Expr) bool {
	t, ok := p.Parent(host).(*ast.Tuple)
	if !ok || len(t.Elts) < 2 {
		return false
	}
	port, ok := p.Int(t.Elts[1])
	return ok && port == 0
}

// first is the host of an address pair.
func first(p *rule.Pass, e ast.Expr) (ast.Expr, bool) {
	for _, v := range p.Values(e) {
		if t, ok := v.(*ast.Tuple); ok && len(t.Elts) >= 2 {
			return t.Elts[0], true
		}
	}
	return nil, false
}
