package dependencies

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
)

// Expressions of GitHub's workflows
// (https://docs.github.com/en/actions/reference/evaluate-expressions-in-workflows-and-actions),
// as far as it takes to know of what text the value of one can be. Comparisons and the functions
// that answer yes or no are of none.

// An operand is what a part of an expression can be: texts of these contexts, such as
// github.event.issue.title, in lower case. What stands for any element of a list is a star.
type operand []string

type expression struct {
	tokens []string
	depth  int
}

var expressionToken = match.Lazy(`'(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_-]*|[0-9][0-9A-Za-z.]*|&&|\|\||[!=<>]=|[^\s]`)

// valuesOf are the contexts that the value of an expression can be text of; those that are
// objects have a star of two: github.event.**.
func valuesOf(text string) operand {
	if len(text) > 2000 {
		return nil
	}
	e := &expression{tokens: expressionToken().FindAllString(text, -1)}
	out := e.or()
	slices.Sort(out)
	return slices.Compact(out)
}

func (e *expression) peek() string {
	if len(e.tokens) > 0 {
		return e.tokens[0]
	}
	return ""
}

func (e *expression) take(want string) bool {
	if e.peek() != want {
		return false
	}
	e.tokens = e.tokens[1:]
	return true
}

func (e *expression) or() operand {
	if e.depth++; e.depth > 50 {
		e.tokens = nil
		return nil
	}
	defer func() { e.depth-- }()
	out := e.and()
	for e.take("||") {
		out = append(out, e.and()...)
	}
	return out
}

// and is the last of several, or something that is empty.
func (e *expression) and() operand {
	out := e.comparison()
	for e.take("&&") {
		out = e.comparison()
	}
	return out
}

func (e *expression) comparison() operand {
	out := e.unary()
	for slices.Contains([]string{"==", "!=", "<", ">", "<=", ">="}, e.peek()) {
		e.tokens = e.tokens[1:]
		e.unary()
		out = nil
	}
	return out
}

func (e *expression) unary() operand {
	not := false
	for e.take("!") {
		not = true
	}
	out := e.primary()
	if not {
		return nil
	}
	return out
}

func (e *expression) primary() (out operand) {
	word := e.peek()
	if word == "" || strings.Contains(")],&|=", word[:1]) {
		return nil
	}
	e.tokens = e.tokens[1:]
	switch c := word[0]; {
	case word == "(":
		out = e.or()
		e.take(")")
	case c == '\'', c >= '0' && c <= '9':
		return nil
	case e.take("("):
		var args operand
		for e.peek() != ")" && e.peek() != "" {
			before := len(e.tokens)
			args = append(args, e.or()...)
			if !e.take(",") && len(e.tokens) == before {
				e.tokens = e.tokens[1:]
			}
		}
		e.take(")")
		switch strings.ToLower(word) {
		case "contains", "startswith", "endswith", "hashfiles", "always", "success", "failure", "cancelled":
		case "tojson":
			for _, a := range args {
				out = append(out, a, a+".**")
			}
		default: // format, join, fromJSON
			out = args
		}
	default:
		out = operand{strings.ToLower(word)}
	}
	for {
		next := "*"
		switch {
		case e.take("."):
			if word := e.peek(); word != "" {
				next = strings.ToLower(word)
				e.tokens = e.tokens[1:]
			}
		case e.take("["):
			if word := e.peek(); strings.HasPrefix(word, "'") {
				next = strings.ToLower(strings.Trim(word, "'"))
			}
			e.or()
			e.take("]")
		default:
			return out
		}
		for i := range out {
			if len(out[i]) < 500 {
				out[i] += "." + next
			}
		}
	}
}
