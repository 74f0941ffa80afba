// Package manifest reads what a project says it needs: requirements files, project files and
// lock files, each in the format's own words and without running or resolving anything.
//
// Whatever a file says of a package becomes a Package with the line that says it. What the
// version is, is one of three things and never guessed: exactly one, one of a range, or not
// known. Every line of a file is accounted for: what is no package is an option, an include
// or a problem.
package manifest

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
)

// A State says what is known of a package's version.
type State uint8

// The states.
const (
	Unknown State = iota // nothing: a file, a repository, any version
	Range                // some version that fits
	Exact                // this one
)

func (s State) String() string { return [...]string{"unknown", "range", "exact"}[s] }

// A Place is where in a file something is said; lines and columns begin with 1.
type Place = tree.Place

// A Package is one that a file asks for, or has installed.
type Package struct {
	Name       string // as it is compared (PEP 503)
	Written    string // as the file has it
	State      State
	Version    pep440.Version // if Exact
	Specifiers pep440.Set     // if Range; none where PEP 440 cannot say it, as "^1 || ^3", and then Why has the words
	Extras     []string
	Marker     pep508.Marker // when it is needed at all
	Groups     []string      // "dev", "extra:tests", "build"; none is what the project always needs
	From       Origin
	URL        string   // of the origin, without what is secret in it
	Hashes     []string // "sha256:…"
	Needs      []string // names of the packages that it needs in turn, where a lock file says so
	Locked     bool     // from a lock file, or installed: somebody has chosen the version
	Why        string   // why the version is not known, for people
	In         string   // the file that says so, below File.Path, if that is a folder
	At         Place
}

// An Origin is where a package comes from.
type Origin uint8

// The origins.
const (
	Index    Origin = iota // an index such as PyPI
	URL                    // an archive at an address
	VCS                    // a repository
	Path                   // a file or folder of the machine
	Editable               // a folder that is installed as it is
	Project                // the project itself, or a part of it
	Conda                  // a channel of conda, where names and versions are those of conda
)

func (o Origin) String() string {
	return [...]string{"index", "url", "vcs", "path", "editable", "project", "conda"}[o]
}

// An Option is a setting that a file makes for its tool, in the words of pip: --extra-index-url.
type Option struct {
	Name, Value string
	At          Place
	Tool        string // poetry, pipenv, pdm, uv; "" is pip
	Order       Order  // of an index
	Bound       bool   // the file says of some packages that they come from this index alone
}

// An Order is how a tool takes to an index beside others.
type Order uint8

// The orders.
const (
	Alike Order = iota // all are asked, and the highest version wins
	First              // they are asked in turn, and the first that has the name wins
	Last               // it is asked for what the others do not have
	Named              // it is asked for packages alone that the file names for it
)

func (o Order) String() string { return [...]string{"alike", "first", "last", "named"}[o] }

// A Problem is something in a file that was not understood.
type Problem = tree.Problem

// A File is what one file says.
type File struct {
	Path     string
	Format   string // "requirements", "poetry.lock": see Formats
	Lock     bool
	Packages []Package
	Options  []Option
	Includes []Include
	Problems []Problem
	Lines    int // that say something
}

// An Include is another file that belongs to this one.
type Include struct {
	Path       string // relative to the root, cleaned; "" if it leads out of it or to the network
	Written    string
	Constraint bool     // it only limits versions
	Groups     []string // for which it counts, as with packages
	At         Place
}

// A format is one kind of file. Each has a file of its own here, which adds it.
type format struct {
	name string
	lock bool
	is   func(p string) bool // by the path
	read func(f *File, data []byte)
}

var formats []format

func add(f format) { formats = append(formats, f) }

// Is names the format of a file by its path, or is "".
func Is(p string) string {
	if f := find(p); f != nil {
		return f.name
	}
	return ""
}

func find(p string) *format {
	for i := range formats {
		if formats[i].is(p) {
			return &formats[i]
		}
	}
	return nil
}

// MaxSize is the size above which a file is not read: 64 MB. The largest lock file of eight
// public projects has one.
const MaxSize = 64 << 20

// Read reads a file by the format that its path tells, or by the one that is named. A format
// that does not exist is a problem of the file.
func Read(p, as string, data []byte) *File {
	f := &File{Path: p}
	x := find(p)
	if as != "" {
		x = nil
		for i := range formats {
			if formats[i].name == as {
				x = &formats[i]
			}
		}
	}
	switch {
	case x == nil:
		f.problem(Place{Line: 1, Column: 1}, "nothing here reads a file of this name")
		return f
	case len(data) > MaxSize:
		f.problem(Place{Line: 1, Column: 1}, "too large to be a list of packages")
		return f
	}
	f.Format, f.Lock = x.name, x.lock
	x.read(f, data)
	return f
}

// Formats lists the names of the formats.
func Formats() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.name)
	}
	slices.Sort(out)
	return out
}

func (f *File) problem(at Place, message string) {
	if len(f.Problems) < 1000 {
		f.Problems = append(f.Problems, Problem{At: at, Message: withoutSecret(strings.ToValidUTF8(message, "?"))})
	}
}

// base says whether a path's last part is one of these.
func base(names ...string) func(string) bool {
	return func(p string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			dir, ok := strings.CutSuffix(p, name)
			return ok && (dir == "" || dir[len(dir)-1] == '/')
		})
	}
}

// require makes a package of a requirement in words.
func (f *File) require(text string, at Place, groups ...string) *Package {
	r, err := pep508.Parse(text)
	if err != nil {
		f.problem(at, err.Error())
		return nil
	}
	p := fromRequirement(r)
	p.At, p.Groups = at, groups
	return f.put(p)
}

func fromRequirement(r pep508.Requirement) Package {
	p := Package{Name: pep508.Normalise(r.Name), Written: r.Name, Extras: r.Extras, Marker: r.Marker, Specifiers: r.Specifiers}
	if r.URL != "" {
		p.place(r.URL)
		return p
	}
	p.specify(r.Specifiers)
	return p
}

// specify sets the version by what versions will do.
func (p *Package) specify(s pep440.Set) {
	p.Specifiers = s
	switch v, ok := s.Pinned(); {
	case ok:
		p.State, p.Version = Exact, v
	case len(s) > 0:
		p.State, p.Why = Range, "the file allows "+s.String()
	default:
		p.State, p.Why = Unknown, "the file allows any version"
	}
}

// pin sets the version to one, as lock files write it.
func (p *Package) pin(version string) bool {
	v, err := pep440.Parse(version)
	if err != nil {
		p.State, p.Why = Unknown, "its version "+quoted(version)+" is none by PEP 440"
		return false
	}
	p.State, p.Version = Exact, v
	return true
}

// place sets the origin by an address. A wheel's or an sdist's name tells the version.
func (p *Package) place(address string) {
	p.URL = withoutSecret(address)
	p.State, p.Why = Unknown, "it comes from "+p.URL
	p.Hashes = append(p.Hashes, fragmentHash(address)...)
	switch scheme, _, ok := strings.Cut(address, "://"); {
	case ok && strings.Contains(scheme, "+"):
		p.From = VCS
		return
	case !ok || scheme == "file":
		p.From = Path
	default:
		p.From = URL
	}
	if name, version, ok := archiveName(path.Base(strings.SplitN(strings.SplitN(address, "#", 2)[0], "?", 2)[0])); ok {
		if p.Name == "" {
			p.Name, p.Written = pep508.Normalise(name), name
		}
		if pep508.Normalise(name) == p.Name && p.pin(version) {
			p.Why = ""
		}
	}
}

// fragmentHash is the hash that an address can have behind its #.
func fragmentHash(address string) []string {
	_, fragment, _ := strings.Cut(address, "#")
	for part := range strings.SplitSeq(fragment, "&") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "sha256", "sha384", "sha512", "sha1", "md5", "sha224":
			if value != "" {
				return []string{name + ":" + value}
			}
		}
	}
	return nil
}

// archiveName takes the name of a wheel or a source archive apart.
func archiveName(file string) (name, version string, ok bool) {
	if stem, ok := strings.CutSuffix(file, ".whl"); ok {
		parts := strings.Split(stem, "-")
		if len(parts) < 5 {
			return "", "", false
		}
		return parts[0], parts[1], true
	}
	for _, ext := range []string{".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"} {
		if stem, found := strings.CutSuffix(file, ext); found {
			i := strings.LastIndexByte(stem, '-')
			if i <= 0 {
				return "", "", false
			}
			if _, err := pep440.Parse(stem[i+1:]); err != nil {
				return "", "", false
			}
			return stem[:i], stem[i+1:], true
		}
	}
	return "", "", false
}

// withoutSecret takes a user and a password out of an address.
func withoutSecret(address string) string {
	i := strings.Index(address, "://")
	if i < 0 {
		return address
	}
	rest := address[i+3:]
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 || !strings.Contains(rest[:at], ":") && strings.HasSuffix(address[:i], "ssh") {
		return address
	}
	return address[:i+3] + "…@" + rest[at+1:]
}

// only adds that the package is needed where the marker says, too. What is no marker is a
// problem, and the package is taken to be needed always.
func (f *File) only(p *Package, marker string, at Place) {
	if strings.TrimSpace(marker) == "" {
		return
	}
	m, err := pep508.ParseMarker(marker)
	if err == nil && !p.Marker.Empty() {
		m, err = pep508.ParseMarker("(" + p.Marker.String() + ") and (" + m.String() + ")")
	}
	if err != nil {
		f.problem(at, err.Error())
		return
	}
	p.Marker = m
}

// Bounds of what one file can say. A lock file of a megabyte has 276 packages.
const (
	maxPackages = 200_000
	maxLines    = 1_000_000
)

// full says that a file says more than anybody reads. It is asked where a short file can say
// much, by aliases of YAML and the like.
func (f *File) full() bool {
	if f.Lines < maxLines && len(f.Packages) < maxPackages {
		return false
	}
	if n := len(f.Problems); n == 0 || f.Problems[n-1].Message != tree.TooMuch {
		f.Problems = append(f.Problems[:min(n, 1000)], Problem{At: Place{Line: 1, Column: 1}, Message: tree.TooMuch})
	}
	return true
}

// put adds a package.
func (f *File) put(p Package) *Package {
	if f.full() {
		return &p
	}
	if p.From == Path || p.From == Editable {
		if p.URL == "." || p.URL == "./" {
			p.From, p.Why = Project, "it is the project itself"
		}
	}
	f.Packages = append(f.Packages, p)
	return &f.Packages[len(f.Packages)-1]
}

// requirements reads a list of requirements.
func (f *File) requirements(list *tree.Node, groups ...string) {
	if list != nil && !list.Is(tree.List) {
		f.problem(list.At, "a list of requirements should be here")
	}
	for _, n := range list.Items() {
		f.Lines++
		if !n.Is(tree.String) {
			f.problem(n.Where(), "a requirement should be here, in quotes")
			continue
		}
		f.require(n.Text, n.At, groups...)
	}
}

// isOwn turns what a project asks of itself, mypackage[extra], into what it is.
func (f *File) isOwn(name string) {
	if name = pep508.Normalise(name); name == "" {
		return
	}
	for i := range f.Packages {
		if p := &f.Packages[i]; p.Name == name && p.From == Index {
			p.From, p.State, p.Why = Project, Unknown, "it is the project itself"
		}
	}
}

// index notes where packages are looked for, in the words of pip.
func (f *File) index(o Option, first, verify bool) {
	url := o.Value
	if url == "" {
		return
	}
	o.Name, o.Value = "--extra-index-url", withoutSecret(url)
	if first {
		o.Name = "--index-url"
	}
	f.Options = append(f.Options, o)
	if _, rest, ok := strings.Cut(url, "://"); ok && !verify {
		host, _, _ := strings.Cut(rest, "/")
		f.Options = append(f.Options, Option{Name: "--trusted-host", Value: host[strings.LastIndexByte(host, '@')+1:], At: o.At, Tool: o.Tool})
	}
}

// sorted is the names without doubles, in order.
func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

func quoted(s string) string { return tree.Quoted(s) }

// oneOrMany are the values of a list, or the one that stands for a list of one.
func oneOrMany(n *tree.Node) []*tree.Node {
	if n.Is(tree.List) {
		return n.Items()
	}
	return []*tree.Node{n}
}

// What a file says in TOML, JSON or YAML, with what is wrong in it.

func (f *File) toml(data []byte) *tree.Node { return f.tomlPart(data, Place{}) }

func (f *File) tomlPart(data []byte, shift Place) *tree.Node { return f.noted(tree.TOML(data, shift)) }

func (f *File) json(data []byte) *tree.Node { return f.noted(tree.JSON(data)) }

func (f *File) yaml(data []byte) *tree.Node { return f.noted(tree.YAML(data)) }

func (f *File) noted(n *tree.Node, wrong []tree.Problem) *tree.Node {
	for _, p := range wrong {
		f.problem(p.At, p.Message)
	}
	return n
}
