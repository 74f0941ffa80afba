package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/parts"
)

// The types below are the part of SARIF 2.1.0 that is written here, under the names
// that the specification gives them. Pointers and omitempty leave out what is unknown:
// a zero line number would be invalid.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool               sarifTool                `json:"tool"`
	Invocations        []sarifInvocation        `json:"invocations"`
	OriginalURIBaseIDs map[string]sarifArtifact `json:"originalUriBaseIds"`
	Results            []sarifResult            `json:"results"`
	ColumnKind         string                   `json:"columnKind"`
	Properties         map[string]any           `json:"properties,omitempty"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Language       string      `json:"language"`
	Rules          []sarifRule `json:"rules"`
	Notifications  []sarifRule `json:"notifications,omitempty"`
}

type sarifRule struct {
	ID                   string         `json:"id"`
	Name                 string         `json:"name,omitempty"`
	ShortDescription     *sarifText     `json:"shortDescription,omitempty"`
	FullDescription      *sarifText     `json:"fullDescription,omitempty"`
	Help                 *sarifText     `json:"help,omitempty"`
	HelpURI              string         `json:"helpUri,omitempty"`
	DefaultConfiguration *sarifConfig   `json:"defaultConfiguration,omitempty"`
	Properties           map[string]any `json:"properties,omitempty"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	ExitCode            int                 `json:"exitCode"`
	ExitCodeDescription string              `json:"exitCodeDescription"`
	Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Descriptor sarifReference  `json:"descriptor"`
	Level      string          `json:"level"`
	Message    sarifText       `json:"message"`
	Locations  []sarifLocation `json:"locations,omitempty"`
}

type sarifReference struct {
	ID    string `json:"id"`
	Index int    `json:"index"`
}

type sarifResult struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             sarifText         `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints,omitempty"`
	CodeFlows           []sarifCodeFlow   `json:"codeFlows,omitempty"`
	Fixes               []sarifFix        `json:"fixes,omitempty"`
	Suppressions        []sarifSuppressed `json:"suppressions,omitempty"`
	Properties          sarifFinding      `json:"properties"`
}

// A sarifFinding is what the standard has no name for, in the order of the alphabet. Pointers
// are of what is written even if it is empty.
type sarifFinding struct {
	Advisory         *string              `json:"advisory,omitempty"`
	Aliases          []string             `json:"aliases,omitzero"`
	Also             []finding.EntryPoint `json:"also,omitempty"`
	Confidence       finding.Confidence   `json:"confidence"`
	Entry            *finding.EntryPoint  `json:"entry,omitempty"`
	FixIsSafe        *bool                `json:"fixIsSafe,omitempty"`
	Fixed            []string             `json:"fixed,omitzero"`
	Hint             string               `json:"hint,omitempty"`
	Package          *string              `json:"package,omitempty"`
	Practice         finding.Practice     `json:"practice"`
	SecuritySeverity string               `json:"security-severity"`
	Severity         finding.Severity     `json:"severity"`
	Version          *string              `json:"version,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
	Context  *sarifRegion  `json:"contextRegion,omitempty"`
}

type sarifArtifact struct {
	URI         string     `json:"uri,omitempty"`
	URIBaseID   string     `json:"uriBaseId,omitempty"`
	Description *sarifText `json:"description,omitempty"`
}

type sarifRegion struct {
	StartLine   int        `json:"startLine,omitempty"`
	StartColumn int        `json:"startColumn,omitempty"`
	EndLine     int        `json:"endLine,omitempty"`
	EndColumn   int        `json:"endColumn,omitempty"`
	Snippet     *sarifText `json:"snippet,omitempty"`
}

type sarifLogical struct {
	Name               string `json:"name,omitempty"`
	FullyQualifiedName string `json:"fullyQualifiedName,omitempty"`
}

type sarifCodeFlow struct {
	ThreadFlows []sarifThreadFlow `json:"threadFlows"`
}

type sarifThreadFlow struct {
	Locations []sarifFlowStep `json:"locations"`
}

type sarifFlowStep struct {
	Location       sarifLocation `json:"location"`
	ExecutionOrder int           `json:"executionOrder"`
	Importance     string        `json:"importance"`
}

type sarifFix struct {
	Description     sarifText     `json:"description"`
	ArtifactChanges []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	DeletedRegion   sarifRegion `json:"deletedRegion"`
	InsertedContent *sarifText  `json:"insertedContent,omitempty"`
}

type sarifSuppressed struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification,omitempty"`
}

const (
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage     = "https://github.com/gambeson/gambeson"
	couldNotLook = "could-not-look" // the id of what is said of a problem
	sarifRoot    = "SRCROOT"
)

// writeSARIF writes one run. Columns stay characters, which columnKind says; a reader
// that assumes UTF-16 units is off by one for each emoji before the range.
func writeSARIF(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name:           r.Tool.Name,
			Version:        r.Tool.Version,
			InformationURI: homepage,
			Language:       "en-GB",
			Rules:          []sarifRule{},
		}},
		OriginalURIBaseIDs: map[string]sarifArtifact{sarifRoot: sarifBase(r.Root)},
		Results:            []sarifResult{},
		ColumnKind:         "unicodeCodePoints",
		Properties:         map[string]any{"profile": r.Profile, "failOn": r.FailOn, "stats": r.Stats},
	}
	index := map[string]int{}
	addRule := func(rule finding.Rule) {
		if _, ok := index[rule.ID]; !ok {
			index[rule.ID] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(rule))
		}
	}
	for _, rule := range r.Rules {
		addRule(rule)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		// Every ruleIndex must point somewhere, even if the report was cut by hand.
		addRule(finding.Rule{ID: f.Rule, Title: f.Title, Practice: f.Practice, Severity: f.Severity, Confidence: f.Confidence, CWE: f.CWE, OWASP: f.OWASP})
	}
	results := parts.Of(len(r.Findings), several, func(from, to int) []sarifResult {
		var out []sarifResult
		for i := from; i < to; i++ {
			f := &r.Findings[i]
			out = append(out, sarifResultOf(f, index[f.Rule]))
		}
		return out
	})
	run.Results = append(run.Results, slices.Concat(results...)...)
	run.Invocations = []sarifInvocation{{
		ExecutionSuccessful: len(r.Problems) == 0,
		ExitCode:            r.ExitCode(),
		ExitCodeDescription: exitMeaning(r),
	}}
	describe := func(id, text string) sarifReference {
		of := &run.Tool.Driver.Notifications
		if n := len(*of); n == 0 || (*of)[n-1].ID != id {
			*of = append(*of, sarifRule{ID: id, ShortDescription: &sarifText{Text: text}})
		}
		return sarifReference{id, len(*of) - 1}
	}
	for _, p := range r.Problems {
		descriptor := describe(couldNotLook, "Something could not be looked at, so the result is incomplete.")
		n := sarifNotification{Descriptor: descriptor, Level: "error", Message: sarifMessage(problemText(p))}
		if p.Partial {
			n.Level = "warning"
		}
		if p.Path != "" {
			at := finding.Location{Path: p.Path, Line: p.Line, Column: p.Column}
			n.Locations = []sarifLocation{sarifPlace(at, finding.Excerpt{})}
		}
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, n)
	}
	for _, note := range r.Notes {
		n := sarifNotification{Descriptor: describe("note", "What a reader must know to judge the result."), Level: "note", Message: sarifMessage(note)}
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, n)
	}
	return encodeJSON(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func exitMeaning(r *finding.Report) string {
	switch r.ExitCode() {
	case 0:
		return "clean"
	case 1:
		return "findings at or above the threshold, " + r.FailOn.String()
	}
	return "could not look at everything"
}

func sarifRuleOf(rule finding.Rule) sarifRule {
	tags := []string{"security"}
	for _, n := range rule.CWE {
		tags = append(tags, fmt.Sprintf("external/cwe/cwe-%03d", n))
	}
	if rule.OWASP != "" {
		tags = append(tags, "external/owasp/"+rule.OWASP)
	}
	tags = append(tags, "practice/"+string(rule.Practice))
	s := sarifRule{
		ID:                   rule.ID,
		Name:                 pascal(rule.ID),
		ShortDescription:     &sarifText{Text: orElse(rule.Title, rule.ID)},
		FullDescription:      &sarifText{Text: orElse(rule.Description, orElse(rule.Title, rule.ID))},
		HelpURI:              homepage,
		DefaultConfiguration: &sarifConfig{sarifLevel(rule.Severity)},
		Properties: map[string]any{
			"tags":              unique(tags),
			"precision":         rule.Confidence.String(),
			"security-severity": strconv.FormatFloat(rule.Severity.Score(), 'f', 1, 64),
			"practice":          rule.Practice,
			"practiceTitle":     rule.Practice.Title(),
		},
	}
	if len(rule.Aliases) > 0 {
		s.Properties["aliases"] = rule.Aliases
	}
	if len(rule.CWE) > 0 {
		s.HelpURI = fmt.Sprintf("https://cwe.mitre.org/data/definitions/%d.html", rule.CWE[0])
	}
	if rule.Help != "" {
		s.Help = &sarifText{Text: rule.Help, Markdown: rule.Help}
	}
	return s
}

func sarifResultOf(f *finding.Finding, index int) sarifResult {
	s := sarifResult{
		RuleID:    f.Rule,
		RuleIndex: index,
		Level:     sarifLevel(f.Severity),
		Message:   sarifMessage(f.Message),
		Locations: []sarifLocation{sarifPlace(f.Location, f.Excerpt)},
		Properties: sarifFinding{
			Severity:         f.Severity,
			Confidence:       f.Confidence,
			Practice:         f.Practice,
			SecuritySeverity: strconv.FormatFloat(f.Severity.Score(), 'f', 1, 64),
			Entry:            f.Entry,
			Hint:             f.Hint,
		},
	}
	if a := f.Advisory; a != nil {
		p := &s.Properties
		p.Advisory, p.Package, p.Version = &a.ID, &a.Package, &a.Version
		p.Aliases, p.Fixed = notNil(a.Aliases), notNil(a.Fixed)
	}
	if f.Symbol != "" {
		at := &s.Locations[0]
		at.Logical = append(at.Logical, sarifLogical{FullyQualifiedName: f.Symbol})
	}
	if f.Fingerprint != "" {
		s.PartialFingerprints = map[string]string{"gambeson/v1": f.Fingerprint}
	}
	for _, w := range f.Also {
		s.Properties.Also = append(s.Properties.Also, w.Entry)
	}
	for _, trace := range append([][]finding.Step{f.Trace}, tracesOf(f.Also)...) {
		if len(trace) == 0 {
			continue
		}
		var steps []sarifFlowStep
		for i, step := range trace {
			at := sarifPlace(step.Location, step.Excerpt)
			if step.Message != "" {
				text := sarifMessage(step.Message)
				at.Message = &text
			}
			importance := "important"
			if i == 0 || i == len(trace)-1 {
				importance = "essential"
			}
			steps = append(steps, sarifFlowStep{Location: at, ExecutionOrder: i + 1, Importance: importance})
		}
		s.CodeFlows = append(s.CodeFlows, sarifCodeFlow{[]sarifThreadFlow{{steps}}})
	}
	if fix, ok := sarifFixOf(f); ok {
		s.Fixes = []sarifFix{fix}
		s.Properties.FixIsSafe = &f.Fix.Safe
	}
	if f.Suppressed != nil {
		kind := "external"
		if f.Suppressed.Kind == "comment" {
			kind = "inSource"
		}
		s.Suppressions = []sarifSuppressed{{Kind: kind, Status: "accepted", Justification: f.Suppressed.Reason}}
	}
	return s
}

func tracesOf(ways []finding.Way) (out [][]finding.Step) {
	for _, w := range ways {
		out = append(out, w.Trace)
	}
	return out
}

// sarifFixOf groups the edits by file, each file in the order of its first edit. Lines
// of a notebook count within the cell, which SARIF cannot say, so there is no fix then;
// the byte offsets of an edit are no way out, as they are those of the UTF-8 text.
func sarifFixOf(f *finding.Finding) (sarifFix, bool) {
	if f.Fix == nil {
		return sarifFix{}, false
	}
	fix := sarifFix{Description: sarifMessage(orElse(f.Fix.Message, "repair"))}
	at := map[string]int{}
	for _, e := range f.Fix.Edits {
		l := e.Location
		if l.Cell > 0 || l.Line == 0 || l.Column == 0 {
			return sarifFix{}, false
		}
		i, ok := at[e.Path]
		if !ok {
			i = len(fix.ArtifactChanges)
			at[e.Path] = i
			fix.ArtifactChanges = append(fix.ArtifactChanges, sarifChange{Artifact: sarifFile(e.Path)})
		}
		r := sarifReplacement{DeletedRegion: *sarifRange(l)}
		if e.Text != "" {
			r.InsertedContent = &sarifText{Text: e.Text}
		}
		fix.ArtifactChanges[i].Replacements = append(fix.ArtifactChanges[i].Replacements, r)
	}
	return fix, len(fix.ArtifactChanges) > 0
}

// sarifPlace writes a location. A place in a notebook has no region, as a line of a
// cell is not a line of the file; a logical location says where it is.
func sarifPlace(l finding.Location, e finding.Excerpt) sarifLocation {
	p := &sarifPhysical{Artifact: sarifFile(l.Path)}
	s := sarifLocation{Physical: p}
	if l.Cell > 0 {
		at := place(finding.Location{Cell: l.Cell, Line: l.Line, Column: l.Column})
		s.Logical = []sarifLogical{{Name: fmt.Sprintf("cell %d", l.Cell), FullyQualifiedName: strings.TrimPrefix(at, ":")}}
		return s
	}
	p.Region = sarifRange(l)
	if p.Region == nil {
		return s
	}
	if text, ok := snippet(l, e); ok {
		p.Region.Snippet = &sarifText{Text: text}
		p.Context = &sarifRegion{StartLine: e.First, EndLine: e.First + len(e.Lines) - 1, Snippet: &sarifText{Text: strings.Join(e.Lines, "\n")}}
	}
	return s
}

// sarifRange is nil for a whole file.
func sarifRange(l finding.Location) *sarifRegion {
	if l.Line <= 0 {
		return nil
	}
	r := &sarifRegion{StartLine: l.Line}
	if l.Column > 0 {
		r.StartColumn = l.Column
	}
	if l.EndLine >= l.Line {
		r.EndLine = l.EndLine
		if l.EndColumn > 0 && (l.EndLine > l.Line || l.EndColumn >= l.Column) {
			r.EndColumn = l.EndColumn
		}
	}
	return r
}

// snippet cuts the text of a range out of an excerpt that holds all of it.
func snippet(l finding.Location, e finding.Excerpt) (string, bool) {
	var lines []string
	for n := l.Line; n <= max(l.Line, l.EndLine); n++ {
		line, ok := lineOf(e, n)
		if !ok || e.First < 1 {
			return "", false
		}
		lines = append(lines, line)
	}
	last := []rune(lines[len(lines)-1])
	if l.EndColumn > 0 && l.EndColumn-1 <= len(last) {
		lines[len(lines)-1] = string(last[:l.EndColumn-1])
	}
	first := []rune(lines[0])
	lines[0] = string(first[min(max(l.Column-1, 0), len(first)):])
	return strings.Join(lines, "\n"), true
}

func sarifFile(path string) sarifArtifact {
	return sarifArtifact{URI: uriPath(path), URIBaseID: sarifRoot}
}

// sarifBase says where paths are relative to: a file URI if the root is absolute.
// Otherwise only the reader knows, and the standard asks to leave the URI out.
func sarifBase(root string) sarifArtifact {
	slashed := strings.ReplaceAll(root, `\`, "/")
	switch {
	case strings.HasPrefix(root, "/"):
		return sarifArtifact{URI: "file://" + strings.TrimSuffix(uriPath(root), "/") + "/"}
	case len(slashed) > 2 && slashed[1:3] == ":/":
		return sarifArtifact{URI: "file:///" + slashed[:2] + strings.TrimSuffix(uriPath(slashed[2:]), "/") + "/"}
	}
	return sarifArtifact{Description: &sarifText{Text: "The folder that was scanned, given as " + strconv.Quote(root) + "."}}
}

// uriPath writes a path as a relative URI: every byte that is not allowed in a path
// segment is %-encoded, invalid UTF-8 included, so the name can be recovered exactly.
func uriPath(path string) string {
	const allowed = "-._~!$&'()*+,;=@/"
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(allowed, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	s := b.String()
	if strings.HasPrefix(s, "//") {
		s = "/." + s // or the first segment would be a host
	}
	return s
}

// sarifMessage writes a message. Square brackets around text that is followed by a
// parenthesis would be a link; source that happens to look so must not become one.
func sarifMessage(s string) sarifText {
	if strings.Contains(s, "](") {
		s = strings.NewReplacer("[", `\[`, "]", `\]`).Replace(s)
	}
	return sarifText{Text: orElse(s, "No message.")}
}

func sarifLevel(s finding.Severity) string {
	switch {
	case s >= finding.High:
		return "error"
	case s == finding.Medium:
		return "warning"
	}
	return "note"
}

// pascal writes sql-injection as SqlInjection.
func pascal(id string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(id, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' }) {
		first, n := utf8.DecodeRuneInString(word)
		b.WriteRune(unicode.ToUpper(first))
		b.WriteString(word[n:])
	}
	return b.String()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func unique[T comparable](list []T) []T {
	if len(list) < 2 {
		return list
	}
	seen := map[T]bool{}
	out := list[:0]
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
