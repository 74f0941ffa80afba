package secret

import (
	"math"
	"strings"
	"unicode"
)

// A Strength says how much a value looks like a secret.
type Strength uint8

// The strengths. Weak is a guessable word that nevertheless works as a password (admin,
// 1234); Plain is a word that could be one; Strong has the shape of a password or key.
const (
	Not Strength = iota
	Plain
	Weak
	Strong
)

// weak passwords are what people really set, and what attackers try first.
var weak = map[string]bool{
	"admin": true, "root": true, "toor": true, "secret": true, "guest": true, "test": true, "qwerty": true, "letmein": true, "welcome": true, "master": true, "monkey": true,
	"dragon": true, "changeme": true, "change_me": true, "change-me": true, "changeit": true, "default": false, "postgres": true, "hunter": true, "pass": true, "administrator": true,
	"demo": true, "abc": true, "qwertz": true, "iloveyou": true, "sunshine": true, "princess": true, "football": true, "shadow": true, "superman": true, "oracle": true, "mysql": true,
	"rabbitmq": true, "guestguest": true, "minioadmin": true, "raspberry": true, "vagrant": true, "foobar": true, "topsecret": true, "supersecret": true,
}

// nothings stand where a value would stand.
var nothings = map[string]bool{
	"none": true, "null": true, "nil": true, "undefined": true, "empty": true, "optional": true, "required": true, "string": true, "str": true, "text": true, "true": true, "false": true,
	"yes": true, "no": true, "na": true, "hidden": true, "masked": true, "redacted": true, "removed": true, "unknown": true, "unused": true, "missing": true, "invalid": true, "disabled": true,
	"enabled": true, "input": true, "prompt": true, "ask": true, "auto": true, "basic": true, "bearer": true, "digest": true, "negotiate": true, "jwt": true, "oauth": true, "refresh": true, "access": true,
	"char": true, "varchar": true, "label": true, "username": true, "user": true, "email": true, "login": true, "plain": true, "md": true, "sha": true, "bcrypt": true, "argon": true, "keyring": true, "vault": true,
	"env": true, "file": true, "stdin": true, "todo": true, "tbd": true, "fixme": true, "int": true, "bool": true, "object": true, "value": true, "default": true, "form": true, "body": true, "header": true, "query": true,
	"exit": true, "quit": true, "help": true, "ok": true, "error": true, "failed": true, "success": true, "expired": true, "reset": true, "change": true, "confirm": true, "numeric": true, "strict": true,
	"ignore": true, "never": true, "always": true, "omit": true, "any": true, "all": true, "other": true, "eof": true, "end": true, "start": true, "sensitive": true, "anonymous": true,
}

// placeholders are found anywhere in a value that somebody is meant to replace.
var placeholders = []string{
	"your", "example", "sample", "placeholder", "dummy", "redact", "insert", "replace", "fixme", "xxxx", "****", "....", "…", "<", ">", "${", "{{", "}}", "%(", "%s", "%d", "enter", "fill in", "goes here", "goes_here", "goes-here", "not-a-", "not_a_", "notasecret",
	"-here", "_here", "todo", "abcdefgh", "lorem", "foo-bar", "foobarbaz", "some-secret", "some_secret", "somepass", "mytoken", "my-token", "my_token", "fake",
}

// secretWords are in values that name a secret rather than being one.
var secretWords = []string{"passw", "pwd", "secret", "token", "apikey", "api_key", "api-key", "credential", "authoriz", "passphrase", "kennwort", "contras", "mot de passe", "senha", "senhas", "wachtwoord", "пароль", "密码", "パスワード"}

// Placeholder says whether the value is one that is meant to be replaced, or nothing.
func Placeholder(s string) bool {
	l := strings.ToLower(strings.TrimSpace(s))
	if l == "" || nothings[l] || same(l) {
		return true
	}
	for _, p := range placeholders {
		if strings.Contains(l, p) {
			return true
		}
	}
	return strings.HasPrefix(l, "{") && strings.HasSuffix(l, "}") || strings.HasPrefix(l, "[") && strings.HasSuffix(l, "]") || strings.HasPrefix(l, "$") && identifier(l[1:]) || strings.HasPrefix(l, "%") && strings.HasSuffix(l, "%")
}

// same says that one character is repeated: ****, xxxx.
func same(s string) bool {
	return len(s) > 2 && strings.Trim(s, s[:1]) == "" && (s[0] < '0' || s[0] > '9')
}

func identifier(s string) bool {
	for _, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

// prefixes begin the keys of well-known services.
var prefixes = []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xapp-", "sk_live_", "sk_test_", "rk_live_", "sk-", "AKIA", "ASIA", "AIza", "ya29.", "SG.", "hf_", "pypi-", "npm_", "dop_v1_", "eyJ", "shpat_", "lin_api_", "r8_", "whsec_"}

// Known says whether the value begins as the keys of a well-known service do.
func Known(s string) bool {
	if len(s) < 18 || strings.ContainsAny(s, " \t\n<>{}") {
		return false
	}
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) && Random(s[len(p):]) {
			return true
		}
	}
	return false
}

// Judge says how much the value looks like what the name promises.
func Judge(kind Kind, name, s string) Strength {
	n := len(s)
	if kind == None || kind == Personal || n < 3 || n > 4096 {
		return Not
	}
	if strings.HasPrefix(s, "-----BEGIN ") {
		if strings.Contains(s, "PRIVATE KEY") && n > 120 {
			return Strong
		}
		return Not
	}
	if n > 600 || Placeholder(s) && !weak[strings.ToLower(s)] || shaped(s) {
		return Not
	}
	if Known(s) {
		return Strong
	}
	if kind != Password {
		if n >= 8 && Random(s) && !names(s) && (kind == Key || n >= 16) {
			return Strong
		}
		return Not
	}
	l := strings.ToLower(s)
	if weak[strings.Trim(l, "0123456789!@#$.")] && !strings.EqualFold(s, name) {
		return Weak
	}
	if nothings[strings.TrimRight(l, "0123456789")] || strings.EqualFold(s, name) || n < 4 {
		return Not
	}
	if digits(s) {
		if n <= 12 {
			return Weak
		}
		return Plain
	}
	lower, upper, digit, punct := classes(s)
	if names(s) {
		if digit && punct && !strings.ContainsAny(s, "_.-:") || strings.HasPrefix(l, "p@ss") || digit && !strings.ContainsAny(s, "_.-:/") && n <= 16 && !strings.HasPrefix(l, name) {
			return Weak // Password123!
		}
		return Not
	}
	pieces := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("_-./:", r) })
	if phrase(s, pieces) {
		return Strong
	}
	if wordy(pieces) {
		switch {
		case len(pieces) == 1 && (n > 24 || capital(s) && !digit):
			return Not // a class, or a label
		case len(pieces) == 1:
			return Plain
		case len(pieces) >= 4 && strings.Contains(s, "-"):
			return Plain
		}
		return Not
	}
	if count(lower, upper, digit, punct) >= 2 && n >= 5 {
		return Strong
	}
	return Plain
}

func capital(s string) bool { return s[0] >= 'A' && s[0] <= 'Z' }

func count(list ...bool) (n int) {
	for _, b := range list {
		if b {
			n++
		}
	}
	return n
}

// names says whether the value names a secret: user_password, X-Api-Key.
func names(s string) bool {
	l := strings.ToLower(s)
	for _, w := range secretWords {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// shaped says that the value has the shape of something else: a sentence, a path, an
// address, an expression, a selector, a format, a setting's name, an option.
func shaped(s string) bool {
	first, last := s[0], s[len(s)-1]
	switch {
	case strings.ContainsAny(s, " \t\r\n\v\f"):
		return true
	case strings.Contains(s, "://"), strings.HasPrefix(s, "/"), strings.HasPrefix(s, "./"), strings.HasPrefix(s, "../"), strings.HasPrefix(s, "~"), strings.HasPrefix(s, "--"), strings.HasPrefix(s, "\\\\"):
		return true
	case last == ':' || last == '=' || last == '?' && !strings.ContainsAny(s, "0123456789"):
		return true
	case first == '^' && strings.ContainsAny(s, "[("), strings.Contains(s, `\d`), strings.Contains(s, `\w`), strings.Contains(s, `\s`), strings.Contains(s, "(?"), strings.Contains(s, ".*"), strings.Contains(s, "[^"):
		return true
	case first == '#' && identifier(strings.ReplaceAll(s[1:], "-", "_")), first == '.' && identifier(strings.ReplaceAll(s[1:], "-", "_")), first == '@' && identifier(s[1:]):
		return true
	case strings.Contains(s, "()"), strings.Contains(s, "{}"), strings.Contains(s, "{0}"), strings.Contains(s, "["), strings.ContainsAny(s, "(") && strings.HasSuffix(s, ")"):
		return true
	case strings.HasPrefix(s, "!vault"), strings.HasPrefix(s, "ENC["), strings.HasPrefix(s, "vault:"), strings.HasPrefix(s, "ssm:"), strings.HasPrefix(s, "arn:"), strings.HasPrefix(s, "projects/"), strings.HasPrefix(s, "env:"), strings.HasPrefix(s, "op://"):
		return true
	}
	for _, ext := range []string{".txt", ".pem", ".key", ".json", ".yaml", ".yml", ".py", ".html", ".env", ".cfg", ".ini", ".conf", ".crt", ".jks", ".xml", ".md", ".gpg", ".csv", ".db"} {
		if strings.HasSuffix(s, ext) {
			return true
		}
	}
	upper := true // a setting's name: DB_PASSWORD, but not A1B2C3
	letters, scores := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			letters++
		case c == '_':
			scores++
		case c >= '0' && c <= '9':
		default:
			upper = false
		}
	}
	if upper && scores > 0 && letters > len(s)/2 {
		return true
	}
	// module.Class, and anything of two dots or colons that is made of words.
	return strings.Count(s, ".") >= 1 && wordy(strings.Split(s, "."))
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// classes tells which kinds of characters there are.
func classes(s string) (lower, upper, digit, punct bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= '0' && c <= '9':
			digit = true
		default:
			punct = true
		}
	}
	return
}

// wordy says whether all pieces are words: letters in one case or capitalised, with at
// most two digits at the end.
func wordy(pieces []string) bool {
	for _, p := range pieces {
		p = strings.TrimRight(p, "0123456789")
		if p == "" {
			continue
		}
		for i := 0; i < len(p); i++ {
			if c := p[i] | 0x20; c < 'a' || c > 'z' {
				return false
			}
		}
		if words := Words(p); len(words) > 1 && len(p)/len(words) < 3 {
			return false // kJhGfD: no camel has so many humps
		}
	}
	return len(pieces) > 0
}

// phrase says whether words are put together as generators of passwords do: with capitals, with
// hyphens and with a number that is no version: Maple-Otter-4821.
func phrase(s string, pieces []string) bool {
	lower, upper, digit, _ := classes(s)
	if !lower || !upper || !digit || len(pieces) < 3 || len(s) < 12 || strings.ContainsAny(s, "_./:") {
		return false
	}
	words, numbers := 0, 0
	for _, p := range pieces {
		switch {
		case digits(p) && len(p) >= 2:
			numbers++
		case len(p) >= 3 && capital(p) && wordy([]string{p}):
			words++
		default:
			return false
		}
	}
	return words >= 2 && numbers == 1
}

// Random says whether the text looks drawn rather than written: letters and digits mixed
// without order, or many different characters.
func Random(s string) bool {
	lower, upper, digit, punct := classes(s)
	if len(s) < 8 || count(lower, upper, digit, punct) < 2 {
		return len(s) >= 32 && entropy(s) > 3.8 // thirty-two lower-case letters
	}
	pieces := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("_-./:=+", r) })
	if wordy(pieces) {
		return false
	}
	return entropy(s) >= min(3.0, 0.8*math.Log2(float64(len(s))))
}

// entropy is Shannon's, in bits a character.
func entropy(s string) float64 {
	var n [256]int
	for i := 0; i < len(s); i++ {
		n[s[i]]++
	}
	h := 0.0
	for _, c := range n {
		if c > 0 {
			p := float64(c) / float64(len(s))
			h -= p * math.Log2(p)
		}
	}
	return h
}
