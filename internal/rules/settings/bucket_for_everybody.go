package settings

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// BucketForEverybody looks at who may read what boto3 stores.
var BucketForEverybody = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: storedForEverybody}

// keptWords are in the names of what is not for everybody.
var keptWords = map[string]bool{
	"backup": true, "backups": true, "dump": true, "dumps": true, "export": true, "exports": true, "payroll": true, "salary": true, "salaries": true, "invoice": true, "invoices": true, "private": true, "internal": true, "secret": true, "secrets": true,
	"customers": true, "patients": true, "medical": true, "contracts": true, "confidential": true, "personal": true, "tax": true, "passports": true, "credentials": true, "audit": true, "logs": true, "statements": true,
}

func storedForEverybody(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	switch args.Callee(c) {
	case "put_object", "create_bucket", "put_bucket_acl", "put_object_acl", "upload_file", "upload_fileobj", "copy_object", "create_multipart_upload", "put":
	default:
		return
	}
	acl, _ := args.Keyword(p.Unit, c, "ACL")
	if extra, _ := args.Keyword(p.Unit, c, "ExtraArgs"); acl == nil && extra != nil {
		for _, v := range p.Values(extra) {
			if d, ok := v.(*ast.Dict); ok {
				acl = text.Lookup(d, "ACL")
			}
		}
	}
	if acl == nil {
		return
	}
	switch s, _ := p.Str(acl); s {
	case "public-read-write":
		p.Report(c, "Everybody may write to this, and read it.").With(finding.Medium, finding.HighConfidence)
	case "public-read", "authenticated-read":
		word := ""
		say := func(e ast.Expr) {
			for _, w := range secret.Words(text.Split(p.Unit, e).String()) {
				if word == "" && keptWords[w] {
					word = w
				}
			}
		}
		for _, a := range c.Args {
			say(a)
		}
		for _, k := range c.Keywords {
			if k.Arg == "Bucket" || k.Arg == "Key" {
				say(k.Value)
			}
		}
		if word == "" {
			p.Report(c, "Everybody may read this.").With(finding.Low, finding.LowConfidence).ForAudit(true)
			return
		}
		p.Report(c, "Everybody may read this, and its name speaks of %s.", word)
	}
}
