package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// MakoAutoescape judges Mako templates without a filter.
var MakoAutoescape = rule.Check{Called: makoAutoescape}

// unfiltered is an expression in a template that has no filter.
var unfiltered = match.Lazy(`\$\{[^}|]*\}`)

func makoAutoescape(p *rule.Pass, c *ast.Call, name string) {
	if k := program.Keyword(c, "default_filters"); k != nil {
		elts := []ast.Expr{k.Value}
		for _, v := range p.Values(k.Value) {
			if list, ok := ast.Elements(v); ok {
				elts = list
			}
		}
		for _, e := range elts {
			if s, ok := p.Str(e); !ok || s == "h" || s == "x" || strings.Contains(s, "escape") {
				p.Report(c, "This template has a filter for all expressions.").ForAudit(true).With(finding.Low, finding.LowConfidence)
				return
			}
		}
	}
	f := p.Report(c, "Mako escapes nothing unless it is told to.")
	if e := program.Arg(c, 0, "text"); e != nil && strings.HasSuffix(name, "Template") {
		if s, ok := p.Str(e); ok && (!tag().MatchString(s) || !unfiltered().MatchString(s)) {
			f.ForAudit(true).With(finding.Low, finding.LowConfidence)
		}
	}
	if file, ok := p.Str(program.Arg(c, -1, "filename")); ok && !strings.Contains(file, "htm") && !strings.HasSuffix(file, ".mako") && !strings.HasSuffix(file, ".mak") {
		f.ForAudit(true)
	}
	if program.Keyword(c, "default_filters") == nil && !program.HasStar(c) {
		f.ReviewFix("escape by default", p.SetKeyword(c, "default_filters", `["h"]`))
	}
}
