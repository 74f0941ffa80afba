package coding

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// UnsafeKerasLoad looks for what allows a model to bring code along.
var UnsafeKerasLoad = rule.Check{Called: unsafeKerasLoad}

func unsafeKerasLoad(p *rule.Pass, c *ast.Call, name string) {
	if lateName(name) == "enable_unsafe_deserialization" {
		p.Report(c, "From here on, every model that Keras loads may bring code along.")
		return
	}
	which := "safe_mode"
	if lateName(name) == "from_pretrained" || lateName(name) == "load_dataset" || lateName(name) == "pipeline" || name == "torch.hub.load" {
		which = "trust_remote_code"
		if name == "torch.hub.load" {
			which = "trust_repo"
		}
		v, _ := args.Keyword(p.Unit, c, which)
		if v != nil && args.IsTrue(p.Unit, v) && !args.IsNone(p.Unit, v) {
			if s, ok := p.Str(v); ok && s == "check" {
				return
			}
			p.Report(c, "%s with %s runs Python files that the repository brings along.", name, which).With(finding.Medium, finding.MediumConfidence).
				Advise("read the repository's code, pin its revision, or choose a model that needs none")
		}
		return
	}
	v, _ := args.Keyword(p.Unit, c, which)
	if v == nil || !args.IsFalse(p.Unit, v) {
		return
	}
	f := p.Report(c, "%s with safe_mode=False runs code that the model brings along.", name)
	f.ReviewFix("refuse code in models", p.Replace(v, "True"))
}
