package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/tree"
)

// ContainerPrivileged looks at what compositions, and programs that start containers, let these do to
// the machine.
var ContainerPrivileged = rule.Check{Docs: shell.Compose, Doc: containerPrivileged, Kinds: []ast.Kind{ast.KindCall}, Visit: containerStarted}

// sockets are those by which the engine of the containers is told what to do.
var sockets = []string{"/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock", "/var/run/podman/podman.sock", "/run/containerd/containerd.sock", "/var/run/crio/crio.sock"}

// keepers are images whose purpose is to look after other containers.
var keepers = []string{"socket-proxy", "portainer", "watchtower", "autoheal", "dozzle", "diun", "datadog", "netdata"}

// capabilities are those with which a container leaves itself.
var capabilities = []string{"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "DAC_READ_SEARCH"}

func containerPrivileged(p *rule.DocPass) {
	aside := slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(p.Path), func(r rune) bool { return strings.ContainsRune("./-_", r) }), func(w string) bool {
		return slices.Contains([]string{"dev", "development", "devcontainer", "local", "test", "tests", "ci", "example", "examples"}, w)
	})
	for _, s := range p.YAML().Get("services").All() {
		if s.Value.True("privileged") {
			i := slices.IndexFunc(s.Value.All(), func(e tree.Entry) bool { return e.Key == "privileged" })
			p.ReportSpan(p.Place(s.Value.All()[i].At), "%s may do to the machine whatever its root may: with privileged, the container keeps nothing in.", s.Key).ForAudit(aside)
		}
		for _, c := range s.Value.Items("cap_add") {
			if name := strings.TrimPrefix(strings.ToUpper(c.Word()), "CAP_"); slices.Contains(capabilities, name) {
				p.ReportSpan(p.Place(c.Where()), "%s gets %s, with which it can leave the container.", s.Key, name).With(finding.Medium, finding.HighConfidence).ForAudit(aside)
			}
		}
		image := s.Value.Word("image")
		keeper := slices.ContainsFunc(keepers, func(k string) bool { return strings.Contains(image, k) })
		for _, v := range s.Value.Items("volumes") {
			if v.Is(tree.Table) {
				v = v.Get("source")
			}
			from, _, _ := strings.Cut(v.Word(), ":")
			if slices.Contains(sockets, from) {
				p.ReportSpan(p.Place(v.Where()), "%s may tell the container engine what to do, also if the file is read-only: it can start a container that holds the whole machine.", s.Key).ForAudit(aside || keeper)
			}
		}
	}
}

// containerStarted looks at containers that a program starts with Docker's or Podman's library:
// client.containers.run(image, privileged=True).
func containerStarted(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	f, ok := c.Func.(*ast.Attribute)
	if !ok || f.Attr != "run" && f.Attr != "create" || ast.LastName(f.Value) != "containers" || !p.Imports("docker", "podman", "aiodocker") {
		return
	}
	report := func(at ast.Node, format string, s ...any) {
		p.Report(at, format, s...).With(finding.Medium, finding.HighConfidence)
	}
	if v, _ := args.Keyword(p.Unit, c, "privileged"); v != nil && args.IsTrue(p.Unit, v) {
		report(c, "The container may do to the machine whatever its root may: with privileged, it keeps nothing in.")
		return
	}
	if v, _ := args.Keyword(p.Unit, c, "cap_add"); v != nil {
		if list, ok := p.Const(v); ok {
			for _, x := range list.List {
				if name := strings.TrimPrefix(strings.ToUpper(x.Str), "CAP_"); slices.Contains(capabilities, name) {
					report(c, "The container gets %s, with which it can leave itself.", name)
					return
				}
			}
		}
	}
	if v, _ := args.Keyword(p.Unit, c, "volumes"); v != nil && mountsSocket(p, v) {
		report(c, "The container may tell the container engine what to do, also if the file is read-only: it can start one that holds the whole machine.")
	}
}

// mountsSocket says whether volumes, a dictionary by path or a list of "path:path", have the engine's
// socket among them.
func mountsSocket(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		var list []ast.Expr
		switch v := v.(type) {
		case *ast.Dict:
			list = v.Keys
		case *ast.List:
			list = v.Elts
		}
		for _, x := range list {
			if x == nil {
				continue
			}
			s, _ := p.Str(x)
			from, _, _ := strings.Cut(s, ":")
			if slices.Contains(sockets, from) {
				return true
			}
		}
	}
	return false
}
