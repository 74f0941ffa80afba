package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/source"
)

// GraphqlWithoutLimit looks for GraphQL where nothing bounds what one question may ask for. It
// matters where types lead to one another in a circle: a question can then be as deep as
// somebody likes. In other schemas a question is bounded by the schema.
var GraphqlWithoutLimit = rule.Check{Called: graphqlWithoutLimit}

func graphqlWithoutLimit(p *rule.Pass, c *ast.Call, name string) {
	if v, _ := args.Keyword(p.Unit, c, "batch"); v != nil && args.IsTrue(p.Unit, v) {
		p.Report(c, "One request may bring any number of questions along: who counts requests counts one.").Advise("batch=False, or bound how many there are")
		return
	}
	if _, hidden := args.Keyword(p.Unit, c, "validation_rules"); hidden {
		return
	}
	g := graphOf(p)
	if g.bounded || conf.Dev(p, c) {
		return
	}
	// A schema whose view is in the same program is one finding.
	if strings.HasPrefix(name, "strawberry.") || strings.HasPrefix(name, "ariadne.") || name == "graphene.Schema" {
		p.Report(c, "%s", graphqlSays(g)).With(finding.Low, finding.MediumConfidence).ForAudit(len(g.circle) == 0)
	}
}

func graphqlSays(g *typeGraph) string {
	if len(g.circle) == 0 {
		return "Nothing bounds how deep or how costly a question may be."
	}
	return "Nothing bounds how deep a question may be, and " + strings.Join(g.circle, ", ") + " lead to one another in a circle."
}

// A typeGraph is what the types of a program's GraphQL lead to.
type typeGraph struct {
	bounded bool     // something bounds questions
	circle  []string // types that lead to one another
}

type typeGraphKey struct{}

// bounds are words of what bounds questions: classes of strawberry, rules of graphene, functions of ariadne.
var bounds = match.Lazy(`QueryDepthLimiter|MaxTokensLimiter|MaxAliasesLimiter|depth_limit_validator|cost_validator|[Dd]epth_?[Ll]imit|[Cc]omplexity_?([Ll]imit|[Vv]alidator|[Aa]naly)|[Qq]uery_?[Cc]ost|[Mm]ax_?[Dd]epth|MAX_DEPTH|[Cc]ost_?(map|[Aa]naly|[Ll]imit)`)

// graphOf reads the types of a program, once.
func graphOf(p *rule.Pass) *typeGraph {
	g, _ := p.Module.Program().Once(typeGraphKey{}, func() any { return readGraph(p.Module.Program()) }).(*typeGraph)
	if g == nil {
		return &typeGraph{}
	}
	return g
}

func readGraph(prog *program.Program) *typeGraph {
	g := &typeGraph{}
	leads := map[string][]string{}
	for _, m := range prog.Modules() {
		f := m.Source()
		if f == nil || source.IsTest(f.Path) {
			continue
		}
		text := source.View(f.Bytes)
		ours := strings.Contains(text, "strawberry") || strings.Contains(text, "graphene") || strings.Contains(text, "ariadne")
		g.bounded = g.bounded || (ours || strings.Contains(text, "graphql")) && bounds().MatchString(text)
		if !ours {
			continue
		}
		u := m.Open()
		if u == nil {
			continue
		}
		for _, n := range u.Tree.Nodes() {
			switch n := n.(type) {
			case *ast.ClassDef:
				if graphqlType(u, n) {
					leads[strings.Clone(n.Name)] = named(u, n)
				}
			case *ast.Constant:
				if s, ok := ast.IsStr(n); ok && strings.Contains(n.Raw, "type ") {
					sdl(s.Str(), leads)
				}
			}
		}
		u.Close()
	}
	g.circle = circle(leads)
	return g
}

// graphqlType says whether a class is an object that questions can ask for.
func graphqlType(u *program.Unit, c *ast.ClassDef) bool {
	for _, d := range c.DecoratorList {
		if call, ok := d.(*ast.Call); ok {
			d = call.Func
		}
		if t := u.File.Text(d.Span()); strings.HasPrefix(t, "strawberry") && (strings.HasSuffix(t, ".type") || strings.HasSuffix(t, ".interface")) {
			return true
		}
	}
	return slices.ContainsFunc(c.Bases, func(b ast.Expr) bool {
		t := u.File.Text(b.Span())
		return strings.HasSuffix(t, "ObjectType") || strings.HasSuffix(t, "graphene.Interface")
	})
}

// named lists the names in what the fields of a type are: annotations, results of methods, and
// what graphene.Field and its like are given. What resolvers do is not looked into.
func named(u *program.Unit, c *ast.ClassDef) (out []string) {
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Name:
			out = append(out, strings.Clone(n.Ident))
		case *ast.Attribute:
			out = append(out, strings.Clone(n.Attr))
		case *ast.Constant:
			if s, ok := ast.IsStr(n); ok {
				for _, w := range strings.FieldsFunc(s.Str(), func(r rune) bool { return r == '.' || r == '[' || r == ']' || r == ' ' || r == '|' || r == ',' }) {
					out = append(out, strings.Clone(w))
				}
			}
		}
		ast.Children(n, visit)
	}
	for _, s := range c.Body {
		switch s := s.(type) {
		case *ast.AnnAssign:
			visit(s.Annotation)
		case *ast.Assign:
			visit(s.Value)
		case *ast.FunctionDef:
			if s.Returns != nil {
				visit(s.Returns)
			}
		}
	}
	return out
}

var (
	sdlType = match.Lazy(`\btype\s+(\w+)[^{]*\{([^}]*)\}`)
	sdlName = match.Lazy(`:\s*\[?\s*(\w+)`)
)

// sdl reads types from a text as ariadne takes it.
func sdl(text string, leads map[string][]string) {
	for _, m := range sdlType().FindAllStringSubmatch(text, -1) {
		for _, n := range sdlName().FindAllStringSubmatch(m[2], -1) {
			leads[m[1]] = append(leads[m[1]], n[1])
		}
	}
}

// circle finds types that lead to one another, and names them from the first in the alphabet.
func circle(leads map[string][]string) []string {
	names := make([]string, 0, len(leads))
	for n := range leads {
		if n != "Query" && n != "Mutation" && n != "Subscription" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, start := range names {
		// The shortest way back, breadth first.
		from := map[string]string{}
		queue := []string{start}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			next := slices.Clone(leads[at])
			slices.Sort(next)
			for _, to := range next {
				if to == start {
					way := []string{at}
					for at != start {
						at = from[at]
						way = append(way, at)
					}
					slices.Reverse(way)
					if len(way) == 1 {
						return []string{start, start}
					}
					return way
				}
				if _, known := leads[to]; known && from[to] == "" && slices.Contains(names, to) {
					from[to] = at
					queue = append(queue, to)
				}
			}
		}
	}
	return nil
}
