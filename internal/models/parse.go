package models

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// Parse reads a model. Errors name the file, all of them at once.
func Parse(file string, data []byte) (*Model, error) {
	var m Model
	if err := yaml.UnmarshalWithOptions(data, &m, yaml.Strict(), yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("%s: %s", file, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(file+": "+format, args...)) }
	one := func(what string, set ...string) {
		n := 0
		for _, s := range set {
			if s != "" {
				n++
			}
		}
		if n != 1 {
			fail("%s needs exactly one of the names it can go by", what)
		}
	}
	for i, s := range m.Sources {
		one(fmt.Sprintf("source %d (value, call or parameter)", i+1), s.Value, s.Call, s.Parameter)
		if s.Kind != "" && s.Kind != "untrusted" && s.Kind != "local" {
			fail("source %d: kind is %q: use untrusted or local", i+1, s.Kind)
		}
	}
	for i, r := range m.Routes {
		one(fmt.Sprintf("route %d (decorator, base or register)", i+1), r.Decorator, r.Base, r.Register)
		switch r.Parameters {
		case "path", "request", "typed", "all", "none":
		default:
			fail("route %d: parameters is %q: use path, request, typed, all or none", i+1, r.Parameters)
		}
	}
	for i, s := range m.Sinks {
		one(fmt.Sprintf("sink %d (call, method or assign)", i+1), s.Call, s.Method, s.Assign)
		if _, err := ParseKind(s.Kind); err != nil {
			fail("sink %d: %v", i+1, err)
		}
	}
	for i, s := range m.Sanitizers {
		if _, err := ParseKinds(s.Clears); err != nil || s.Call == "" {
			fail("sanitizer %d: call and clears are needed: %v", i+1, err)
		}
	}
	for i, g := range m.Guards {
		if _, err := ParseKinds(g.Clears); err != nil || g.Call == "" {
			fail("guard %d: call and clears are needed: %v", i+1, err)
		}
		if g.Holds != "" && g.Holds != "true" && g.Holds != "false" && g.Holds != "returns" {
			fail("guard %d: holds is %q: use true, false or returns", i+1, g.Holds)
		}
	}
	for i, r := range m.Returns {
		if r.Call == "" || r.Type == "" {
			fail("return %d: call and type are needed", i+1)
		}
	}
	return &m, errors.Join(errs...)
}
