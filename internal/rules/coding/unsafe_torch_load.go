package coding

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// UnsafeTorchLoad looks for weights_only.
var UnsafeTorchLoad = rule.Check{Called: unsafeTorchLoad}

func unsafeTorchLoad(p *rule.Pass, c *ast.Call, name string) {
	v, hidden := args.Keyword(p.Unit, c, "weights_only")
	if name == "torch.hub.load_state_dict_from_url" && v == nil && !hidden {
		f := p.Report(c, "%s downloads a pickle and runs the code that it brings along.", name).With(finding.High, finding.MediumConfidence)
		f.ReviewFix("load weights only", p.SetKeyword(c, "weights_only", "True"))
		return
	}
	switch {
	case v != nil && args.IsTrue(p.Unit, v):
	case v == nil && hidden, v != nil && !p.IsConst(v):
		p.Report(c, "%s may be allowed to run code that the file brings along.", name).ForAudit(true).With(finding.Low, finding.LowConfidence)
	case v != nil:
		in := program.Arg(c, 0, "f")
		f := p.Report(c, "%s with weights_only=False runs code that the file brings along.", name)
		if foreign(p, in, 0) {
			f.With(finding.Critical, finding.HighConfidence)
		}
		f.ReviewFix("load weights only", p.SetKeyword(c, "weights_only", "True"))
	default:
		f := p.Report(c, "%s runs code that the file brings along, unless PyTorch is 2.6 or newer.", name).With(finding.Medium, finding.MediumConfidence)
		f.SafeFix("load weights only", p.SetKeyword(c, "weights_only", "True"))
	}
}
