package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// FramingAllowed looks for the middleware that says X-Frame-Options, and what it says.
var FramingAllowed = rule.Check{File: django(framingAllowed), Kinds: []ast.Kind{ast.KindFunctionDef}, Visit: framingExempt}

func framingAllowed(p *rule.Pass, c *settings.Config) {
	in := c.Has("MIDDLEWARE", framingMiddleware)
	f := conf.Wrong(p, c, fault(c, "MIDDLEWARE", "W002", in.Not(), "XFrameOptionsMiddleware is not in MIDDLEWARE: any site may show the pages in a frame."))
	if f != nil {
		// A policy may say frame-ancestors, and what has no sessions has nothing to click for.
		other := c.Get("MIDDLEWARE").Value.Has(func(s string) bool {
			s = strings.ToLower(s)
			return strings.Contains(s, "csp") || strings.Contains(s, "contentsecuritypolicy") || strings.Contains(s, "frame") || strings.Contains(s, "headers")
		})
		f.ForAudit(other.Always != settings.No || c.Has("MIDDLEWARE", sessionMiddleware).Always != settings.Yes)
	}
	deny := c.Get("X_FRAME_OPTIONS").Value.Equals("DENY")
	if f := conf.Wrong(p, c, fault(c, "X_FRAME_OPTIONS", "W019", in.And(deny.Not()), "X_FRAME_OPTIONS is not DENY: pages may be shown in frames.")); f != nil {
		f.ForAudit(true)
		fix(p, f, c.Get("X_FRAME_OPTIONS"), "let no page be shown in a frame", `"DENY"`)
	}
}

// framingExempt looks at views that any site may show in a frame, and that change something for
// whoever is logged in: a button there is what such frames are for.
func framingExempt(p *rule.Pass, n ast.Node) {
	f := n.(*ast.FunctionDef)
	var exempt ast.Expr
	login := false
	for _, d := range f.DecoratorList {
		e := d
		if c, ok := d.(*ast.Call); ok {
			e = c.Func
		}
		if p.Is(e, "django.views.decorators.clickjacking.xframe_options_exempt") {
			exempt = d
		}
		login = login || p.Is(e, "django.contrib.auth.decorators.login_required", "django.contrib.auth.decorators.permission_required")
	}
	if exempt == nil || !login {
		return
	}
	posts := false
	p.Inside(f, func(n ast.Node) bool {
		c, ok := n.(*ast.Compare)
		if ok && strings.HasSuffix(p.Text(c.Left), "request.method") && len(c.Comparators) == 1 {
			s, _ := p.Str(c.Comparators[0])
			posts = posts || s == "POST"
		}
		return !posts
	})
	if posts {
		p.Report(exempt, "Any site may show %s in a frame, and what a visitor clicks there counts with the visitor's log-in.", f.Name).With(finding.Medium, finding.MediumConfidence).Advise("xframe_options_sameorigin, or a page without forms for frames")
	}
}

const sessionMiddleware = "django.contrib.sessions.middleware.SessionMiddleware"
