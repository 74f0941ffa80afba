package manifest

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

func init() {
	add(format{name: "requirements", is: isRequirements, read: readRequirements})
}

// isRequirements knows what people call their requirements files: requirements.txt,
// requirements-dev.in, requirements/base.txt, constraints.txt.
func isRequirements(p string) bool {
	ext := path.Ext(p)
	if ext != ".txt" && ext != ".in" && ext != ".pip" {
		return false
	}
	b := strings.ToLower(path.Base(p))
	for _, word := range []string{"requirement", "constraint", "dependencies", "reqs"} {
		if strings.Contains(b, word) {
			return true
		}
	}
	dir := strings.ToLower(path.Base(path.Dir(p)))
	if (dir == "_vendor" || dir == "_vendored" || dir == "vendor") && (b == "vendor.txt" || b == "vendored.txt") {
		return true // what a package has copied into itself
	}
	return dir == "requirements" || dir == "reqs" || dir == "deps"
}

// readRequirements reads pip's requirements file format, as pip itself does
// (https://pip.pypa.io/en/stable/reference/requirements-file-format/): continuations first,
// then comments, then options and requirements.
func readRequirements(f *File, data []byte) {
	text, ok := decode(data)
	if !ok {
		f.problem(Place{Line: 1, Column: 1}, "the encoding is not known: save the file as UTF-8")
	}
	for _, l := range logicalLines(text) {
		f.requirementLine(l)
	}
}

// decode makes text of a file: UTF-8, UTF-16 and UTF-32 by their marks, else Latin-1.
func decode(data []byte) (text string, ok bool) {
	wide := func(order func(b []byte) uint16, b []byte) string {
		u := make([]uint16, len(b)/2)
		for i := range u {
			u[i] = order(b[2*i:])
		}
		return string(utf16.Decode(u))
	}
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return "", false
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return wide(func(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }, data[2:]), true
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return wide(func(b []byte) uint16 { return uint16(b[1]) | uint16(b[0])<<8 }, data[2:]), true
	}
	if utf8.Valid(data) {
		return string(data), true
	}
	r := make([]rune, len(data))
	for i, b := range data {
		r[i] = rune(b)
	}
	return string(r), true
}

// A line is one that says something, with the lines that it continues on.
type line struct {
	text string
	at   Place // where it begins
}

// otherLineEnds are the line ends of Python's splitlines, which pip uses, but for the usual two.
var otherLineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\x1c", "\n", "\x1d", "\n", "\x1e", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// logicalLines joins lines that end in a backslash, and leaves comments and empty ones out.
func logicalLines(text string) []line {
	text = otherLineEnds.Replace(text)
	var out []line
	var b strings.Builder
	var at Place
	n := 0
	end := func() {
		if t := withoutComment(b.String()); t != "" {
			out = append(out, line{t, at})
		}
		b.Reset()
		at = Place{}
	}
	for raw := range strings.SplitSeq(text, "\n") {
		n++
		bare := strings.TrimLeft(raw, " \t")
		comment := strings.HasPrefix(bare, "#")
		if at.Line == 0 && strings.Trim(bare, "\\ \t") != "" {
			at = Place{Line: n, Column: utf8.RuneCountInString(raw[:len(raw)-len(bare)]) + 1}
		}
		if !comment && strings.HasSuffix(raw, "\\") {
			b.WriteString(strings.Trim(raw, "\\"))
			continue
		}
		if comment {
			b.WriteByte(' ') // it ends what was continued, too
		}
		b.WriteString(raw)
		end()
	}
	end()
	return out
}

// withoutComment cuts a comment off: a # at the beginning, or behind white space.
func withoutComment(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] == '#' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') {
			s = s[:i]
			break
		}
	}
	return strings.TrimSpace(s)
}

// fileOptions are those of a whole file, with whether they take a value.
var fileOptions = map[string]bool{
	"--index-url": true, "--pypi-url": true, "--extra-index-url": true, "--no-index": false, "--find-links": true, "--no-binary": true, "--only-binary": true,
	"--prefer-binary": false, "--require-hashes": false, "--no-require-hashes": false, "--pre": false, "--all-releases": true, "--only-final": true, "--trusted-host": true, "--use-feature": true,
	"--requirement": true, "--constraint": true, "--editable": true,
	// of older versions of pip
	"--process-dependency-links": false, "--always-unzip": false, "--no-use-wheel": false, "--use-wheel": false, "--no-allow-external": false, "--allow-external": true, "--allow-all-external": false, "--allow-unverified": true,
	// what only the command line knows, and people write nevertheless
	"--no-cache-dir": false, "--no-build-isolation": false, "--no-deps": false, "--upgrade": false,
}

var shortOptions = map[string]string{"-i": "--index-url", "-f": "--find-links", "-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-Z": "--always-unzip", "-U": "--upgrade"}

// option is the full name of a long option, which people may cut short as long as it is clear
// which one they mean.
func option(name string) (full string, takes, known bool) {
	if takes, known = fileOptions[name]; known {
		return name, takes, true
	}
	for o, t := range fileOptions {
		if strings.HasPrefix(name, "--") && strings.HasPrefix(o, name) && len(name) > 4 {
			if known {
				return name, false, false
			}
			full, takes, known = o, t, true
		}
	}
	return full, takes, known
}

// requirementLine reads one line; what it asks for is asked for by the groups.
func (f *File) requirementLine(l line, groups ...string) {
	if f.Lines++; f.full() {
		return
	}
	packages, includes := len(f.Packages), len(f.Includes)
	if strings.HasPrefix(l.text, "-") {
		f.optionLine(l)
	} else {
		f.requirementText(l.text, l.at)
	}
	for i := packages; i < len(f.Packages); i++ {
		f.Packages[i].Groups = groups
	}
	for i := includes; i < len(f.Includes); i++ {
		f.Includes[i].Groups = groups
	}
}

func (f *File) optionLine(l line) {
	for words := split(l.text); len(words) > 0; {
		name, value, has := strings.Cut(words[0], "=")
		if !strings.HasPrefix(name, "--") && len(name) > 1 { // -rbase.txt
			if has = len(words[0]) > 2; has {
				value = words[0][2:]
			}
			name = name[:2]
			if long := shortOptions[name]; long != "" {
				name = long
			}
		}
		words = words[1:]
		full, takes, known := option(name)
		if !known {
			f.problem(l.at, "the option "+quoted(name)+" is not known")
			return
		}
		if takes && !has {
			if len(words) == 0 {
				f.problem(l.at, "the option "+name+" needs a value")
				return
			}
			value, words = words[0], words[1:]
		}
		switch full {
		case "--requirement", "--constraint":
			f.include(value, full == "--constraint", l.at)
		case "--editable":
			// The rest of the line belongs to it: -e git+https://… ; python_version > "3"
			f.editable(strings.TrimSpace(value+" "+strings.Join(words, " ")), l)
			return
		default:
			if full == "--pypi-url" {
				full = "--index-url"
			}
			f.Options = append(f.Options, Option{Name: full, Value: withoutSecret(value), At: l.at})
		}
	}
}

// include notes another file.
func (f *File) include(written string, constraint bool, at Place) {
	in := Include{Written: withoutSecret(written), Constraint: constraint, At: at}
	name := strings.TrimPrefix(written, "file:")
	if !strings.Contains(name, "://") && !strings.HasPrefix(name, "/") && !strings.Contains(name, "\\") && !hasVariable(name) && name != "" {
		if p := path.Join(path.Dir(f.Path), name); p != ".." && !strings.HasPrefix(p, "../") {
			in.Path = p
		}
	}
	f.Includes = append(f.Includes, in)
}

func hasVariable(s string) bool { return strings.Contains(s, "${") }

// editable is a folder, or a repository.
func (f *File) editable(text string, l line) {
	// Quotes that held a marker together are gone; the line still has them.
	body, marker := cutMarker(text)
	if marker != "" {
		if i := strings.IndexByte(l.text, ';'); i >= 0 {
			marker = strings.TrimSpace(l.text[i+1:])
		}
	}
	body, _ = f.cutOptions(body, l.at)
	p := Package{At: l.at, From: Editable, State: Unknown, Why: "it is a folder of its own", URL: withoutSecret(body)}
	if scheme, _, ok := strings.Cut(body, "://"); ok && strings.Contains(scheme, "+") {
		p.From, p.Why = VCS, "it comes from "+p.URL
	}
	if r, err := pep508.Parse(body); err == nil && r.URL != "" {
		p.Name, p.Written, p.Extras = pep508.Normalise(r.Name), r.Name, r.Extras
		p.place(r.URL)
		if p.From == Path {
			p.From = Editable
		}
	}
	p.egg(body)
	if folder, extras, ok := cutExtras(body); ok && p.From == Editable {
		p.URL, p.Extras = withoutSecret(folder), extras
	}
	f.only(&p, marker, l.at)
	f.put(p)
}

// cutMarker cuts a marker off behind an address, where it needs a space beside its semicolon.
func cutMarker(s string) (before, marker string) {
	for i := 0; i < len(s); i++ {
		if s[i] == ';' && (i > 0 && (s[i-1] == ' ' || s[i-1] == '\t') || i+1 < len(s) && (s[i+1] == ' ' || s[i+1] == '\t')) {
			return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
		}
	}
	return s, ""
}

// cutExtras cuts "[a,b]" off the end of a path.
func cutExtras(s string) (before string, extras []string, ok bool) {
	i := strings.LastIndexByte(s, '[')
	if i <= 0 || !strings.HasSuffix(s, "]") {
		return s, nil, false
	}
	for x := range strings.SplitSeq(s[i+1:len(s)-1], ",") {
		if x = strings.TrimSpace(x); x != "" {
			extras = append(extras, x)
		}
	}
	return s[:i], extras, true
}

// egg takes over the name in #egg=name[extra] of an address.
func (p *Package) egg(s string) {
	_, fragment, _ := strings.Cut(s, "#")
	for part := range strings.SplitSeq(fragment, "&") {
		if name, ok := strings.CutPrefix(part, "egg="); ok {
			if before, extras, ok := cutExtras(name); ok {
				name, p.Extras = before, extras
			}
			if name = strings.TrimSpace(name); name != "" {
				p.Name, p.Written = pep508.Normalise(name), name
			}
		}
	}
}

// requirementText is one requirement with its own options.
func (f *File) requirementText(text string, at Place) {
	text, hashes := f.cutOptions(text, at)
	p, ok := directReference(text)
	switch {
	case ok:
		_, marker := cutMarker(text)
		if p.From == Path {
			_, marker, _ = strings.Cut(text, ";")
		}
		f.only(&p, marker, at)
	case hasVariable(text):
		name := packageName(text)
		p = Package{Name: pep508.Normalise(name), Written: name, State: Unknown, Why: "a variable of the environment decides"}
		if _, address, ok := strings.Cut(text, "@"); ok {
			address, _ = cutMarker(strings.TrimSpace(address))
			p.place(address)
			p.State, p.Why = Unknown, "a variable of the environment decides"
		}
		if name == "" {
			p.Written = withoutSecret(text)
		}
		if _, marker, ok := strings.Cut(text, ";"); ok && !hasVariable(marker) {
			f.only(&p, marker, at)
		}
	default:
		if q := f.require(text, at); q != nil {
			q.Hashes = append(q.Hashes, hashes...)
		}
		return
	}
	p.At = at
	p.Hashes = append(p.Hashes, hashes...)
	f.put(p)
}

// packageName is what a requirement that cannot be read begins with, if that is a name and
// ends as names do.
func packageName(s string) string {
	end := 0
	for end < len(s) && (s[end] == '-' || s[end] == '_' || s[end] == '.' || '0' <= s[end] && s[end] <= '9' || 'a' <= s[end]|0x20 && s[end]|0x20 <= 'z') {
		end++
	}
	if rest := strings.TrimLeft(s[end:], " \t"); end == 0 || rest != "" && strings.IndexByte("[=<>!~@;(", rest[0]) < 0 {
		return ""
	}
	return strings.TrimRight(s[:end], "-.")
}

// cutOptions cuts --hash and other options of a single requirement off.
func (f *File) cutOptions(text string, at Place) (requirement string, hashes []string) {
	i := 0
	for ; i < len(text); i++ {
		if text[i] == '-' && i > 0 && (text[i-1] == ' ' || text[i-1] == '\t') {
			break
		}
	}
	if i == len(text) {
		return text, nil
	}
	words := split(text[i:])
	for j := 0; j < len(words); j++ {
		name, value, has := strings.Cut(words[j], "=")
		switch name {
		case "--hash", "--global-option", "--install-option", "--config-settings", "--config-setting", "-C":
			if j+1 < len(words) && !has {
				j++
				value = words[j]
			}
			if name == "--hash" {
				hashes = append(hashes, value)
			}
		default:
			if !strings.HasPrefix(name, "-C") {
				f.problem(at, "the option "+quoted(words[j])+" of a requirement is not known")
			}
		}
	}
	return strings.TrimSpace(text[:i]), hashes
}

// archives are the ends of what pip takes for a file of a package.
var archives = []string{".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar"}

// directReference is a requirement that is an address or a path by itself. The marker is left
// to the caller.
func directReference(text string) (Package, bool) {
	body, _ := cutMarker(text)
	scheme, _, isURL := strings.Cut(body, "://")
	isURL = isURL && !strings.ContainsAny(scheme, " @[<>=!~;")
	if !isURL {
		body, _, _ = strings.Cut(text, ";")
		body = strings.TrimSpace(body)
		// No name of a package has a slash, or ends as an archive does.
		first := body
		if i := strings.IndexAny(body, " [@<>=!~("); i >= 0 {
			first = body[:i]
		}
		is := strings.ContainsAny(first, "/\\") || strings.HasPrefix(body, ".") || strings.HasPrefix(body, "file:")
		for _, ext := range archives {
			is = is || strings.HasSuffix(first, ext) || strings.HasSuffix(body, ext) && !strings.ContainsAny(body, "@ ")
		}
		if !is {
			return Package{}, false
		}
	}
	p := Package{}
	p.egg(body)
	if !isURL {
		if before, extras, ok := cutExtras(body); ok {
			body, p.Extras = before, extras
		}
	}
	p.place(body)
	if hasVariable(body) && p.State == Unknown {
		p.Why = "a variable of the environment decides"
	}
	return p, true
}

// split splits a line into words, as a shell would: quotes hold spaces together.
func split(s string) []string {
	var out []string
	var b strings.Builder
	quote, in := byte(0), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			} else {
				b.WriteByte(c)
			}
		case c == '"' || c == '\'':
			quote, in = c, true
		case c == ' ' || c == '\t':
			if in {
				out = append(out, b.String())
				b.Reset()
				in = false
			}
		default:
			b.WriteByte(c)
			in = true
		}
	}
	if in {
		out = append(out, b.String())
	}
	return out
}
