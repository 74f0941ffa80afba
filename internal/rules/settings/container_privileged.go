package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/tree"
)

// ContainerPrivileged looks at what compositions let containers do to the machine.
var ContainerPrivileged = rule.Check{Docs: shell.Compose, Doc: containerPrivileged}

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
