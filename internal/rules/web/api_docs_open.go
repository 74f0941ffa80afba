package web

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// ApiDocsOpen looks for descriptions of an API that are there for everybody.
var ApiDocsOpen = rule.Check{Called: apiDocsOpen}

func apiDocsOpen(p *rule.Pass, c *ast.Call, name string) {
	// given says that an argument is there: whoever gives one has thought of it, and what is
	// decided when the program starts is none of our business.
	given := func(names ...string) bool {
		for _, n := range names {
			if v, hidden := args.Keyword(p.Unit, c, n); v != nil || hidden {
				return true
			}
		}
		return false
	}
	if conf.Dev(p, c) {
		return
	}
	switch name {
	case "fastapi.FastAPI":
		if given("openapi_url") || given("docs_url") && given("redoc_url") {
			return
		}
		p.Report(c, "Whoever finds /docs and /openapi.json reads all routes, parameters and models of the API.").Advise("FastAPI(openapi_url=None) in production, or a route of your own behind the login")
	case "flask_restx.Api", "flask_restplus.Api":
		if !given("doc", "decorators") {
			p.Report(c, "Whoever finds this API is shown all its routes, parameters and models.").Advise("Api(app, doc=False)")
		}
	case "flasgger.Swagger":
		if !given("decorators") {
			p.Report(c, "Whoever finds /apidocs reads all routes, parameters and models of the API.").Advise("Swagger(app, decorators=[login_required])")
		}
	case "drf_yasg.views.get_schema_view":
		if v, _ := args.Keyword(p.Unit, c, "public"); v != nil && args.IsTrue(p.Unit, v) {
			if k := program.Keyword(c, "permission_classes"); k != nil && anybody(p, k.Value) {
				p.Report(c, "Everybody may read all routes of the API, also those that they may not call.").Advise("permission_classes=[IsAuthenticated], public=False")
			}
		}
	default: // drf_spectacular, whose pages show what one of its views gives out
		if len(p.Found) > 0 {
			return
		}
		if v, _ := args.Keyword(p.Unit, c, "permission_classes"); v == nil || anybody(p, v) {
			p.Report(c, "Whoever finds this address reads all routes, parameters and models of the API, unless SERVE_PERMISSIONS says otherwise.").Advise("permission_classes=[IsAuthenticated]")
		}
	}
}

// anybody says whether a list of permissions lets everybody in.
func anybody(p *rule.Pass, e ast.Expr) bool {
	list, ok := ast.Elements(e)
	for _, x := range list {
		if !p.Is(x, "rest_framework.permissions.AllowAny") {
			return false
		}
	}
	return ok
}
