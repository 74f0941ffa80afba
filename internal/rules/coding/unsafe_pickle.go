package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// UnsafePickle judges where a pickle comes from: what the program wrote itself, in the
// same expression or into a file that it names, is for auditors.
var UnsafePickle = rule.Check{Called: unsafePickle}

func unsafePickle(p *rule.Pass, c *ast.Call, name string) {
	fn := lateName(name)
	switch {
	case name == "numpy.load" || name == "numpy.lib.npyio.load":
		v, hidden := args.Get(p.Unit, c, 2, "allow_pickle")
		if v == nil || args.IsFalse(p.Unit, v) {
			if hidden {
				p.Report(c, "numpy.load may be told to load pickled objects here.").ForAudit(true).With(finding.Low, finding.LowConfidence)
			}
			return
		}
		f := p.Report(c, "numpy.load with allow_pickle runs code that the file brings along.").ForAudit(!p.IsConst(v) || ownPath(p, program.Arg(c, 0, "file"), 0))
		gradeOrigin(p, f, program.Arg(c, 0, "file"))
		f.Advise("numpy.savez and numpy.load without allow_pickle")
		if p.IsConst(v) {
			f.ReviewFix("refuse pickled objects", p.Replace(v, "False"))
		}
		return
	case strings.HasSuffix(name, "Unpickler().load"):
		if ownFinder(p, c) || fresh(p, c.Func) {
			return
		}
		p.Report(c, "Unpickler.load runs code that the pickle brings along.")
		return
	}
	in := program.Arg(c, 0, "")
	for _, k := range []string{"file", "filepath_or_buffer", "filename", "string", "data", "bytes", "str", "fp", "path"} {
		if in == nil {
			in = program.Arg(c, -1, k)
		}
	}
	what := "the pickle"
	if strings.HasPrefix(name, "jsonpickle.") {
		what = "the document"
	}
	f := p.Report(c, "%s runs code that %s brings along.", name, what)
	switch {
	case in == nil:
		if fn == "decode" || fn == "loads" || fn == "load" {
			f.ForAudit(true)
		}
	case dumped(p, in, 0), vouched(p, c), strings.HasPrefix(name, "shelve.") && !foreign(p, in, 0) && !outside(p, in): // a shelf is the program's own
		f.ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	case shelved(p, in) && !foreign(p, in, 0):
		f.Message = name + " runs code that " + what + " brings along, and whoever reaches the cache can write one."
		f.With(finding.Medium, finding.MediumConfidence)
		return
	case foreign(p, in, 0), outside(p, in):
		f.Message = name + " runs code that " + what + " brings along, and it comes from outside."
		f.With(finding.Critical, finding.HighConfidence)
		return
	case ownPath(p, in, 0), ownFile(p, in, 0):
		f.ForAudit(true).With(finding.Low, finding.MediumConfidence)
		return
	}
	gradeOrigin(p, f, in)
}

// gradeOrigin lowers the severity where the origin is not known.
func gradeOrigin(p *rule.Pass, f *rule.Found, in ast.Expr) {
	switch {
	case f.AuditOnly:
		f.With(finding.Low, finding.LowConfidence)
	case foreign(p, in, 0):
		f.With(finding.Critical, finding.HighConfidence)
	default:
		f.With(finding.Medium, finding.MediumConfidence)
	}
}

// dumped says whether e was pickled just before: loads(dumps(x)) is a copy.
func dumped(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 5 {
		return false
	}
	values := p.Values(e)
	for _, v := range values {
		c, ok := v.(*ast.Call)
		if !ok {
			return false
		}
		switch callee := args.Callee(c); {
		case callee == "dumps" || callee == "encode" && p.Is(c.Func, "jsonpickle.encode"):
		case callee == "BytesIO" && len(c.Args) == 1 && dumped(p, c.Args[0], depth+1):
		case callee == "BytesIO" && len(c.Args) == 0 && filled(p, e):
		default:
			return false
		}
	}
	return len(values) > 0
}

// filled says whether something is pickled into the buffer e in the same function.
func filled(p *rule.Pass, e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	if !ok {
		return false
	}
	var around ast.Node = p.Tree.Module
	if f := p.Function(n); f != nil {
		around = f
	}
	found := false
	inside(p, around, func(x ast.Node) bool {
		if c, ok := x.(*ast.Call); ok && c.Start() < n.Start() {
			switch args.Callee(c) {
			case "dump", "Pickler", "save", "to_pickle":
				for _, a := range c.Args {
					if b, ok := a.(*ast.Name); ok && b.Ident == n.Ident {
						found = true
					}
				}
			}
		}
		return !found
	})
	return found
}

// vouched says whether a signature is checked in the same function, above the call.
func vouched(p *rule.Pass, c *ast.Call) bool {
	f := p.Function(c)
	if f == nil {
		return false
	}
	found := false
	inside(p, f, func(n ast.Node) bool {
		if v, ok := n.(*ast.Call); ok && v.Start() < c.Start() {
			switch args.Callee(v) {
			case "compare_digest", "constant_time_compare", "verify", "unsign", "verify_signature", "decrypt", "check_signature":
				found = true
			}
		}
		return !found
	})
	return found
}

// fresh says whether the method is called on an Unpickler that is made right there and
// reported there.
func fresh(p *rule.Pass, f ast.Expr) bool {
	a, ok := f.(*ast.Attribute)
	if !ok {
		return false
	}
	for _, v := range p.Values(a.Value) {
		c, ok := v.(*ast.Call)
		if !ok || !p.Is(c.Func, "pickle.Unpickler", "_pickle.Unpickler", "dill.Unpickler", "cPickle.Unpickler", "pickle._Unpickler") {
			return false
		}
	}
	return true
}

// ownFinder says whether the receiver is of a class of this file that chooses what may be
// loaded, or of a class that is not known.
func ownFinder(p *rule.Pass, c *ast.Call) bool {
	a, ok := c.Func.(*ast.Attribute)
	if !ok {
		return true
	}
	name := strings.TrimSuffix(p.Name(a.Value), "()")
	name = name[strings.LastIndexByte(name, '.')+1:]
	for n := range p.Tree.Of(ast.KindClassDef) {
		cls := n.(*ast.ClassDef)
		if cls.Name != name {
			continue
		}
		for _, s := range cls.Body {
			if f, ok := s.(*ast.FunctionDef); ok && f.Name == "find_class" {
				return true
			}
		}
		return false
	}
	return true
}
