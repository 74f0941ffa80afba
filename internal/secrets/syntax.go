package secrets

import (
	"path"
	"strings"
)

// A syntax is what a file's name tells of how it gives names values. It is not the format's
// grammar: a secret in a broken file is one, too.
type syntax struct {
	python   bool // judged by the rules that know Python; here only tokens and comments
	notebook bool
	quoted   bool // values without quotes are no values: programs, JSON, Terraform
	code     bool // a program in another language: a name may have a type
	words    bool // values end where a word does: shells, images
	space    bool // a name and its value may stand beside each other: ENV NAME value
	xml      bool // <name>value</name>
	yaml     bool
	prose    bool // people explain things there
	tokens   bool // only tokens that say themselves what they are: lock files, translations
	sample   bool // to be copied and filled in
	build    bool // for the machines that build and test
}

// syntaxOf reads the name of a file; p is relative to the root.
func syntaxOf(p string) (s syntax) {
	base := strings.ToLower(path.Base(p))
	switch first, _, _ := strings.Cut(p, "/"); first {
	case ".github", ".gitlab", ".circleci", ".ci", "ci", ".buildkite", ".travis.yml", ".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", "tox.ini", "noxfile.py":
		s.build = true
	}
	for _, end := range []string{".example", ".sample", ".template", ".dist", ".tmpl", ".tpl", ".j2", ".jinja", ".jinja2", ".default", ".in"} {
		if stem, ok := strings.CutSuffix(base, end); ok && stem != "" {
			s.sample, base = true, stem
			break
		}
	}
	if !s.sample {
		stem := strings.TrimSuffix(base, path.Ext(base))
		s.sample = strings.HasSuffix(stem, "example") || strings.HasSuffix(stem, "sample") || strings.HasPrefix(stem, "example") || strings.HasPrefix(stem, "sample") || strings.HasSuffix(stem, "template") || strings.HasPrefix(base, ".env.example") || strings.HasPrefix(base, ".env.sample") || strings.HasPrefix(base, ".env.template")
		for dir := range strings.SplitSeq(strings.ToLower(path.Dir(p)), "/") {
			switch dir {
			case "example", "examples", "sample", "samples", "demo", "demos", "templates", "docs", "doc", "tutorial", "fixtures", "cassettes", "testdata":
				s.sample = true
			}
		}
	}
	switch base {
	case "dockerfile", "containerfile":
		s.words, s.space = true, true
		return s
	case "makefile", "gnumakefile", "procfile", "justfile", ".bashrc", ".zshrc", ".profile", ".bash_profile", ".bash_history", ".zsh_history", "jenkinsfile":
		s.words = true
		return s
	case ".netrc", "_netrc":
		s.words, s.space = true, true
		return s
	case "poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "cargo.lock", "composer.lock", "gemfile.lock", "go.sum", "flake.lock", "conda-lock.yml", "packages.lock.json", "mix.lock", "pylock.toml", ".secrets.baseline", ".gitleaksignore":
		s.tokens = true
		return s
	}
	if strings.HasPrefix(base, "dockerfile.") || strings.HasSuffix(base, ".dockerfile") {
		s.words, s.space = true, true
		return s
	}
	if strings.HasPrefix(base, ".env") || base == ".flaskenv" || base == ".envrc" {
		return s
	}
	switch path.Ext(base) {
	case ".py", ".pyi", ".pyw":
		s.python, s.quoted = true, true
	case ".ipynb":
		s.notebook, s.quoted = true, true
	case ".yaml", ".yml", ".eyaml":
		s.yaml = true
	case ".json", ".jsonc", ".json5", ".tf", ".tfvars", ".hcl", ".tfstate", ".toml", ".webmanifest", ".har":
		s.quoted = true
	case ".sh", ".bash", ".zsh", ".fish", ".ksh", ".ps1", ".bat", ".cmd", ".mk", ".service", ".env", ".envrc":
		s.words = path.Ext(base) != ".env"
	case ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".vue", ".svelte", ".go", ".java", ".kt", ".kts", ".scala", ".groovy", ".gradle", ".rb", ".php", ".cs", ".fs", ".vb", ".rs", ".c", ".cc", ".cpp", ".h", ".hpp", ".m", ".mm", ".swift", ".dart", ".lua", ".pl", ".pm", ".r", ".jl", ".ex", ".exs", ".erl", ".clj", ".hs", ".ml", ".sql", ".nix", ".proto", ".graphql", ".robot", ".pyx", ".bicep":
		s.code, s.quoted = true, true
	case ".xml", ".html", ".htm", ".xhtml", ".plist", ".csproj", ".resx", ".xsd", ".wsdl", ".svg":
		s.xml, s.quoted = true, true
	case ".md", ".rst", ".txt", ".adoc", ".mdx", ".tex", ".org", ".log", ".out", ".text", ".textile", ".markdown", ".csv", ".tsv", ".diff", ".patch":
		s.prose, s.quoted = true, true
	case ".po", ".pot", ".mo", ".ftl", ".css", ".scss", ".less", ".map", ".lock", ".sum", ".strings", ".xlf", ".xliff", ".ts_":
		s.tokens = true
	case ".ini", ".cfg", ".conf", ".cnf", ".config", ".properties", ".props", ".credentials", ".pgpass", ".npmrc", ".pypirc", ".htpasswd", ".desktop", ".repo", ".kdl":
	case "":
		// credentials, config, pip.conf's friends: what has no ending is often a setting
		switch base {
		case "changelog", "changes", "readme", "faq", "news", "todo", "authors", "thanks", "history", "license", "copying", "notice", "contributors", "install":
			s.prose, s.quoted = true, true
		}
	default:
		s.quoted = true
	}
	l := strings.ToLower(p)
	for _, w := range []string{"/locale/", "/locales/", "/i18n/", "/translations/", "/lang/", "/langs/", "/languages/", ".min.js", ".bundle.js", "-lock.json", "/l10n/"} {
		if strings.Contains("/"+l, w) {
			s.tokens = true
		}
	}
	return s
}
