package report

import (
	"strconv"

	"github.com/gambeson/gambeson/internal/finding"
	h "github.com/gambeson/gambeson/internal/report/markup"
)

// node is the whole page.
func (p *htmlPage) node() h.Node {
	some := len(p.Files) > 0 || len(p.Suppressed) > 0
	return h.El("html", h.Attr("lang", "en-GB"),
		h.El("head",
			h.El("meta", h.Attr("charset", "utf-8")),
			h.El("meta", h.Attr("http-equiv", "Content-Security-Policy"), h.Attr("content", p.CSP)),
			h.El("meta", h.Attr("name", "viewport"), h.Attr("content", "width=device-width, initial-scale=1")),
			h.El("meta", h.Attr("name", "referrer"), h.Attr("content", "no-referrer")),
			h.El("meta", h.Attr("name", "color-scheme"), h.Attr("content", "light dark")),
			h.El("title", h.Text(p.Verdict+" · "+p.Root+" · Gambeson")),
			h.Style(pageCSS),
		),
		h.El("body",
			p.top(),
			h.El("main",
				h.El("section", h.Class("hero"), p.wheel(), p.said()),
				p.practices(),
				p.problems(),
				p.tabs(),
				p.inFull(),
				h.If(some, p.filters()),
				h.El("div", h.Attr("id", "findings"), h.Class("page"),
					h.Each(p.Files, func(f htmlFile) h.Node {
						return h.El("section", h.Class("file"),
							h.El("h2", h.Words("span", "path", f.Path), chips(f.Counts)),
							h.Each(f.Findings, htmlFinding.node),
						)
					}),
					h.If(len(p.Suppressed) > 0, h.El("details", h.Class("silenced"),
						h.El("summary", h.Text(finding.Plural(p.Silenced, "suppressed finding"))),
						h.Each(p.Suppressed, htmlFinding.node),
					)),
					h.El("p", h.Attr("id", "none"), h.Flag("hidden"), h.Text("The filters hide all findings.")),
				),
			),
			h.El("footer", h.El("p", h.Text("Written by "+p.Tool+". Every finding has its page: "), h.El("code", h.Text("gambeson explain RULE")), h.Text("."))),
			h.If(some || len(p.Full) > 0, h.Script(pageJS)),
		),
	)
}

// top is the line with the shield.
func (p *htmlPage) top() h.Node {
	return h.El("header", h.Class("top"),
		h.El("div", h.Class("mark"), h.Attr("aria-hidden", "true"),
			h.El("svg", h.Attr("viewBox", "0 0 32 36"), h.Attr("width", "28"), h.Attr("height", "32"),
				h.El("path", h.Class("shield"), h.Attr("d", "M16 1 30 5v13c0 8-6 14-14 17C8 32 2 26 2 18V5Z")),
				h.El("path", h.Class("stitches"), h.Attr("d", "M9 4v26M16 2v32M23 4v26M3 12h26M4 21h24")),
			),
		),
		h.El("div",
			h.Words("p", "brand", "Gambeson"),
			h.El("p", h.Class("meta"),
				h.If(p.Root != "", h.El("span", h.Text(p.Root))),
				h.If(p.Profile != "", h.El("span", h.Text("profile "+p.Profile))),
				h.El("span", h.Text(p.Tool)),
			),
		),
		h.El("button", h.Attr("id", "theme"), h.Attr("type", "button"), h.Flag("hidden"), h.Attr("aria-label", "Switch between light and dark"), h.Text("◐")),
	)
}

// wheel is the ring of the practices around the number of findings.
func (p *htmlPage) wheel() h.Node {
	label := "The eight practices: "
	for _, r := range p.Rows {
		label += r.Number + " " + r.Title + ", " + r.Found + "; "
	}
	return h.El("svg", h.Class("wheel"), h.Attr("viewBox", "-136 -136 272 272"), h.Attr("role", "img"), h.Attr("aria-label", label),
		h.El("defs", h.El("pattern", h.Attr("id", "hatch"), h.Attr("width", "7"), h.Attr("height", "7"), h.Attr("patternUnits", "userSpaceOnUse"), h.Attr("patternTransform", "rotate(45)"),
			h.El("rect", h.Class("hatch-back"), h.Attr("width", "7"), h.Attr("height", "7")),
			h.El("rect", h.Class("hatch-line"), h.Attr("width", "3"), h.Attr("height", "7")),
		)),
		h.Each(p.Wheel, func(s htmlSector) h.Node {
			return h.El("g", h.Class("sector", "s-"+s.State), h.Attr("data-practice", s.Number),
				h.El("title", h.Text(s.Number+" "+s.Title)),
				h.El("path", h.Class("body"), h.Attr("d", s.Path)),
				h.El("path", h.Class("stitch"), h.Attr("d", s.Stitch)),
				h.El("text", h.Attr("x", float(s.X)), h.Attr("y", float(s.Y)), h.If(s.Small, h.Class("small")), h.Text(s.Number)),
			)
		}),
		h.El("text", h.Class("total"), h.Attr("x", "0"), h.Attr("y", "2"), h.Text(finding.Number(p.Total))),
		h.El("text", h.Class("unit"), h.Attr("x", "0"), h.Attr("y", "26"), h.Text(oneOrMany(p.Total, "finding", "findings"))),
	)
}

// said is the verdict, and what stands beside the wheel.
func (p *htmlPage) said() h.Node {
	return h.El("div", h.Class("said"),
		h.El("h1", h.Class("m-"+p.Mood), h.Text(p.Verdict)),
		h.If(len(p.Bar) > 0,
			h.El("svg", h.Class("bar"), h.Attr("viewBox", "0 0 100 6"), h.Attr("preserveAspectRatio", "none"), h.Attr("aria-hidden", "true"),
				h.Each(p.Bar, func(c htmlCount) h.Node {
					return h.El("rect", h.Class("f-"+c.Severity), h.Attr("x", float(c.X)), h.Attr("y", "0"), h.Attr("width", float(c.Width)), h.Attr("height", "6"))
				}),
			),
			h.El("p", h.Class("legend"), h.Each(p.Bar, func(c htmlCount) h.Node {
				return h.El("span", h.Words("i", "dot b-"+c.Severity, ""), h.Text(c.words()))
			})),
		),
		h.If(p.Incomplete != "", h.El("p", h.Class("incomplete"), h.El("b", h.Text("!")), h.Text(" "+p.Incomplete))),
		h.Each(p.Sentences, func(s string) h.Node { return h.Words("p", "sentence", s) }),
		h.Each(p.Notes, func(s string) h.Node { return h.Words("p", "sentence note", s) }),
	)
}

func (p *htmlPage) practices() h.Node {
	return h.El("section", h.Class("practices"), h.Attr("aria-labelledby", "practices"),
		h.El("h2", h.Attr("id", "practices"), h.Text("The eight practices")),
		h.El("table", h.El("tbody", h.Each(p.Rows, func(r htmlRow) h.Node {
			class := "r-" + r.State
			if r.Part {
				class += " part"
			}
			if r.Head {
				class += " head"
			}
			return h.El("tr", h.Class(class), h.Attr("data-practice", r.Number),
				h.Words("td", "sign", r.Sign),
				h.Words("td", "number", r.Number),
				h.El("th", h.Attr("scope", "row"), p.toFull(r)),
				h.El("td", h.Class("found"), chips(r.Counts), h.If(len(r.Counts) == 0, h.Text(r.Found))),
				h.Words("td", "looked", r.Looked),
			)
		}))),
	)
}

// toFull is the title of a practice, which leads to all that is known of it.
func (p *htmlPage) toFull(r htmlRow) h.Node {
	if len(p.Full) == 0 || r.Head {
		return h.Text(r.Title)
	}
	return h.El("a", h.Link("#practice-"+r.Number), h.Text(r.Title))
}

// tabs lead to the two pages, which stand below one another where there is no script.
func (p *htmlPage) tabs() h.Node {
	if len(p.Full) == 0 {
		return h.None
	}
	return h.El("nav", h.Class("tabs"),
		h.El("a", h.Link("#findings"), h.Text("Findings")), h.Text(" "),
		h.El("a", h.Link("#in-full"), h.Text("The practices in full")),
	)
}

func (p *htmlPage) inFull() h.Node {
	if len(p.Full) == 0 {
		return h.None
	}
	return h.El("div", h.Attr("id", "in-full"), h.Class("page"), h.Each(p.Full, htmlPractice.node))
}

func (p htmlPractice) node() h.Node {
	found := h.All(chips(p.Counts), h.If(len(p.Counts) == 0, h.Text(p.Found)))
	if p.Head {
		return h.El("h2", h.Class("whole", "r-"+p.State), h.Words("span", "sign", p.Sign), h.Text(" "+p.Number+" "+p.Title+" "), h.El("span", h.Class("found"), found))
	}
	what := func(label string, nodes ...h.Node) h.Node {
		return h.All(h.El("dt", h.Text(label)), h.El("dd", nodes...))
	}
	return h.El("article", h.Class("practice", "r-"+p.State), h.Attr("id", "practice-"+p.Number),
		h.El("header",
			h.Words("span", "sign", p.Sign), h.Words("span", "number", p.Number),
			h.El("h3", h.Text(p.Title)),
			h.El("span", h.Class("found"), found),
		),
		h.El("dl",
			what("checked", h.Text(p.Checked)),
			h.If(len(p.Wrong) > 0, what("wrong", p.wrong())),
			h.If(len(p.Right) > 0, what("right", h.El("table", h.Class("facts"), h.El("tbody", h.Each(p.Right, func(f htmlFact) h.Node {
				class := "count"
				if f.None {
					class += " none"
				}
				return h.El("tr", h.Words("td", class, f.Number), h.El("td", h.Text(f.What)))
			}))))),
			h.If(len(p.Right) == 0 && len(p.Rules) > 0, what("right", h.Words("span", "soft", nothingCounted))),
			h.If(len(p.Unseen) > 0, what("not seen", h.El("ul", h.Class("unseen"), h.Each(p.Unseen, htmlUnseen.node)))),
			h.If(len(p.OWASP) > 0, what("OWASP Top 10:2025", standardChips(p.OWASP))),
			h.If(len(p.ASVS) > 0, what("ASVS 5.0", standardChips(p.ASVS))),
		),
		p.rules(),
	)
}

func (p htmlPractice) wrong() h.Node {
	return h.All(
		h.El("ul", h.Class("wrong"), h.Each(p.Wrong, func(w htmlWrong) h.Node {
			return h.El("li", badge(w.Severity), h.Text(" "), h.El("b", h.Text(w.Title)), h.Text(" "), h.Words("code", "rule", w.Rule), h.Text(" "),
				h.El("span", h.Class("at"), h.Each(w.Places, func(x htmlPlace) h.Node { return h.All(h.El("a", h.Link("#"+x.ID), h.Text(x.Place)), h.Text(" ")) })),
			)
		})),
		h.If(p.Others != "", h.Words("span", "soft", p.Others)),
	)
}

func (u htmlUnseen) node() h.Node {
	sign, class := "?", "open"
	if u.Gap {
		sign, class = "!", "gap"
	}
	said := h.Words("span", "soft", sees(u.Command))
	if u.Command != "" {
		said = h.El("code", h.Text(sees(u.Command)))
	}
	return h.El("li", h.Class(class), h.El("b", h.Text(sign)), h.Text(" "+u.What+" "), said)
}

func standardChips(list []string) h.Node {
	return h.Each(list, func(s string) h.Node { return h.All(h.Words("span", "standard", s), h.Text(" ")) })
}

// rules is the table of all rules of the practice, for those who want to know.
func (p htmlPractice) rules() h.Node {
	if len(p.Rules) == 0 {
		return h.None
	}
	cell := func(s string) h.Node { return h.El("td", h.Text(s)) }
	head := func(s string) h.Node { return h.El("th", h.Attr("scope", "col"), h.Text(s)) }
	return h.El("details", h.Class("more"),
		h.El("summary", h.Text(finding.Plural(len(p.Rules), "rule"))),
		h.El("table", h.Class("rules"),
			h.El("thead", h.El("tr", head("rule"), head("severity"), head("OWASP"), head("ASVS"), head("looked at"), head("found"))),
			h.El("tbody", h.Each(p.Rules, func(r htmlRule) h.Node {
				return h.El("tr", h.El("td", h.El("code", h.Text(r.ID)), h.Words("span", "soft", " "+r.Title)), cell(r.Severity), cell(r.OWASP), cell(r.ASVS), cell(r.Looked), cell(r.Found))
			})),
		),
	)
}

func (p *htmlPage) problems() h.Node {
	if len(p.Problems) == 0 {
		return h.None
	}
	return h.El("section", h.Class("problems"),
		h.El("h2", h.Text("Could not be looked at")),
		h.El("ul", h.Each(p.Problems, func(x htmlProblem) h.Node {
			return h.El("li", h.El("code", h.Text(x.Place)), h.Text(" "+x.Message), h.If(x.Partial, h.Text(" "), h.El("em", h.Text("The rest was looked at."))))
		})),
	)
}

// filters are hidden until the script shows them.
func (p *htmlPage) filters() h.Node {
	option := func(value, text string) h.Node { return h.El("option", h.Attr("value", value), h.Text(text)) }
	return h.El("form", h.Attr("id", "filters"), h.Class("filters"), h.Flag("hidden"), h.Attr("autocomplete", "off"),
		h.El("fieldset", h.El("legend", h.Text("Severity")), h.Each(p.Severities, func(s string) h.Node {
			return h.El("label", h.Class("toggle", "t-"+s),
				h.El("input", h.Attr("type", "checkbox"), h.Attr("name", "severity"), h.Attr("value", s), h.Flag("checked")),
				h.El("span", h.Text(s)),
			)
		})),
		h.El("label", h.Text("Confidence "), h.El("select", h.Attr("id", "confidence"),
			option("low", "any"), option("medium", "medium and high"), option("high", "high only"),
		)),
		h.El("label", h.Text("Practice "), h.El("select", h.Attr("id", "practice"),
			option("", "all"), h.Each(p.Rows, func(r htmlRow) h.Node { return option(r.Number, r.Number+" "+r.Title) }),
		)),
		h.El("label", h.Class("search"), h.Text("Search"),
			h.El("input", h.Attr("id", "text"), h.Attr("type", "search"), h.Attr("placeholder", "rule, file, words …  ( / )")),
		),
		h.El("output", h.Attr("id", "shown")),
	)
}

func (f htmlFinding) node() h.Node {
	class := "finding v-" + f.Severity
	if f.Quiet {
		class += " quiet"
	}
	if len(f.Flaws) > 0 {
		class += " several"
	}
	return h.El("article", h.Class(class), h.Attr("id", f.ID), h.If(len(f.Flaws) == 0, filterable(f.Severity, f.Confidence, f.Practice)),
		h.El("header",
			badge(f.Severity),
			h.El("h3", h.Text(f.Title)),
			h.Words("code", "rule", f.Rule),
			h.El("a", h.Class("place"), h.Link("#"+f.ID), h.Text(f.Place)),
		),
		h.Words("p", "message", f.Message),
		h.If(f.Silenced != "", h.Words("p", "reason", f.Silenced)),
		labelled("wayin", "way in", f.WayIn),
		h.Each(f.Also, func(s string) h.Node { return labelled("wayin", "also", s) }),
		h.If(len(f.Source) > 0, h.El("pre", h.Class("source"), h.Each(f.Source, htmlLine.node))),
		h.If(len(f.Steps) > 0, h.El("ol", h.Class("steps"), h.Each(f.Steps, htmlStep.node))),
		h.If(len(f.Flaws) > 0, h.El("ul", h.Class("flaws"), h.Each(f.Flaws, func(x htmlFlaw) h.Node { return x.node(f.Practice) }))),
		h.If(f.Flaw != "", h.El("p", h.Class("flaw"), h.El("b", h.Text("flaw")), h.Text(" "+f.Flaw+" "), h.Words("span", "at", f.Fixed))),
		h.Each(f.Hints, func(s string) h.Node {
			return h.El("p", h.Class("hint"), h.El("b", h.Text("hint")), h.Text(" "), h.El("code", h.Text(s)))
		}),
		f.Fix.node(),
		f.more(),
	)
}

// more is what is behind the finding, shown when somebody asks.
func (f htmlFinding) more() h.Node {
	return h.El("details", h.Class("more"),
		h.El("summary", h.Text("why, and more")),
		h.If(f.Why != "", h.El("p", h.Text(f.Why))),
		h.El("dl",
			h.El("dt", h.Text("practice")), h.El("dd", h.Text(f.Practice+" "+f.PracticeTitle)),
			h.El("dt", h.Text("confidence")), h.El("dd", h.Text(f.Confidence)),
			h.If(len(f.CWE) > 0, h.El("dt", h.Text("weakness")), h.El("dd", h.Each(f.CWE, cweLink), h.Text(f.OWASP))),
			h.If(f.Symbol != "", h.El("dt", h.Text("in")), h.El("dd", h.El("code", h.Text(f.Symbol)))),
			h.El("dt", h.Text("read on")), h.El("dd", h.El("code", h.Text("gambeson explain "+f.Rule))),
			h.If(f.Fingerprint != "", h.El("dt", h.Text("fingerprint")), h.El("dd", h.El("code", h.Text(f.Fingerprint)))),
		),
	)
}

func (f htmlFlaw) node(practice string) h.Node {
	name := h.Text(f.Name)
	if f.URL != "" {
		name = away(f.URL, f.Name)
	}
	return h.El("li", h.If(f.ID != "", h.Attr("id", f.ID)), filterable(f.Severity, f.Confidence, practice),
		badge(f.Severity), h.Text(" "),
		h.El("b", name), h.Text(" "),
		h.El("span", h.Class("about"), h.Text(f.Title), h.If(f.Silenced != "", h.Text(" "), h.Words("span", "reason", f.Silenced))), h.Text(" "),
		h.Words("span", "at", f.Fixed),
	)
}

func (l htmlLine) node() h.Node {
	if l.Gap {
		return h.El("span", h.Class("line gap"), h.El("i", h.Text("⋮")))
	}
	class := "line"
	if l.Hit {
		class += " hit"
	}
	return h.El("span", h.Class(class), h.El("i", h.Text(strconv.Itoa(l.Number))), h.Text(l.Before), h.If(l.Marked != "", h.El("mark", h.Text(l.Marked))), h.Text(l.After))
}

func (s htmlStep) node() h.Node {
	source := h.None
	if s.Line != nil {
		source = h.El("pre", h.Class("source"), s.Line.node())
	}
	return h.El("li", h.If(s.Last, h.Class("last")),
		h.El("p", h.If(s.Message != "", h.El("b", h.Text(s.Message)), h.Text(" ")), h.Words("span", "at", s.Place)),
		source,
	)
}

func (f *htmlFix) node() h.Node {
	if f == nil {
		return h.None
	}
	kind, words := "review", "needs review"
	if f.Safe {
		kind, words = "safe", "safe"
	}
	return h.El("div", h.Class("fix"),
		h.El("p", h.El("b", h.Text("fix")), h.Text(" "+f.Message+" "), h.Words("span", "chip "+kind, words)),
		h.Each(f.Changes, func(c htmlChange) h.Node {
			where := c.Place
			if c.Note != "" {
				where += ": " + c.Note
			}
			return h.El("pre", h.Class("diff"), h.Words("span", "where", where),
				h.Each(c.Old, func(s string) h.Node { return h.El("del", h.El("i", h.Text("−")), h.Text(s)) }),
				h.Each(c.New, func(s string) h.Node { return h.El("ins", h.El("i", h.Text("+")), h.Text(s)) }),
			)
		}),
	)
}

// The small parts.

func badge(severity string) h.Node { return h.Words("span", "badge b-"+severity, severity) }

func chips(counts []htmlCount) h.Node {
	return h.Each(counts, func(c htmlCount) h.Node { return h.Words("span", "chip b-"+c.Severity, c.words()) })
}

func (c htmlCount) words() string { return strconv.Itoa(c.N) + " " + c.Severity }

// filterable are the attributes by which the script hides and shows.
func filterable(severity, confidence, practice string) h.Node {
	return h.All(h.Attr("data-severity", severity), h.Attr("data-confidence", confidence), h.Attr("data-practice", practice))
}

// labelled is a paragraph that begins with a word in bold, if there is something to say.
func labelled(class, word, text string) h.Node {
	return h.If(text != "", h.El("p", h.Class(class), h.El("b", h.Text(word)), h.Text(" "+text)))
}

// away leads to another site, which does not learn from where.
func away(address, text string) h.Node {
	return h.El("a", h.Link(address), h.Attr("rel", "noreferrer noopener"), h.Text(text))
}

func cweLink(n int) h.Node {
	number := strconv.Itoa(n)
	return h.All(away("https://cwe.mitre.org/data/definitions/"+number+".html", "CWE-"+number), h.Text(" "))
}

func oneOrMany(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func float(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
