package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// SecretSettingAsText looks at the fields of settings that Pydantic reads.
var SecretSettingAsText = rule.Check{Kinds: []ast.Kind{ast.KindClassDef}, Visit: secretSetting}

func secretSetting(p *rule.Pass, n ast.Node) {
	c := n.(*ast.ClassDef)
	settings := false
	for _, b := range c.Bases {
		settings = settings || p.Is(b, "pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings", "pydantic.BaseSettings", "pydantic.env_settings.BaseSettings")
	}
	if !settings {
		return
	}
	var names []string
	for _, s := range c.Body {
		a, ok := s.(*ast.AnnAssign)
		if !ok {
			continue
		}
		t, ok := a.Target.(*ast.Name)
		if !ok || !kept(secret.Of(t.Ident)) || !asText(p, a.Annotation) {
			continue
		}
		names = append(names, t.Ident)
	}
	if len(names) == 0 {
		return
	}
	shown := names[:min(len(names), 4)]
	if len(names) > 4 {
		shown = append(shown[:3:3], "others")
	}
	f := p.Report(c, "%s are plain text: whatever prints the settings prints them.", all(shown)).ForAudit(!printed(p, c.Name))
	if len(names) == 1 {
		f.Message = strings.Replace(f.Message, " are plain", " is plain", 1)
	}
	f.Span.End = c.Start()
	for int(f.Span.End) < len(p.File.Bytes) && p.File.Bytes[f.Span.End] != '\n' {
		f.Span.End++
	}
}

// asText says whether an annotation is str, or may be nothing else but None.
func asText(p *rule.Pass, annotation ast.Expr) bool {
	switch a := annotation.(type) {
	case *ast.Name:
		return p.Is(a, "builtins.str")
	case *ast.BinOp:
		return a.Op == ast.BitOr && (asText(p, a.Left) || asText(p, a.Right)) && !strings.Contains(p.Text(a), "Secret")
	case *ast.Subscript:
		return p.Is(a.Value, "typing.Optional", "typing.Annotated") && strings.Contains(p.Text(a.Slice), "str") && !strings.Contains(p.Text(a.Slice), "Secret")
	}
	return false
}

// printed says whether an instance of the class is printed or logged in this file.
func printed(p *rule.Pass, class string) bool {
	found := false
	for n := range p.Tree.Of(ast.KindCall) {
		c := n.(*ast.Call)
		if found {
			continue
		}
		switch args.Callee(c) {
		case "print", "info", "debug", "warning", "error", "exception", "log", "pprint", "repr", "str":
			for _, a := range c.Args {
				if name := p.Name(a); strings.HasSuffix(name, "."+class+"()") {
					found = true
				}
			}
		}
	}
	return found
}

// kept says whether something of the kind opens a door.
func kept(k secret.Kind) bool { return k == secret.Password || k == secret.Token || k == secret.Key }
