package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
	"github.com/gambeson/gambeson/internal/surface"
)

// RequestSizeUnlimited looks for limits that are switched off.
var RequestSizeUnlimited = rule.Check{Kinds: conf.Kinds, Visit: sizeUnlimited, File: django(djangoSize), Surface: sizeSurface}

// sizes are the settings, and what comes in without them.
var sizes = map[string]string{
	"DATA_UPLOAD_MAX_MEMORY_SIZE": "Requests of any size are read into memory", "DATA_UPLOAD_MAX_NUMBER_FIELDS": "A request may have a million form fields, each of which is taken apart",
	"DATA_UPLOAD_MAX_NUMBER_FILES": "A request may have any number of files, each of which is opened",
	"MAX_CONTENT_LENGTH":           "Requests of any size are taken", "MAX_FORM_MEMORY_SIZE": "Form fields of any size are read into memory", "MAX_FORM_PARTS": "A request may have any number of form fields, each of which is taken apart",
}

func djangoSize(p *rule.Pass, c *settings.Config) {
	for _, name := range []string{"DATA_UPLOAD_MAX_MEMORY_SIZE", "DATA_UPLOAD_MAX_NUMBER_FIELDS", "DATA_UPLOAD_MAX_NUMBER_FILES"} {
		s := c.Get(name)
		conf.Wrong(p, c, conf.Fault{Holds: s.Value.Is(ast.None), At: s, Message: sizes[name] + ": " + name + " is None."})
	}
}

func sizeUnlimited(p *rule.Pass, n ast.Node) {
	if name, value := gunicorn(p, n); value != nil {
		if v, ok := p.Int(value); ok && v == 0 {
			switch name {
			case "limit_request_line", "limit_request_field_size":
				p.Report(n, "Lines of any length are read into memory: %s is 0, which means no limit.", name)
			}
		}
		return
	}
	if c, ok := n.(*ast.Call); ok && args.Callee(c) == "Application" && p.Is(c.Func, "aiohttp.web.Application") {
		if k := program.Keyword(c, "client_max_size"); k != nil {
			if v, ok := p.Int(k.Value); ok && v == 0 {
				p.Report(k, "Requests of any size are read into memory: client_max_size is 0, which means no limit.").ForAudit(conf.Dev(p, c))
			}
		}
	}
	conf.Each(p, n, func(name string) bool { return sizes[name] != "" }, func(s conf.Setting) {
		if args.IsNone(p.Unit, s.Value) && !s.Django {
			p.Report(s.At, "%s: %s is None.", sizes[s.Name], s.Name).ForAudit(s.Dev)
		}
	})
}

// sizeSurface looks for applications that take files, and a limit that nobody speaks of. Where
// everybody may send one it is a finding; else, since a proxy may have a limit, for auditors.
func sizeSurface(p *rule.SurfacePass) {
	judge := func(framework string, made, limits []string, takes func(b surface.Body) bool, missing string) {
		i := slices.IndexFunc(p.Apps, func(a surface.App) bool { return slices.Contains(made, a.Name) })
		if i < 0 {
			return
		}
		var first *surface.Route
		for _, x := range p.Routes {
			if x.Framework != framework || x.Library || x.Unit == nil || !slices.ContainsFunc(x.Bodies, takes) {
				continue
			}
			if first == nil || first.Access.Login != surface.None && x.Access.Login == surface.None {
				first = x
			}
		}
		if first != nil && !p.Says(limits...) {
			p.ReportApp(p.Apps[i], "Files of any size are taken, as by %s %s: %s.", strings.Join(first.Methods, ","), first.Path, missing).ForAudit(first.Access.Login != surface.None)
		}
	}
	judge("flask", []string{"flask.Flask", "quart.Quart"}, []string{"MAX_CONTENT_LENGTH", "max_content_length", "from_envvar", "from_pyfile", "from_prefixed_env", "from_file"}, func(b surface.Body) bool {
		text := b.File.Text(b.Def.Span())
		return strings.Contains(text, "request.files") && !strings.Contains(text, "content_length")
	}, "MAX_CONTENT_LENGTH is not set")
	judge("fastapi", []string{"fastapi.FastAPI", "starlette.applications.Starlette"}, []string{"content-length", "Content-Length", "content_length", "LimitUpload", "SizeLimit", "MaxBodySize", "max_upload", "MAX_UPLOAD", "max_file_size",
		"MAX_FILE_SIZE", "max_body", "MAX_BODY", "MAX_SIZE"}, readsWhole, "Starlette has no limit of its own, and nobody sets one")
}

// readsWhole says whether a function of FastAPI's reads an uploaded file into memory, or to a
// disk, and does not look how large it is.
func readsWhole(b surface.Body) bool {
	text := strings.ToLower(b.File.Text(b.Def.Span()))
	if !strings.Contains(text, "uploadfile") || strings.Contains(text, ".size") || strings.Contains(text, "len(") || strings.Contains(text, "limit") || strings.Contains(text, "max_") {
		return false
	}
	found := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if c, ok := n.(*ast.Call); ok {
			switch args.Callee(c) {
			case "read":
				found = found || len(c.Args) == 0
			case "copyfileobj":
				found = true
			}
		}
		if !found {
			ast.Children(n, visit)
		}
	}
	for _, s := range b.Def.Body {
		visit(s)
	}
	return found
}
