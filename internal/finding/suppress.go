package finding

import (
	"fmt"
	"slices"
	"strings"
)

// The kinds of directives, by the word that the comment begins with.
const (
	KindGambeson  = "gambeson"
	KindNosec     = "nosec"
	KindNoqa      = "noqa"
	KindNosemgrep = "nosemgrep"
)

// A Directive is one suppression that a comment asks for: ours, or that of a tool
// which the project came from.
//
//	# gambeson: ignore[sql-injection, path-traversal] reason
//	# gambeson: ignore reason                   everything on this statement
//	# gambeson: ignore-file[assert-used] reason the whole file
//	# nosec · # nosec B602, assert_used         Bandit
//	# noqa: S608 · # ruff: noqa: S101           Ruff and flake8, security codes only
//	# nosemgrep · # nosemgrep: rule.id          Semgrep
type Directive struct {
	Kind    string   // see the constants
	IDs     []string // what is silenced: rule ids, Bandit ids such as B602, codes such as S608
	Blanket bool     // everything is silenced; IDs is empty
	File    bool     // in the whole file
	Reason  string   // as the author wrote it
	Mistake string   // why the comment has no effect and what to write, or ""
	Line    int      // where the comment is, from 1; set by Suppressions.Add

	used []string // the ids that silenced something, "" for a blanket
}

// MayDirect is a quick look whether a comment may hold a directive: prose that begins with the
// same three letters is rare.
func MayDirect(comment string) bool {
	for at := strings.IndexByte(comment, '#'); at >= 0; {
		rest := strings.TrimLeft(comment[at+1:], " \t")
		if len(rest) >= len("noqa") {
			switch [3]byte{rest[0] | 0x20, rest[1] | 0x20, rest[2] | 0x20} {
			case [3]byte{'g', 'a', 'm'}, [3]byte{'n', 'o', 's'}, [3]byte{'n', 'o', 'q'}, [3]byte{'r', 'u', 'f'}, [3]byte{'f', 'l', 'a'}:
				return true
			}
		}
		next := strings.IndexByte(comment[at+1:], '#')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return false
}

// ParseDirective finds the directives in a comment, which begins with its # and may
// hold several. There are none in most comments.
func ParseDirective(comment string) []Directive {
	var found []Directive
	for at := strings.IndexByte(comment, '#'); at >= 0; {
		end := len(comment)
		next := strings.IndexByte(comment[at+1:], '#')
		if next >= 0 {
			next += at + 1
			end = next
		}
		if d, ok := parseOne(comment[at+1:end], comment[at+1:]); ok {
			found = append(found, d)
		}
		at = next
	}
	return found
}

// parseOne reads what follows a #: text up to the next #, and whole to the end.
func parseOne(text, whole string) (Directive, bool) {
	text = strings.TrimLeft(text, " \t")
	if text == "" || !strings.ContainsRune("gnrfGN", rune(text[0])) {
		return Directive{}, false
	}
	if rest, ok := afterWord(text, "gambeson"); ok {
		// A reason may well hold a #: see #123.
		whole = strings.TrimLeft(whole, " \t")[len("gambeson"):]
		return parseGambeson(rest, cutOtherDirectives(whole))
	}
	if rest, ok := afterWord(text, "nosec"); ok {
		return parseNosec(rest), true
	}
	if rest, ok := afterWord(text, "nosemgrep"); ok {
		return parseNosemgrep(rest), true
	}
	if rest, ok := afterWord(text, "nosem"); ok {
		return parseNosemgrep(rest), true
	}
	for _, tool := range []string{"ruff", "flake8"} {
		if rest, ok := afterWord(text, tool); ok {
			rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t"), ":")
			d, found := parseNoqa(strings.TrimLeft(rest, " \t"))
			d.File = true
			return d, ok && found
		}
	}
	return parseNoqa(text)
}

// afterWord cuts a word from the front, if no letter, digit or _ follows it.
func afterWord(text, word string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(text, word)
	return rest, ok && (rest == "" || !isWord(rest[0]))
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}

// cutOtherDirectives ends a reason where another directive begins.
func cutOtherDirectives(text string) string {
	for i := range len(text) {
		if text[i] != '#' {
			continue
		}
		rest := strings.ToLower(strings.TrimLeft(text[i+1:], " \t"))
		for _, word := range []string{"gambeson:", "nosec", "noqa", "nosem", "type:", "pragma:", "pylint:", "ruff:", "flake8:", "mypy:", "fmt:", "isort:"} {
			if strings.HasPrefix(rest, word) {
				return text[:i]
			}
		}
	}
	return text
}

func parseGambeson(text, whole string) (Directive, bool) {
	d := Directive{Kind: KindGambeson}
	trimmed := strings.TrimLeft(text, " \t")
	if !strings.HasPrefix(trimmed, ":") {
		if strings.HasPrefix(trimmed, "ignore") {
			d.Mistake = "a colon is missing: write # gambeson: ignore[rule] reason"
			return d, true
		}
		return d, false // prose about gambesons
	}
	rest := strings.TrimLeft(whole[strings.IndexByte(whole, ':')+1:], " \t")
	n := 0
	for n < len(rest) && (isWord(rest[n]) || rest[n] == '-') {
		n++
	}
	switch verb := rest[:n]; verb {
	case "ignore":
	case "ignore-file":
		d.File = true
	default:
		d.Mistake = fmt.Sprintf("%q is unknown here: write # gambeson: ignore[rule] reason, or ignore-file[rule]", verb)
		return d, true
	}
	rest = rest[n:]
	bracket := strings.TrimLeft(rest, " \t")
	if !strings.HasPrefix(bracket, "[") {
		d.Blanket = true
		d.Reason = cleanReason(rest)
		return d, true
	}
	list, reason, closed := strings.Cut(bracket[1:], "]")
	if !closed {
		d.Mistake = "the bracket is not closed: write # gambeson: ignore[rule] reason"
		return d, true
	}
	for id := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		d.IDs = append(d.IDs, id)
	}
	if len(d.IDs) == 0 {
		d.Mistake = "the brackets are empty: name the rules to ignore, or leave the brackets out to ignore all"
		return d, true
	}
	d.Reason = cleanReason(reason)
	return d, true
}

// cleanReason trims the punctuation that people put between the directive and why.
func cleanReason(s string) string {
	s = strings.TrimLeft(s, " \t:;,.-–—")
	return strings.TrimRight(s, " \t#\r\n")
}

// parseNosec follows Bandit: words that are ids or names of its tests are taken from
// anywhere in the comment, and if there is none the comment silences everything.
// One thing differs: names that are also plain English (input, random) count only
// before the first other word, so that a reason in prose does not narrow it.
func parseNosec(text string) Directive {
	d := Directive{Kind: KindNosec}
	text = strings.TrimPrefix(text, ":")
	prose, reasonAt := false, -1
	for at := 0; at < len(text); {
		if !isWord(text[at]) {
			at++
			continue
		}
		end := at
		for end < len(text) && isWord(text[end]) {
			end++
		}
		word := text[at:end]
		id := banditID(word)
		switch {
		case id != "" && (!prose || id == strings.ToUpper(word) || strings.Contains(word, "_")):
			if !slices.Contains(d.IDs, id) {
				d.IDs = append(d.IDs, id)
			}
		case !prose:
			prose, reasonAt = true, at
		}
		at = end
	}
	d.Blanket = len(d.IDs) == 0
	if reasonAt >= 0 {
		d.Reason = cleanReason(text[reasonAt:])
	}
	return d
}

// banditID returns the id of a Bandit test given as B602 or by name, or "".
func banditID(word string) string {
	if len(word) == 4 && (word[0] == 'B' || word[0] == 'b') && isDigits(word[1:]) {
		return strings.ToUpper(word)
	}
	return banditNames[strings.ToLower(word)]
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// BanditID returns the id (B602) of a Bandit test given by id or by name, and
// whether there is such a test, or was.
func BanditID(name string) (string, bool) {
	id := banditID(name)
	for _, known := range banditNames {
		if id == known {
			return id, true
		}
	}
	return "", false
}

var banditNames = map[string]string{
	"assert_used": "B101", "exec_used": "B102", "set_bad_file_permissions": "B103", "hardcoded_bind_all_interfaces": "B104",
	"hardcoded_password_string": "B105", "hardcoded_password_funcarg": "B106", "hardcoded_password_default": "B107",
	"hardcoded_tmp_directory": "B108", "password_config_option_not_marked_secret": "B109", "try_except_pass": "B110", "execute_with_run_as_root_equals_true": "B111",
	"try_except_continue": "B112", "request_without_timeout": "B113", "flask_debug_true": "B201", "tarfile_unsafe_members": "B202",
	"pickle": "B301", "marshal": "B302", "md5": "B303", "ciphers": "B304", "cipher_modes": "B305", "mktemp_q": "B306", "eval": "B307", "mark_safe": "B308",
	"httpsconnection": "B309", "urllib_urlopen": "B310", "random": "B311", "telnetlib": "B312", "xml_bad_celementtree": "B313",
	"xml_bad_elementtree": "B314", "xml_bad_expatreader": "B315", "xml_bad_expatbuilder": "B316", "xml_bad_sax": "B317", "xml_bad_minidom": "B318",
	"xml_bad_pulldom": "B319", "xml_bad_etree": "B320", "ftplib": "B321", "input": "B322", "unverified_context": "B323", "hashlib": "B324", "tempnam": "B325",
	"import_telnetlib": "B401", "import_ftplib": "B402", "import_pickle": "B403", "import_subprocess": "B404", "import_xml_etree": "B405",
	"import_xml_sax": "B406", "import_xml_expat": "B407", "import_xml_minidom": "B408", "import_xml_pulldom": "B409", "import_lxml": "B410",
	"import_xmlrpclib": "B411", "import_httpoxy": "B412", "import_pycrypto": "B413", "import_pycryptodome": "B414", "import_pyghmi": "B415",
	"request_with_no_cert_validation": "B501", "ssl_with_bad_version": "B502", "ssl_with_bad_defaults": "B503", "ssl_with_no_version": "B504",
	"weak_cryptographic_key": "B505", "yaml_load": "B506", "ssh_no_host_key_verification": "B507", "snmp_insecure_version": "B508", "snmp_weak_cryptography": "B509",
	"paramiko_calls": "B601", "subprocess_popen_with_shell_equals_true": "B602", "subprocess_without_shell_equals_true": "B603",
	"any_other_function_with_shell_equals_true": "B604", "start_process_with_a_shell": "B605", "start_process_with_no_shell": "B606",
	"start_process_with_partial_path": "B607", "hardcoded_sql_expressions": "B608", "linux_commands_wildcard_injection": "B609",
	"django_extra_used": "B610", "django_rawsql_used": "B611", "logging_config_insecure_listen": "B612", "trojansource": "B613", "pytorch_load": "B614",
	"huggingface_unsafe_download": "B615", "jinja2_autoescape_false": "B701", "use_of_mako_templates": "B702", "django_mark_safe": "B703", "markupsafe_markup_xss": "B704",
	"markupsafe_xss": "B704", // the name of its options
}

// parseNoqa reads what begins with noqa. A blanket noqa is about style and silences
// nothing here; nor do codes other than S.
func parseNoqa(text string) (Directive, bool) {
	d := Directive{Kind: KindNoqa}
	if len(text) < len("noqa:S1") || !strings.EqualFold(text[:4], "noqa") {
		return d, false
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(text[4:], " \t"), ":")
	if !ok {
		return d, false
	}
	for {
		rest = strings.TrimLeft(rest, " \t,")
		n := 0
		for n < len(rest) && isWord(rest[n]) {
			n++
		}
		word := strings.ToUpper(rest[:n])
		letters := strings.TrimRight(word, "0123456789")
		if letters == "" || letters == word || strings.ContainsAny(letters, "0123456789_") {
			break
		}
		if letters == "S" {
			d.IDs = append(d.IDs, word)
		}
		rest = rest[n:]
	}
	d.Reason = cleanReason(rest)
	return d, len(d.IDs) > 0
}

func parseNosemgrep(text string) Directive {
	d := Directive{Kind: KindNosemgrep}
	text = strings.TrimLeft(text, " \t")
	if text == "" || text[0] != ':' && text[0] != '=' {
		d.Blanket = true
		d.Reason = cleanReason(text)
		return d
	}
	rest := text[1:]
	comma := true
	for {
		trimmed := strings.TrimLeft(rest, " \t")
		n := 0
		for n < len(trimmed) && (isWord(trimmed[n]) || trimmed[n] == '-' || trimmed[n] == '.') {
			n++
		}
		word := trimmed[:n]
		// Without a comma only what looks like an id is one; the rest is the reason.
		if n == 0 || !comma && !strings.ContainsAny(strings.Trim(word, "-."), "-.") {
			break
		}
		d.IDs = append(d.IDs, word)
		rest = strings.TrimLeft(trimmed[n:], " \t")
		rest, comma = strings.CutPrefix(rest, ",")
	}
	d.Blanket = len(d.IDs) == 0
	d.Reason = cleanReason(rest)
	return d
}

// covers returns which of the directive's ids names the rule, and whether one does.
// Semgrep's ids are dotted; the last part may be the rule's name here.
func (d *Directive) covers(rule string, aliases []string) (id string, ok bool) {
	if d.Mistake != "" {
		return "", false
	}
	if d.Blanket {
		return "", true
	}
	for _, id := range d.IDs {
		short := id
		if d.Kind == KindNosemgrep {
			short = id[strings.LastIndexByte(id, '.')+1:]
		}
		if strings.EqualFold(id, rule) || strings.EqualFold(short, rule) {
			return id, true
		}
		for _, a := range aliases {
			if strings.EqualFold(id, a) || strings.EqualFold(short, a) {
				return id, true
			}
		}
	}
	return "", false
}

// Suppressions are the directives of one file. The zero value is ready for use. It
// is not safe for concurrent use.
type Suppressions struct {
	all  []*Directive
	line map[int][]*Directive
	own  map[int]bool // lines that hold nothing but a comment, from the first directive on
}

// Add takes note of a comment. Comments come in the order of the file; ownLine says
// that nothing else is on the line, and such a comment also speaks of the statement below.
func (s *Suppressions) Add(comment string, line int, ownLine bool) {
	for _, d := range ParseDirective(comment) {
		d.Line = line
		if s.line == nil {
			s.line, s.own = map[int][]*Directive{}, map[int]bool{}
		}
		s.all = append(s.all, &d)
		if !d.File {
			s.line[line] = append(s.line[line], &d)
		}
	}
	if ownLine && s.own != nil {
		s.own[line] = true
	}
}

// All returns the directives in the order of the file, mistakes included.
func (s *Suppressions) All() []*Directive { return s.all }

// Match returns the directive that silences a rule on a statement that reaches from
// the line start to the line end, or nil. Directives count on any of these lines, on
// comment lines directly above, and anywhere if they are for the whole file. All
// that match count as used.
func (s *Suppressions) Match(rule string, aliases []string, start, end int) *Directive {
	if len(s.all) == 0 {
		return nil
	}
	var best *Directive
	bestID := ""
	try := func(d *Directive) {
		id, ok := d.covers(rule, aliases)
		if !ok {
			return
		}
		if !slices.Contains(d.used, id) {
			d.used = append(d.used, id)
		}
		// The one that names the rule says most about why.
		if best == nil || bestID == "" && id != "" {
			best, bestID = d, id
		}
	}
	above := start - 1
	for s.own[above] {
		above--
	}
	if end-above > len(s.all) { // a long statement and few directives
		for _, d := range s.all {
			if !d.File && d.Line > above && d.Line <= end {
				try(d)
			}
		}
	} else {
		for line := above + 1; line <= end; line++ {
			for _, d := range s.line[line] {
				try(d)
			}
		}
	}
	for _, d := range s.all {
		if d.File {
			try(d)
		}
	}
	return best
}

// An Unused directive, or part of one, has silenced nothing.
type Unused struct {
	Directive *Directive
	IDs       []string // those of its ids that silenced nothing; none if it is a blanket
	Message   string   // a sentence without a full stop
}

// Unused lists what silenced nothing, once everything has been asked for. Only ids
// for which ran is true count, as the others may be needed when more rules run;
// blankets count if they are ours, as another tool may need the others.
func (s *Suppressions) Unused(ran func(id string) bool) []Unused {
	var unused []Unused
	for _, d := range s.all {
		if d.Mistake != "" {
			continue
		}
		if d.Blanket {
			if d.Kind == KindGambeson && len(d.used) == 0 {
				unused = append(unused, Unused{d, nil, "unused suppression: nothing is found here, remove the comment"})
			}
			continue
		}
		var ids []string
		for _, id := range d.IDs {
			short := id[strings.LastIndexByte(id, '.')+1:]
			if !slices.Contains(d.used, id) && (ran(id) || d.Kind == KindNosemgrep && ran(short)) {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			advice := "remove the comment"
			if len(ids) < len(d.IDs) {
				advice = "remove it from the list"
			}
			unused = append(unused, Unused{d, ids, fmt.Sprintf("unused suppression: %s finds nothing here, %s", strings.Join(ids, ", "), advice)})
		}
	}
	return unused
}
