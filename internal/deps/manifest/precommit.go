package manifest

import (
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	add(format{name: "pre-commit", is: base(".pre-commit-config.yaml", ".pre-commit-config.yml"), read: readPreCommit})
}

// elsewhere is how packages of other languages look: "@types/node", "eslint@8.0",
// "prettier-plugin:1", "golang.org/x/tools@latest".
var elsewhere = match.Lazy(`^@|^[A-Za-z0-9._/-]+@[0-9a-z^~v]|^[A-Za-z0-9._-]+:|^[a-z0-9.-]+\.[a-z]+/`)

// readPreCommit reads the packages that hooks get beside their own. The language of a hook is
// known only if the file says it; else its packages tell.
func readPreCommit(f *File, data []byte) {
	for _, repo := range f.yaml(data).Items("repos") {
		for _, hook := range repo.Items("hooks") {
			if f.full() {
				return
			}
			list := hook.Items("additional_dependencies")
			switch language := hook.Str("language"); language {
			case "python", "python_venv":
			case "":
				other := false
				for _, n := range list {
					other = other || n.Is(tree.String) && elsewhere().MatchString(strings.TrimSpace(n.Text)) && !strings.Contains(n.Text, " @ ")
				}
				if other {
					f.Lines += len(list)
					continue
				}
			case "conda":
				for _, n := range list {
					f.condaSpec(n, "pre-commit")
				}
				continue
			default:
				f.Lines += len(list)
				continue
			}
			var words []item
			for _, n := range list {
				if !n.Is(tree.String) {
					f.Lines++
					f.problem(n.Where(), "a requirement should be here")
					continue
				}
				words = append(words, item{text: n.Text, at: n.At})
			}
			f.pipWords(words, false, "pre-commit")
		}
	}
}
