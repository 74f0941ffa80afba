package dependencies

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
)

// SetupRunsCode looks at what setup.py does beside describing the package.
var SetupRunsCode = rule.Check{Called: setupRunsCode}

func setupRunsCode(p *rule.Pass, c *ast.Call, name string) {
	if path.Base(p.File.Path) != "setup.py" {
		return
	}
	switch {
	case name == "builtins.exec" || name == "builtins.eval":
		if len(c.Args) > 0 && decoded(p, c.Args[0], 0) {
			p.Report(c, "%s runs text that is hidden in an encoding, on each machine that installs the package.", strings.TrimPrefix(name, "builtins.")).With(finding.Critical, finding.HighConfidence)
		}
	case (strings.HasPrefix(name, "os.") || strings.HasPrefix(name, "subprocess.")) && whileInstalling(p, c):
		p.Report(c, "%s runs another program on each machine that installs the package, out of a command of setuptools that is replaced here.", name).With(finding.Medium, finding.MediumConfidence)
	case strings.HasPrefix(name, "os.") || strings.HasPrefix(name, "subprocess."):
		p.Report(c, "%s runs another program on each machine that builds the package.", name).ForAudit(true).With(finding.Low, finding.LowConfidence)
	default:
		p.Report(c, "%s asks the network while the package is built, on each machine that installs it from its sources.", name)
	}
}

// installing are commands of setuptools that run on each machine that installs, and have nothing
// to build.
var installing = []string{"install", "develop", "egg_info", "install_lib", "install_scripts", "install_data", "install_egg_info", "easy_install"}

// whileInstalling says whether a call stands in a class that takes the place of such a command
// (cmdclass), or in a function that one calls.
func whileInstalling(p *rule.Pass, c *ast.Call) bool {
	function := p.Function(c)
	class := p.Class(c)
	for n := range p.Tree.Of(ast.KindDict) {
		d := n.(*ast.Dict)
		for i, k := range d.Keys {
			name, ok := d.Values[i].(*ast.Name)
			if k == nil || !ok { // **others
				continue
			}
			if key, _ := p.Str(k); !slices.Contains(installing, key) {
				continue
			}
			if class != nil && class.Name == name.Ident {
				return true
			}
			if class == nil && function != nil && calls(p, name.Ident, function.Name) {
				return true
			}
		}
	}
	return false
}

// calls says whether a class of the file calls a function by its name.
func calls(p *rule.Pass, class, function string) bool {
	for _, n := range p.Tree.Nodes()[1:] {
		if c, ok := n.(*ast.Call); ok {
			if f, ok := c.Func.(*ast.Name); ok && f.Ident == function {
				if in := p.Class(c); in != nil && in.Name == class {
					return true
				}
			}
		}
	}
	return false
}

// decoded says whether an expression is made of text that was encoded, so that nobody reads it.
func decoded(p *rule.Pass, e ast.Expr, depth int) bool {
	c, ok := e.(*ast.Call)
	if !ok || depth > 5 {
		return false
	}
	if p.Is(c.Func, "base64.b64decode", "base64.b32decode", "base64.b85decode", "base64.a85decode", "base64.urlsafe_b64decode", "zlib.decompress", "bz2.decompress", "lzma.decompress", "codecs.decode", "marshal.loads", "binascii.unhexlify", "builtins.bytes.fromhex") {
		return true
	}
	if a, ok := c.Func.(*ast.Attribute); ok && decoded(p, a.Value, depth+1) {
		return true // .decode()
	}
	return len(c.Args) > 0 && decoded(p, c.Args[0], depth+1)
}
