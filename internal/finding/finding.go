// Package finding is the word that every part of Gambeson that looks for something
// wrong shares: a Finding. Scanners make findings, reporters print them, and the
// two know nothing else of one another. Report is the stream as it is saved and
// replayed (docs/report.schema.json describes its JSON).
package finding

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Severity says how bad it is if the finding is right.
type Severity uint8

// The severities, in rising order. Never is above all of them and is only a threshold.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
	Never
)

var severityNames = [...]string{"info", "low", "medium", "high", "critical", "never"}

func (s Severity) String() string { return severityNames[min(s, Never)] }

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(b []byte) error {
	for i, n := range severityNames {
		if strings.EqualFold(n, string(b)) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q: use critical, high, medium, low, info or never", b)
}

// Score is the severity as GitHub's security-severity wants it, from 0.0 to 10.0.
func (s Severity) Score() float64 {
	return [...]float64{0.5, 3.0, 5.5, 8.0, 9.5, 0}[min(s, Never)]
}

// Confidence says how sure the finding is.
type Confidence uint8

// The confidences, in rising order.
const (
	LowConfidence Confidence = iota
	MediumConfidence
	HighConfidence
)

var confidenceNames = [...]string{"low", "medium", "high"}

func (c Confidence) String() string { return confidenceNames[min(c, HighConfidence)] }

// MarshalText writes the confidence's name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a confidence's name.
func (c *Confidence) UnmarshalText(b []byte) error {
	for i, n := range confidenceNames {
		if n == string(b) {
			*c = Confidence(i)
			return nil
		}
	}
	return fmt.Errorf("unknown confidence %q: use high, medium or low", b)
}

// A Practice is one of the eight practices of secure Python, with the second split
// in four. Every rule, finding and event belongs to exactly one.
type Practice string

// The practices.
const (
	Dependencies  Practice = "1"
	Input         Practice = "2a"
	Dangerous     Practice = "2b"
	Files         Practice = "2c"
	Errors        Practice = "2d"
	Web           Practice = "3"
	Configuration Practice = "4"
	Privilege     Practice = "5"
	Analysis      Practice = "6"
	Runtime       Practice = "7"
	Logging       Practice = "8"
)

// Practices lists them in order.
var Practices = []Practice{Dependencies, Input, Dangerous, Files, Errors, Web, Configuration, Privilege, Analysis, Runtime, Logging}

var practiceTitles = map[Practice]string{
	Dependencies:  "Secure dependency management",
	Input:         "Input validation and sanitisation",
	Dangerous:     "Dangerous functions and patterns",
	Files:         "Secure file handling",
	Errors:        "Proper error handling",
	Web:           "Web applications and APIs",
	Configuration: "Configuration and secrets",
	Privilege:     "Least privilege",
	Analysis:      "Static and dynamic analysis",
	Runtime:       "Runtime protection",
	Logging:       "Secure logging and monitoring",
}

// Title is the practice's name in a few words, or "" if there is no such practice.
func (p Practice) Title() string { return practiceTitles[p] }

// Location is a range of one file. Lines and columns count from 1; columns count
// characters (Unicode code points), and the end column is one past the last
// character. A zero Line means the whole file.
type Location struct {
	Path      string `json:"path"`           // relative to the root, with forward slashes
	Cell      int    `json:"cell,omitempty"` // notebook code cell, from 1; lines then count within the cell
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
}

// A Step is one stop of a trace.
type Step struct {
	Location Location `json:"location"`
	Message  string   `json:"message"`          // a sentence without a full stop: `enters here`
	Excerpt  Excerpt  `json:"excerpt,omitzero"` // lines around the step, so that a report needs no sources
}

// An Excerpt is source text copied into the finding: Lines[0] is line First.
type Excerpt struct {
	First int      `json:"first"`
	Lines []string `json:"lines"`
}

// EntryPoint is where untrusted data enters the application, in machine-readable form.
type EntryPoint struct {
	Method    string `json:"method,omitempty"`    // GET, POST …
	Route     string `json:"route,omitempty"`     // /users/<id>
	Parameter string `json:"parameter,omitempty"` // id
	Handler   string `json:"handler,omitempty"`   // qualified name of the function
}

// A Way is another way on which untrusted data come to where a finding is: each has to be closed, or
// the place itself mended.
type Way struct {
	Entry EntryPoint `json:"entry"`
	Trace []Step     `json:"trace,omitempty"`
}

// An Edit replaces the bytes [Start, End) of the file with Text.
type Edit struct {
	Path     string   `json:"path"`
	Start    int      `json:"start"` // byte offset in the UTF-8 text
	End      int      `json:"end"`
	Text     string   `json:"text"`
	Location Location `json:"location"` // the same range, for reporters
}

// A Fix is a repair: edits that belong together. A safe fix keeps behaviour but for
// the weakness; any other needs a person's review.
type Fix struct {
	Message string `json:"message"` // imperative: `use yaml.safe_load`
	Safe    bool   `json:"safe"`
	Edits   []Edit `json:"edits"`
}

// A Suppression says who silenced a finding, and why.
type Suppression struct {
	Kind   string `json:"kind"`             // comment, baseline or configuration
	Reason string `json:"reason,omitempty"` // as written by the author
}

// A Finding is something wrong, found by looking.
type Finding struct {
	Rule        string       `json:"rule"`     // id, a few words: sql-injection
	Part        string       `json:"-"`        // of a rule that answers for several ids of another tool, the one that it is
	Practice    Practice     `json:"practice"` // see Practices
	Title       string       `json:"title"`    // the rule's title
	Message     string       `json:"message"`  // what is wrong here, one sentence with a full stop
	Severity    Severity     `json:"severity"`
	Confidence  Confidence   `json:"confidence"`
	CWE         []int        `json:"cwe"`
	OWASP       string       `json:"owasp"` // category of the OWASP Top 10:2025, such as A05:2025
	Location    Location     `json:"location"`
	Excerpt     Excerpt      `json:"excerpt,omitzero"`
	Symbol      string       `json:"symbol,omitempty"` // enclosing function or class, dotted
	Hint        string       `json:"hint,omitempty"`   // one line of advice, usually code
	Trace       []Step       `json:"trace,omitempty"`
	Entry       *EntryPoint  `json:"entry,omitempty"`
	Also        []Way        `json:"also,omitempty"` // other ways to the same place
	Fix         *Fix         `json:"fix,omitempty"`
	Fingerprint string       `json:"fingerprint"` // survives line shifts; see Fingerprint
	Advisory    *Advisory    `json:"advisory,omitempty"`
	Suppressed  *Suppression `json:"suppressed,omitempty"`
	History     *History     `json:"history,omitempty"`

	// Secrets are ranges of bytes of the file that must not travel. They are for whoever made
	// the finding and are not saved.
	Secrets [][2]int `json:"-"`
}

// A History says since when something stands in a repository, and until when.
type History struct {
	First Commit `json:"first"`          // that brought it
	Last  Commit `json:"last"`           // of all that have it, the last one
	Gone  bool   `json:"gone,omitempty"` // it is no longer in the files: only the history has it
}

// A Commit is a place in a history.
type Commit struct {
	ID   string    `json:"id"`
	Date time.Time `json:"date"` // of the author
}

// A Rule is what a report says of each rule it ran.
type Rule struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Practice    Practice   `json:"practice"`
	Severity    Severity   `json:"severity"`
	Confidence  Confidence `json:"confidence"`
	CWE         []int      `json:"cwe"`
	OWASP       string     `json:"owasp"`
	ASVS        string     `json:"asvs,omitempty"`    // chapter of the ASVS 5.0, such as V1
	Aliases     []string   `json:"aliases,omitempty"` // B608, S608
	Description string     `json:"description"`       // why, one paragraph of plain text
	Help        string     `json:"help"`              // the whole page in Markdown, without front matter
}

// A Problem is something that could not be looked at. It never looks like clean:
// the exit code is 3 when there is one.
type Problem struct {
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"` // what is wrong and what to do, one line
	Partial bool   `json:"partial"` // the rest of the file was looked at
}

// Stats says what was looked at, and how long it took.
type Stats struct {
	Files      int                 `json:"files"`
	Lines      int                 `json:"lines"`
	Bytes      int64               `json:"bytes"`
	Seconds    float64             `json:"seconds"`
	Skipped    map[string]int      `json:"skipped,omitempty"`    // reason → number of files or folders not looked at on purpose
	Suppressed int                 `json:"suppressed,omitempty"` // findings silenced by comment, baseline or configuration
	RulesRun   int                 `json:"rules_run"`
	Cut        int                 `json:"cut,omitempty"`       // ways through the program that were not followed to their end, as they were too long
	LookedAt   map[Practice]string `json:"looked_at,omitempty"` // practice → what was looked at, one short phrase
}

// Version of the report's JSON form. It grows by a minor number when a field is
// added, by a major one when a reader must change.
const Version = "1.1"

// A Report is everything one command has to say.
type Report struct {
	Version  string    `json:"version"`
	Tool     Tool      `json:"tool"`
	Root     string    `json:"root"` // as given on the command line
	Profile  string    `json:"profile"`
	FailOn   Severity  `json:"fail_on"`
	Rules    []Rule    `json:"rules"` // all that ran, by id
	Findings []Finding `json:"findings"`
	Problems []Problem `json:"problems"`
	Stats    Stats     `json:"stats"`
	Notes    []string  `json:"notes,omitempty"` // what a reader must know to judge the rest, in sentences

	Practices []Account `json:"practices,omitempty"` // of a scan: one for each practice, in order

	Dependencies []Dependency `json:"dependencies,omitempty"` // of an audit: every package that files ask for
	Advisories   *Knowledge   `json:"advisories,omitempty"`   // what they were held against
}

// Tool names the program that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Read parses a saved report and refuses one of another major version.
func Read(data []byte) (*Report, error) {
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("not a Gambeson report: %w", err)
	}
	if major, _, _ := strings.Cut(r.Version, "."); major != "1" {
		return nil, fmt.Errorf("report version %q cannot be read: this program reads version %s", r.Version, Version)
	}
	return &r, nil
}

// Active counts the findings that are not suppressed and at or above a severity.
func (r *Report) Active(at Severity) int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Suppressed == nil && r.Findings[i].Severity >= at {
			n++
		}
	}
	return n
}

// ExitCode is what the process ends with: 0 clean, 1 findings at or above the
// threshold, 3 could not look at everything. Findings win over problems.
func (r *Report) ExitCode() int {
	switch {
	case r.FailOn != Never && r.Active(r.FailOn) > 0:
		return 1
	case len(r.Problems) > 0:
		return 3
	}
	return 0
}
