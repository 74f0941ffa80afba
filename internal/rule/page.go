package rule

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/tree"
)

// frontMatter is the head of a page. A key that is not here is an error.
type frontMatter struct {
	Title      string   `yaml:"title"`
	Practice   string   `yaml:"practice"`   // 1, 2a … 8
	Severity   string   `yaml:"severity"`   // critical, high, medium, low, info
	Confidence string   `yaml:"confidence"` // high (as when it is left out), medium, low
	CWE        []int    `yaml:"cwe"`
	OWASP      string   `yaml:"owasp"` // A05:2025
	ASVS       string   `yaml:"asvs"`  // chapter of the ASVS 5.0, such as V1, where the weakness does not tell it
	Right      []string `yaml:"right"` // qualified names; a call of one is as it should be, and counted
	Aliases    []string `yaml:"aliases"`
	Profile    string   `yaml:"profile"` // audit, or default as when it is left out
	Tests      string   `yaml:"tests"`   // report: in test files too
	Calls      []string `yaml:"calls"`
	Imports    []string `yaml:"imports"`
	Constant   string   `yaml:"constant"` // silent: calls whose arguments are all constants
	Message    string   `yaml:"message"`
	Hint       string   `yaml:"hint"`
	Fix        string   `yaml:"fix"`
	To         []string `yaml:"to"`         // kinds of places that data must not reach, such as sql.text
	Replaces   []string `yaml:"replaces"`   // rules that speak of the same places, with less knowledge
	Needs      string   `yaml:"needs"`      // advisories, for rules that judge by them; secrets, for those of gambeson secrets
	Frameworks []string `yaml:"frameworks"` // flask, django, fastapi: where the mistake can be made; the page shows it and its twin in each
}

var (
	idPattern    = match.Lazy(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	owaspPattern = match.Lazy(`^A(0[1-9]|10):20\d\d$`)
	fixPattern   = match.Lazy(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
)

// ParsePage reads a rule's page: YAML between two lines of ---, then Markdown. The file's
// name without its ending is the rule's id. Errors name the file and what to write
// instead; all mistakes of a page are told at once.
func ParsePage(file string, data []byte) (*Rule, error) {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(data, []byte("---\n"))
	head, body, closed := bytes.Cut(rest, []byte("\n---\n"))
	if !ok || !closed {
		return nil, fmt.Errorf("%s: a rule's page begins with front matter between two lines of ---", file)
	}
	var m frontMatter
	if err := tree.Fill(file, head, &m); err != nil {
		return nil, err
	}
	r := &Rule{
		ID: strings.TrimSuffix(path.Base(filepath.ToSlash(file)), ".md"), Title: m.Title, Practice: finding.Practice(m.Practice),
		Confidence: finding.HighConfidence, CWE: m.CWE, OWASP: m.OWASP, ASVS: m.ASVS, Aliases: m.Aliases, Right: m.Right,
		AuditOnly: m.Profile == "audit", InTests: m.Tests == "report", Calls: m.Calls, Imports: m.Imports,
		Constant: m.Constant == "silent", Message: m.Message, Hint: m.Hint, Fix: m.Fix, To: m.To, Replaces: m.Replaces, Needs: m.Needs, Frameworks: m.Frameworks, Text: func() string { return string(body) },
	}
	var errs []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(file+": "+format, args...))
		}
	}
	want(idPattern().MatchString(r.ID), "the file's name is the rule's id: use words in lower case with - between them, such as sql-injection.md")
	want(r.Title != "", "title is missing")
	want(r.Practice.Title() != "", "practice is %q: use 1, 2a, 2b, 2c, 2d or 3 to 8", m.Practice)
	err := r.Severity.UnmarshalText([]byte(m.Severity))
	want(err == nil && r.Severity != finding.Never, "severity is %q: use critical, high, medium, low or info", m.Severity)
	if m.Confidence != "" {
		err := r.Confidence.UnmarshalText([]byte(m.Confidence))
		want(err == nil, "confidence is %q: use high, medium or low", m.Confidence)
	}
	want(len(m.CWE) > 0, "cwe is missing: write the number of the weakness, such as cwe: [89]")
	want(owaspPattern().MatchString(m.OWASP), "owasp is %q: write the category as A05:2025", m.OWASP)
	if r.ASVS == "" {
		r.ASVS = finding.ASVS(m.CWE)
	}
	want(m.ASVS == "" || finding.ASVSTitle(m.ASVS) != "", "asvs is %q: write a chapter of the ASVS 5.0, V1 to V17, or leave it out", m.ASVS)
	want(m.Profile == "" || m.Profile == "audit" || m.Profile == "default", "profile is %q: use default or audit", m.Profile)
	want(m.Needs == "" || m.Needs == NeedsAdvisories || m.Needs == NeedsSecrets, "needs is %q: write advisories or secrets, or leave it out", m.Needs)
	want(m.Tests == "" || m.Tests == "report", "tests is %q: write report, or leave it out", m.Tests)
	want(m.Constant == "" || m.Constant == "silent", "constant is %q: write silent, or leave it out", m.Constant)
	for _, f := range m.Frameworks {
		want(Framework(f) != "", "frameworks has %q: write flask, django or fastapi", f)
	}
	want(m.Fix == "" || fixPattern().MatchString(m.Fix), "fix is %q: write the name to call instead, such as yaml.safe_load", m.Fix)
	want(r.Why() != "", "the text is missing: its first paragraph says why")
	return r, errors.Join(errs...)
}

// Page is the rule's page, Markdown without the front matter. It is read each time.
func (r *Rule) Page() string {
	if r.Text == nil {
		return ""
	}
	return r.Text()
}

// Why is the page's first paragraph in plain text: what can happen.
func (r *Rule) Why() string { return why(r.Page()) }

func why(page string) string {
	para, _, _ := strings.Cut(strings.TrimSpace(page), "\n\n")
	if strings.HasPrefix(para, "#") {
		return ""
	}
	return Plain(strings.Join(strings.Fields(para), " "))
}

var markdownLink = match.Lazy(`\[([^\]]+)\]\([^)\s]+\)`)

// Plain takes the marks of Markdown out of a paragraph.
func Plain(s string) string {
	if strings.Contains(s, "](") {
		s = markdownLink().ReplaceAllString(s, "$1")
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "**", ""), "`", "")
}

// Help is the page as people read it, here and in reports: its title, then its text. What
// the examples hold for tests is left out.
func (r *Rule) Help() string { return help(r.Title, r.Page()) }

func help(title, page string) string {
	var b strings.Builder
	b.Grow(len(page) + len(title) + 4)
	b.WriteString("# " + title + "\n\n")
	for line := range strings.Lines(strings.TrimSpace(page)) {
		if info, ok := strings.CutPrefix(line, "```"); ok {
			language, _, _ := strings.Cut(strings.TrimSpace(info), " ")
			line = "```" + language + "\n"
		} else if code, _, ok := strings.Cut(line, "  # want"); ok {
			line = code + "\n"
		}
		b.WriteString(line)
	}
	b.WriteByte('\n')
	return b.String()
}

// Describe is what a report says of the rule.
func (r *Rule) Describe() finding.Rule {
	page := r.Page()
	return finding.Rule{
		ID: r.ID, Title: r.Title, Practice: r.Practice, Severity: r.Severity, Confidence: r.Confidence,
		CWE: r.CWE, OWASP: r.OWASP, ASVS: r.ASVS, Aliases: r.Aliases, Description: why(page), Help: help(r.Title, page),
	}
}

// Blocks are the page's examples, which are its tests: ```py must be caught where
// a # want comment says so and nowhere else, ```py ok must not be, and ```py audit is
// looked at with the audit profile. path=… names the file that the block pretends to be;
// a block in another language than Python is a test if it has one.
func (r *Rule) Blocks() []Block {
	var out []Block
	var cur *Block
	for i, line := range strings.Split(r.Page(), "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case cur == nil && fence:
			words := strings.Fields(info)
			doc := len(words) > 0 && words[0] != "py" && strings.Contains(info, " path=")
			if len(words) == 0 || words[0] != "py" && !doc {
				words = []string{""} // somebody else's block: skipped to its end
			}
			cur = &Block{Line: i + 2, Other: words[0] == "", Doc: doc}
			for _, w := range words[1:] {
				switch {
				case w == "ok":
					cur.Ok = true
				case w == "audit":
					cur.Audit = true
				case strings.HasPrefix(w, "path="):
					cur.Path = w[len("path="):]
				default:
					cur.Unknown = w
				}
			}
		case cur != nil && fence:
			if !cur.Other {
				out = append(out, *cur)
			}
			cur = nil
		case cur != nil:
			cur.Text += line + "\n"
		}
	}
	return out
}

// A Block is an example of a page, which is also its test.
type Block struct {
	Line    int // of its first line, from 1, counted below the front matter
	Text    string
	Ok      bool   // nothing must be found
	Audit   bool   // look at it with the audit profile
	Path    string // of the file that it pretends to be, when the info string has path=…
	Unknown string // a word of the info string that means nothing
	Other   bool   // no test
	Doc     bool   // not Python, but what Path says
}
