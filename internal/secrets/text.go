package secrets

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/source"
)

// The rules that this room finds something for; each has its page among the rules.
const (
	ruleToken   = "leaked-token"
	ruleKey     = "private-key"
	ruleFile    = "secret-in-file"
	ruleAddress = "hardcoded-url-credentials"
	ruleHash    = "password-hash-in-file"
)

// A hit is a secret in a text.
type hit struct {
	rule       string
	start, end int // of the secret itself
	kind       *kind
	name       string // of what it is given to
	message    string
	hint       string
	severity   finding.Severity
	confidence finding.Confidence
	sure       bool // a checksum is right
	strong     bool // nobody can guess it, so its hash says nothing to who has not got it
}

// stems are in every name that secret.Of or secret.Signs takes for a secret's.
var stems = []string{"pass", "pwd", "psw", "secret", "token", "key", "cred", "auth", "jwt", "bearer", "kennwort", "contras", "senha", "_pw", "rootpw", "session", "pasword"}

// What a word in the index stands for.
const (
	isStem = iota
	isToken
	isName
	isAddress
	isKey
	isPutty
	isCurl
	isHash
	isCall
)

type entry struct {
	what int
	kind *kind
	text string
}

// An index is every word that is looked for.
type index struct {
	many    *match.Many
	entries []entry
	kinds   []*kind
}

// plain is the index without words of calls.
var plain = sync.OnceValue(func() *index { return newIndex(nil) })

// newIndex also has words of which one stands in every Python file that the rules may want to
// see for what it calls.
func newIndex(calls []string) *index {
	x := &index{}
	var words []string
	add := func(w string, e entry) {
		words = append(words, w)
		e.text = w
		x.entries = append(x.entries, e)
	}
	for i := range providers {
		p := &providers[i]
		for j := range p.Tokens {
			k := &kind{Kind: &p.Tokens[j], provider: p}
			_ = k.severity.UnmarshalText([]byte(k.Severity)) // ParseProvider has looked
			x.kinds = append(x.kinds, k)
			for _, w := range k.Words {
				add(w, entry{what: isToken, kind: k})
			}
			for _, w := range k.Names {
				add(w, entry{what: isName, kind: k})
			}
		}
	}
	for _, w := range stems {
		add(w, entry{what: isStem})
	}
	add("://", entry{what: isAddress})
	add("-----BEGIN ", entry{what: isKey})
	add("PuTTY-User-Key-File-", entry{what: isPutty})
	add("curl ", entry{what: isCurl})
	for _, w := range []string{"$apr1$", "{SHA}", ":$2y$", ":$2a$", ":$2b$", ":$5$", ":$6$", ":$y$"} {
		add(w, entry{what: isHash})
	}
	for _, w := range callWords(calls) {
		add(w, entry{what: isCall})
	}
	x.many = match.NewMany(words)
	return x
}

func kinds() []*kind { return plain().kinds }

// maxHits bounds what one file can say: who looks at a thousand has understood.
const maxHits = 1000

// A textScan is one pass over a text.
type textScan struct {
	syntax
	text []byte
	base string
	x    *index
	hits []hit

	// What a name is given, found once however many words are in the name.
	nameStart, nameEnd   int
	valueStart, valueEnd int
	given                bool

	judge bool            // Python: there is something that the rules may want to see
	wants map[string]bool // names that promise a secret, or do not
}

// scanText looks for secrets in a text. Python is not judged here.
func scanText(p, text string) []hit {
	s := newTextScan(plain(), p, []byte(text))
	s.run()
	return s.found()
}

func newTextScan(x *index, p string, text []byte) *textScan {
	return &textScan{syntax: syntaxOf(p), text: text, base: strings.ToLower(p[strings.LastIndexByte(p, '/')+1:]), x: x, nameEnd: -1}
}

func (s *textScan) run() {
	s.x.many.Each(s.text, func(w, at int) int {
		e := &s.x.entries[w]
		switch e.what {
		case isStem:
			s.stem(at)
		case isName:
			s.named(e, at)
		case isToken:
			// Boundaries first: most hits are pieces of words.
			return s.token(e, at)
		case isAddress:
			s.address(at)
		case isKey:
			return s.pem(at)
		case isPutty:
			s.putty(at)
		case isCurl:
			s.curl(at)
		case isHash:
			s.hash(at)
		case isCall:
			s.judge = s.judge || s.python
		}
		return 0
	})
	if s.base == ".pgpass" || s.base == "pgpass.conf" {
		s.pgpass()
	}
}

func (s *textScan) add(h hit) {
	if len(s.hits) < maxHits {
		s.hits = append(s.hits, h)
	}
}

// found sorts the hits and keeps the one that says most where several overlap.
func (s *textScan) found() []hit {
	slices.SortStableFunc(s.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	var out []hit
	for _, h := range s.hits {
		if n := len(out); n > 0 && h.start < out[n-1].end {
			if h.rank() > out[n-1].rank() {
				out[n-1] = h
			}
			continue
		}
		out = append(out, h)
	}
	return out
}

// rank says how much a hit says.
func (h *hit) rank() int {
	n := 0
	switch {
	case h.sure:
		n = 50
	case h.kind != nil && len(h.kind.Names) == 0:
		n = 40
		if h.kind.ready().min == h.kind.ready().max {
			n = 45
		}
		switch {
		case h.kind.ID == "jwt-token":
			n = 26
		case h.kind.provider.ID == "http":
			n = 25
		}
	case h.rule == ruleKey:
		n = 60
	case h.kind != nil:
		n = 30
	case h.rule == ruleAddress:
		n = 20
	case h.rule == ruleFile:
		n = 10
	}
	return n
}

// token looks at a word that stands in a provider's tokens.
func (s *textScan) token(e *entry, at int) int {
	start, end, ok := e.kind.match(s.text, e.text, at)
	if !ok {
		return 0
	}
	token := source.View(s.text[start:end])
	real, sure := e.kind.real(token)
	if !real {
		return 0
	}
	secretAt := start
	if i := bytes.IndexByte(s.text[start:end], '='); i > 0 && i < end-start-4 && strings.HasSuffix(e.kind.ready().prefix(), "=") {
		secretAt = start + i + 1 // AccountKey=…
	}
	s.addToken(e.kind, secretAt, end, sure, "")
	return 0
}

func (s *textScan) addToken(k *kind, start, end int, sure bool, name string) {
	h := hit{rule: ruleToken, start: start, end: end, kind: k, name: name, severity: k.severity, confidence: finding.HighConfidence, sure: sure, strong: true,
		message: article(k.Title) + " of " + k.provider.Title + " stands in the file: whoever reads it can use it.", hint: "revoke it: " + k.provider.Revoke}
	if len(k.Names) > 0 {
		h.confidence = finding.MediumConfidence
		h.message = name + " is given what looks like " + lowerFirst(article(k.Title)) + " of " + k.provider.Title + "."
	}
	if s.sample && !sure {
		h.severity, h.confidence = min(h.severity, finding.Medium), finding.LowConfidence
	}
	s.add(h)
}

// article: an API key, a token, the key of a function.
func article(title string) string {
	switch {
	case strings.HasPrefix(title, "API"), strings.HasPrefix(title, "OAuth"), strings.HasPrefix(title, "SMTP"), strings.HasPrefix(title, "SDK"), strings.HasPrefix(title, "IAM"), strings.HasPrefix(title, "HMAC"):
		return "An " + title
	case strings.HasPrefix(title, "credentials"):
		return "C" + title[1:]
	case title != "" && strings.IndexByte("aeio", title[0]) >= 0:
		return "An " + title
	}
	return "A " + title
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// identifier reads the name that a place stands in, and what the name is given, once a name.
func (s *textScan) identifier(at int) bool {
	if at < s.nameEnd {
		return s.given
	}
	t := s.text
	start, end := at, at
	for start > 0 && at-start < 60 && namePart(t[start-1]) {
		start--
	}
	for end < len(t) && end-at < 60 && namePart(t[end]) {
		end++
	}
	if end < len(t) && namePart(t[end]) || start > 0 && namePart(t[start-1]) {
		s.nameStart, s.nameEnd, s.given = start, end, false // no name is so long: base 64, or a line of dashes
		return false
	}
	s.nameEnd = end
	for start < end && (t[start] == '.' || t[start] == '-' || t[start] == '$') {
		start++
	}
	for end > start && (t[end-1] == '.' || t[end-1] == '-') {
		end--
	}
	s.nameStart = start
	s.given = end > at && s.value(start, end)
	s.nameEnd = max(s.nameEnd, end)
	if s.given {
		s.nameEnd = end
	}
	return s.given
}

func namePart(c byte) bool { return word(c) || c == '-' || c == '.' || c == '$' }

// name is the one that identifier has read.
func (s *textScan) name() string {
	return strings.Trim(source.View(s.text[s.nameStart:s.nameEnd]), ".-$")
}

// value finds what the name in [start, end) is given.
func (s *textScan) value(start, end int) bool {
	t := s.text
	i := end
	var quote byte
	if start > 0 && i < len(t) && (t[start-1] == '"' || t[start-1] == '\'' || t[start-1] == '`') && t[i] == t[start-1] {
		quote = t[i]
		i++
	} else if start > 1 && i+1 < len(t) && t[start-1] == '"' && t[start-2] == '\\' && t[i] == '\\' && t[i+1] == '"' {
		quote = '"' // JSON in a text of JSON
		i += 2
	}
	if start > 1 && t[start-1] == '{' && t[start-2] == '$' {
		return s.fallback(i)
	}
	option := start > 1 && t[start-1] == '-' && t[start-2] == '-'
	blank := i
	i = s.blanks(i)
	if quote != 0 && i < len(t) && t[i] == ']' {
		i = s.blanks(i + 1)
	}
	if i >= len(t) {
		return false
	}
	bare := !s.quoted && !s.prose
	switch c := t[i]; {
	case c == '=' && i+1 < len(t) && t[i+1] == '=':
		return false // a comparison
	case c == '=' && i+1 < len(t) && t[i+1] == '>':
		i += 2
	case c == '=':
		i++
	case c == ':' && i+1 < len(t) && t[i+1] == '=':
		i += 2
	case c == ':':
		i++
		if i < len(t) && t[i] == ':' {
			return false
		}
		if s.code && quote == 0 {
			i = s.typed(i)
		}
		if s.yaml && quote == 0 && i < len(t) && t[i] != ' ' && t[i] != '\n' && t[i] != '\t' {
			return false
		}
	case c == '?' && i+1 < len(t) && t[i+1] == '=':
		i += 2
	case (c == '|' || c == '?') && i+1 < len(t) && t[i+1] == c && s.code:
		i += 2
		bare = false
	case c == ',' && quote != 0:
		i++
		bare = false
	case c == '>' && s.xml:
		return s.element(i + 1)
	case (option || s.space) && i > blank:
		// --password x, ENV PASSWORD x
	case c == '"' || c == '\'':
		if !option {
			return false
		}
	default:
		if s.yaml && c == '\n' {
			return s.below(i + 1)
		}
		return false
	}
	i = s.blanks(i)
	if i < len(t) && (t[i] == '\n' || t[i] == '\r') && (s.python || s.code || s.quoted && !s.prose) {
		for i < len(t) && (t[i] == '\n' || t[i] == '\r' || t[i] == ' ' || t[i] == '\t') && i < end+200 {
			i++
		}
		bare = false
	} else if s.yaml && i < len(t) && t[i] == '\n' {
		return false
	}
	return s.literal(i, bare, option)
}

// fallback reads what a shell or compose takes if there is no variable: ${PASSWORD:-x}.
func (s *textScan) fallback(i int) bool {
	t := s.text
	if i < len(t) && t[i] == ':' {
		i++
	}
	if i >= len(t) || t[i] != '-' && t[i] != '=' {
		return false
	}
	end := i + 1
	for end < len(t) && t[end] != '}' && t[end] != '\n' && end-i < 300 {
		end++
	}
	s.valueStart, s.valueEnd = i+1, end
	return end < len(t) && t[end] == '}' && end > i+1
}

func (s *textScan) blanks(i int) int {
	for i < len(s.text) && (s.text[i] == ' ' || s.text[i] == '\t') {
		i++
	}
	return i
}

// typed goes over the type of a variable: password: string = "x".
func (s *textScan) typed(i int) int {
	t := s.text
	for k := s.blanks(i); k < len(t) && k < i+40; k++ {
		switch c := t[k]; {
		case c == '=' && k+1 < len(t) && t[k+1] != '=' && t[k+1] != '>':
			return k + 1
		case !word(c) && c != ' ' && c != '<' && c != '>' && c != '|' && c != '?' && c != '.' && c != '&' && c != '[' && c != ']':
			return i
		}
	}
	return i
}

// element reads the text of an element: <password>x</password>.
func (s *textScan) element(i int) bool {
	end := bytes.IndexByte(s.text[i:min(len(s.text), i+600)], '<')
	if end < 3 || bytes.IndexByte(s.text[i:i+end], '\n') >= 0 || !bytes.HasPrefix(s.text[i+end:], []byte("</")) {
		return false
	}
	s.valueStart, s.valueEnd = i, i+end
	return true
}

// below reads the value of an entry that says its name: - name: DB_PASSWORD, and in the next
// line value: x, as Kubernetes has it.
func (s *textScan) below(i int) bool {
	t := s.text
	lineStart := bytes.LastIndexByte(t[:s.nameStart], '\n') + 1
	if !bytes.HasSuffix(bytes.TrimRight(bytes.TrimRight(t[lineStart:s.nameStart], `"'`), " "), []byte("name:")) {
		return false
	}
	i = s.blanks(i)
	if !bytes.HasPrefix(t[i:], []byte("value:")) {
		return false
	}
	return s.literal(s.blanks(i+len("value:")), true, false)
}

// literal reads a value, in quotes or without.
func (s *textScan) literal(i int, bare, option bool) bool {
	t := s.text
	for k := 0; k < 2 && i+1 < len(t) && bytes.IndexByte([]byte("brfuBRFU@L"), t[i]) >= 0 && (t[i+1] == '"' || t[i+1] == '\'' || k == 0 && i+2 < len(t) && (t[i+2] == '"' || t[i+2] == '\'')); k++ {
		i++
	}
	if i >= len(t) {
		return false
	}
	limit := min(len(t), i+4096)
	switch c := t[i]; {
	case c == '"' || c == '\'' || c == '`' && s.code:
		if i+2 < len(t) && t[i+1] == c && t[i+2] == c {
			i += 2
		}
		for k := i + 1; k < limit; k++ {
			switch t[k] {
			case '\\':
				k++
			case '\n':
				if c != '`' {
					return false
				}
			case c:
				s.valueStart, s.valueEnd = i+1, k
				return k > i+1
			}
		}
		return false
	case c == '\\' && i+1 < len(t) && t[i+1] == '"':
		end := bytes.Index(t[i+2:limit], []byte(`\"`))
		if end <= 0 || bytes.IndexByte(t[i+2:i+2+end], '\n') >= 0 {
			return false
		}
		s.valueStart, s.valueEnd = i+2, i+2+end
		return true
	case !bare && !option:
		return false
	}
	end := i
	words := s.words || option
	for end < limit && t[end] != '\n' && t[end] != '\r' {
		c := t[end]
		if words && (c <= ' ' || c == ';' || c == '&' || c == '|' || c == ')' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>') {
			break
		}
		if (c == ' ' || c == '\t') && end+1 < limit && (t[end+1] == '#' || t[end+1] == ';') {
			break
		}
		if s.yaml && (c == ',' || c == '}') && s.flow(i) {
			break
		}
		end++
	}
	for end > i && (t[end-1] == ' ' || t[end-1] == '\t') {
		end--
	}
	if end == i || bytes.IndexByte([]byte("$&*!|>{[(<%@`"), t[i]) >= 0 {
		return false
	}
	s.valueStart, s.valueEnd = i, end
	return true
}

// flow says that a place stands in braces of its line.
func (s *textScan) flow(at int) bool {
	line := bytes.LastIndexByte(s.text[max(0, at-400):at], '\n') + 1 + max(0, at-400)
	open := bytes.LastIndexByte(s.text[line:at], '{')
	return open >= 0 && bytes.IndexByte(s.text[line+open:at], '}') < 0
}

// named looks at a word that stands in names to which a provider's tokens are given.
func (s *textScan) named(e *entry, at int) {
	if s.tokens || !s.identifier(at) || s.valueEnd-s.valueStart < e.kind.ready().min || s.valueEnd-s.valueStart > e.kind.ready().max {
		return
	}
	name := s.name()
	if !tells(name, e.text) || !e.kind.pattern.whole(s.text[s.valueStart:s.valueEnd]) {
		return
	}
	value := source.View(s.text[s.valueStart:s.valueEnd])
	if real, sure := e.kind.real(value); real && !secret.Placeholder(value) && (sure || secret.Random(value)) {
		s.addToken(e.kind, s.valueStart, s.valueEnd, sure, name)
	}
}

// tells says whether a name with a provider's word in it promises a token.
func tells(name, provider string) bool {
	if strings.EqualFold(strings.Trim(name, "_-"), strings.Trim(provider, "_-")) {
		return true
	}
	l := strings.ToLower(name)
	for _, no := range []string{"public", "version", "hash", "checksum", "digest", "commit", "sha", "url", "name", "path", "file", "_id", "regex", "pattern"} {
		if strings.Contains(l, no) {
			return false
		}
	}
	for _, w := range []string{"key", "token", "secret", "auth", "pass", "pwd", "cred", "api", "_pat", "sid", "dsn", "private", "wif", "wallet"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// stem looks at a word that stands in the names of secrets.
func (s *textScan) stem(at int) {
	if s.tokens {
		return
	}
	if s.python && !s.comment(at) {
		if !s.judge {
			s.candidate(at)
		}
		return
	}
	if !s.identifier(at) {
		return
	}
	name := s.name()
	value := source.View(s.text[s.valueStart:s.valueEnd])
	if h, ok := s.judgeNamed(name, value); ok {
		s.add(h)
	}
	s.given = false // the other words of the name say the same
}

// comment says that a place of a Python file stands in a comment.
func (s *textScan) comment(at int) bool {
	for i := at - 1; i >= 0 && at-i < 300; i-- {
		switch s.text[i] {
		case '\n':
			k := s.blanks(i + 1)
			return s.text[k] == '#'
		case '#':
			// Behind code, too, if it is not in a text.
			line := bytes.LastIndexByte(s.text[:i], '\n') + 1
			return bytes.Count(s.text[line:i], []byte{'"'})%2 == 0 && bytes.Count(s.text[line:i], []byte{'\''})%2 == 0
		}
	}
	return false
}

// judgeNamed judges what a name is given.
func (s *textScan) judgeNamed(name, value string) (hit, bool) {
	var h hit
	kind := secret.Of(name)
	signs := secret.Signs(name)
	if signs {
		kind = secret.Key
	}
	if kind == secret.None || kind == secret.Personal || hashed(value) || elsewhere(value) {
		return h, false
	}
	h = hit{rule: ruleFile, start: s.valueStart, end: s.valueEnd, name: name, severity: finding.High, confidence: finding.MediumConfidence}
	strength := secret.Judge(kind, name, value)
	what := "a password that stands in the file"
	switch kind {
	case secret.Token:
		what = "a token that stands in the file"
	case secret.Key:
		what = "a key that stands in the file"
	}
	random := len(value) >= 16 && secret.Random(value)
	h.strong = random && len(value) >= 20
	switch {
	case signs && !s.prose && !s.code && secret.Usable(name, value) && strength != secret.Strong:
		if s.sample || strings.ContainsAny(value, " ") {
			return h, false
		}
		h.message = name + " is given a text that can be guessed or looked up: whoever knows it signs what they like."
		h.severity = finding.Medium
		s.weigh(&h)
		return h, true
	case strength == secret.Strong:
		h.message = name + " is given " + what + "."
	case strength == secret.Weak && !s.code && !s.prose && !s.python && !s.sample && kind == secret.Password:
		h.message = name + " is given a password that everybody tries first."
		h.severity = finding.Low
	case strength == secret.Plain && !s.code && !s.prose && !s.python && !s.sample && kind == secret.Password:
		h.message = name + " is given " + what + "."
		h.severity, h.confidence = finding.Low, finding.LowConfidence
	default:
		return h, false
	}
	s.weigh(&h)
	h.hint = "change it, and let the surroundings supply it: the environment, or a secret store"
	switch {
	case s.prose, s.sample:
		if !random {
			return h, false
		}
		h.severity, h.confidence = finding.Low, finding.LowConfidence
	case s.python: // a comment
		if !random && kind != secret.Password {
			return h, false
		}
		h.severity, h.confidence = min(h.severity, finding.Medium), finding.LowConfidence
	case s.xml, s.code:
		if !random && (kind != secret.Password || !mixed(value)) {
			return h, false
		}
	}
	if !random && (strings.ContainsAny(value, "(){}<>$`\\|;,") && (s.words || s.code || s.yaml)) {
		return h, false
	}
	return h, true
}

// weigh makes less of what is for one run: what a workflow tests with, and what an image is
// built with.
func (s *textScan) weigh(h *hit) {
	least := finding.Never
	if s.build {
		least = finding.Medium
	}
	if !h.strong && (s.build || s.space) && h.severity <= finding.Medium {
		least = finding.Low
	}
	h.severity = min(h.severity, least)
}

// elsewhere says that a value tells where the secret is and is none itself.
func elsewhere(value string) bool {
	l := strings.ToLower(value)
	for _, begin := range []string{"$", "env(", "env:", "file:", "secret:", "secrets.", "vault", "op://", "ssm:", "arn:", "projects/", "sops", "enc[", "enc(", "keyring", "aws-sm", "ref+", "@", "process.env", "os.environ", "getenv", "var.", "local.", "data.", "module.", "self.", "this.", "config.", "settings.", "env."} {
		if strings.HasPrefix(l, begin) {
			return true
		}
	}
	return strings.Contains(value, "${") || strings.Contains(value, "{{") || strings.Contains(value, "<%") || strings.Contains(value, "$(")
}

// hashed says that a value is the hash of something, in the forms that say so.
func hashed(value string) bool {
	for _, begin := range []string{"$2a$", "$2b$", "$2y$", "$1$", "$5$", "$6$", "$y$", "$apr1$", "$argon2", "$scrypt$", "$pbkdf2", "pbkdf2", "argon2$", "bcrypt$", "bcrypt_sha256$", "scrypt:", "pbkdf2:", "sha1$", "md5$", "{SHA}", "{SSHA}", "{SSHA512}", "sha256:", "sha512:", "sha384-", "sha512-", "sha256-", "SHA256:", "SCRAM-SHA"} {
		if strings.HasPrefix(value, begin) {
			return true
		}
	}
	return false
}

// address looks at what stands around ://.
func (s *textScan) address(at int) {
	t := s.text
	start := at
	for start > 0 && at-start < 30 && (word(t[start-1]) || t[start-1] == '+' || t[start-1] == '-' || t[start-1] == '.') {
		start--
	}
	end := at + 3
	colon, host := -1, false
	for ; end < len(t) && end-at < 600; end++ {
		c := t[end]
		if c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == '\\' || c == '\x7f' {
			break
		}
		switch c {
		case ':':
			if colon < 0 {
				colon = end
			}
		case '@':
			host = true
		case '/', '?', '#':
			if !host && colon < 0 {
				return
			}
		}
	}
	if !host || start == at {
		return
	}
	if s.python {
		s.judge = true
		if !s.comment(at) {
			return
		}
	}
	text := strings.TrimRight(source.View(t[start:end]), ".,;)]}")
	password, what := secret.Address(text)
	if password == "" || len(password) < 3 || secret.Placeholder(password) || elsewhere(password) || strings.ContainsAny(password, "{}$%()[] ") && !strings.ContainsAny(password, "0123456789") || strings.ContainsAny(password, "{[") {
		return
	}
	l := strings.ToLower(password)
	switch l {
	case "password", "passwd", "pass", "pw", "pwd", "token", "secret", "user", "username", "port":
		return
	}
	from, to := userinfo(text)
	if to <= from {
		return
	}
	from, to = start+from, start+to
	random := len(password) >= 10 && secret.Random(password)
	if (s.prose || s.sample || s.python) && !random {
		return
	}
	h := hit{rule: ruleAddress, start: from, end: to, severity: finding.High, confidence: finding.HighConfidence, strong: random && len(password) >= 20,
		message: "The " + what + " has a password in it.", hint: `let the surroundings supply the address`}
	if secret.Local(text) || inside(text) || s.sample || s.prose || s.python || secret.Judge(secret.Password, "password", password) == secret.Weak || strings.EqualFold(password, user(text)) {
		h.severity, h.confidence = finding.Low, finding.MediumConfidence
	}
	s.add(h)
}

// userinfo is where the password of an address stands, as it is written: what secret.Address
// returns may have been escaped.
func userinfo(text string) (from, to int) {
	at := strings.Index(text, "://") + 3
	rest := text[at:]
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	to = strings.LastIndexByte(rest, '@')
	if to < 0 {
		return 0, 0
	}
	return at + strings.IndexByte(rest[:to], ':') + 1, at + to
}

// user is the one that an address names.
func user(text string) string {
	_, rest, _ := strings.Cut(text, "://")
	name, _, _ := strings.Cut(rest, ":")
	return name
}

// inside says that the host has a name without a dot: one of a compose file or a cluster.
func inside(text string) bool {
	host := text[strings.LastIndexByte(text, '@')+1:]
	if i := strings.IndexAny(host, ":/?"); i >= 0 {
		host = host[:i]
	}
	return !strings.Contains(host, ".")
}

// curl looks at the user of a command line: curl -u user:password.
func (s *textScan) curl(at int) {
	if s.prose || s.tokens || s.sample {
		return
	}
	end := at + 5
	for end < len(s.text) && s.text[end] != '\n' && end-at < 1000 {
		end++
	}
	line := s.text[at:end]
	for _, flag := range []string{" -u ", " --user ", " -u", " --user="} {
		i := bytes.Index(line, []byte(flag))
		if i < 0 {
			continue
		}
		from := i + len(flag)
		for from < len(line) && (line[from] == '"' || line[from] == '\'' || line[from] == ' ') {
			from++
		}
		to := from
		for to < len(line) && line[to] > ' ' && line[to] != '"' && line[to] != '\'' && line[to] != '\\' && line[to] != ')' {
			to++
		}
		user, password, ok := strings.Cut(source.View(line[from:to]), ":")
		if !ok || user == "" || strings.ContainsAny(user, "${/") || secret.Placeholder(password) || elsewhere(password) || secret.Judge(secret.Password, "password", password) < secret.Weak {
			return
		}
		k := at + from + len(user) + 1
		s.add(hit{rule: ruleFile, start: k, end: at + to, severity: finding.High, confidence: finding.MediumConfidence, message: "A command is given the password of a user.", hint: "let curl read it from a .netrc that is not in the repository, or from standard input"})
		return
	}
}

// hash looks at what may be a line of a password file.
func (s *textScan) hash(at int) {
	if s.python || s.notebook || s.prose || s.sample || s.tokens {
		return
	}
	t := s.text
	start := bytes.LastIndexByte(t[:at], '\n') + 1
	end := at
	for end < len(t) && t[end] > ' ' && end-at < 300 {
		end++
	}
	user, rest, ok := bytes.Cut(t[start:end], []byte{':'})
	if !ok || len(user) == 0 || len(user) > 40 || bytes.ContainsAny(user, " \t\"'={#$") || len(rest) < 20 {
		return
	}
	from := start + len(user) + 1
	if at != from && at != from-1 { // the hash, or the colon before it, stands right behind the user
		return
	}
	to := from
	for to < end && t[to] != ':' {
		to++
	}
	if to == from {
		return
	}
	weak := bytes.HasPrefix(t[from:], []byte("$apr1$")) || bytes.HasPrefix(t[from:], []byte("{SHA}"))
	h := hit{rule: ruleHash, start: from, end: to, severity: finding.Low, confidence: finding.HighConfidence, strong: false,
		message: "The hash of a user's password stands in the file: it can be guessed at leisure."}
	if weak {
		h.severity = finding.Medium
		h.message = "The hash of a user's password stands in the file, made by a method that lets billions a second be tried."
	}
	s.add(h)
}

// pgpass reads host:port:database:user:password.
func (s *textScan) pgpass() {
	at := 0
	for line := range bytes.Lines(s.text) {
		from := at
		at += len(line)
		line = bytes.TrimRight(line, "\r\n")
		if bytes.HasPrefix(line, []byte("#")) || bytes.Count(line, []byte{':'}) != 4 {
			continue
		}
		k := bytes.LastIndexByte(line, ':') + 1
		password := source.View(line[k:])
		if len(password) < 3 || secret.Placeholder(password) || elsewhere(password) {
			continue
		}
		s.add(hit{rule: ruleFile, start: from + k, end: from + len(line), severity: finding.High, confidence: finding.HighConfidence, message: "The password of a database stands in the file.", hint: "keep this file in the home folder and out of the repository"})
	}
}
