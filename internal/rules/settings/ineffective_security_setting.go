package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// IneffectiveSecuritySetting looks at settings whose values Django knows by name.
var IneffectiveSecuritySetting = rule.Check{File: django(ineffective)}

var referrerPolicies = []string{"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"}

func ineffective(p *rule.Pass, c *settings.Config) {
	acts := c.Has("MIDDLEWARE", securityMiddleware)
	report := func(name, check string, holds settings.Judgement, message string) {
		f := fault(c, name, check, holds, message)
		f.Debugging = true
		conf.Wrong(p, c, f)
	}

	// One policy, several with commas between them, or a list of them.
	referrer := c.Get("SECURE_REFERRER_POLICY").Value
	odd := referrer.Text(func(s string) bool {
		return slices.ContainsFunc(strings.Split(s, ","), func(s string) bool { return !slices.Contains(referrerPolicies, strings.TrimSpace(s)) })
	}).Or(listed(referrer).And(referrer.Has(func(s string) bool { return !slices.Contains(referrerPolicies, s) })))
	report("SECURE_REFERRER_POLICY", "E023", acts.And(odd), "SECURE_REFERRER_POLICY is no policy that browsers know: they take their own.")

	opener := c.Get("SECURE_CROSS_ORIGIN_OPENER_POLICY").Value
	known := opener.Text(func(s string) bool {
		return s == "same-origin" || s == "same-origin-allow-popups" || s == "unsafe-none"
	}).Or(opener.Is(ast.None))
	report("SECURE_CROSS_ORIGIN_OPENER_POLICY", "E024", acts.And(known.Not()), "SECURE_CROSS_ORIGIN_OPENER_POLICY is no policy that browsers know: windows of other sites keep a hold on this one's.")

	for _, name := range []string{"SECURE_CSP", "SECURE_CSP_REPORT_ONLY"} {
		v := c.Get(name).Value
		dict := v.Judge(func(x settings.Const) settings.Tri {
			switch x.Kind {
			case settings.Dict:
				return settings.Yes
			case settings.Ref, settings.Object:
				return settings.Maybe
			}
			return settings.No
		})
		report(name, "E026", v.True().And(dict.Not()), name+" is no dictionary: Django cannot make a content security policy of it.")
		nonce := usesNonce(v)
		processor := settings.Judgement{Now: settings.No, Always: settings.No}
		for _, t := range c.Get("TEMPLATES").Value.Elements() {
			options, _, ok := t.Value.Get("OPTIONS")
			if !ok {
				continue
			}
			list, _, ok := options.Get("context_processors")
			if !ok {
				continue
			}
			processor = processor.Or(list.Contains("django.template.context_processors.csp"))
		}
		if c.Get("TEMPLATES").Set.Always == settings.Yes {
			report(name, "W027", nonce.And(processor.Not()), name+" asks for a nonce that no template can have: the context processor csp is not in TEMPLATES, so browsers run none of the scripts that it is for.")
		}
	}

	hashing := c.Get("DEFAULT_HASHING_ALGORITHM").Value
	report("DEFAULT_HASHING_ALGORITHM", "E100", hashing.Text(func(s string) bool { return s == "sha1" || s == "sha256" }).Not(), "DEFAULT_HASHING_ALGORITHM is neither sha1 nor sha256: Django's check fails.")
	failureView(p, c, report)
}

// listed says whether a value is a list.
func listed(v settings.Value) settings.Judgement {
	return v.Judge(func(x settings.Const) settings.Tri {
		if x.Kind == settings.List {
			return settings.Yes
		}
		return settings.No
	})
}

// usesNonce says whether one of the directives of a policy has CSP.NONCE.
func usesNonce(v settings.Value) settings.Judgement {
	j := settings.Judgement{Now: settings.No, Always: settings.No}
	for _, e := range v.Entries() {
		for _, x := range e.Value.Elements() {
			found := x.Value.Judge(func(k settings.Const) settings.Tri {
				if k.Kind == settings.Ref && strings.HasSuffix(k.Name, "CSP.NONCE") || k.Kind == settings.Scalar && k.V.Str == "<CSP_NONCE_SENTINEL>" {
					return settings.Yes
				}
				return settings.No
			})
			j = j.Or(e.In.And(x.In).And(found))
		}
	}
	return j
}

// failureView: the view that answers a forged request is called with two arguments, by name.
func failureView(p *rule.Pass, c *settings.Config, report func(name, check string, holds settings.Judgement, message string)) {
	const name = "CSRF_FAILURE_VIEW"
	if c.Get(name).At.Path != p.File.Path {
		return
	}
	v, ok := c.Get(name).Value.Now()
	if !ok || v.Kind != settings.Scalar || v.V.Kind != ast.Str {
		return
	}
	m, rest := p.Module.Program().Find(v.V.Str, p.File.Path)
	if m == nil || rest == "" || strings.Contains(rest, ".") {
		if m != nil && strings.Contains(rest, ".") {
			report(name, "E102", sure, "The view that CSRF_FAILURE_VIEW names cannot be found: forged requests end in an error of the server.")
		}
		return
	}
	u := m.Open()
	if u == nil {
		return
	}
	defer u.Close()
	found := false
	for _, n := range u.Tree.Nodes()[1:] {
		switch n := n.(type) {
		case *ast.FunctionDef:
			if n.Name != rest || u.Function(n) != nil || u.Class(n) != nil {
				continue
			}
			if found = true; !takes(n) && len(n.DecoratorList) == 0 {
				report(name, "E101", sure, "The view that CSRF_FAILURE_VIEW names does not take (request, reason): forged requests end in an error of the server.")
				return
			}
		case *ast.ImportFrom:
			found = found || slices.ContainsFunc(n.Names, func(a *ast.Alias) bool { return a.Name == rest || a.Asname == rest || a.Name == "*" })
		case *ast.Name:
			found = found || n.Ident == rest && n.Ctx() == ast.Store
		case *ast.ClassDef:
			found = found || n.Name == rest
		}
	}
	if !found {
		report(name, "E102", sure, "The view that CSRF_FAILURE_VIEW names cannot be found: forged requests end in an error of the server.")
	}
}

var sure = settings.Judgement{Now: settings.Yes, Always: settings.Yes}

// takes says whether a function can be called with a request and reason=….
func takes(f *ast.FunctionDef) bool {
	a := f.Args
	names := slices.Clone(a.Posonlyargs)
	names = append(names, a.Args...)
	if len(names) == 0 && a.Vararg == nil {
		return false
	}
	reason := a.Kwarg != nil
	need := 0
	for i, x := range names {
		if x.Arg == "reason" && i > 0 && i >= len(a.Posonlyargs) {
			reason = true
			continue
		}
		if i > 0 && i < len(names)-len(a.Defaults) {
			need++
		}
	}
	for i, x := range a.Kwonlyargs {
		if x.Arg == "reason" {
			reason = true
		} else if i >= len(a.KwDefaults) || a.KwDefaults[i] == nil {
			need++
		}
	}
	return reason && need == 0
}
