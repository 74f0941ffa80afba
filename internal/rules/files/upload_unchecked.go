package files

import (
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/rule/text"
	"github.com/gambeson/gambeson/internal/source"
)

// UploadUnchecked looks for uploads that are kept, in functions where nothing asks what they
// are. The name that came with a file matters most, since servers and browsers judge a file by
// how its name ends. Fields of models and forms that ask nothing are for auditors: what becomes
// of the file is decided elsewhere.
var UploadUnchecked = rule.Check{Called: uploadField, Kinds: []ast.Kind{ast.KindCall}, Visit: uploadKept}

func uploadKept(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	f, method := c.Func.(*ast.Attribute)
	var place []ast.Expr // what the name of the kept file is made of
	switch name := args.Callee(c); {
	case name == "save" && method && len(c.Args) > 0 && uploaded(p, f.Value, 0):
		place = c.Args[:1]
	case name == "save" && method && len(c.Args) == 2 && storage(p, f.Value) && uploaded(p, c.Args[1], 0):
		place = c.Args[:1]
	case name == "copyfileobj" && len(c.Args) > 1 && uploaded(p, c.Args[0], 0):
		place = openedAround(p, c)
	case name == "write" && method && len(c.Args) == 1 && uploaded(p, c.Args[0], 0):
		place = openedAround(p, c)
	case name == "write_bytes" && method && len(c.Args) == 1 && uploaded(p, c.Args[0], 0):
		place = []ast.Expr{f.Value}
	default:
		return
	}
	asked, stated := asksWhatItIs(p, c, place)
	if asked || passing(p, c) {
		return
	}
	if slices.ContainsFunc(place, func(e ast.Expr) bool { return ownName(p, e, 0) && !ownEnding(p, e) }) {
		if stated {
			p.Report(c, "The upload is kept under the ending that came with it, and only the type that its sender states is looked at: a page or a script is stored as one.")
			return
		}
		if made(p, place) {
			p.Report(c, "The upload is kept under the ending that came with it, and nothing asks what it is: a page or a script is stored as one.")
			return
		}
		p.Report(c, "The upload is kept under the name that came with it, and nothing asks what it is: a page or a script is stored as one.")
		return
	}
	p.Report(c, "The upload is kept, and nothing asks what it is.").With(finding.Low, finding.LowConfidence).ForAudit(true)
}

// uploaded says whether e is a file of a request, or what is in it.
func uploaded(p *rule.Pass, e ast.Expr, depth int) bool {
	if e == nil || depth > 6 {
		return false
	}
	switch x := e.(type) {
	case *ast.Await:
		return uploaded(p, x.Value, depth+1)
	case *ast.Subscript:
		return ofFiles(p, x.Value) || parsed(p, x.Value, x.Slice)
	case *ast.Attribute:
		if f, ok := x.Value.(*ast.Attribute); ok && x.Attr == "data" { // form.picture.data of Flask-WTF
			n, ok := f.Value.(*ast.Name)
			return ok && strings.HasSuffix(n.Ident, "form") && !conf.Mentions(p, "FileAllowed", "flask_uploads")
		}
		return (x.Attr == "file" || x.Attr == "stream") && uploaded(p, x.Value, depth+1)
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		if !ok {
			return bounds(p, x) && slices.ContainsFunc(x.Args, func(a ast.Expr) bool { return uploaded(p, a, depth+1) })
		}
		switch f.Attr {
		case "get", "pop":
			return ofFiles(p, f.Value) || len(x.Args) > 0 && parsed(p, f.Value, x.Args[0])
		case "read", "chunks":
			return uploaded(p, f.Value, depth+1)
		}
	case *ast.Name:
		if n := p.Name(x); strings.HasSuffix(n, ".UploadFile()") || strings.HasSuffix(n, ".FileStorage()") {
			return true
		}
		for _, v := range p.Values(x) {
			if v != ast.Expr(x) && uploaded(p, v, depth+1) {
				return true
			}
		}
		for _, b := range p.Bindings(x) {
			// for file in files, for chunk in file.chunks()
			l, ok := b.(*ast.For)
			if !ok {
				l, ok = p.Parent(b).(*ast.For)
			}
			if ok && (listOfFiles(p, l.Iter) || uploaded(p, l.Iter, depth+1)) {
				return true
			}
		}
	}
	return false
}

// bounds says whether a function of this file only reads an upload as far as it may be long: it
// gives on what is in it, and asks nothing.
func bounds(p *rule.Pass, c *ast.Call) bool {
	d := p.Definition(c.Func)
	if d == nil {
		return false
	}
	said := p.Text(d)
	return strings.Contains(said, ".read(") && strings.Contains(said, "return") && !slices.ContainsFunc(secret.Words(said), func(w string) bool { return asking()[w] })
}

// made says whether a path has something in it that the program has made up.
func made(p *rule.Pass, place []ast.Expr) bool {
	return slices.ContainsFunc(place, func(e ast.Expr) (found bool) {
		chain(p, e, func(n ast.Node) {
			c, ok := n.(*ast.Call)
			found = found || ok && p.Is(c.Func, "uuid.uuid4", "uuid.uuid1", "secrets.token_hex", "secrets.token_urlsafe", "os.urandom", "time.time")
		})
		return found
	})
}

// chain visits what a path is made of, also behind names.
func chain(p *rule.Pass, e ast.Expr, visit func(ast.Node)) {
	steps := 0
	var walk func(n ast.Node, depth int)
	walk = func(e ast.Node, depth int) {
		if steps++; depth > 12 || steps > 300 {
			return
		}
		visit(e)
		if n, ok := e.(*ast.Name); ok && n.Ctx() == ast.Load {
			for _, v := range p.Values(n) {
				if v != ast.Expr(n) {
					walk(v, depth+3)
				}
			}
		}
		ast.Children(e, func(c ast.Node) { walk(c, depth+1) })
	}
	walk(e, 0)
}

// called says whether a name is that of a function which is given something, but for those that
// only clean a name.
func called(p *rule.Pass, n *ast.Name) bool {
	switch up := p.Parent(n).(type) {
	case *ast.Call:
		return up.Func == ast.Expr(n) && n.Ident != "get_valid_filename" && n.Ident != "splitext"
	case *ast.Attribute:
		c, ok := p.Parent(up).(*ast.Call)
		return ok && c.Func == ast.Expr(up) && !slices.Contains([]string{"lower", "upper", "strip", "lstrip", "rstrip", "replace", "encode", "casefold"}, up.Attr)
	}
	return false
}

// stated says whether e is what the sender of a file says of its type.
func stated(p *rule.Pass, e ast.Node) bool {
	a, ok := e.(*ast.Attribute)
	return ok && (a.Attr == "content_type" || a.Attr == "mimetype") && uploaded(p, a.Value, 0)
}

// ofFiles says whether e is the files of a request.
func ofFiles(p *rule.Pass, e ast.Expr) bool {
	a, ok := e.(*ast.Attribute)
	if !ok || a.Attr != "files" && a.Attr != "FILES" {
		return false
	}
	switch r := a.Value.(type) {
	case *ast.Name:
		return r.Ident == "request" || p.Is(r, "flask.request", "quart.request")
	case *ast.Attribute:
		return r.Attr == "request"
	}
	return false
}

// parsed says whether request.data["file"] is meant to be a file: Django REST framework puts
// files among the other fields.
func parsed(p *rule.Pass, e, key ast.Expr) bool {
	a, ok := e.(*ast.Attribute)
	if !ok || a.Attr != "data" || ast.LastName(a.Value) != "request" || !p.Imports("rest_framework") {
		return false
	}
	s, _ := p.Str(key)
	return slices.ContainsFunc(secret.Words(s), func(w string) bool {
		switch w {
		case "file", "upload", "image", "picture", "photo", "avatar", "document", "attachment", "video", "media":
			return true
		}
		return false
	})
}

// listOfFiles says whether e is several files of a request.
func listOfFiles(p *rule.Pass, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		return ok && (f.Attr == "getlist" || f.Attr == "values") && ofFiles(p, f.Value)
	case *ast.Name:
		for _, b := range p.Bindings(x) { // files: list[UploadFile]
			if a, ok := b.(*ast.Arg); ok && a.Annotation != nil && strings.Contains(p.Text(a.Annotation), "UploadFile") {
				return true
			}
		}
		for _, v := range p.Values(x) {
			if c, ok := v.(*ast.Call); ok && listOfFiles(p, c) {
				return true
			}
		}
	}
	return false
}

// storage says whether e is one of Django's places for files.
func storage(p *rule.Pass, e ast.Expr) bool {
	return p.Is(e, "django.core.files.storage.default_storage", "django.core.files.storage.FileSystemStorage()", "django.core.files.storage.DefaultStorage()", "django.core.files.storage.get_storage_class()()")
}

// openedAround lists what the function around a call gives to open.
func openedAround(p *rule.Pass, c *ast.Call) (out []ast.Expr) {
	f := p.Function(c)
	if f == nil {
		return nil
	}
	p.Inside(f, func(n ast.Node) bool {
		if o, ok := n.(*ast.Call); ok && args.Callee(o) == "open" {
			if a, ok := o.Func.(*ast.Attribute); ok && len(o.Args) < 2 { // path.open("wb")
				out = append(out, a.Value)
			}
			if e := program.Arg(o, 0, "file"); e != nil {
				out = append(out, e)
			}
		}
		return true
	})
	return out
}

// ownName says whether a path is made of the name that came with a file.
func ownName(p *rule.Pass, e ast.Expr, depth int) bool {
	if e == nil || depth > 8 {
		return false
	}
	switch x := e.(type) {
	case *ast.Name:
		for _, v := range p.Values(x) {
			if v != ast.Expr(x) && ownName(p, v, depth+1) {
				return true
			}
		}
		return false
	case *ast.Attribute:
		if x.Attr == "filename" || x.Attr == "name" && uploaded(p, x.Value, 0) {
			return true
		}
	case *ast.Call:
		if p.Is(x.Func, "uuid.uuid4", "secrets.token_hex", "secrets.token_urlsafe") {
			return false
		}
	}
	found := false
	ast.Children(e, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Keyword:
			found = found || ownName(p, n.Value, depth+1)
		case ast.Expr:
			found = found || ownName(p, n, depth+1)
		}
	})
	return found
}

// ownEnding says whether a path ends as the program says: f"{name}.zip".
func ownEnding(p *rule.Pass, e ast.Expr) bool {
	for range 4 { // the last component
		b, ok := e.(*ast.BinOp)
		if !ok || b.Op != ast.Div {
			if c, ok := e.(*ast.Call); ok && len(c.Args) > 0 && slices.Contains([]string{"join", "joinpath", "Path", "safe_join"}, args.Callee(c)) {
				e = c.Args[len(c.Args)-1]
				continue
			}
			if v := p.Values(e); len(v) == 1 && v[0] != e {
				e = v[0]
				continue
			}
			break
		}
		e = b.Right
	}
	parts := text.Split(p.Unit, e).Parts
	return len(parts) > 1 && parts[len(parts)-1].Expr == nil && strings.Contains(parts[len(parts)-1].Const, ".")
}

// passing says whether the function keeps files for as long as it needs them.
func passing(p *rule.Pass, n ast.Node) bool {
	f := p.Function(n)
	return f != nil && slices.ContainsFunc(secret.Words(p.Text(f)), func(w string) bool {
		return w == "temp" || w == "tmp" || w == "temporary" || w == "tempfile" || w == "mkdtemp" || w == "mkstemp" || w == "gettempdir"
	})
}

// asking are words in the names of what looks at a file before it is kept.
var asking = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq("allow allowed allows whitelist allowlist extension extensions ext exts suffix suffixes splitext endswith startswith mime mimetype mimetypes magic imghdr filetype puremagic " +
		"valid validate validated validator validators validation check checks checked verify verified sniff scan clamd accept accepted accepts supported pil pandas openpyxl zipfile") {
		out[w] = true
	}
	return out
})

// asksWhatItIs says whether a function has a word of that in it, apart from those by which it puts
// the ending that came with a file behind another name. Sender says that what it asks is the type
// that the file's sender states, which anybody can choose.
func asksWhatItIs(p *rule.Pass, n ast.Node, place []ast.Expr) (asked, sender bool) {
	f := p.Function(n)
	if f == nil {
		return false, false
	}
	for up := p.Function(f); up != nil; up = p.Function(up) {
		f = up
	}
	text := []byte(p.Text(f))
	hide := func(start, end source.Pos) {
		if start < f.Start() || end > f.End() {
			return // of the module
		}
		for i := start - f.Start(); i < end-f.Start(); i++ {
			text[i] = ' '
		}
	}
	for _, e := range place {
		chain(p, e, func(n ast.Node) {
			switch n := n.(type) {
			case *ast.Name:
				if called(p, n) {
					return // what may look at the name
				}
				hide(n.Start(), n.End())
				for _, v := range p.Values(n) {
					if a, ok := p.Parent(v).(*ast.Assign); ok {
						hide(a.Targets[0].Start(), a.Targets[0].End())
					}
				}
			case *ast.Attribute:
				if n.Attr == "suffix" || n.Attr == "suffixes" || n.Attr == "splitext" {
					hide(n.End()-source.Pos(len(n.Attr)), n.End())
				}
			}
		})
	}
	p.Inside(f, func(n ast.Node) bool {
		within := false
		switch x := n.(type) {
		case *ast.Compare:
			within = stated(p, x.Left)
		case *ast.Call:
			if a, ok := x.Func.(*ast.Attribute); ok && a.Attr == "startswith" {
				of := ast.Node(a.Value)
				if b, ok := of.(*ast.BoolOp); ok {
					of = b.Values[0]
				}
				within = stated(p, of)
			}
		}
		if within {
			sender = true
			hide(n.Start(), n.End())
		}
		return true
	})
	return asks(p, f, string(text)), sender
}

func asks(p *rule.Pass, f *ast.FunctionDef, said string) bool {
	if strings.Contains(said, "content_type") || strings.Contains(said, "content-type") || strings.Contains(said, "Content-Type") {
		return true
	}
	if slices.ContainsFunc(secret.Words(said), func(w string) bool { return asking()[w] }) {
		return true
	}
	// filename.split(".")[-1] != "zip"; whether there is a name at all, or a dot in it, says nothing
	found := false
	p.Inside(f, func(n ast.Node) bool {
		if c, ok := n.(*ast.Compare); ok && len(c.Comparators) == 1 {
			for _, x := range [][2]ast.Expr{{c.Left, c.Comparators[0]}, {c.Comparators[0], c.Left}} {
				if !ownName(p, x[0], 0) {
					continue
				}
				v, known := p.Const(x[1])
				if !known || v.Kind != ast.None && v.Str != "" && v.Str != "." || len(v.List) > 0 {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// uploadField looks at the fields of models, forms and serializers that take a file.
func uploadField(p *rule.Pass, c *ast.Call, name string) {
	if v, hidden := args.Keyword(p.Unit, c, "validators"); v != nil || hidden {
		return
	}
	if strings.HasPrefix(name, "wtforms.") || strings.HasPrefix(name, "flask_wtf.") {
		if len(c.Args) > 1 {
			return
		}
	}
	class := p.Class(c)
	field := "" // "" in a migration, which repeats what a model has said
	if a, ok := p.Parent(c).(*ast.Assign); ok {
		if t, ok := a.Targets[0].(*ast.Name); ok {
			field = t.Ident
		}
	}
	if class == nil || p.Function(c) != nil || field == "" {
		return
	}
	for _, s := range class.Body {
		if d, ok := s.(*ast.FunctionDef); ok && slices.Contains([]string{"clean", "validate", "clean_" + field, "validate_" + field}, d.Name) {
			return
		}
	}
	p.Report(c, "%s takes any file, of any kind.", field).With(finding.Low, finding.LowConfidence).ForAudit(true)
}
