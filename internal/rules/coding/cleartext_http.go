package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// CleartextHttp looks at addresses that are fetched over http://, and at connections to
// hosts by classes that speak nothing else. Which calls fetch is the models' to say.
var CleartextHttp = rule.Check{Called: plainConnection, File: cleartextHTTP}

func cleartextHTTP(p *rule.Pass) {
	for _, f := range fetches(p, "http://") {
		if !public(f.host) || plainByDesign(f) {
			continue
		}
		found := clear(p, f, "http")
		if s := p.Text(f.at); strings.Count(s, "http://") == 1 && !strings.Contains(s, f.host+":") {
			found.ReviewFix("ask over https", p.Replace(f.at, strings.Replace(s, "http://", "https://", 1)))
		}
	}
}

// plainConnection: http.client.HTTPConnection("example.org").
func plainConnection(p *rule.Pass, c *ast.Call, name string) {
	e := program.Arg(c, 0, "host")
	s, ok := p.Str(e)
	if !ok {
		return
	}
	host, _, _ := strings.Cut(strings.ToLower(s), ":")
	if !public(host) {
		return
	}
	f := p.Report(c, "What goes to %s and comes from there over http can be read and changed on the way.", host).With(finding.Low, finding.HighConfidence)
	if a, ok := c.Func.(*ast.Attribute); ok && len(c.Args) == 1 && len(c.Keywords) == 0 && !strings.Contains(s, ":") {
		f.ReviewFix("ask over https", p.Replace(a, p.Text(a.Value)+"."+strings.Replace(a.Attr, "HTTP", "HTTPS", 1)))
	}
}

// plainByDesign says whether an address is http:// for a reason: what is fetched is
// signed, or the request is there to find out whether somebody sits on the way.
func plainByDesign(f fetch) bool {
	first, _, _ := strings.Cut(f.host, ".")
	switch strings.TrimRight(first, "0123456789") {
	case "ocsp", "crl", "aia", "timestamp", "tsa", "connectivitycheck", "captive", "detectportal":
		return true
	}
	path := strings.ToLower(f.path)
	return strings.Contains(path, "generate_204") || strings.HasSuffix(path, ".crl") || strings.HasPrefix(path, "/ocsp")
}
