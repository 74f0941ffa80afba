package secrets

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/secrets/git"
	"github.com/gambeson/gambeson/internal/source"
)

// A .env file is the right place for a secret only if nobody else gets it. Each way out is a
// rule of its own.
const (
	ruleTracked  = "env-file-tracked"
	ruleUnkept   = "env-file-not-ignored"
	ruleImage    = "env-file-in-image"
	ruleReadable = "env-file-world-readable"
	ruleServed   = "env-file-served"
)

// envNames are the usual ones. Those that git ignores are not among the files of a walk, so
// each folder is asked for them.
var envNames = []string{".env", ".env.local", ".env.prod", ".env.production", ".env.staging", ".env.dev", ".env.development"}

// isEnv says whether a file is one of that kind, and not a sample of it.
func isEnv(p string) bool {
	base := path.Base(p)
	if !strings.HasPrefix(base, ".env") && base != ".flaskenv" {
		return false
	}
	if base != ".env" && base != ".flaskenv" && !strings.HasPrefix(base, ".env.") {
		return false // .envrc is a program
	}
	for _, w := range []string{"example", "sample", "template", "dist", "test", "ci", "default", "tmpl", "schema", "vault", "encrypted", "j2"} {
		if slices.Contains(strings.FieldsFunc(base, func(r rune) bool { return r == '.' || r == '-' || r == '_' }), w) {
			return false
		}
	}
	return true
}

// served are folders that web servers give to everybody.
var served = map[string]bool{"static": true, "public": true, "www": true, "htdocs": true, "public_html": true, "wwwroot": true, "media": true, "staticfiles": true, "assets": true, "webroot": true}

// hygiene looks at where .env files lie and who gets them.
func (l *looking) hygiene(ctx context.Context, files []source.Found, r *finding.Report) (out []found) {
	rules := []string{ruleTracked, ruleUnkept, ruleImage, ruleReadable, ruleServed}
	if !slices.ContainsFunc(rules, func(id string) bool { return l.rules[id] != nil }) {
		return nil
	}
	envs := map[string]bool{} // path → the walk has it
	dirs := map[string]bool{".": true}
	var images []source.Found
	for _, f := range files {
		base := strings.ToLower(path.Base(f.Path))
		switch {
		case isEnv(f.Path):
			envs[f.Path] = true
		case base == "dockerfile" || base == "containerfile" || strings.HasPrefix(base, "dockerfile."):
			images = append(images, f)
		}
		for dir := path.Dir(f.Path); !dirs[dir]; dir = path.Dir(dir) {
			dirs[dir] = true
		}
	}
	info, err := os.Stat(l.root)
	if err != nil || !info.IsDir() || len(l.Paths) == 1 && !isDir(l.Paths[0]) {
		return nil
	}
	root, err := os.OpenRoot(l.root)
	if err != nil {
		return nil
	}
	defer root.Close()
	for dir := range dirs {
		for _, name := range envNames {
			p := path.Join(dir, name)
			if _, ok := envs[p]; ok {
				continue
			}
			if info, err := root.Lstat(filepath.FromSlash(p)); err == nil && info.Mode().IsRegular() {
				envs[p] = false
			}
		}
	}
	if len(envs) == 0 {
		return nil
	}
	var tracked map[string]bool
	repo, err := git.Open(ctx, l.root)
	if err == nil {
		if tracked, err = repo.Tracked(ctx); err != nil {
			repo = nil
		}
	} else {
		repo = nil
		if exists(filepath.Join(l.root, ".git")) {
			r.Problems = append(r.Problems, finding.Problem{Path: ".", Partial: true, Message: "whether git has the .env files was not looked at: " + err.Error()})
		}
	}
	for _, p := range sortedKeys(envs) {
		text, mode, ok := readEnv(root, p)
		if !ok || source.IsTest(p) && !l.audit {
			continue
		}
		holds := holdsSecret(text)
		f := source.New(p, text)
		report := func(id string, sev finding.Severity, message string) {
			if x, ok := l.about(f, id, sev, message); ok {
				out = append(out, x)
			}
		}
		switch {
		case repo == nil:
		case tracked[p]:
			sev := finding.Low
			if holds {
				sev = finding.High
			}
			report(ruleTracked, sev, "git has this file: every clone has what stands in it, and the history keeps it.")
		case envs[p] && holds:
			report(ruleUnkept, finding.Medium, "No .gitignore names this file, and git does not have it yet: the next git add . takes it.")
		}
		if part := servedFrom(p); part != "" {
			report(ruleServed, finding.High, "The file lies under "+part+", which web servers give to everybody who asks.")
		}
		if holds && mode&0o004 != 0 && runtime.GOOS != "windows" {
			report(ruleReadable, finding.Low, "Every user of the machine can read the file.")
		}
		if image := l.inImage(root, p, images); image != "" && holds {
			report(ruleImage, finding.Medium, image+" copies the folder into the image, and no .dockerignore keeps this file out: whoever has the image has it.")
		}
	}
	return out
}

func isDir(p string) bool { info, err := os.Stat(p); return err == nil && info.IsDir() }

func exists(p string) bool { _, err := os.Lstat(p); return err == nil }

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// maxEnv is how large a .env file may be.
const maxEnv = 1 << 20

func readEnv(root *os.Root, p string) (text []byte, mode fs.FileMode, ok bool) {
	info, err := root.Lstat(filepath.FromSlash(p))
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxEnv {
		return nil, 0, false
	}
	text, err = root.ReadFile(filepath.FromSlash(p))
	if err != nil {
		return nil, 0, false
	}
	text, ok = textOf(text)
	return text, info.Mode(), ok
}

// holdsSecret says whether something that is named like a secret has a value.
func holdsSecret(text []byte) bool {
	for line := range bytes.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(line)), "export "), "=")
		name, value = strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"'`)
		if !ok || strings.HasPrefix(name, "#") || value == "" || elsewhere(value) {
			continue
		}
		if k := secret.Of(name); (k == secret.Password || k == secret.Token || k == secret.Key || secret.Signs(name)) && !secret.Placeholder(value) {
			return true
		}
		if password, _ := secret.Address(value); password != "" && !secret.Placeholder(password) {
			return true
		}
	}
	return len(scanText(".env", string(text))) > 0
}

// about makes a finding about a whole file; nothing of the file is in it.
func (l *looking) about(f *source.File, id string, sev finding.Severity, message string) (x found, ok bool) {
	r := l.rules[id]
	if r == nil {
		return x, false
	}
	pg := &page{File: f, count: map[string]int{}}
	x = found{Finding: finding.Finding{
		Rule: r.ID, Practice: r.Practice, Title: r.Title, Message: message, Severity: sev, Confidence: r.Confidence, CWE: r.CWE, OWASP: r.OWASP, Hint: r.Hint,
		Location: finding.Location{Path: f.Path, Line: 1, Column: 1, EndLine: 1, EndColumn: 1}, Fingerprint: finding.Fingerprint(r.ID, f.Path, "", "", 0),
	}}
	sev, keep := l.Config.At(f.Path, r.ID, r.Aliases, r.Practice, sev)
	x.Severity = sev
	if keep && !l.NoSuppress {
		x.Suppressed = pg.allowed(r.ID, r.Aliases, 1, 1)
	}
	return x, keep
}

// servedFrom is the folder of a path that a web server gives away, or "".
func servedFrom(p string) string {
	dir := path.Dir(p)
	for part := range strings.SplitSeq(dir, "/") {
		if served[part] {
			return part + "/"
		}
	}
	return ""
}

// inImage names a recipe of an image that copies the folder of a .env file as it is.
func (l *looking) inImage(root *os.Root, env string, images []source.Found) string {
	for _, f := range images {
		// The context is the recipe's folder, or the root for those that lie in one of their own.
		context := path.Dir(f.Path)
		switch path.Base(context) {
		case "docker", ".docker", "deploy", "build", "ci", "containers":
			context = path.Dir(context)
		}
		rel := env
		if context != "." {
			var ok bool
			if rel, ok = strings.CutPrefix(env, context+"/"); !ok {
				continue
			}
		}
		text, err := root.ReadFile(filepath.FromSlash(f.Path))
		if err != nil || len(text) > maxEnv || !copiesAll(string(text), rel) {
			continue
		}
		ignore, err := root.ReadFile(filepath.FromSlash(f.Path) + ".dockerignore")
		if err != nil {
			ignore, err = root.ReadFile(filepath.FromSlash(path.Join(context, ".dockerignore")))
		}
		if err == nil && dockerIgnores(string(ignore), rel) {
			continue
		}
		return f.Path
	}
	return ""
}

// copiesAll says whether an image's recipe copies the folder that the file is in.
func copiesAll(text, rel string) bool {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 3 || !strings.EqualFold(f[0], "COPY") && !strings.EqualFold(f[0], "ADD") {
			continue
		}
		from := false
		for _, a := range f[1 : len(f)-1] {
			from = from || strings.HasPrefix(a, "--from")
			a = strings.Trim(a, `[]",'`)
			a = strings.TrimSuffix(strings.TrimPrefix(a, "./"), "/")
			if !from && !strings.HasPrefix(a, "--") && (a == "." || a == "" || a == rel || path.Dir(rel) != "." && strings.HasPrefix(rel, a+"/")) {
				return true
			}
		}
	}
	return false
}

// dockerIgnores follows .dockerignore: as .gitignore, but every pattern begins at the root.
func dockerIgnores(text, rel string) bool {
	ignored := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		pattern, back := strings.CutPrefix(line, "!")
		pattern = strings.Trim(pattern, "/")
		if pattern == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p, err := match.ParseLine("/" + pattern)
		if err != nil || p == nil {
			continue
		}
		hit := p.Match(rel, false)
		for dir := path.Dir(rel); !hit && dir != "."; dir = path.Dir(dir) {
			hit = p.Match(dir, true)
		}
		if hit {
			ignored = !back
		}
	}
	return ignored
}
