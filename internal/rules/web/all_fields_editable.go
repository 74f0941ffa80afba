package web

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/source"
)

// AllFieldsEditable looks at forms and serializers that are made of a model with all its fields, or
// with all but a few, and at what these fields are.
var AllFieldsEditable = rule.Check{Kinds: []ast.Kind{ast.KindClassDef, ast.KindCall, ast.KindFunctionDef}, Visit: allFieldsEditable}

// privileged are fields that no form should leave to whoever fills it in.
var privileged = []string{"is_admin", "is_staff", "is_superuser", "is_superadmin", "is_moderator", "is_verified", "is_approved", "superuser", "admin", "role", "roles", "permissions", "user_permissions", "groups", "balance", "credit", "credits",
	"approved", "verified", "password", "password_hash", "email_verified"}

func allFieldsEditable(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Call:
		modelForm(p, n)
		setAll(p, n)
		return
	case *ast.FunctionDef:
		tableAsBody(p, n)
		return
	}
	c := n.(*ast.ClassDef)
	kind := ""
	for _, b := range c.Bases {
		switch name := ast.LastName(b); {
		case name == "ModelForm", name == "ModelSerializer", name == "HyperlinkedModelSerializer":
			kind = name
		case name == "CreateView", name == "UpdateView":
			kind = name
		case name == "SQLAlchemyAutoSchema" && autoSchema(p, b):
			kind = name
		}
	}
	if kind == "" || kind != "SQLAlchemyAutoSchema" && !p.Imports("django", "rest_framework") {
		return
	}
	in := c
	if !strings.HasSuffix(kind, "View") {
		if in = inner(c, "Meta"); in == nil {
			return
		}
	}
	var at ast.Node
	var model ast.Expr
	var out, listed []string
	all, loads := false, false
	var named ast.Node // fields that are listed
	for _, s := range in.Body {
		a, ok := s.(*ast.Assign)
		if !ok {
			continue
		}
		t, ok := a.Targets[0].(*ast.Name)
		if !ok {
			continue
		}
		switch t.Ident {
		case "model":
			if model = a.Value; kind == "SQLAlchemyAutoSchema" {
				all, at = true, a // of all, unless it says otherwise
			}
		case "load_instance":
			loads = args.IsTrue(p.Unit, a.Value)
		case "fields":
			v, _ := p.Str(a.Value)
			if list, ok := p.Const(a.Value); ok && list.Kind == program.List {
				for _, x := range list.List {
					if x.Kind == ast.Str && x.Str != "password" && slices.Contains(privileged, x.Str) {
						listed = append(listed, strings.Clone(x.Str))
					}
				}
				if named = a; len(listed) == 0 {
					return
				}
				continue
			}
			if v != "__all__" && !p.Is(a.Value, "django.forms.ALL_FIELDS", "django.forms.models.ALL_FIELDS", "rest_framework.serializers.ALL_FIELDS") {
				return
			}
			all, at = true, a
		case "exclude", "read_only_fields", "dump_only":
			v, ok := p.Const(a.Value)
			if !ok {
				return
			}
			for _, x := range v.List {
				out = append(out, strings.Clone(x.Str))
			}
			if t.Ident == "exclude" && at == nil {
				at = a
			}
		case "extra_kwargs":
			out = append(out, readOnly(p, a.Value)...)
		}
	}
	if named != nil {
		ownRights(p, c, kind, named, model, listed, out)
		return
	}
	if at == nil || model == nil || kind == "SQLAlchemyAutoSchema" && !loads {
		return // a schema that makes no objects is mostly there to show them
	}
	for _, s := range c.Body { // id = serializers.CharField(read_only=True), and what is made anew
		if a, ok := s.(*ast.Assign); ok {
			if t, ok := a.Targets[0].(*ast.Name); ok {
				out = append(out, t.Ident)
			}
		}
	}
	fields, _ := privilegedOf(p, model)
	verb := "All fields"
	if !all {
		verb = "All fields but a few"
	}
	reportFields(p, at, verb, model, fields, out).ForAudit(forStaff(p, c))
}

// ownRights reports fields that give rights or money and are listed in a form or a serializer with which
// somebody changes what is about himself. The staff has forms with such fields, too: that they are his
// own is seen where the form is used.
func ownRights(p *rule.Pass, c *ast.ClassDef, kind string, at ast.Node, model ast.Expr, fields, out []string) {
	for _, s := range c.Body {
		if a, ok := s.(*ast.Assign); ok && !strings.HasSuffix(kind, "View") {
			if t, ok := a.Targets[0].(*ast.Name); ok && strings.Contains(p.Text(a.Value), "read_only") {
				out = append(out, t.Ident)
			}
		}
	}
	fields = slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return slices.Contains(out, f) })
	if len(fields) == 0 || model == nil || forStaff(p, c) {
		return
	}
	if strings.HasSuffix(kind, "View") {
		if !aboutCaller(p.Unit, c) {
			return
		}
	} else if !usedByOwner(p, c.Name) {
		return
	}
	f := p.Report(at, "Whoever calls can write %s of his own %s.", list(fields), args.Last(p.Text(model)))
	f.Advise("read_only_fields = %s", quoted(fields))
	if kind == "ModelForm" || strings.HasSuffix(kind, "View") {
		f.Advise("leave out %s, and set it where the staff does", list(fields))
	}
}

func quoted(words []string) string { return `["` + strings.Join(words, `", "`) + `"]` }

// aboutCaller says whether a view is about whoever calls: its get_object gives him, or what is his.
func aboutCaller(u *program.Unit, c *ast.ClassDef) bool {
	for _, s := range c.Body {
		f, ok := s.(*ast.FunctionDef)
		if !ok || f.Name != "get_object" || len(f.Body) == 0 {
			continue
		}
		r, ok := f.Body[len(f.Body)-1].(*ast.Return)
		return ok && r.Value != nil && strings.HasPrefix(u.File.Text(r.Value.Span()), "self.request.user")
	}
	return false
}

// A formKey is a form or a serializer of a module whose uses have been looked at.
type formKey struct{ module, name string }

// maxUsers bounds how many modules are read for one form.
const maxUsers = 40

// usedByOwner says whether a form or a serializer of this file is used somewhere with who calls: as what
// a view about him takes, or called with request.user.
func usedByOwner(p *rule.Pass, name string) bool {
	prog, module := p.Module.Program(), p.Module
	short := strings.Clone(name)
	used, _ := prog.Once(formKey{module.Name, short}, func() any {
		looked := 0
		for _, m := range prog.Modules() {
			f := m.Source()
			if f == nil || source.IsTest(f.Path) || !bytes.Contains(f.Bytes, []byte(short)) || !bytes.Contains(f.Bytes, []byte("request.user")) {
				continue
			}
			if looked++; looked > maxUsers {
				break
			}
			u := m.Open()
			if u == nil {
				continue
			}
			yes := usesWithOwner(u, short, module.Name+"."+short, m.Name == module.Name)
			u.Close()
			if yes {
				return true
			}
		}
		return false
	}).(bool)
	return used
}

func usesWithOwner(u *program.Unit, short, whole string, own bool) bool {
	is := func(e ast.Expr) bool {
		n, local := e.(*ast.Name)
		return u.Is(e, whole) || own && local && n.Ident == short || ast.LastName(e) == short && slices.ContainsFunc(u.Names(e), func(n string) bool { return strings.HasSuffix(whole, "."+n) || strings.HasSuffix(n, whole) })
	}
	for _, n := range u.Tree.Nodes()[1:] {
		switch n := n.(type) {
		case *ast.ClassDef:
			if !aboutCaller(u, n) {
				continue
			}
			for _, s := range n.Body {
				if a, ok := s.(*ast.Assign); ok {
					if t := ast.LastName(a.Targets[0]); (t == "serializer_class" || t == "form_class") && is(a.Value) {
						return true
					}
				}
			}
		case *ast.Call:
			if !is(n.Func) {
				continue
			}
			data := program.Keyword(n, "data") != nil || len(n.Args) > 1
			who := program.Arg(n, 0, "instance")
			if k := program.Keyword(n, "instance"); k != nil { // ProfileForm(request.POST, instance=request.user)
				who, data = k.Value, data || len(n.Args) > 0
			}
			if who != nil && data && strings.HasPrefix(strings.TrimPrefix(u.File.Text(who.Span()), "self."), "request.user") {
				return true
			}
		}
	}
	return false
}

// reportFields reports that all fields of a model can be written, but those that are out.
func reportFields(p *rule.Pass, at ast.Node, verb string, model ast.Expr, fields, out []string) *rule.Found {
	name := args.Last(p.Text(model))
	fields = slices.DeleteFunc(fields, func(f string) bool { return slices.Contains(out, f) })
	if len(fields) == 0 {
		return p.Report(at, "%s of %s can be written by whoever sends them, also those that will be added.", verb, name).With(finding.Low, finding.LowConfidence).ForAudit(true)
	}
	if len(fields) > 3 {
		fields = fields[:3]
	}
	return p.Report(at, "%s of %s can be written by whoever sends them, %s among them.", verb, name, list(fields))
}

// autoSchema says whether a class is the one that marshmallow makes of a model of SQLAlchemy's:
// its own, or that of Flask-Marshmallow.
func autoSchema(p *rule.Pass, e ast.Expr) bool {
	return p.Imports("flask_marshmallow", "marshmallow_sqlalchemy") || p.Is(e, "flask_marshmallow.Marshmallow().SQLAlchemyAutoSchema") || p.Text(e) == "ma.SQLAlchemyAutoSchema"
}

// modelForm looks at forms of WTForms that are made of a model.
func modelForm(p *rule.Pass, c *ast.Call) {
	if args.Callee(c) != "model_form" || len(c.Args) == 0 || !p.Is(c.Func, "wtforms_sqlalchemy.orm.model_form", "wtforms.ext.sqlalchemy.orm.model_form", "flask_mongoengine.wtf.model_form", "flask_mongoengine.wtf.orm.model_form", "wtfpeewee.orm.model_form") {
		return
	}
	if v, hidden := args.Keyword(p.Unit, c, "only"); v != nil || hidden || len(c.Args) > 3 {
		return
	}
	verb := "All fields"
	var out []string
	if v, _ := args.Keyword(p.Unit, c, "exclude"); v != nil {
		k, ok := p.Const(v)
		if !ok {
			return
		}
		verb = "All fields but a few"
		for _, x := range k.List {
			out = append(out, x.Str)
		}
	}
	fields, _ := privilegedOf(p, c.Args[0])
	reportFields(p, c, verb, c.Args[0], fields, out)
}

// tableAsBody looks at routes of FastAPI that take a row of a table as it is sent: SQLModel does
// not even look at the types of one.
func tableAsBody(p *rule.Pass, f *ast.FunctionDef) {
	if !slices.ContainsFunc(f.DecoratorList, func(d ast.Expr) bool {
		c, ok := d.(*ast.Call)
		return ok && p.Is(c.Func, "fastapi.FastAPI().post", "fastapi.FastAPI().put", "fastapi.FastAPI().patch", "fastapi.APIRouter().post", "fastapi.APIRouter().put", "fastapi.APIRouter().patch")
	}) {
		return
	}
	for i, a := range f.Args.Args {
		if a.Annotation == nil || ast.LastName(a.Annotation) == "" || i >= len(f.Args.Args)-len(f.Args.Defaults) { // user = Depends(…)
			continue
		}
		if fields, table := privilegedOf(p, a.Annotation); table {
			reportFields(p, a, "All fields", a.Annotation, fields, nil).Advise("a model of its own for what may be sent, and User.model_validate(sent)")
		}
	}
}

// setAll looks at documents of MongoDB that are set to what a request says:
// users.update_one({"_id": id}, {"$set": request.get_json()}).
func setAll(p *rule.Pass, c *ast.Call) {
	switch args.Callee(c) {
	case "update_one", "update_many", "find_one_and_update", "update", "update_all":
	default:
		return
	}
	for _, a := range c.Args {
		for _, v := range p.Values(a) {
			d, ok := v.(*ast.Dict)
			if !ok {
				continue
			}
			for i, k := range d.Keys {
				if k == nil {
					continue
				}
				if s, ok := p.Str(k); ok && (s == "$set" || s == "$setOnInsert") && requestNames(p, d.Values[i], 0) {
					p.Report(c, "%s sets any field of the document: it brings the names along.", excerpt(p, d.Values[i])).Advise(`{"$set": {"name": str(sent["name"])}}`)
					return
				}
			}
		}
	}
}

// inner is the class of a name in the body of another.
func inner(c *ast.ClassDef, name string) *ast.ClassDef {
	for _, s := range c.Body {
		if d, ok := s.(*ast.ClassDef); ok && d.Name == name {
			return d
		}
	}
	return nil
}

// forStaff says whether a form is for those who may write everything anyway, by its file and name.
func forStaff(p *rule.Pass, c *ast.ClassDef) bool {
	base, dir := path.Base(p.File.Path), path.Base(path.Dir(p.File.Path))
	l := strings.ToLower(c.Name)
	return base == "admin.py" || dir == "admin" || dir == "dashboard" || strings.Contains(p.File.Path, "dashboard/") || strings.Contains(l, "admin") || strings.Contains(l, "staff") || strings.Contains(l, "readonly") || strings.Contains(l, "export")
}

// readOnly lists the fields that extra_kwargs takes out of what can be written.
func readOnly(p *rule.Pass, e ast.Expr) (out []string) {
	d, ok := e.(*ast.Dict)
	if !ok {
		return nil
	}
	for i, k := range d.Keys {
		if s, ok := p.Str(k); ok && k != nil && strings.Contains(p.Text(d.Values[i]), "read_only") {
			out = append(out, s)
		}
	}
	return out
}

// privilegedOf lists the privileged fields of a model that the program defines, with those that it
// has of Django's own accounts. Table says that it is one of SQLModel's that is a table.
func privilegedOf(p *rule.Pass, model ast.Expr) (fields []string, table bool) {
	if c, ok := model.(*ast.Call); ok && args.Callee(c) == "get_user_model" || p.Is(model, "django.contrib.auth.models.User") {
		return []string{"is_staff", "is_superuser", "password"}, false
	}
	name := p.Name(model)
	m, rest := p.Home(name)
	if m == nil {
		return nil, false
	}
	u := p.Unit
	if m != p.Module {
		if u = m.Open(); u == nil {
			return nil, false
		}
		defer u.Close()
	}
	for _, s := range u.Tree.Module.Body {
		if c, ok := s.(*ast.ClassDef); ok && c.Name == rest {
			return privilegedIn(u, c, 0), slices.ContainsFunc(c.Keywords, func(k *ast.Keyword) bool { return k.Arg == "table" && args.IsTrue(u, k.Value) })
		}
	}
	return nil, false
}

func privilegedIn(u *program.Unit, c *ast.ClassDef, depth int) (out []string) {
	for _, b := range c.Bases {
		for _, d := range u.Bindings(b) { // of a base in the same module
			if k, ok := d.(*ast.ClassDef); ok && depth < 4 && k != c {
				for _, f := range privilegedIn(u, k, depth+1) {
					if !slices.Contains(out, f) {
						out = append(out, f)
					}
				}
			}
		}
		switch ast.LastName(b) {
		case "AbstractUser":
			out = append(out, "is_staff", "is_superuser", "password")
		case "AbstractBaseUser":
			out = append(out, "password")
		case "PermissionsMixin":
			out = append(out, "is_superuser")
		}
	}
	for _, s := range c.Body {
		if a, ok := s.(*ast.AnnAssign); ok { // SQLModel's, and SQLAlchemy's Mapped[bool]
			if f, ok := a.Value.(*ast.Call); ok && program.Keyword(f, "editable") != nil {
				continue
			}
			if t, ok := a.Target.(*ast.Name); ok && slices.Contains(privileged, t.Ident) && !slices.Contains(out, t.Ident) {
				out = append(out, strings.Clone(t.Ident))
			}
			continue
		}
		a, ok := s.(*ast.Assign)
		if !ok {
			continue
		}
		t, ok := a.Targets[0].(*ast.Name)
		f, call := a.Value.(*ast.Call)
		if !ok || !call || !slices.Contains(privileged, t.Ident) || slices.Contains(out, t.Ident) {
			continue
		}
		if k := program.Keyword(f, "editable"); k != nil {
			continue
		}
		if last := ast.LastName(f.Func); strings.HasSuffix(last, "Field") || last == "ForeignKey" || last == "Column" || last == "mapped_column" {
			out = append(out, strings.Clone(t.Ident))
		}
	}
	return out
}
