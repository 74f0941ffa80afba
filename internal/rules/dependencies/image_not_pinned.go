package dependencies

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/tree"
)

// ImageNotPinned looks at the images that other images, jobs and containers begin with.
var ImageNotPinned = rule.Check{Docs: namesImages, Doc: imageNotPinned}

func namesImages(p string) bool {
	return shell.Image(p) || shell.Workflow(p) || shell.Compose(p) || shell.Actions(p) || shell.Pipeline(p)
}

// An image is one that a file names.
type image struct {
	name  string
	at    source.Span
	aside bool // it stands beside what is built or run: a database for tests
}

var digest = match.Lazy(`@[a-z0-9]+:[0-9a-fA-F]{32,}$`)

// moving are tags that mean something else each time.
var moving = append([]string{"rolling", "stable", "canary", "snapshot"}, branches...)

// known are images of Docker's own library, whose names have no slash. Others without one are
// built on the same machine, mostly.
var known = set(`
adoptopenjdk almalinux alpine amazonlinux archlinux bash buildpack-deps busybox caddy cassandra centos clojure composer consul couchbase couchdb debian docker eclipse-temurin elasticsearch elixir erlang fedora gcc ghost golang
gradle groovy haproxy haskell hello-world httpd influxdb java joomla jruby julia kibana kong logstash mariadb maven memcached mongo mongo-express mysql nats neo4j nextcloud nginx node openjdk opensuse oraclelinux percona perl
php phpmyadmin postgres pypy python r-base rabbitmq redis redmine registry rockylinux ruby rust sapmachine solr sonarqube swift telegraf tomcat traefik ubuntu varnish vault wordpress zookeeper
`)

func imageNotPinned(p *rule.DocPass) {
	list := imagesOf(p.Doc)
	said := map[string]bool{}
	var tags []string
	var first source.Span
	for _, x := range list {
		if strings.ContainsAny(x.name, "$%{<>") || x.name == "scratch" || x.name == "" || digest().MatchString(x.name) || said[x.name] {
			continue
		}
		said[x.name] = true
		last := path.Base(x.name)
		name, tag, has := strings.Cut(last, ":")
		if has && !slices.Contains(moving, tag) {
			if len(tags) == 0 {
				first = x.at
			}
			tags = append(tags, shown(x.name))
			continue
		}
		own := last == x.name && !known[name]
		what := shown(x.name) + " has no tag, and so is whatever is latest on the day"
		if has {
			what = shown(x.name) + " is whatever its makers have put there last"
		}
		p.ReportSpan(x.at, "%s: nobody has tried what is built or run with it.", what).ForAudit(x.aside || own || shell.Compose(p.Name()))
	}
	if len(tags) > 0 {
		p.ReportSpan(first, "%s by a tag, which can be moved to another image.", have(unique(tags), "is named", "are named")).ForAudit(true).With(finding.Low, finding.HighConfidence)
	}
}

func imagesOf(d *rule.Doc) []image {
	switch {
	case shell.Image(d.Name()):
		return stages(d)
	case shell.Actions(d.Name()):
		return jobImages(d)
	}
	return yamlImages(d)
}

// stages are the images that a recipe begins with or takes something from, without those that
// it makes itself.
func stages(d *rule.Doc) (out []image) {
	arguments := map[string]string{}
	made := map[string]bool{}
	take := func(name string, at source.Span) {
		name = withArguments(name, arguments)
		if _, err := strconv.Atoi(name); err != nil && !made[strings.ToLower(name)] {
			out = append(out, image{name: name, at: at})
		}
	}
	for _, x := range shell.Instructions(d) {
		switch x.Name {
		case "ARG":
			for _, w := range x.Words() {
				if name, value, ok := strings.Cut(w.Text, "="); ok && len(made) == 0 && len(out) == 0 { // those of a stage count for it alone
					arguments[name] = value
				}
			}
		case "FROM":
			w := x.Words()
			if len(w) == 0 {
				continue
			}
			take(w[0].Text, w[0].At)
			if len(w) > 2 && strings.EqualFold(w[1].Text, "as") {
				made[strings.ToLower(w[2].Text)] = true
			}
		case "COPY", "RUN":
			for _, o := range x.Options() {
				if from := fromOption().FindStringSubmatch(o.Text); from != nil {
					take(from[1], o.At)
				}
			}
		}
	}
	return out
}

// fromOption is that of COPY --from=image, and of RUN --mount=type=bind,from=image.
var fromOption = match.Lazy(`^--(?:from=|mount=(?:[^,]*,)*from=)([^,]+)`)

var argumentIn = match.Lazy(`\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})`)

// withArguments fills in what the recipe says of its arguments itself.
func withArguments(name string, arguments map[string]string) string {
	return argumentIn().ReplaceAllStringFunc(name, func(s string) string {
		m := argumentIn().FindStringSubmatch(s)
		if v := arguments[m[1]+m[2]]; v != "" {
			return v
		}
		if m[3] != "" {
			return m[3]
		}
		return s
	})
}

// jobImages are those of a workflow: containers of jobs, and actions that are images. What runs
// beside a job has no token.
func jobImages(d *rule.Doc) (out []image) {
	add := func(n *tree.Node, aside bool) {
		if n.Is(tree.Table) {
			n = n.Get("image")
		}
		if n.Is(tree.String) {
			out = append(out, image{strings.TrimPrefix(n.Text, "docker://"), spanOf(d, n), aside})
		}
	}
	root := d.YAML()
	for _, j := range jobs(root) {
		add(j.node.Get("container"), false)
		for _, s := range j.node.Get("services").All() {
			add(s.Value, true)
		}
		for _, s := range j.steps {
			if uses := s.Get("uses"); strings.HasPrefix(uses.Word(), "docker://") {
				add(uses, false)
			}
		}
	}
	if n := root.Get("runs", "image"); strings.HasPrefix(n.Word(), "docker://") {
		add(n, false)
	}
	return out
}

// yamlImages are those of other pipelines, and of containers that run together, where what is
// built beside it is none.
func yamlImages(d *rule.Doc) (out []image) {
	seen := map[*tree.Node]bool{}
	var walk func(n *tree.Node, aside bool)
	walk = func(n *tree.Node, aside bool) {
		if n == nil || seen[n] || len(out) > 1000 {
			return
		}
		seen[n] = true
		for i, x := range n.Items() {
			walk(x, aside || i > 0 && x.Get("image") != nil) // the first of CircleCI's is the job's
		}
		for _, e := range n.All() {
			value := e.Value
			if e.Key == "image" && value.Is(tree.Table) {
				value = value.Get("name")
			}
			if e.Key == "image" && value.Is(tree.String) && n.Get("build") == nil {
				out = append(out, image{value.Text, spanOf(d, value), aside})
				continue
			}
			walk(e.Value, aside || e.Key == "services" && !shell.Compose(d.Name()))
		}
	}
	walk(d.YAML(), false)
	return out
}
