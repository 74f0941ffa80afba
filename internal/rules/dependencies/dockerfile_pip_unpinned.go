package dependencies

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
)

// DockerfilePipUnpinned looks at packages that a recipe of an image names itself.
var DockerfilePipUnpinned = rule.Check{Docs: isDockerfile, Doc: dockerfilePipUnpinned}

// pipFlags are pip's and uv's long options that take no value.
var pipFlags = set(`
--no-cache-dir --no-cache --user --upgrade --quiet --verbose --no-deps --pre --system --break-system-packages --disable-pip-version-check --no-input --no-warn-script-location --ignore-installed
--force-reinstall --prefer-binary --no-build-isolation --compile --no-compile --require-virtualenv --use-pep517 --no-python-version-warning --native-tls --reinstall --dry-run --compile-bytecode --no-progress
--no-color --isolated --debug --no-python-downloads --no-managed-python --managed-python --offline --ignore-requires-python --no-build --no-verify-hashes --exact --strict --no-clean --no-use-pep517
`)

// pipValues are pip's and uv's short options that take a value.
var pipValues = set("-r -c -e -t -d -i -f -C -p -b")

// installers come with Python, and people only bring them up to date.
var installers = set("pip setuptools wheel")

// A named package is one that stands on a command line, with what follows its name.
type namedPackage struct {
	name, rest string
	at         word
}

// pipArguments are the packages that pip is told to install by name. constrained says that a
// file beside it has the versions.
func pipArguments(args command) (list []namedPackage, constrained bool) {
	for i := 0; i < len(args) && i < 1000; i++ {
		text := args[i].text
		if strings.HasPrefix(text, "-") {
			name, _, has := strings.Cut(text, "=")
			if name == "-c" || strings.HasPrefix(name, "--constraint") || name == "--require-hashes" || name == "--no-index" {
				constrained = true
			}
			if !has && (pipValues[name] || len(name) > 2 && name[1] == '-' && !pipFlags[name]) {
				i++ // of an option that is not known, what follows may be its value
			}
			continue
		}
		if strings.HasPrefix(strings.TrimLeft(text, "0123456789"), ">") {
			break // output goes elsewhere
		}
		end := strings.IndexFunc(text, func(r rune) bool {
			return r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
		name, rest := text, ""
		if end >= 0 {
			name, rest = text[:end], text[end:]
		}
		if strings.HasPrefix(rest, "[") {
			_, rest, _ = strings.Cut(rest, "]")
		}
		if name == "" || strings.HasPrefix(name, ".") || strings.ContainsAny(rest, "$/:\\%{*?") ||
			strings.HasSuffix(name, ".whl") || strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".zip") {
			continue // a path, an address, or something that the shell fills in
		}
		list = append(list, namedPackage{name, rest, args[i]})
	}
	return list, constrained
}

// pipNames are those of them that may have any version, and those that have a range of them.
func pipNames(args command) (open, ranged []string) {
	list, constrained := pipArguments(args)
	if constrained {
		return nil, nil
	}
	for _, q := range list {
		switch {
		case q.rest == "":
			open = append(open, shown(q.name))
		case strings.Contains(q.rest, "=="):
		case strings.IndexByte("<>~!", q.rest[0]) >= 0:
			ranged = append(ranged, shown(q.name))
		}
	}
	return unique(open), unique(ranged)
}

func dockerfilePipUnpinned(p *rule.DocPass) {
	for _, c := range commands(p.Doc) {
		args, _, ok := pipInstall(c)
		if !ok || len(args) == 0 {
			continue
		}
		at := c[len(c)-len(args)-1].span() // install
		open, ranged := pipNames(args)
		own := func(name string) bool { return installers[strings.ToLower(name)] }
		if programs := slices.DeleteFunc(slices.Clone(open), own); len(programs) > 0 {
			p.ReportSpan(at, "%s in the newest version of the day the image is built.", have(programs, "is installed", "are installed"))
		} else if list := append(open, ranged...); len(list) > 0 {
			p.ReportSpan(at, "%s in a version that depends on the day the image is built.", have(list, "is installed", "are installed")).ForAudit(true).With(finding.Low, finding.LowConfidence)
		}
	}
}
