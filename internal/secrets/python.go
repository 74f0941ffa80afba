package secrets

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/source"
)

// Python is judged by the rules that know it, on its tree. Most files have nothing that would
// interest them, and parsing is what costs: so the pass over the bytes asks first. It lets
// through too much and must never let through too little.

// candidate looks at a word that stands in the names of secrets, in Python.
func (s *textScan) candidate(at int) {
	if at < s.nameEnd {
		return
	}
	t := s.text
	start, end := at, at
	for start > 0 && at-start < 90 && word(t[start-1]) {
		start--
	}
	for end < len(t) && end-at < 90 && (word(t[end]) || t[end] == '-') {
		end++
	}
	s.nameEnd = end
	name := source.View(t[start:end])
	if !s.promises(name) {
		return
	}
	i := end
	if i < len(t) && (t[i] == '"' || t[i] == '\'') {
		i++
	}
	i = s.blanks(i)
	if i < len(t) && t[i] == ']' {
		i = s.blanks(i + 1)
	}
	if i >= len(t) {
		return
	}
	switch c := t[i]; {
	case (c == '=' || c == '!') && i+1 < len(t) && t[i+1] == '=':
		s.judge = s.quoteAhead(s.blanks(i+2), 3)
	case c == '=':
		i = s.blanks(i + 1)
		if s.judge = s.quoteIn(i); s.judge || i >= len(t) {
			return
		}
		// connect(password=word): the word may stand for a constant.
		k := i
		for k < len(t) && word(t[k]) {
			k++
		}
		if v := source.View(t[i:k]); v != "" && k < len(t) && (t[k] == ',' || t[k] == ')') && v != "None" && v != "True" && v != "False" && v[0] > '9' {
			s.judge = secret.Of(v) == secret.None
		}
	case c == ':' || c == ',' || c == ')':
		s.judge = s.quoteIn(i + 1)
	}
}

// promises asks for a name once: files use the same ones over and over.
func (s *textScan) promises(name string) bool {
	if p, ok := s.wants[name]; ok {
		return p
	}
	p := secret.Of(name) != secret.None || secret.Signs(name)
	if s.wants == nil {
		s.wants = map[string]bool{}
	}
	s.wants[name] = p
	return p
}

// quoteIn says whether a text follows in the rest of the statement's first lines.
func (s *textScan) quoteIn(i int) bool {
	t := s.text
	lines := 0
	for k := i; k < len(t) && k-i < 400; k++ {
		switch t[k] {
		case '"', '\'':
			return true
		case '#':
			return false
		case '\n':
			// password = (
			//     "…")
			lines++
			open := bytes.TrimRight(t[i:k], " \t\r")
			if lines > 2 || len(open) == 0 && k > i || len(open) > 0 && open[len(open)-1] != '(' && open[len(open)-1] != '\\' && open[len(open)-1] != ',' && open[len(open)-1] != '[' {
				return false
			}
		}
	}
	return false
}

func (s *textScan) quoteAhead(i, within int) bool {
	for k := i; k < len(s.text) && k < i+within; k++ {
		if s.text[k] == '"' || s.text[k] == '\'' {
			return true
		}
	}
	return false
}

// commonParts are in calls of every other file.
var commonParts = map[string]bool{
	"encode": true, "decode": true, "get": true, "new": true, "login": true, "connect": true, "config": true, "str": true, "requests": true, "httpx": true, "aiohttp": true, "django": true,
	"auth": true, "hash": true, "sign": true, "verify": true, "response": true, "request": true, "core": true, "contrib": true, "environ": true, "os": true, "pop": true, "getenv": true,
	"setdefault": true, "secret": true, "session": true, "middleware": true, "starlette": true, "werkzeug": true, "security": true, "authentication": true, "digest": true, "client": true,
	"cipher": true, "dict": true, "connector": true,
}

// callWords are words of which one stands in every file that can call one of the functions.
func callWords(calls []string) (out []string) {
	seen := map[string]bool{}
	for _, c := range calls {
		best := ""
		for part := range strings.SplitSeq(strings.ReplaceAll(c, "()", ""), ".") {
			if len(part) >= 3 && len(part) > len(best) && !commonParts[part] {
				best = part
			}
		}
		if best == "" || strings.HasPrefix(c, "os.") || strings.HasPrefix(c, "environ") || strings.HasPrefix(c, "decouple") || strings.HasPrefix(c, "starlette.config") {
			continue // reads of the environment name the secret that they read
		}
		if !seen[best] {
			seen[best] = true
			out = append(out, best)
		}
	}
	return out
}
