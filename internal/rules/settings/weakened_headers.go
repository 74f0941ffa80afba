package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// WeakenedHeaders looks at what Talisman is told to leave out.
var WeakenedHeaders = rule.Check{Called: weakenedHeaders}

func weakenedHeaders(p *rule.Pass, c *ast.Call, _ string) {
	var off []string
	for _, x := range [][2]string{
		{"force_https", "no redirect to HTTPS"}, {"strict_transport_security", "no Strict-Transport-Security"}, {"content_security_policy", "no content security policy"},
		{"session_cookie_secure", "no Secure on the session's cookie"}, {"session_cookie_http_only", "no HttpOnly on the session's cookie"}, {"frame_options", "no X-Frame-Options"}, {"x_content_type_options", "no X-Content-Type-Options"},
	} {
		e, _ := args.Keyword(p.Unit, c, x[0])
		if e == nil {
			continue
		}
		v, ok := p.Const(e)
		if ok && !v.True() {
			off = append(off, x[1])
			continue
		}
		if x[0] == "content_security_policy" && inlineScripts(p, e) {
			p.Report(c, "The content security policy lets scripts that were smuggled in run: script-src has 'unsafe-inline'.").ForAudit(conf.Dev(p, c))
		}
	}
	if len(off) > 0 {
		p.Report(c, "Talisman is told to leave protections out: %s.", all(off)).ForAudit(conf.Dev(p, c))
	}
}

// inlineScripts says whether a policy lets scripts in the page run, without a nonce.
func inlineScripts(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		d, ok := v.(*ast.Dict)
		if !ok {
			continue
		}
		text, found := "", false
		for i, k := range d.Keys {
			name, _ := p.Str(k)
			if name == "script-src" || name == "default-src" && !found {
				text, found = p.Text(d.Values[i]), name == "script-src"
			}
		}
		if strings.Contains(text, "'unsafe-inline'") && !strings.Contains(text, "nonce-") && !strings.Contains(text, "strict-dynamic") {
			return true
		}
	}
	return false
}
