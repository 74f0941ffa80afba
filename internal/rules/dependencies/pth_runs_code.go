package dependencies

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// PthRunsCode looks at files with which Python begins.
var PthRunsCode = rule.Check{Docs: func(p string) bool { return strings.HasSuffix(p, ".pth") }, Doc: pthRunsCode}

var hiding = regexp.MustCompile(`\b(exec|eval|__import__|compile)\s*\(|base64|urlopen|urllib|requests|subprocess|os\.system|popen|socket|fromhex|zlib|marshal`)

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
		if hiding.MatchString(line) {
			f.With(finding.High, finding.HighConfidence)
		}
	}
}
