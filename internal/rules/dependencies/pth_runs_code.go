package dependencies

import (
	"bytes"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// PthRunsCode looks at files with which Python begins.
var PthRunsCode = rule.Check{Docs: func(p string) bool { return strings.HasSuffix(p, ".pth") }, Doc: pthRunsCode, File: siteRunsCode}

var hiding = match.Lazy(`\b(exec|eval|__import__|compile)\s*\(|base64|urlopen|urllib|requests|subprocess|os\.system|popen|socket|fromhex|zlib|marshal`)

// maxPth is far more than any such file has. Weights of models have the same ending.
const maxPth = 1 << 16

func pthRunsCode(p *rule.DocPass) {
	if len(p.Bytes) > maxPth || bytes.IndexByte(p.Bytes, 0) >= 0 {
		return
	}
	for n := 1; n <= p.Lines(); n++ {
		line := p.Line(n)
		if !strings.HasPrefix(line, "import ") && !strings.HasPrefix(line, "import\t") {
			continue
		}
		start := p.Offset(n)
		f := p.ReportSpan(source.Span{Start: start, End: start + source.Pos(len(line))}, "Python runs this line whenever it starts, in every program of the environment.")
		if hiding().MatchString(line) {
			f.With(finding.High, finding.HighConfidence)
		}
	}
}

// siteRunsCode looks at the two modules that Python imports by itself when it starts.
func siteRunsCode(p *rule.Pass) {
	switch path.Base(p.File.Path) {
	case "sitecustomize.py", "usercustomize.py":
		if body := p.Tree.Module.Body; len(body) > 0 {
			p.Report(body[0], "Python runs this file whenever it starts and finds it, in every program of the environment.").
				ForAudit(true).With(finding.Low, finding.LowConfidence).Advise("what must run is imported by the program that needs it")
		}
	}
}
