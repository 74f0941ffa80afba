package pep508

import (
	"maps"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep440"
)

// A Tri is an answer that may be missing. Its values are in order: "and" is the least of its
// parts, "or" the greatest.
type Tri int8

const (
	False Tri = iota - 1
	Unknown
	True
)

func (t Tri) String() string { return [...]string{"false", "unknown", "true"}[t-False] }

func tri(b bool) Tri {
	if b {
		return True
	}
	return False
}

// An Environment is what is known of the interpreter and the machine, by variable. What is not
// in it is unknown. "extra" is the one that is asked for, and "" says that there is none;
// "extras" and "dependency_groups" are names with blanks between them.
type Environment map[string]string

// CPython is the environment of a released CPython: version is "3.12" or "3.12.4", platform a
// value of sys.platform. Either may be "", and then what it decides is unknown. So is the
// machine, always.
//
// Of "3.12" the third number is unknown, and yet python_full_version < "3.8" has an answer.
func CPython(version, platform string) Environment {
	e := Environment{"implementation_name": "cpython", "platform_python_implementation": "CPython"}
	if v, err := pep440.Parse(version); err == nil && len(v.Release()) > 1 {
		e["python_version"] = strconv.FormatUint(v.Part(0), 10) + "." + strconv.FormatUint(v.Part(1), 10)
		if len(v.Release()) > 2 {
			e["python_full_version"] = v.String()
			e["implementation_version"] = v.String()
		}
	}
	if platform != "" {
		e["sys_platform"] = platform
		e["os_name"] = "posix"
		switch platform {
		case "linux":
			e["platform_system"] = "Linux"
		case "darwin":
			e["platform_system"] = "Darwin"
		case "win32":
			e["os_name"], e["platform_system"] = "nt", "Windows"
		}
	}
	return e
}

// With is the environment with one more thing known.
func (e Environment) With(variable, value string) Environment {
	e = maps.Clone(e)
	if e == nil {
		e = Environment{}
	}
	e[variable] = value
	return e
}

// Eval says whether the marker holds. It is Unknown where that depends on a variable which is
// not known, or on a comparison which has no meaning, as ~= between words.
//
// Versions are compared as versions for the variables that are versions, and only where both
// sides are some; else as strings, of which none is less than another: that is how packaging
// has read it since 26.0. Older ones compared whatever looked like a version, and strings by
// the alphabet.
func (m Marker) Eval(e Environment) Tri {
	if m.root == nil {
		return True
	}
	return m.root.eval(e)
}

func (n *node) eval(e Environment) Tri {
	switch n.op {
	case "and":
		t := True
		for _, k := range n.kids {
			t = min(t, k.eval(e))
		}
		return t
	case "or":
		t := False
		for _, k := range n.kids {
			t = max(t, k.eval(e))
		}
		return t
	}

	// The variable decides how to compare; it is the left one if both are some.
	variable := ""
	for _, o := range []operand{n.right, n.left} {
		if o.variable {
			variable = o.text
		}
	}
	l, haveLeft := n.left.value(e)
	r, haveRight := n.right.value(e)
	if haveLeft && haveRight {
		return compare(variable, l, n.op, r)
	}
	if oldest, newest, ok := e.between(variable); ok {
		// The third number is unknown. What holds for the first and for the last such version
		// holds for all between, unless == or != names one of them.
		l1, r1, l2, r2, literal := oldest, r, newest, r, r
		if haveLeft {
			l1, r1, l2, r2, literal = l, oldest, l, newest, l
		}
		if !haveLeft && !haveRight || n.op == "in" || n.op == "not in" || n.op == "===" {
			return Unknown
		}
		t := compare(variable, l1, n.op, r1)
		between := strings.ContainsAny(n.op, "<>~") || haveLeft && outside("=="+literal, oldest) || !haveLeft && outside(n.op+literal, oldest)
		if between && t == compare(variable, l2, n.op, r2) {
			return t
		}
	}
	return Unknown
}

// outside says whether a condition cannot tell versions apart that begin like this one of
// three numbers.
func outside(condition, oldest string) bool {
	s, err := pep440.ParseSpecifier(condition)
	if err != nil {
		return false
	}
	v, _ := s.Version()
	o, err := pep440.Parse(oldest)
	if err != nil {
		return false
	}
	same := v.Epoch() == 0 && v.Part(0) == o.Part(0) && v.Part(1) == o.Part(1)
	return !same || s.Wildcard() && len(v.Release()) <= 2
}

// between gives the first and the last full version that the environment may mean.
func (e Environment) between(variable string) (oldest, newest string, ok bool) {
	v := e["python_version"]
	if v == "" || variable != "python_full_version" && (variable != "implementation_version" || e["implementation_name"] != "cpython") {
		return "", "", false
	}
	return v + ".0", v + ".999999999", true
}

func (o operand) value(e Environment) (string, bool) {
	if !o.variable {
		return o.text, true
	}
	s, ok := e[o.text]
	if o.text == "python_full_version" && strings.HasSuffix(s, "+") {
		s += "local" // somebody built it between two releases, and Python says 3.13.0+
	}
	return s, ok
}

// versions says whether a variable is a version.
func versions(variable string) bool {
	switch variable {
	case "python_version", "python_full_version", "implementation_version", "platform_release":
		return true
	}
	return false
}

// set says whether a variable is several names.
func set(variable string) bool { return variable == "extras" || variable == "dependency_groups" }

// names says whether a variable is one or several names, which are compared in one spelling.
func names(variable string) bool { return variable == "extra" || set(variable) }

func compare(variable, l, op, r string) Tri {
	if versions(variable) {
		s, err := pep440.ParseSpecifier(op + r)
		switch {
		case op == "===" && (err == nil || strings.TrimSpace(r) == ""):
			return tri(strings.EqualFold(l, strings.TrimSpace(r)))
		case err == nil && op != "in" && op != "not in":
			v, err := pep440.Parse(l)
			return tri(err == nil && s.Contains(v)) // what is no version fulfils no condition on one
		}
	}
	if set(variable) {
		in := false
		for _, name := range strings.Fields(r) {
			in = in || Normalise(name) == Normalise(l)
		}
		switch op {
		case "in":
			return tri(in)
		case "not in":
			return tri(!in)
		}
		return Unknown
	}
	if names(variable) {
		l, r = Normalise(l), Normalise(r)
	}
	switch op {
	case "in":
		return tri(strings.Contains(r, l))
	case "not in":
		return tri(!strings.Contains(r, l))
	case "==", "<=", ">=":
		return tri(l == r)
	case "!=":
		return tri(l != r)
	case "<", ">":
		return False
	}
	return Unknown
}
