package dependencies

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
)

// DockerfilePipUnpinned looks at packages that a recipe of an image names itself.
var DockerfilePipUnpinned = rule.Check{Docs: isDockerfile, Doc: dockerfilePipUnpinned}

// pipValues are pip's and uv's options that take a value.
var pipValues = set(`
-r --requirement --requirements -c --constraint --constraints -e --editable -t --target --prefix --root --platform --python-version --implementation --abi -d --cache-dir --timeout --retries --proxy
-i --index-url --extra-index-url -f --find-links --no-binary --only-binary --trusted-host --src --log --progress-bar --upgrade-strategy --config-settings --config-setting -C --global-option
--install-option --cert --client-cert --root-user-action -p --python --exists-action --use-feature --report --index-strategy --index --default-index --group --extra --link-mode --resolution --prerelease
--no-build-isolation-package --no-build-package --no-binary-package --keyring-provider --override --overrides --build-constraint --build-constraints --python-platform --exclude-newer
`)

// installers come with Python or fetch the packages in turn, which then have a lock file.
var installers = set("pip setuptools wheel")

// pipNames are the packages that pip is told to install by name: those of any version, and
// those that have a range of them. There are none where a file of constraints has the versions.
func pipNames(args command) (any, ranged []string) {
	for i := 0; i < len(args); i++ {
		text := args[i].text
		if strings.HasPrefix(text, "-") {
			name, _, has := strings.Cut(text, "=")
			switch {
			case name == "-c" || strings.HasPrefix(name, "--constraint") || name == "--require-hashes" || name == "--no-index":
				return nil, nil
			case pipValues[name] && !has:
				i++
			}
			continue
		}
		if strings.ContainsAny(text, "<>") && strings.Trim(text, "0123456789<>&") == "" || strings.HasPrefix(text, ">") {
			break // output goes elsewhere
		}
		end := strings.IndexFunc(text, func(r rune) bool {
			return r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
		name, rest := text, ""
		if end >= 0 {
			name, rest = text[:end], text[end:]
		}
		if name == "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".whl") || strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".zip") {
			continue
		}
		if strings.HasPrefix(rest, "[") {
			_, rest, _ = strings.Cut(rest, "]")
		}
		switch {
		case rest == "":
			any = append(any, shown(name))
		case strings.Contains(rest, "==") || strings.ContainsAny(rest, "$@/:\\%{*?"): // fixed, or no name
		case strings.HasPrefix(rest, "<") || strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "~=") || strings.HasPrefix(rest, "!="):
			ranged = append(ranged, shown(name))
		}
	}
	return any, ranged
}

func dockerfilePipUnpinned(p *rule.DocPass) {
	for _, c := range commands(p.Doc) {
		args, _, ok := pipInstall(c)
		if !ok || len(args) == 0 {
			continue
		}
		at := c[len(c)-len(args)-1].span() // install
		any, ranged := pipNames(args)
		own := func(name string) bool { return installers[strings.ToLower(name)] }
		if programs := slices.DeleteFunc(slices.Clone(any), own); len(programs) > 0 {
			p.ReportSpan(at, "%s in the newest version of the day the image is built.", have(programs, "is installed", "are installed"))
		} else if list := append(any, ranged...); len(list) > 0 {
			p.ReportSpan(at, "%s in a version that depends on the day the image is built.", have(list, "is installed", "are installed")).ForAudit(true).With(finding.Low, finding.LowConfidence)
		}
	}
}
