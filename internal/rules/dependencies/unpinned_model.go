// Package dependencies has the Go parts of the rules about what a program takes from
// others.
package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// UnpinnedModel looks for a revision that cannot move.
var UnpinnedModel = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: unpinnedModel}

// hubFunctions are the functions that download, and the library that they belong to.
var hubFunctions = map[string]string{
	"from_pretrained": "transformers", "load_dataset": "datasets", "hf_hub_download": "huggingface_hub", "snapshot_download": "huggingface_hub",
	"load_dataset_builder": "datasets", "repository_id": "huggingface_hub", "cached_download": "huggingface_hub",
}

// fileTypes are what load_dataset reads from disk.
var fileTypes = map[string]bool{"csv": true, "json": true, "parquet": true, "text": true, "imagefolder": true, "audiofolder": true, "arrow": true, "pandas": true, "webdataset": true, "xml": true, "sql": true}

func unpinnedModel(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	fn := args.Callee(c)
	library, ok := hubFunctions[fn]
	if !ok {
		return
	}
	name := p.Name(c.Func)
	if !strings.HasPrefix(name, library+".") && !strings.HasPrefix(name, "diffusers.") && !strings.HasPrefix(name, "peft.") {
		return
	}
	rev, hidden := args.Keyword(p.Unit, c, "revision")
	if rev == nil {
		rev, _ = args.Keyword(p.Unit, c, "commit_id")
	}
	first := program.Arg(c, 0, "")
	for _, k := range []string{"repo_id", "pretrained_model_name_or_path", "path"} {
		if first == nil {
			first = program.Arg(c, -1, k)
		}
	}
	repo, known := p.Str(first)
	if local, _ := args.Keyword(p.Unit, c, "local_files_only"); local != nil && args.IsTrue(p.Unit, local) {
		p.Report(c, "%s loads what was downloaded before, whichever revision that is.", fn).ForAudit(rev == nil || !p.IsConst(rev)).With(finding.Low, finding.LowConfidence)
		return
	}
	if known && (strings.HasPrefix(repo, "./") || strings.HasPrefix(repo, "../") || strings.HasPrefix(repo, "/")) {
		return
	}
	rest := "follows whatever its branch points to"
	if rev != nil {
		s, ok := p.Str(rev)
		switch {
		case args.IsNone(p.Unit, rev):
		case !ok:
			return
		case commit(s):
			return
		default:
			rest = "follows " + s + ", which can be moved"
		}
	}
	f := p.Report(c, "%s %s: what is downloaded tomorrow may be something else.", fn, rest)
	f.ForAudit(rev == nil && (hidden || !known || fileTypes[repo] || localModel(p, repo)))
	if f.AuditOnly {
		f.With(finding.Low, finding.LowConfidence)
	}
	if _, is := rev.(*ast.Constant); is {
		f.Because(rev, "a branch or a tag, not a commit")
	}
}

// commit says whether a revision is a hash.
func commit(s string) bool {
	return len(s) >= 7 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

// localModel says whether the name is more likely a folder than a repository.
func localModel(p *rule.Pass, s string) bool {
	return strings.Count(s, "/") > 1 || strings.HasPrefix(s, "~") || strings.HasPrefix(s, ".") || strings.Contains(s, "\\") || strings.HasSuffix(s, "/")
}
