package settings

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/source"
)

// A stage is what one of an image's stages says of accounts.
type stage struct {
	base    string // the image that it begins with, without its tag
	user    string // what it has said last, "" if nothing
	at      source.Span
	starts  source.Span // CMD or ENTRYPOINT
	program []string    // what those start
}

// lastStage is the one that is built and run, with what it has from the stages that it begins with.
func lastStage(d *rule.Doc) (last stage) {
	made := map[string]stage{}
	name := ""
	for _, x := range shell.Instructions(d) {
		words := x.Words()
		switch x.Name {
		case "FROM":
			made[name] = last
			if len(words) == 0 {
				return stage{}
			}
			base, _, _ := strings.Cut(words[0].Text, "@")
			if i := strings.LastIndexByte(base, ':'); i > strings.LastIndexByte(base, '/') {
				base = base[:i]
			}
			last, name = stage{base: strings.TrimPrefix(base, "docker.io/library/")}, ""
			if from, ok := made[strings.ToLower(words[0].Text)]; ok && words[0].Text != "" {
				last = from
			}
			if len(words) > 2 && strings.EqualFold(words[1].Text, "as") {
				name = strings.ToLower(words[2].Text)
			}
		case "USER":
			if len(words) > 0 {
				last.user, last.at = words[0].Text, source.Span{Start: x.At.Start, End: words[0].At.End}
			}
		case "CMD", "ENTRYPOINT":
			last.starts = x.At
			for _, w := range words {
				last.program = append(last.program, strings.Trim(w.Text, `[]",`))
			}
		}
	}
	return last
}

// asRoot are images whose own account is root, as their makers say, so that what is built on one
// runs as root unless it says otherwise.
var asRoot = []string{"python", "pypy", "debian", "ubuntu", "alpine", "fedora", "rockylinux", "almalinux", "amazonlinux", "tiangolo/uvicorn-gunicorn-fastapi", "ghcr.io/astral-sh/uv", "continuumio/miniconda3"}

// stepsDown are programs that begin as root and go on as somebody else, or that need to be it.
var stepsDown = []string{"gosu", "su-exec", "setpriv", "runuser", "s6-setuidgid", "s6-overlay", "chpst", "setuser", "supervisord", "nginx", "crond", "sshd", "apache2", "httpd", "PUID", "PGID"}

// imageAsRoot judges the account by which an image starts its program.
func imageAsRoot(p *rule.DocPass) {
	s := lastStage(p.Doc)
	if s.starts.End == 0 {
		return // a base for others
	}
	account, _, _ := strings.Cut(s.user, ":")
	switch {
	case account == "root" || account == "0":
	case account == "" && slices.Contains(asRoot, s.base):
	default:
		return
	}
	if slices.ContainsFunc(s.program, func(w string) bool { return path.Base(w) == "cron" }) {
		return
	}
	texts := []string{string(p.Bytes)}
	for _, d := range p.All { // the script that is the entrance
		for _, w := range s.program {
			if path.Base(w) == path.Base(d.Path) && strings.Contains(path.Base(w), ".") {
				texts = append(texts, string(d.Bytes))
			}
		}
		if account == "" && shell.Compose(d.Path) {
			for _, e := range d.YAML().Get("services").All() {
				if u := e.Value.Word("user"); u != "" && u != "root" && u != "0" {
					return
				}
			}
		}
	}
	for _, t := range texts {
		for _, w := range stepsDown {
			if strings.Contains(t, w) {
				return
			}
		}
	}
	if account != "" {
		p.ReportSpan(s.at, "The image starts its program as root: a flaw in it can do all that the container can.").ForAudit(forDevelopers(p.Path))
		return
	}
	p.ReportSpan(s.starts, "Nothing gives the image an account, so that its program runs as root, as that of %s does.", s.base).With(finding.Low, finding.MediumConfidence).ForAudit(forDevelopers(p.Path))
}
