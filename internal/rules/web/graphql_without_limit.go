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
	if g.bounded && !boundsAnother(p, c) || conf.Dev(p, c) {
		return
	}
	// A schema whose view is in the same program is one finding.
	if strings.HasPrefix(name, "strawberry.") || strings.HasPrefix(name, "ariadne.") || name == "graphene.Schema" {
		p.Report(c, "%s", graphqlSays(g)).With(finding.Low, finding.MediumConfidence).ForAudit(len(g.circle) == 0)
	}
}

// boundsAnother says whether bounds are given to another schema of the same file and not to this
// one, so that they are no matter of the whole program.
func boundsAnother(p *rule.Pass, c *ast.Call) bool {
	if !p.Is(c.Func, "strawberry.Schema", "strawberry.federation.Schema") || program.HasStar(c) {
		return false
	}
	if e, hidden := args.Keyword(p.Unit, c, "extensions"); e != nil || hidden {
		return false
	}
	for n := range p.Tree.Of(ast.KindCall) {
		if other := n.(*ast.Call); other != c && p.Is(other.Func, "strawberry.Schema", "strawberry.federation.Schema") && bounds().MatchString(p.Text(other)) {
			return true
		}
	}
	return false
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
	made := map[string]madeOf{} // types that are made of Django's models, by their names
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
				if m, ok := ofDjango(u, n); ok {
					made[strings.Clone(n.Name)] = m
				}
			case *ast.Constant:
				if s, ok := ast.IsStr(n); ok && strings.Contains(n.Raw, "type ") {
					sdl(s.Str(), leads)
				}
			}
		}
		u.Close()
	}
	if len(made) > 0 {
		throughModels(prog, made, leads)
	}
	g.circle = circle(leads)
	return g
}

// madeOf is what graphene_django makes a type of: a model, and which of its fields.
type madeOf struct {
	model  string
	fields []string // or nil for all
	except []string
}

func (m madeOf) shows(field string) bool {
	return (m.fields == nil || slices.Contains(m.fields, field)) && !slices.Contains(m.except, field)
}

// ofDjango reads the Meta of a DjangoObjectType.
func ofDjango(u *program.Unit, c *ast.ClassDef) (m madeOf, ok bool) {
	meta := inner(c, "Meta")
	if meta == nil || !slices.ContainsFunc(c.Bases, func(b ast.Expr) bool { return ast.LastName(b) == "DjangoObjectType" }) {
		return m, false
	}
	for _, s := range meta.Body {
		a, ok := s.(*ast.Assign)
		if !ok {
			continue
		}
		t, ok := a.Targets[0].(*ast.Name)
		if !ok {
			continue
		}
		var list []string
		if v, ok := u.Const(a.Value); ok {
			for _, x := range v.List {
				list = append(list, strings.Clone(x.Str))
			}
		}
		switch t.Ident {
		case "model":
			m.model = strings.Clone(ast.LastName(a.Value))
		case "fields", "only_fields":
			m.fields = list // of "__all__" there is no list
		case "exclude", "exclude_fields":
			m.except = list
		}
	}
	return m, m.model != ""
}

// throughModels follows the relations of models, each of which leads both ways.
func throughModels(prog *program.Program, made map[string]madeOf, leads map[string][]string) {
	link := func(from, field, to string) {
		for a, m := range made {
			if m.model != from || !m.shows(field) {
				continue
			}
			for b, n := range made {
				if n.model == to {
					leads[a] = append(leads[a], b)
				}
			}
		}
	}
	for _, m := range prog.Modules() {
		f := m.Source()
		if f == nil || source.IsTest(f.Path) || !relation().MatchString(source.View(f.Bytes)) {
			continue
		}
		u := m.Open()
		if u == nil {
			continue
		}
		for n := range u.Tree.Of(ast.KindClassDef) {
			c := n.(*ast.ClassDef)
			for _, s := range c.Body {
				a, ok := s.(*ast.Assign)
				if !ok {
					continue
				}
				t, isName := a.Targets[0].(*ast.Name)
				field, isCall := a.Value.(*ast.Call)
				if !isName || !isCall || !relation().MatchString(ast.LastName(field.Func)) {
					continue
				}
				to := ""
				if e := program.Arg(field, 0, "to"); e != nil {
					if to = ast.LastName(e); to == "" {
						text, _ := u.Str(e)
						to = args.Last(text)
					}
				}
				if to == "self" {
					to = c.Name
				}
				back, _ := u.Str(program.Arg(field, -1, "related_name"))
				if back == "" {
					back = strings.ToLower(c.Name)
					if ast.LastName(field.Func) != "OneToOneField" {
						back += "_set"
					}
				}
				link(c.Name, t.Ident, to)
				link(to, back, c.Name)
			}
		}
		u.Close()
	}
}

var relation = match.Lazy(`ForeignKey|ManyToManyField|OneToOneField`)

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
