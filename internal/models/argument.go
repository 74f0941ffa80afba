package models

import (
	"fmt"
	"strconv"
	"strings"
)

// An Argument says which part of a call is meant.
type Argument struct {
	Role      Role
	Position  int     // of Given; -1 if it can only be named
	Name      string  // of Given; "" if it can only be counted
	Element   Element // which part of a list or tuple that is given
	Key       string  // an element by its key, in lower case: a header
	Attribute string  // an attribute of it
}

// A Role is what an argument is to its call.
type Role uint8

const (
	Given Role = iota // one argument, by position, name, or both
	Every             // each one
	Rest              // each one from the second on, and each that is named
	Self              // what the method is called on
	Key               // the key of an element that is set
	Value             // what an attribute or element is set to
	Named             // a dictionary given as **, whose keys become names
)

var roles = map[string]Role{"all": Every, "rest": Rest, "self": Self, "key": Key, "": Value, "**": Named}

// An Element is a part of a container.
type Element uint8

const (
	Whole  Element = iota
	First          // [0]
	Others         // [1:]
	Keys           // [key], of a dictionary
)

// ParseArgument reads the argument of a sink or guard.
func ParseArgument(s string) (Argument, error) {
	if r, ok := roles[s]; ok {
		return Argument{Role: r, Position: -1}, nil
	}
	a := Argument{Position: -1}
	rest, first := strings.CutSuffix(s, "[0]")
	rest, others := strings.CutSuffix(rest, "[1:]")
	rest, keys := strings.CutSuffix(rest, "[key]")
	switch {
	case first:
		a.Element = First
	case others:
		a.Element = Others
	case keys:
		a.Element = Keys
	default:
		if of, key, ok := strings.Cut(rest, "["); ok && strings.HasSuffix(key, "]") && len(key) > 1 && (key[0]|0x20 >= 'a' && key[0]|0x20 <= 'z') {
			rest, a.Key = of, strings.ToLower(key[:len(key)-1])
		}
	}
	position, name, both := strings.Cut(rest, "|")
	n, err := strconv.ParseUint(position, 10, 8)
	if err != nil && !both {
		name = position
	}
	if err == nil {
		a.Position = int(n)
	}
	if of, attr, ok := strings.Cut(name, "."); ok && identifier(attr) {
		name, a.Attribute = of, attr
	}
	a.Name = name
	if err != nil && both || (both || err != nil) && !identifier(name) {
		return a, fmt.Errorf("argument is %q: use a number, a name, \"0|name\", all, rest, self, key or **", s)
	}
	return a, nil
}

// A Condition is about an argument of the same call. One that is not given has none of the
// values: "!weights_only=True" holds where it is left out.
type Condition struct {
	Argument Argument
	Not      bool
	Values   []string // one of these, by its last name; none: the argument is given
}

// ParseConditions reads the when of a sink or sanitiser.
func ParseConditions(s string) ([]Condition, error) {
	if s == "" {
		return nil, nil
	}
	var out []Condition
	for part := range strings.SplitSeq(s, ", ") {
		var c Condition
		part, c.Not = strings.CutPrefix(part, "!")
		name, values, ok := strings.Cut(part, "=")
		if ok {
			c.Values = strings.Split(values, "|")
			for i, v := range c.Values {
				if v == "''" { // an empty text
					c.Values[i] = ""
				}
			}
		}
		var err error
		if c.Argument, err = ParseArgument(name); err != nil || c.Argument.Role != Given && c.Argument.Role != Key || ok && values == "" {
			return nil, fmt.Errorf("when is %q: use \"argument=value\", \"!argument=value|other\" or \"argument\"", s)
		}
		out = append(out, c)
	}
	return out, nil
}

func identifier(s string) bool {
	for i, c := range []byte(s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
