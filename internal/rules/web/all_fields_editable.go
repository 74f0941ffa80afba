package web

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// AllFieldsEditable looks at forms and serializers that are made of a model with all its fields, or
// with all but a few, and at what these fields are.
var AllFieldsEditable = rule.Check{Kinds: []ast.Kind{ast.KindClassDef}, Visit: allFieldsEditable}

// privileged are fields that no form should leave to whoever fills it in.
var privileged = []string{"is_admin", "is_staff", "is_superuser", "is_superadmin", "is_moderator", "is_verified", "is_approved", "superuser", "admin", "role", "roles", "permissions", "user_permissions", "groups", "balance", "credit", "credits",
	"approved", "verified", "password", "password_hash", "email_verified"}

func allFieldsEditable(p *rule.Pass, n ast.Node) {
	c := n.(*ast.ClassDef)
	kind := ""
	for _, b := range c.Bases {
		switch name := ast.LastName(b); {
		case name == "ModelForm", name == "ModelSerializer", name == "HyperlinkedModelSerializer":
			kind = name
		case name == "CreateView", name == "UpdateView":
			kind = name
		}
	}
	if kind == "" || !p.Imports("django", "rest_framework") {
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
	var out []string
	all := false
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
			model = a.Value
		case "fields":
			v, _ := p.Str(a.Value)
			if v != "__all__" && !p.Is(a.Value, "django.forms.ALL_FIELDS", "django.forms.models.ALL_FIELDS", "rest_framework.serializers.ALL_FIELDS") {
				return
			}
			all, at = true, a
		case "exclude", "read_only_fields":
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
	if at == nil || model == nil {
		return
	}
	for _, s := range c.Body { // id = serializers.CharField(read_only=True), and what is made anew
		if a, ok := s.(*ast.Assign); ok {
			if t, ok := a.Targets[0].(*ast.Name); ok {
				out = append(out, t.Ident)
			}
		}
	}
	name := args.Last(p.Text(model))
	fields := privilegedOf(p, model)
	fields = slices.DeleteFunc(fields, func(f string) bool { return slices.Contains(out, f) })
	verb := "all fields"
	if !all {
		verb = "all fields but a few"
	}
	if len(fields) == 0 {
		p.Report(at, "%s of %s can be written by whoever sends them, also those that will be added.", strings.ToUpper(verb[:1])+verb[1:], name).With(finding.Low, finding.LowConfidence).ForAudit(true)
		return
	}
	if len(fields) > 3 {
		fields = fields[:3]
	}
	p.Report(at, "%s of %s can be written by whoever sends them, %s among them.", strings.ToUpper(verb[:1])+verb[1:], name, list(fields)).ForAudit(forStaff(p, c))
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
// has of Django's own accounts.
func privilegedOf(p *rule.Pass, model ast.Expr) []string {
	if c, ok := model.(*ast.Call); ok && args.Callee(c) == "get_user_model" || p.Is(model, "django.contrib.auth.models.User") {
		return []string{"is_staff", "is_superuser", "password"}
	}
	name := p.Name(model)
	m, rest := p.Home(name)
	if m == nil {
		return nil
	}
	u := p.Unit
	if m != p.Module {
		if u = m.Open(); u == nil {
			return nil
		}
		defer u.Close()
	}
	for _, s := range u.Tree.Module.Body {
		if c, ok := s.(*ast.ClassDef); ok && c.Name == rest {
			return privilegedIn(u, c)
		}
	}
	return nil
}

func privilegedIn(u *program.Unit, c *ast.ClassDef) (out []string) {
	for _, b := range c.Bases {
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
		if last := ast.LastName(f.Func); strings.HasSuffix(last, "Field") || last == "ForeignKey" {
			out = append(out, strings.Clone(t.Ident))
		}
	}
	return out
}
