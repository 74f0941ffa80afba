package settings

import (
	"fmt"
	"net"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// CsrfTrustedOrigins looks at the origins whose pages may send forms.
var CsrfTrustedOrigins = rule.Check{File: django(csrfTrustedOrigins)}

func csrfTrustedOrigins(p *rule.Pass, c *settings.Config) {
	s := c.Get("CSRF_TRUSTED_ORIGINS")
	items(s, func(origin string, at settings.Setting, in settings.Judgement) {
		scheme, host, _ := strings.Cut(origin, "://")
		if host == "" {
			scheme, host = "", origin
		}
		name, _, _ := strings.Cut(host, ":")
		rest, wild := strings.CutPrefix(name, "*")
		f := conf.Fault{Holds: in, At: at}
		switch {
		case wild && strings.Count(rest, ".") < 2:
			f.Message = "Pages of every site may send forms in the visitor's name."
			if rest != "" {
				f.Message = fmt.Sprintf("Pages of every site that ends in %s may send forms in the visitor's name.", rest)
			}
			conf.Wrong(p, c, f)
		case scheme == "http" && !nearby(name):
			f.Message = fmt.Sprintf("The unencrypted pages of %s may send forms in the visitor's name, and who shares a network with the visitor decides what is on them.", origin)
			if r := conf.Wrong(p, c, f); r != nil {
				r.With(finding.Low, r.Confidence)
			}
		}
	})
}

// items visits the texts of a list, each with the place where it is written.
func items(s settings.Setting, visit func(text string, at settings.Setting, in settings.Judgement)) {
	for _, x := range s.Value.Elements() {
		k, ok := x.Value.Known()
		if !ok || k.Kind != settings.Scalar || k.V.Kind != ast.Str {
			continue
		}
		at := s
		if x.At.Path != "" {
			at.At = x.At
		}
		at.Value = x.Value
		in := x.In
		if s.Value.Open {
			in.Always = min(in.Always, settings.Maybe)
			at.Value.Envs = s.Value.Envs
		}
		visit(k.V.Str, at, in)
	}
}

// nearby says whether a host is the machine itself, or one of a private network.
func nearby(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || !strings.Contains(host, ".") || ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}
