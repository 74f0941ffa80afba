package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// XmlExternalEntities looks for parsers that are told to read other files.
var XmlExternalEntities = rule.Check{Called: lxmlCalled, Kinds: []ast.Kind{ast.KindCall}, Visit: parserSwitched}

// lxmlCalled judges lxml's parsers, and its functions that make one.
func lxmlCalled(p *rule.Pass, c *ast.Call, name string) {
	switch name {
	case "lxml.etree.parse", "lxml.etree.fromstring", "lxml.etree.XML", "lxml.objectify.parse", "lxml.objectify.fromstring":
		if program.Arg(c, 1, "parser") == nil {
			p.Report(c, "lxml before version 5.0 reads files that a document's entities name.").ForAudit(true).With(finding.Low, finding.LowConfidence)
		}
		return
	}
	lxmlParser(p, c)
}

// parserSwitched looks at methods of the standard library's parsers.
func parserSwitched(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		return
	}
	switch f.Attr {
	case "setFeature":
		feature(p, c)
	case "SetParamEntityParsing":
		if !p.Is(program.Arg(c, 0, ""), "xml.parsers.expat.XML_PARAM_ENTITY_PARSING_NEVER") {
			p.Report(c, "The parser is told to read parameter entities, from other files too.").With(finding.Medium, finding.MediumConfidence)
		}
	}
}

// feature judges parser.setFeature(feature_external_ges, True).
func feature(p *rule.Pass, c *ast.Call) {
	if len(c.Args) != 2 || truth(p, c.Args[1]) != on {
		return
	}
	what := ""
	for _, n := range p.Names(c.Args[0]) {
		switch n[strings.LastIndexByte(n, '.')+1:] {
		case "feature_external_ges", "feature_external_pes":
			what = n
		}
	}
	if s, ok := p.Str(c.Args[0]); ok && strings.HasPrefix(s, "http://xml.org/sax/features/external-") {
		what = s
	}
	if what == "" {
		return
	}
	f := p.Report(c, "The parser is told to read what a document's entities name: files of this machine, and addresses.")
	f.SafeFix("switch it off", p.Replace(c.Args[1], "False"))
}

// lxmlParser judges the switches of a parser.
func lxmlParser(p *rule.Pass, c *ast.Call) {
	set := func(kw string) (*ast.Keyword, switchState) {
		k := program.Keyword(c, kw)
		if k == nil {
			return nil, off
		}
		if s, ok := p.Str(k.Value); ok && s == "internal" {
			return k, off
		}
		return k, truth(p, k.Value)
	}
	k, resolve := set("resolve_entities")
	if resolve == on {
		p.Report(c, "The parser is told to read what a document's entities name: files of this machine, and addresses.").
			SafeFix("leave entities alone", p.Replace(k.Value, "False"))
		return
	}
	if net := program.Keyword(c, "no_network"); net != nil && truth(p, net.Value) == off {
		p.Report(c, "The parser is told to fetch what a document names from the network.").SafeFix("keep it off the network", p.Replace(net.Value, "True"))
		return
	}
	for _, kw := range []string{"load_dtd", "dtd_validation", "attribute_defaults"} {
		if k, on2 := set(kw); k != nil && on2 == on && !(program.Keyword(c, "resolve_entities") != nil && resolve == off && kw != "load_dtd") {
			p.Report(c, "The parser is told to read the document type that a document names.").With(finding.Medium, finding.MediumConfidence).
				ReviewFix("leave the document type alone", p.Replace(k.Value, "False"))
			return
		}
	}
	if k, huge := set("huge_tree"); huge == on {
		p.Report(c, "The parser is told to forget its limits: a small document may fill the memory.").With(finding.Medium, finding.MediumConfidence).
			ReviewFix("keep the limits", p.Replace(k.Value, "False"))
	}
}
