package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Cases     []junitCase `xml:"testcase"`
	SystemOut *junitPlain `xml:"system-out"`
}

type junitCase struct {
	Name      string      `xml:"name,attr"`
	Class     string      `xml:"classname,attr"`
	File      string      `xml:"file,attr,omitempty"`
	Line      string      `xml:"line,attr,omitempty"`
	Time      string      `xml:"time,attr"`
	Skipped   *junitNote  `xml:"skipped"`
	Failure   *junitNote  `xml:"failure"`
	Error     *junitNote  `xml:"error"`
	SystemOut *junitPlain `xml:"system-out"`
}

type junitNote struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

type junitPlain struct {
	Text string `xml:",chardata"`
}

// writeJUnit writes a test suite for each practice: a rule that found nothing is a test
// that passed, a finding is one that failed, unless it is below the threshold. A
// practice that was not looked at is a skipped test and a problem is an error: neither is
// ever counted as passed. Notes are a suite without tests.
func writeJUnit(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	all := junitSuites{Name: clean(r.Tool.Name), Time: seconds(r.Stats.Seconds)}
	add := func(s junitSuite) {
		s.Time = "0"
		s.Tests = len(s.Cases)
		for i := range s.Cases {
			c := &s.Cases[i]
			c.Time = "0"
			switch {
			case c.Failure != nil:
				s.Failures++
			case c.Error != nil:
				s.Errors++
			case c.Skipped != nil:
				s.Skipped++
			}
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Skipped += s.Skipped
		all.Suites = append(all.Suites, s)
	}

	if len(r.Problems) > 0 {
		s := junitSuite{Name: "could not be looked at"}
		for _, p := range r.Problems {
			message := clean(problemText(p))
			s.Cases = append(s.Cases, junitCase{
				Name: couldNotLook + " " + clean(problemPlace(p)), Class: "gambeson", File: clean(p.Path), Line: lineAttr(p.Line),
				Error: &junitNote{Message: message, Type: couldNotLook},
			})
		}
		add(s)
	}
	for _, p := range finding.Practices {
		s := junitSuite{Name: string(p) + " " + p.Title()}
		class := "gambeson." + string(p)
		hit := map[string]bool{}
		var cases []junitCase
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Practice == p {
				hit[f.Rule] = true
				cases = append(cases, junitCaseOf(f, class, r.FailOn))
			}
		}
		looked := r.Stats.LookedAt[p]
		if looked == "" && len(cases) == 0 {
			s.Cases = []junitCase{{Name: "everything", Class: class, Skipped: &junitNote{Message: "not looked at by this command"}}}
			add(s)
			continue
		}
		for _, rule := range r.Rules {
			if rule.Practice == p && !hit[rule.ID] && looked != "" {
				s.Cases = append(s.Cases, junitCase{Name: clean(rule.ID), Class: class})
			}
		}
		s.Cases = append(s.Cases, cases...)
		if len(s.Cases) == 0 {
			s.Cases = []junitCase{{Name: clean(looked), Class: class}}
		}
		add(s)
	}
	if len(r.Notes) > 0 {
		var said strings.Builder
		for _, note := range r.Notes {
			said.WriteString(clean(note) + "\n")
		}
		add(junitSuite{Name: "notes", SystemOut: &junitPlain{Text: said.String()}})
	}

	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

func junitCaseOf(f *finding.Finding, class string, failOn finding.Severity) junitCase {
	where := clean(place(f.Location))
	c := junitCase{Name: clean(f.Rule) + " " + where, Class: class, File: clean(f.Location.Path), Line: lineAttr(f.Location.Line)}
	if f.Advisory != nil {
		c.Name += " " + clean(f.Advisory.ID) // servers tell tests apart by their names
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n%s\n", f.Severity, where, clean(f.Message))
	for _, m := range marks(f) {
		if line, ok := lineOf(m.excerpt, m.Line); ok {
			fmt.Fprintf(&text, "%5d | %s\n", m.Line, cut(clean(line), 200))
		}
		if m.text != "" {
			fmt.Fprintf(&text, "      | %s (%s)\n", clean(m.text), clean(place(m.Location)))
		}
	}
	for _, note := range [][2]string{{"way in", wayIn(f.Entry)}, {"flaw", flawNote(f)}, {"hint", f.Hint}, {"more", "gambeson explain " + f.Rule}} {
		if note[1] != "" {
			fmt.Fprintf(&text, "%s: %s\n", note[0], clean(note[1]))
		}
	}
	switch {
	case f.Suppressed != nil:
		c.Skipped = &junitNote{Message: clean(silencedBy(f.Suppressed))}
	case failOn != finding.Never && f.Severity >= failOn:
		c.Failure = &junitNote{Message: clean(f.Message), Type: f.Severity.String(), Text: text.String()}
	default:
		c.SystemOut = &junitPlain{Text: "below the threshold, " + failOn.String() + "\n" + text.String()}
	}
	return c
}

func lineAttr(line int) string {
	if line <= 0 {
		return ""
	}
	return strconv.Itoa(line)
}
