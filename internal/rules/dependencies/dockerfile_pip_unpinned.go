package dependencies

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
)

// DockerfilePipUnpinned looks at packages that a recipe of an image names itself.
var DockerfilePipUnpinned = rule.Check{Docs: shell.Image, Doc: dockerfilePipUnpinned}

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
	at         shell.Word
}

// pipArguments are the packages that pip is told to install by name. constrained says that a
// file beside it has the versions.
func pipArguments(p pip) (list []namedPackage, constrained bool) {
	args := p.args
	for i := 0; i < len(args) && i < 1000; i++ {
		text := args[i].Text
		if strings.HasPrefix(text, "-") {
			name, _, has := strings.Cut(text, "=")
			if name == "-c" || strings.HasPrefix(name, "--constraint") || name == "--require-hashes" || name == "--no-index" {
				constrained = true
			}
			if p.one && name == "--from" { // what comes from elsewhere than its name
				if !has && i+1 < len(args) {
					i++
					text = args[i].Text
				} else {
					_, text, _ = strings.Cut(text, "=")
				}
				if q, ok := byName(text, args[i]); ok {
					list = append(list, q)
				}
				break
			}
			if !has && (pipValues[name] || len(name) > 2 && name[1] == '-' && !pipFlags[name]) {
				i++ // of an option that is not known, what follows may be its value
			}
			continue
		}
		if strings.HasPrefix(strings.TrimLeft(text, "0123456789"), ">") {
			break // output goes elsewhere
		}
		if q, ok := byName(text, args[i]); ok {
			list = append(list, q)
		}
		if p.one {
			break
		}
	}
	return list, constrained
}

// byName is a package that is asked for by its name. A path is none, nor an address, nor what the shell fills in.
func byName(text string, at shell.Word) (q namedPackage, ok bool) {
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
		return q, false
	}
	return namedPackage{name, rest, at}, true
}

// pipNames are those of them that may have any version, and those that have a range of them.
func pipNames(p pip) (open, ranged []string) {
	list, constrained := pipArguments(p)
	if constrained {
		return nil, nil
	}
	for _, q := range list {
		switch {
		case q.rest == "", q.rest == "@latest":
			open = append(open, shown(q.name))
		case strings.Contains(q.rest, "=="), q.rest[0] == '@': // uvx ruff@0.5.0
		case strings.IndexByte("<>~!", q.rest[0]) >= 0:
			ranged = append(ranged, shown(q.name))
		}
	}
	return unique(open), unique(ranged)
}

// installs are the commands of a file that install something.
func installs(d *rule.Doc) (out []pip) {
	for _, c := range shell.Of(d).Commands {
		if q, ok := pipCommand(c); ok && (q.verb.Text == "install" || q.one) && len(q.args) > 0 {
			out = append(out, q)
		}
	}
	return out
}

func dockerfilePipUnpinned(p *rule.DocPass) {
	for _, q := range installs(p.Doc) {
		at := q.verb.At
		open, ranged := pipNames(q)
		own := func(name string) bool { return installers[strings.ToLower(name)] }
		if programs := slices.DeleteFunc(slices.Clone(open), own); len(programs) > 0 {
			p.ReportSpan(at, "%s in the newest version of the day the image is built.", have(programs, "is installed", "are installed"))
		} else if list := append(open, ranged...); len(list) > 0 {
			p.ReportSpan(at, "%s in a version that depends on the day the image is built.", have(list, "is installed", "are installed")).ForAudit(true).With(finding.Low, finding.LowConfidence)
		}
	}
}
