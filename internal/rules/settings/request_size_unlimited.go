package settings

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// RequestSizeUnlimited looks for limits that are switched off.
var RequestSizeUnlimited = rule.Check{Called: sizeUnset, Kinds: conf.Kinds, Visit: sizeUnlimited, File: django(djangoSize)}

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
	conf.Each(p, n, func(name string) bool { return sizes[name] != "" }, func(s conf.Setting) {
		if args.IsNone(p.Unit, s.Value) && !s.Django {
			p.Report(s.At, "%s: %s is None.", sizes[s.Name], s.Name).ForAudit(s.Dev)
		}
	})
}

// sizeUnset: an application that takes files, and a limit that nobody speaks of.
func sizeUnset(p *rule.Pass, c *ast.Call, _ string) {
	if conf.Mentions(p, "request.files") && !conf.Mentions(p, "MAX_CONTENT_LENGTH", "from_envvar", "from_pyfile", "from_prefixed_env", "from_file") {
		p.Report(c, "Files of any size are taken: MAX_CONTENT_LENGTH is not set.").ForAudit(true)
	}
}
