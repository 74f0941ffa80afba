package coding

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// XmlParser judges XML that the standard library parses.
var XmlParser = rule.Check{Called: xmlParser}

// defused has the modules of defusedxml that stand for one of the library's.
var defused = map[string]string{
	"xml.etree.ElementTree": "defusedxml.ElementTree", "xml.etree.cElementTree": "defusedxml.ElementTree", "xml.dom.minidom": "defusedxml.minidom",
	"xml.dom.pulldom": "defusedxml.pulldom", "xml.dom.expatbuilder": "defusedxml.expatbuilder", "xml.sax": "defusedxml.sax", "xml.sax.expatreader": "defusedxml.expatreader",
}

func xmlParser(p *rule.Pass, c *ast.Call, name string) {
	i := strings.LastIndexByte(name, '.')
	module, fn := name[:i], name[i+1:]
	f := p.Report(c, "%s expands the entities that a document defines for itself.", name)
	in := input(p, c, fn)
	switch {
	case in == nil, bytes.Contains(p.File.Bytes, []byte("defuse_stdlib")), parserGiven(p, c), inspected(p, c):
		f.ForAudit(true)
	case fn == "parse" || fn == "iterparse":
		f.ForAudit(!outside(p, in) && !fetched(p, in, 0))
	default:
		f.ForAudit(text.Fixed(p.Unit, in) || ours(p, in, 0))
	}
	if f.AuditOnly {
		f.With(finding.Low, finding.LowConfidence)
	} else if outside(p, in) || fetched(p, in, 0) {
		f.With(finding.Medium, finding.HighConfidence)
	}
	safe := defused[module]
	switch fn {
	case "parse", "iterparse", "fromstring", "XML", "parseString", "make_parser", "create_parser":
		if safe != "" && module != "xml.sax.expatreader" {
			f.ReviewFix("use "+safe, p.Replace(c.Func, safe+"."+fn), p.ImportModule(safe))
		}
	}
}

// input is the document that a function is given, or nil where it only makes a parser.
func input(p *rule.Pass, c *ast.Call, fn string) ast.Expr {
	switch fn {
	case "XMLParser", "make_parser", "create_parser", "ParserCreate", "XMLPullParser", "XMLTreeBuilder":
		return nil
	}
	if len(c.Args) > 0 {
		return program.Arg(c, 0, "")
	}
	for _, k := range []string{"source", "text", "string", "file"} {
		if e := program.Arg(c, -1, k); e != nil {
			return e
		}
	}
	return nil
}

// parserGiven says whether the call brings a parser of defusedxml.
func parserGiven(p *rule.Pass, c *ast.Call) bool {
	for _, e := range []ast.Expr{program.Arg(c, 1, "parser"), program.Arg(c, -1, "parser"), program.Arg(c, 2, "")} {
		for _, n := range p.Names(e) {
			if strings.HasPrefix(n, "defusedxml") {
				return true
			}
		}
	}
	return false
}

// inspected says whether the function around looks for a document type first.
func inspected(p *rule.Pass, n ast.Node) bool {
	f := p.Function(n)
	return f != nil && (strings.Contains(p.Text(f), "!DOCTYPE") || strings.Contains(p.Text(f), "!ENTITY"))
}

// fetched says whether e comes from the network: requests.get(…).text, urlopen(…).
func fetched(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 6 {
		return false
	}
	for _, v := range p.Values(e) {
		for _, n := range p.Names(v) {
			for _, o := range []string{"requests.", "httpx.", "urllib.request.urlopen()", "urllib2.urlopen()", "http.client.", "aiohttp.", "socket.socket()"} {
				if strings.HasPrefix(n, o) {
					return true
				}
			}
		}
		switch v := v.(type) {
		case *ast.Attribute:
			if fetched(p, v.Value, depth+1) {
				return true
			}
		case *ast.Call:
			if f, ok := v.Func.(*ast.Attribute); ok && fetched(p, f.Value, depth+1) {
				return true
			}
			if len(v.Args) > 0 && p.Is(v.Func, "io.BytesIO", "io.StringIO", "gzip.decompress", "builtins.str") && fetched(p, v.Args[0], depth+1) {
				return true
			}
		}
	}
	return false
}

// ours says whether e is what the program itself wrote: the output of a serialiser, or a
// file of a fixed name.
func ours(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 6 {
		return false
	}
	for _, v := range p.Values(e) {
		c, ok := v.(*ast.Call)
		if !ok {
			return false
		}
		if p.Is(c.Func, "xml.etree.ElementTree.tostring", "subprocess.check_output", "subprocess.getoutput", "pkgutil.get_data", "importlib.resources.read_text") {
			continue
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok {
			return false
		}
		switch f.Attr {
		case "toxml", "toprettyxml":
		case "encode", "decode", "strip":
			if !ours(p, f.Value, depth+1) {
				return false
			}
		case "read", "read_text", "read_bytes":
			if text.Fixed(p.Unit, f.Value) {
				continue
			}
			return false
		default:
			return false
		}
	}
	return true
}
