package settings

import (
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// StreamlitUnprotected looks at Streamlit's configuration, and how it is started.
var StreamlitUnprotected = rule.Check{Docs: streamlitDocs, Doc: streamlitUnprotected}

func streamlitDocs(file string) bool {
	return hasCommands(file) || path.Base(file) == "config.toml" && path.Base(path.Dir(file)) == ".streamlit"
}

const streamlitSaid = "With %s off, a page that a user opens talks to the application in the user's name."

func streamlitUnprotected(p *rule.DocPass) {
	off := func(value string) bool { return strings.EqualFold(strings.Trim(value, `"' `), "false") }
	if path.Base(p.Path) != "config.toml" {
		for _, c := range commands(p.Doc) {
			if !c.runs("streamlit") {
				continue
			}
			for _, name := range []string{"enableXsrfProtection", "enableCORS"} {
				for _, v := range c.options("--server." + name) {
					if off(v) {
						p.ReportSpan(c.at, streamlitSaid, name).ForAudit(onRequest(p.Doc, c.at))
					}
				}
			}
		}
		return
	}
	for n := 1; n <= min(p.Lines(), 2000); n++ {
		line, _, _ := strings.Cut(p.Line(n), "#")
		name, value, _ := strings.Cut(line, "=")
		name = strings.TrimPrefix(strings.TrimSpace(name), "server.")
		if (name == "enableXsrfProtection" || name == "enableCORS") && off(value) {
			start := p.Offset(n)
			p.ReportSpan(source.Span{Start: start, End: start + source.Pos(len(strings.TrimRight(line, " \t")))}, streamlitSaid, name)
		}
	}
}
