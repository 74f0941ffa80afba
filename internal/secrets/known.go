package secrets

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// allowed says who has silenced a finding on these lines: one of our comments, or one that is
// written for another tool.
func (pg *page) allowed(rule string, aliases []string, line, last int) *finding.Suppression {
	for n := max(line-1, 1); n <= last && n < line+maxLines; n++ {
		text := pg.Line(n)
		if n < line {
			if strings.Contains(text, "pragma: allowlist nextline secret") || strings.Contains(text, "pragma: whitelist nextline secret") {
				return &finding.Suppression{Kind: "comment", Reason: "pragma: allowlist nextline secret"}
			}
			continue
		}
		for _, mark := range []string{"gitleaks:allow", "betterleaks:allow", "pragma: allowlist secret", "pragma: whitelist secret", "trufflehog:ignore"} {
			if strings.Contains(text, mark) {
				return &finding.Suppression{Kind: "comment", Reason: mark}
			}
		}
	}
	if d := pg.suppressions().Match(rule, aliases, line, last); d != nil {
		return &finding.Suppression{Kind: "comment", Reason: strings.Clone(d.Reason)}
	}
	return nil
}

// suppressions reads comments of whatever language that speak to us.
func (pg *page) suppressions() *finding.Suppressions {
	if pg.supp != nil {
		return pg.supp
	}
	pg.supp = &finding.Suppressions{}
	if !bytes.Contains(pg.Bytes, []byte("gambeson:")) {
		return pg.supp
	}
	for n := 1; n <= pg.Lines(); n++ {
		text := pg.Line(n)
		i := strings.Index(text, "gambeson:")
		if i < 0 {
			if strings.HasPrefix(strings.TrimSpace(text), "#") {
				pg.supp.Add("#", n, true)
			}
			continue
		}
		before := strings.TrimRight(text[:i], " \t")
		for _, open := range []string{"#", "//", "--", ";", "<!--", "/*", "*", "%", "'"} {
			if rest, ok := strings.CutSuffix(before, open); ok {
				comment := text[i:]
				for _, close := range []string{"-->", "*/"} {
					comment, _, _ = strings.Cut(comment, close)
				}
				pg.supp.Add("# "+comment, n, strings.TrimSpace(strings.TrimRight(rest, "#/")) == "")
				break
			}
		}
	}
	return pg.supp
}

// A Known is what another report says was there before.
type Known struct {
	own   *finding.Baseline
	items []item
}

// An item is a secret that was known, as far as a tool has kept it.
type item struct {
	path   string
	line   int
	commit string
	value  string // as it is
	sha1   string // or its hash, which detect-secrets keeps
}

// ReadKnown reads a baseline: a report of ours, one of gitleaks (JSON or SARIF), or the
// .secrets.baseline of detect-secrets.
func ReadKnown(data []byte) (*Known, error) {
	var list []struct {
		Rule   string `json:"RuleID"`
		File   string `json:"File"`
		Line   int    `json:"StartLine"`
		Commit string `json:"Commit"`
		Secret string `json:"Secret"`
		Print  string `json:"Fingerprint"`
	}
	if json.Unmarshal(data, &list) == nil {
		k := &Known{}
		for i, x := range list {
			if x.Rule == "" || x.File == "" {
				return nil, fmt.Errorf("entry %d has no RuleID or File: this is no report of gitleaks", i+1)
			}
			it := item{path: clean(x.File), line: x.Line, commit: x.Commit}
			if x.Secret != "" && !strings.Contains(x.Secret, "REDACTED") && !strings.HasSuffix(x.Secret, "...") {
				it.value = x.Secret
			}
			k.items = append(k.items, it)
		}
		return k, nil
	}
	var kind struct {
		Findings json.RawMessage `json:"findings"`
		Plugins  json.RawMessage `json:"plugins_used"`
		Results  map[string][]struct {
			Hash string `json:"hashed_secret"`
			Line int    `json:"line_number"`
		} `json:"results"`
		Runs []struct {
			Results []struct {
				Prints    map[string]string `json:"partialFingerprints"`
				Locations []struct {
					Physical struct {
						Artifact struct {
							URI string `json:"uri"`
						} `json:"artifactLocation"`
						Region struct {
							Line    int `json:"startLine"`
							Snippet struct {
								Text string `json:"text"`
							} `json:"snippet"`
						} `json:"region"`
					} `json:"physicalLocation"`
				} `json:"locations"`
			} `json:"results"`
		} `json:"runs"`
	}
	err := json.Unmarshal(data, &kind)
	switch {
	case err == nil && kind.Findings != nil:
		own, err := finding.ReadBaseline(data)
		if err != nil {
			return nil, err
		}
		return &Known{own: own}, nil
	case err == nil && kind.Runs != nil:
		k := &Known{}
		for _, run := range kind.Runs {
			for _, x := range run.Results {
				for _, at := range x.Locations {
					it := item{path: clean(at.Physical.Artifact.URI), line: at.Physical.Region.Line, commit: x.Prints["commitSha"]}
					if v := at.Physical.Region.Snippet.Text; v != "" && !strings.Contains(v, "REDACTED") && !strings.HasSuffix(v, "...") && !strings.ContainsAny(v, "*\n") {
						it.value = v
					}
					k.items = append(k.items, it)
				}
			}
		}
		return k, nil
	case err == nil && (kind.Plugins != nil || kind.Results != nil):
		k := &Known{}
		for file, list := range kind.Results {
			for _, x := range list {
				k.items = append(k.items, item{path: clean(file), line: x.Line, sha1: strings.ToLower(x.Hash)})
			}
		}
		return k, nil
	}
	return nil, errors.New("it is neither a report of gambeson secrets (--format json), nor one of gitleaks (JSON or SARIF), nor a .secrets.baseline")
}

func clean(p string) string {
	return strings.TrimPrefix(path.Clean(strings.TrimPrefix(strings.ReplaceAll(p, `\`, "/"), "file://")), "/")
}

// ends says that one path is the end of the other: tools begin where they were started.
func ends(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	return a == b || strings.HasSuffix(a, "/"+b)
}

// knows says whether a finding was there before.
func (k *Known) knows(x *found) bool {
	if k.own != nil {
		r := finding.Report{Findings: []finding.Finding{x.Finding}}
		return k.own.Apply(&r) > 0
	}
	sum := ""
	for i := range k.items {
		it := &k.items[i]
		if !ends(it.path, x.Location.Path) {
			continue
		}
		switch {
		case it.sha1 != "":
			if sum == "" && x.value != "" {
				s := sha1.Sum([]byte(x.value))
				sum = hex.EncodeToString(s[:])
			}
			if it.sha1 == sum {
				return true
			}
		case it.value != "" && x.value != "":
			if strings.Contains(it.value, x.value) || strings.Contains(x.value, it.value) {
				return true
			}
		case it.line == x.Location.Line:
			return true
		}
	}
	return false
}

// known silences what was there before, and what files of the project say.
func (l *looking) known(x *found) {
	if x.Suppressed != nil {
		return
	}
	for _, k := range l.Known {
		if k.knows(x) {
			x.Suppressed = &finding.Suppression{Kind: "baseline"}
			return
		}
	}
	if len(l.ignored) > 0 && !l.NoSuppress {
		at := x.Location.Path + ":" + strconv.Itoa(x.Location.Line)
		if l.ignored[at] || x.History != nil && l.ignored[x.History.First.ID+":"+at] {
			x.Suppressed = &finding.Suppression{Kind: "configuration", Reason: ".gitleaksignore"}
		}
	}
}

// readIgnored reads .gitleaksignore, whose lines are file:rule:line, with the commit before it
// for what the history has; and .secrets.baseline. Their rules have other names than ours: the
// file and the line decide.
func (l *looking) readIgnored() {
	if l.NoSuppress {
		return
	}
	if data, err := os.ReadFile(filepath.Join(l.root, ".gitleaksignore")); err == nil && len(data) < 10<<20 {
		l.ignored = parseIgnored(string(data))
	}
	if data, err := os.ReadFile(filepath.Join(l.root, ".secrets.baseline")); err == nil && len(data) < 50<<20 {
		if k, err := ReadKnown(data); err == nil && k.own == nil {
			l.Known = append(l.Known, k)
		}
	}
}

func parseIgnored(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, ":")
		n := len(parts)
		if n < 3 {
			continue
		}
		if _, err := strconv.Atoi(parts[n-1]); err != nil {
			continue
		}
		file := strings.Join(parts[:n-2], ":")
		if head, rest, ok := strings.Cut(file, ":"); ok && (len(head) == 40 || len(head) == 64) && strings.Trim(head, "0123456789abcdef") == "" {
			out[head+":"+clean(rest)+":"+parts[n-1]] = true
			continue
		}
		out[clean(file)+":"+parts[n-1]] = true
	}
	return out
}
