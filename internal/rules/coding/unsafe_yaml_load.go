package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// UnsafeYamlLoad looks at the loader that yaml.load is given, and at ruamel.yaml's types.
var UnsafeYamlLoad = rule.Check{Called: unsafeYAMLLoad}

// loaders tells PyYAML's apart: safe ones know data only.
var loaders = map[string]bool{
	"SafeLoader": true, "CSafeLoader": true, "BaseLoader": true, "CBaseLoader": true, "RoundTripLoader": true,
	"Loader": false, "CLoader": false, "UnsafeLoader": false, "CUnsafeLoader": false, "FullLoader": false, "CFullLoader": false,
}

func unsafeYAMLLoad(p *rule.Pass, c *ast.Call, name string) {
	fn := lateName(name)
	in := program.Arg(c, 0, "stream")
	own := in != nil && text.Fixed(p.Unit, in)
	if s, ok := p.Str(in); ok && strings.Contains(s, "!!python/") {
		own = false // the document itself asks for more than data
	}
	if name == "ruamel.yaml.YAML" {
		v, _ := args.Get(p.Unit, c, 0, "typ")
		if s, ok := p.Str(v); ok && s == "unsafe" {
			p.Report(c, "ruamel.yaml of the unsafe type builds any object that the document names.").Advise("YAML(typ=\"safe\")").ReviewFix("use the safe type", p.Replace(v, `"safe"`))
		}
		return
	}
	library := strings.TrimSuffix(name, "."+fn)
	switch fn {
	case "unsafe_load", "unsafe_load_all":
		f := p.Report(c, "%s builds any object that the document names.", name).ForAudit(own)
		f.ReviewFix("use "+library+".safe_"+strings.TrimPrefix(fn, "unsafe_"), safeName(p, c, library, strings.Replace(fn, "unsafe", "safe", 1))...)
		return
	case "full_load", "full_load_all":
		f := p.Report(c, "%s builds objects of more types than the document needs, and was broken twice.", name).ForAudit(own).With(finding.Medium, finding.MediumConfidence)
		f.ReviewFix("use "+library+".safe_"+strings.TrimPrefix(fn, "full_"), safeName(p, c, library, strings.Replace(fn, "full", "safe", 1))...)
		return
	}
	loader, hidden := args.Get(p.Unit, c, 1, "Loader")
	verdict := judgeLoader(p, loader, 0)
	switch {
	case loader == nil && hidden:
		p.Report(c, "%s is given a loader that is not known here.", name).ForAudit(true).With(finding.Low, finding.LowConfidence)
	case loader == nil:
		f := p.Report(c, "%s without a loader builds any object that the document names, or fails since PyYAML 6.", name).ForAudit(own)
		safely(p, c, library, fn, nil, f)
	case verdict == off: // safe
		if !banditSafe(p, loader) {
			p.Report(c, "%s is given a safe loader under a name that has to be looked up.", name).ForAudit(true).With(finding.Info, finding.HighConfidence)
		}
	case verdict == maybe:
		p.Report(c, "%s is given a loader that is not known here.", name).ForAudit(true).With(finding.Low, finding.LowConfidence)
	default:
		f := p.Report(c, "%s with %s builds any object that the document names.", name, excerpt(p, loader)).ForAudit(own)
		if strings.Contains(excerpt(p, loader), "Full") {
			f.Message = name + " with " + excerpt(p, loader) + " builds objects of more types than the document needs, and was broken twice."
			f.With(finding.Medium, finding.MediumConfidence)
		}
		if loader.Kind() == ast.KindName || loader.Kind() == ast.KindAttribute {
			safely(p, c, library, fn, loader, f)
		}
	}
}

// judgeLoader says whether the loader builds objects: on it does, off it does not.
func judgeLoader(p *rule.Pass, e ast.Expr, depth int) switchState {
	if e == nil || depth > 4 {
		return maybe
	}
	state := off
	for _, n := range p.Names(e) {
		safe, known := loaders[strings.TrimSuffix(lateName(n), "()")]
		switch {
		case !known:
			return classLoader(p, lateName(n), depth)
		case !safe:
			state = on
		}
	}
	if len(p.Names(e)) == 0 {
		return maybe
	}
	return state
}

// classLoader judges a loader that this file derives from another.
func classLoader(p *rule.Pass, name string, depth int) switchState {
	for n := range p.Tree.Of(ast.KindClassDef) {
		if c := n.(*ast.ClassDef); c.Name == name {
			for _, b := range c.Bases {
				if s := judgeLoader(p, b, depth+1); s != off {
					return s
				}
			}
			if len(c.Bases) > 0 {
				return off
			}
		}
	}
	return maybe
}

// banditSafe says whether the loader is one that a look at its last name shows to be safe.
func banditSafe(p *rule.Pass, e ast.Expr) bool {
	n := lastName(e)
	return n == "SafeLoader" || n == "CSafeLoader"
}

// safeName replaces the callee by the safe function of the same library.
func safeName(p *rule.Pass, c *ast.Call, library, fn string) []rule.Edit {
	switch f := c.Func.(type) {
	case *ast.Attribute:
		return []rule.Edit{p.Replace(f, p.Text(f.Value)+"."+fn)}
	case *ast.Name:
		if edit, ok := importEdit(p, library); ok && !strings.Contains(library, ".") {
			return []rule.Edit{p.Replace(f, library+"."+fn), edit}
		}
	}
	return nil
}

// safely replaces load by safe_load, without its loader.
func safely(p *rule.Pass, c *ast.Call, library, fn string, loader ast.Expr, f *rule.Found) {
	var edits []rule.Edit
	if loader != nil {
		var at ast.Node = loader
		if k, ok := p.Parent(loader).(*ast.Keyword); ok {
			at = k
		}
		edits = append(edits, p.RemoveArgument(c, at))
	}
	if callee := safeName(p, c, library, "safe_"+fn); callee != nil {
		f.SafeFix("use "+library+".safe_"+fn, append(edits, callee...)...)
	}
}
