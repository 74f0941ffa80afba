package web

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// TwimlFromText judges instructions for Twilio that are written as text.
var TwimlFromText = rule.Check{Called: twimlFromText}

func twimlFromText(p *rule.Pass, c *ast.Call, name string) {
	k := program.Keyword(c, "twiml")
	if k == nil {
		return
	}
	t := text.Split(p.Unit, k.Value)
	bad := free(p, t)
	if !t.Built || len(bad) == 0 {
		return
	}
	f := p.Report(k, "%s can bring instructions along: it is put into the TwiML unescaped.", parts(p, bad))
	if t.At != k.Value {
		f.Because(t.At, "the text is built here")
	}
}
