package dependencies

import (
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

func docOf(path, text string) *rule.Doc { return &rule.Doc{File: source.New(path, []byte(text))} }

func TestPipInstall(t *testing.T) {
	for text, want := range map[string]string{
		"RUN pip install flask":                                           "flask",
		"RUN pip install -r requirements.txt":                             "",
		"RUN pip3.13 --no-cache-dir install 'flask' \"redis\"":            "flask redis",
		"RUN /venv/bin/python -m pip install flask":                       "flask",
		"RUN python -m build && pip install flask; echo pip install a":    "flask",
		"RUN --mount=type=cache,target=/c PIP_NO_INPUT=1 pip install a":   "a",
		"RUN pip install \\\n  # the server\n  flask \\\n  redis==1":      "flask",
		"RUN pip install flask # redis":                                   "flask",
		"RUN pip install --new-option value flask":                        "flask",
		"RUN pip install --system -t /opt flask > log.txt":                "flask",
		"RUN pip install . ./a ../b a.whl git+https://x/y $NAME ${N}":     "",
		"RUN pip install flask[async] redis[hiredis]==5 name@https://x/y": "flask",
		"RUN pip install flask -c constraints.txt":                        "",
		"      - run: pip install flask":                                  "flask",
		"      - run: uv --quiet pip install flask":                       "flask",
		"RUN [\"pip\", \"install\", \"flask\"]":                           "flask",
		"RUN sh -c 'pip install flask'":                                   "flask",
		"RUN <<EOF\npip install flask\nEOF":                               "flask",
		"RUN <<EOF cat > x\npip install flask\nEOF":                       "",
		"RUN sudo -H $(PYTHON) -m pip install flask":                      "flask",
		"RUN ${PIP3} install flask && \"$VENV/bin/pip\" install redis":    "flask redis",
		"RUN $PIPELINE install flask":                                     "",
		"RUN poetry run pip install flask":                                "flask",
		"RUN pipx install black tox==4 && pipx run cowsay moo":            "black cowsay",
		"RUN uv tool install ruff@0.5.0 && uvx ruff@latest check flask":   "ruff",
		"RUN uvx --from httpie http get":                                  "httpie",
		"RUN uv run pytest; uv sync; uv add flask":                        "",
		"      - name: pip install flask":                                 "",
		"# pip install flask":                                             "",
		"RUN pip download flask":                                          "",
		"RUN echo 'pip install flask":                                     "",
		"RUN pip install":                                                 "",
		"RUN pip install \"flask":                                         "flask",
		"RUN pip install ${{ matrix.django }} flask":                      "flask",
	} {
		var got []string
		path := "Dockerfile"
		if strings.HasPrefix(text, " ") {
			path, text = ".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n"+text
		}
		for _, q := range installs(docOf(path, text)) {
			open, _ := pipNames(q)
			got = append(got, open...)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: %q, want %q", text, s, want)
		}
	}
}

func TestValuesOf(t *testing.T) {
	for text, want := range map[string]string{
		"github.event.issue.title":               "github.event.issue.title",
		" GitHub.Event['Issue'].title ":          "github.event.issue.title",
		"github.event.commits[0].message":        "github.event.commits.*.message",
		"github.event.commits.*.message":         "github.event.commits.*.message",
		"github.event.commits[a.b].message":      "github.event.commits.*.message",
		"a.b == 'x'":                             "",
		"!a.b":                                   "",
		"a.b && c.d || e":                        "c.d e",
		"a || (b && 'it''s') || 7":               "a",
		"contains(a.b, 'x')":                     "",
		"format('{0} {1}', a.b, join(c.d, ','))": "a.b c.d",
		"toJSON(github.event)":                   "github.event github.event.**",
		"fromJSON(a).b":                          "a.b",
		"(a || b).c":                             "a.c b.c",
		"startsWith(a, b) && c":                  "c",
		"":                                       "",
		"'":                                      "",
		")":                                      "",
		"a.":                                     "a.*",
		"f(":                                     "",
		"f(,,)":                                  "",
		"a[":                                     "a.*",
		strings.Repeat("(", 1500) + "a":          "",
		strings.Repeat("f(", 700) + "a":          "",
		"a" + strings.Repeat("[a", 600):          "a.*",
		strings.Repeat("!", 1900):                "",
	} {
		if got := strings.Join(valuesOf(text), " "); got != want {
			t.Errorf("%.60q: %.100q, want %q", text, got, want)
		}
	}
}

func TestHost(t *testing.T) {
	for address, want := range map[string]string{
		"https://pypi.org/simple": "pypi.org", "http://user:secret@Shop.example:8080/x@y": "shop.example", "http://[::1]:80/": "::1", "./wheels": "", "https://": "", "https://a?b@c": "a",
	} {
		if got := host(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestRevision(t *testing.T) {
	for address, want := range map[string]string{
		"git+https://h/o/r.git@v1#egg=r": "v1", "git+ssh://git@h/o/r.git": "", "git+ssh://git@h/o/r.git@main": "main", "git+https://h/o/r@feature/x": "feature/x", "git+git@h:o/r@1": "1", "": "",
	} {
		if got := revision(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

// TestHostileYAML: aliases of aliases, depth and nonsense end soon and without a panic.
func TestHostileYAML(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [{uses: a/b@v1}]\n")
	for i := range 30 {
		n := string(rune('A' + i%26))
		if i >= 26 {
			n += "x"
		}
		bomb.WriteString("k" + n + ": &k" + n + " [*a0, *a0, *a0]\n")
	}
	bomb.WriteString("jobs:\n  x: &x\n    steps: *a0\n  y: *x\n  z:\n    <<: *x\n    <<: *x\n")
	for _, text := range []string{
		bomb.String(), strings.Repeat("[", 10_000), strings.Repeat("- ", 5_000), strings.Repeat("a: ", 5_000), "jobs: &j\n  a: *j\n", "jobs:\n  - *nobody\n", "on: !!x\njobs: 1", "\x00", "jobs: {a: {steps: [null, 1, {uses: }]}}",
		"repos: [null, 1, {repo: , rev: }]", "? [a]\n: b", "jobs:\n  a:\n    steps:\n      - run: |\n", "on: &a [*a, *a]\njobs: *a",
	} {
		for path, check := range map[string]rule.Check{
			".github/workflows/a.yml": ActionNotPinned, ".github/workflows/b.yml": WorkflowBroadPermissions, ".github/workflows/c.yml": PullRequestTargetCheckout,
			".github/workflows/f.yml": WorkflowExpressionInjection, ".github/workflows/d.yml": PublishWithoutTrustedPublishing, ".github/workflows/e.yml": WorkflowPipUnpinned, ".pre-commit-config.yaml": PrecommitMovingRev,
		} {
			d := docOf(path, text)
			check.Doc(&rule.DocPass{Reporter: rule.Reporter{Rule: &rule.Rule{}}, Doc: d, All: []*rule.Doc{d}})
		}
	}
}

// TestWeights: weights of a model have the ending of Python's path files.
func TestWeights(t *testing.T) {
	d := docOf("model.pth", "PK\x03\x04\x00\nimport os\n")
	p := &rule.DocPass{Reporter: rule.Reporter{Rule: &rule.Rule{}}, Doc: d}
	if PthRunsCode.Doc(p); len(p.Found) > 0 {
		t.Error("the weights were read as text")
	}
}

// TestPopular: no name is in both lists, and none of the second is there for nothing.
func TestPopular(t *testing.T) {
	for name := range alike() {
		if popular()[name] {
			t.Errorf("%s is in both lists", name)
		}
		if meant, _ := looksLike(name); meant == "" {
			t.Errorf("%s looks like none of the popular names", name)
		}
	}
}
