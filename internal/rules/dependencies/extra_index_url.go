package dependencies

import (
	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
)

// ExtraIndexUrl looks for a second index beside the first. Not every tool treats both alike:
// uv asks the second one first and stays with the first that has the name, and Pipenv takes
// from it what is told to come from it.
var ExtraIndexUrl = rule.Check{Docs: asksWhere, Doc: extraIndexURL}

// publicIndexes are run by those whose packages they hold, and have public names only.
var publicIndexes = map[string]string{
	"download.pytorch.org": "PyTorch", "pypi.ngc.nvidia.com": "NVIDIA", "pypi.nvidia.com": "NVIDIA", "developer.download.nvidia.com": "NVIDIA", "www.piwheels.org": "piwheels", "piwheels.org": "piwheels",
	"wheels.scipy.org": "SciPy", "pypi.anaconda.org": "Anaconda", "storage.googleapis.com": "Google", "data.pyg.org": "PyG", "wheels.vllm.ai": "vLLM", "abetlen.github.io": "llama-cpp-python",
	"dl.fbaipublicfiles.com": "Meta", "wheel-index.linuxserver.io": "linuxserver.io", "wheels.home-assistant.io": "Home Assistant",
}

var tools = map[string]string{"pip": "pip", "pipx": "pipx", "uv": "uv", "poetry": "Poetry", "pipenv": "Pipenv", "pdm": "PDM"}

func extraIndexURL(p *rule.DocPass) {
	list := settings(p.Doc)
	main, extras := "", 0
	for _, s := range list {
		switch s.name {
		case "--index-url":
			main = s.value
		case "--extra-index-url":
			extras++
		case "--no-index":
			return
		}
	}
	first := "PyPI"
	if main != "" && host(main) != "pypi.org" && host(main) != "pypi.python.org" {
		first = shown(main)
	}
	for _, s := range list {
		if s.name != "--extra-index-url" || s.value == "" || s.value == main || first == "PyPI" && host(s.value) == "pypi.org" {
			continue
		}
		quiet := s.hashed || publicIndexes[host(s.value)] != "" || loopback(host(s.value))
		quiet = quiet || s.bound || s.order == manifest.First || s.order == manifest.Named || s.order == manifest.Last && first != "PyPI"
		does := tools[s.tool] + " looks in " + first + " and in " + shown(s.value)
		switch {
		case s.order == manifest.Last:
			does = tools[s.tool] + " looks in " + shown(s.value) + " for what it does not find in " + first
		case s.tool == "uv":
			does = "uv looks in " + shown(s.value) + " and in " + first
		case s.tool == "poetry":
			quiet = quiet || extras < 2 && main == "" // newer ones do not ask PyPI then
			does = "Poetry looks in " + shown(s.value) + " and in its other sources alike"
		case s.order == manifest.Alike:
			does += ", and takes the higher version"
		}
		if host(s.value) == "test.pypi.org" {
			p.ReportSpan(s.at, "%s: on test.pypi.org, anybody can register the names of PyPI's packages.", does).ForAudit(quiet)
			continue
		}
		f := p.ReportSpan(s.at, "%s: whoever registers a name of yours in the other one has code in this program.", does).ForAudit(quiet)
		if s.tool == "poetry" {
			f.Advise(`priority = "explicit" for the source, and source = "…" for each package that comes from it`)
		}
	}
}
