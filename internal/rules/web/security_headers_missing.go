package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// SecurityHeadersMissing looks at applications of Flask and FastAPI that answer with pages,
// where nothing in the program speaks of the headers that Django sends by itself.
var SecurityHeadersMissing = rule.Check{Surface: securityHeadersMissing}

func securityHeadersMissing(p *rule.SurfacePass) {
	pagesOf(p, func(a surface.App, first *surface.Route, matters bool) {
		if p.Imports(headerLibraries...) || speaksOfAny(p, "X-Frame-Options", "X_FRAME_OPTIONS", "frame-ancestors", "frame_ancestors", "Content-Security-Policy", "content_security_policy", "SecurityHeaders", "SecureHeaders", "security_headers", "X-Content-Type-Options") {
			return
		}
		// A page that nobody is logged in to has nothing to be tricked into.
		p.ReportApp(a, "Pages such as that of %s %s are sent without headers for browsers: other sites may show them in a frame and have visitors click there.", strings.Join(first.Methods, ","), first.Path).ForAudit(!matters)
	})
}
