// Package surface lists where an application can be entered: each route with its methods, its
// full path, what it takes from a request, who answers it, and what is asked of whoever calls
// it. It reads what the application puts together when it starts (taint.Assembly) and runs
// nothing. What one framework means by a route stands in a file of its own.
package surface

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/taint"
)

// A Surface is all of an application that can be reached from outside.
type Surface struct {
	// Apps are the calls that make the applications.
	Apps []App `json:"-"`
	// Hooks are functions that run before the requests of an application or a part of it.
	Hooks  []Body `json:"-"`
	says   func(names []string) bool
	Routes []*Route `json:"routes"`
	// Unread are places that add routes which could not be read, each with the reason.
	Unread []Unread `json:"unread,omitempty"`
}

// An App is the call that makes an application.
type App struct {
	taint.Spot
	Name string // flask.Flask
}

// Says says whether one of these names, of settings or headers, is written anywhere in the program: as
// a variable, an attribute, a key or a text. It reads all files, so ask for all names at once, and last.
func (s *Surface) Says(names ...string) bool { return s.says(names) }

// A Route is one way in.
type Route struct {
	Framework string `json:"framework"`
	// Methods are HTTP methods in capital letters, sorted, without HEAD and OPTIONS where the
	// framework adds these itself; "*" is any, "WEBSOCKET" a web socket.
	Methods []string `json:"methods"`
	// Path is the full path as the framework writes it: /orders/<int:number>. Template is the
	// same as OpenAPI writes it: /orders/{number}.
	Path       string      `json:"path"`
	Template   string      `json:"template"`
	Handler    string      `json:"handler"`           // qualified name
	Library    bool        `json:"library,omitempty"` // a library answers, not the program
	File       string      `json:"file,omitempty"`    // relative to the root
	Line       int         `json:"line,omitempty"`
	Parameters []Parameter `json:"parameters,omitempty"`
	Access     Access      `json:"access"`
	Sinks      []string    `json:"sinks,omitempty"` // kinds of places that what it calls reaches

	Unit *program.Unit `json:"-"` // of the handler; closed with the reader
	At   source.Span   `json:"-"` // of its definition
	Told taint.Spot    `json:"-"` // where the route is added
	// Bodies are the functions that answer: one, or a method for each HTTP method.
	Bodies []Body `json:"-"`
}

// A Body is a function that answers, in its file.
type Body struct {
	*program.Unit
	Def *ast.FunctionDef
}

// An Unread is a place that adds something that could not be read.
type Unread struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// A Parameter is something that a route takes from a request.
type Parameter struct {
	Name     string `json:"name"`
	In       string `json:"in"`             // path, query, header, cookie, form, file, body
	Type     string `json:"type,omitempty"` // string, integer, number, boolean, array, object
	Required bool   `json:"required,omitempty"`
}

// Access is what is asked of whoever calls a route.
type Access struct {
	// Login says whether somebody must be known: "required", "none" or "unknown".
	Login string `json:"login"`
	// By are the decorators, classes, dependencies and hooks that ask.
	By []string `json:"by,omitempty"`
	// CSRF is "checked", "exempt" or "none"; "" where nothing is known of it.
	CSRF string `json:"csrf,omitempty"`
	// Limit is what bounds how often it may be called, or "".
	Limit string `json:"limit,omitempty"`
	// Opened says that the route takes back what is asked of every caller by default.
	Opened bool `json:"-"`
}

// OwnCheck stands in Access.By for what answers, where it turns callers away itself.
const OwnCheck = "its own check"

// The answers of Access.Login.
const (
	Required = "required"
	None     = "none"
	Unknown  = "unknown"
)

// A framework knows what one web framework, or a few that are written alike, means by a route.
type framework struct {
	name string
	// libraries are the first words of names that belong to it.
	libraries []string
	// tells are the names of calls that add something to an application; a name that begins
	// with "." is the end of one, and of what a method of something unknown is called.
	tells []string
	read  func(r *reader)
}

var frameworks []framework

// speaks adds a framework: each file of this package that knows one calls it.
func speaks(f framework) bool {
	frameworks = append(frameworks, f)
	return true
}

// Plan is what an assembly must note for Read.
func Plan() *taint.Plan {
	p := &taint.Plan{Libraries: map[string]bool{}}
	whole, ends := map[string]bool{}, map[string]bool{}
	for _, f := range frameworks {
		for _, l := range f.libraries {
			p.Libraries[l] = true
		}
		for _, t := range f.tells {
			if strings.HasPrefix(t, ".") {
				ends[t[1:]] = true
			} else {
				whole[t] = true
			}
		}
	}
	p.Tells = func(name string) bool {
		if whole[name] {
			return true
		}
		head, last := "", name
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			head, last = name[:i], name[i+1:]
		}
		if !ends[last] {
			return false
		}
		if i := strings.IndexAny(head, ".("); i >= 0 {
			head = head[:i]
		}
		return head == "*" || p.Libraries[head]
	}
	return p
}

// A reader reads one program.
type reader struct {
	*taint.Assembly
	prog *program.Program
	out  Surface
	on   map[*taint.Made][]*taint.Made // what is called on an object, members of it included
	uses map[string]bool               // libraries that the program's calls are of
}

// Read lists the routes of a program. Units of routes are open until the assembly is closed.
func Read(p *program.Program, as *taint.Assembly) *Surface {
	r := &reader{Assembly: as, prog: p, on: map[*taint.Made][]*taint.Made{}, uses: map[string]bool{}}
	for _, m := range as.Made {
		for _, of := range m.Of {
			of = base(of)
			r.on[of] = append(r.on[of], m)
		}
		r.uses[first(m.Name)] = true
	}
	for _, f := range frameworks {
		if slices.ContainsFunc(f.libraries, func(l string) bool { return r.uses[l] }) {
			f.read(r)
		}
	}
	return r.done()
}

// base is the object that a member is a member of.
func base(m *taint.Made) *taint.Made {
	for m.Member && len(m.Of) > 0 {
		m = m.Of[0]
	}
	return m
}

func first(name string) string {
	if i := strings.IndexAny(name, ".("); i >= 0 {
		return name[:i]
	}
	return name
}

// last is the last component of a name, without ().
func last(name string) string {
	name = strings.TrimSuffix(name, "()")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// made lists the calls with one of these names, in order.
func (r *reader) made(names ...string) []*taint.Made {
	var out []*taint.Made
	for _, m := range r.Made {
		if slices.Contains(names, m.Name) {
			out = append(out, m)
		}
	}
	return out
}

// add adds a route once.
func (r *reader) add(x *Route) {
	slices.Sort(x.Methods)
	x.Methods = slices.Compact(x.Methods)
	if x.Template == "" {
		x.Template = template(x.Path)
	}
	if x.Access.Login == "" {
		x.Access.Login = Unknown
	}
	r.out.Routes = append(r.out.Routes, x)
}

func (r *reader) unread(at taint.Spot, why string) {
	u := Unread{File: at.File.Path, Line: at.File.Position(at.At.Start).Line, Why: why}
	if !slices.Contains(r.out.Unread, u) {
		r.out.Unread = append(r.out.Unread, u)
	}
}

// done sorts what was found, so that it is the same each time. Texts are copied: they may be
// parts of files.
func (r *reader) done() *Surface {
	for _, x := range r.out.Routes {
		x.Path, x.Template, x.Handler = strings.Clone(x.Path), strings.Clone(x.Template), strings.Clone(x.Handler)
		for _, list := range [][]string{x.Methods, x.Access.By} {
			for i := range list {
				list[i] = strings.Clone(list[i])
			}
		}
		for i := range x.Parameters {
			x.Parameters[i].Name = strings.Clone(x.Parameters[i].Name)
		}
	}
	slices.SortStableFunc(r.out.Routes, func(x, y *Route) int {
		return cmp.Or(strings.Compare(x.Path, y.Path), slices.Compare(x.Methods, y.Methods), strings.Compare(x.Handler, y.Handler))
	})
	r.out.Routes = slices.CompactFunc(r.out.Routes, func(x, y *Route) bool {
		return x.Path == y.Path && x.Handler == y.Handler && slices.Equal(x.Methods, y.Methods)
	})
	for _, m := range r.Made {
		switch last(m.Name) {
		case "before_request", "before_app_request", "middleware", "middleware()", "url_value_preprocessor":
			for _, f := range m.Arg(0, "").Funcs() {
				if d := f.Def(); d != nil {
					r.out.Hooks = append(r.out.Hooks, Body{f.Unit(), d})
				}
			}
		}
	}
	for _, m := range r.Made {
		switch m.Name {
		case "flask.Flask", "quart.Quart", "fastapi.FastAPI", "starlette.applications.Starlette", "aiohttp.web.Application", "tornado.web.Application":
			r.out.Apps = append(r.out.Apps, App{m.Spot, m.Name})
		}
	}
	r.out.says = r.says
	slices.SortFunc(r.out.Unread, func(x, y Unread) int {
		return cmp.Or(strings.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), strings.Compare(x.Why, y.Why))
	})
	return &r.out
}

// Where is the file that a route is reported in: that of what answers, or that of the call that
// adds it.
func (x *Route) Where() *source.File {
	if x.Unit != nil {
		return x.Unit.File
	}
	return x.Told.File
}

// Head is the place in that file: the first line of the definition, or the call.
func (x *Route) Head() source.Span {
	if x.Unit == nil {
		return x.Told.At
	}
	f := x.Unit.File
	line := f.Position(x.At.Start).Line
	end := x.At.End
	if line < f.Lines() {
		end = min(end, f.Offset(line+1))
	}
	for end > x.At.Start && (f.Bytes[end-1] == '\n' || f.Bytes[end-1] == '\r') {
		end--
	}
	return source.Span{Start: x.At.Start, End: end}
}

// says looks for names in all files of the program.
func (r *reader) says(names []string) bool {
	for _, m := range r.prog.Modules() {
		if f := m.Source(); f != nil {
			text := source.View(f.Bytes)
			if slices.ContainsFunc(names, func(n string) bool { return strings.Contains(text, n) }) {
				return true
			}
		}
	}
	return false
}

// answers fills in who answers a route.
func (x *Route) answers(f *taint.Func) {
	if d := f.Def(); d != nil {
		x.Bodies = append(x.Bodies, Body{f.Unit(), d})
	}
	x.Handler, x.Unit, x.At = f.Name(), f.Unit(), f.Node().Span()
	x.File, x.Line = x.Unit.File.Path, x.Unit.File.Position(x.At.Start).Line
	if d := f.Def(); d != nil {
		x.Line = x.Unit.File.Position(d.Start()).Line
	}
}

// answersClass is answers for a class of which the methods answer.
func (x *Route) answersClass(c *taint.Class) {
	for _, name := range c.Own() {
		verb := strings.TrimPrefix(strings.ToLower(name), "on_")
		if !slices.Contains(verbs, verb) && !slices.Contains([]string{"list", "create", "retrieve", "update", "partial_update", "destroy", "dispatch", "dispatch_request", "form_valid", "get_object", "get_queryset"}, name) {
			continue
		}
		if v := strings.ToUpper(verb); slices.Contains(verbs, verb) && len(x.Methods) > 0 && !slices.Contains(x.Methods, v) && x.Methods[0] != "*" {
			continue
		}
		for _, f := range c.Attr(name).Funcs() {
			if d := f.Def(); d != nil {
				x.Bodies = append(x.Bodies, Body{f.Unit(), d})
			}
		}
	}
	x.Handler, x.Unit = c.Name(), c.Unit()
	if d := c.Def(); d != nil {
		x.At = d.Span()
		x.File, x.Line = x.Unit.File.Path, x.Unit.File.Position(x.At.Start).Line
	}
}

// join puts a path below a prefix, with one / between them.
func join(prefix, path string) string {
	switch {
	case prefix == "":
		return path
	case path == "":
		return prefix
	}
	return strings.TrimRight(prefix, "/") + "/" + strings.TrimLeft(path, "/")
}

// rooted makes a path begin with /.
func rooted(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return "/" + path
}

// template is a path as OpenAPI writes it: <int:id>, {id:int}, :id and (?P<id>…) become {id}.
func template(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); {
		switch c := path[i]; c {
		case '<', '{':
			end := strings.IndexByte(path[i:], map[byte]byte{'<': '>', '{': '}'}[c])
			if end < 0 {
				b.WriteString(path[i:])
				return b.String()
			}
			b.WriteString("{" + variable(path[i+1:i+end], c) + "}")
			i += end + 1
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// variable is the name in <int:id>, <id:int>, <path:rest> or {id:int}.
func variable(s string, open byte) string {
	a, b, ok := strings.Cut(s, ":")
	switch {
	case !ok:
		return strings.TrimPrefix(strings.TrimSpace(s), "*")
	case open == '{':
		return strings.TrimSpace(a)
	case strings.Contains(a, "("): // <regex("[a-z]+"):name>
		return s[strings.LastIndexByte(s, ':')+1:]
	}
	return strings.TrimSpace(b)
}

// texts are the elements of a list of texts, in capital letters.
func capitals(t *taint.Thing) []string {
	if s, ok := t.Str(); ok {
		return []string{strings.ToUpper(s)}
	}
	items, _ := t.Items()
	var out []string
	for _, x := range items {
		if len(x.Strs()) == 0 && len(x.Names()) > 0 { // HTTPMethod.GET
			out = append(out, strings.ToUpper(last(x.Names()[0])))
		}
		for _, s := range x.Strs() {
			out = append(out, strings.ToUpper(s))
		}
	}
	return out
}

var verbs = []string{"get", "post", "put", "patch", "delete", "head", "options", "trace"}

// methodsOf are the HTTP methods that a class has methods for.
func methodsOf(c *taint.Class) []string {
	var out []string
	for _, v := range verbs {
		if c.Attr(v) != nil && v != "head" && v != "options" {
			out = append(out, strings.ToUpper(v))
		}
	}
	return out
}
