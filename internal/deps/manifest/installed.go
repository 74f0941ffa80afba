package manifest

import (
	"bufio"
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

// maxMetadata of one installed package. Most of it is the package's description.
const maxMetadata = 4 << 20

// Installed reads what is installed in a folder, site-packages of an environment above all.
// Package.In is the file that says so.
func Installed(fsys fs.FS) *File {
	f := &File{Path: ".", Format: "installed", Lock: true}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		f.problem(Place{Line: 1, Column: 1}, err.Error())
	}
	for _, e := range entries {
		name := e.Name()
		switch ext := path.Ext(name); {
		case ext == ".dist-info" && e.IsDir():
			f.distribution(fsys, name+"/METADATA", name)
		case ext == ".egg-info" && e.IsDir():
			f.distribution(fsys, name+"/PKG-INFO", name)
		case ext == ".egg-info":
			f.distribution(fsys, name, "")
		case ext == ".egg" && e.IsDir():
			f.distribution(fsys, name+"/EGG-INFO/PKG-INFO", name+"/EGG-INFO")
		case ext == ".egg-link":
			f.Lines++
			data, err := readSome(fsys, name)
			if err != nil {
				f.problem(Place{Line: 1, Column: 1}, name+": "+err.Error())
				continue
			}
			where, _, _ := strings.Cut(string(data), "\n")
			written := strings.TrimSuffix(name, ext)
			f.put(Package{Name: pep508.Normalise(written), Written: written, From: Editable, URL: strings.TrimSpace(where), Why: "it is a folder of its own", Locked: true, In: name, At: Place{Line: 1, Column: 1}})
		}
	}
	return f
}

func readSome(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxMetadata {
		return nil, fs.ErrInvalid
	}
	return fs.ReadFile(fsys, name)
}

// distribution reads the metadata of one package, and of a wheel where it came from.
func (f *File) distribution(fsys fs.FS, file, dir string) {
	f.Lines++
	data, err := readSome(fsys, file)
	if err != nil {
		f.problem(Place{Line: 1, Column: 1}, file+": "+err.Error())
		return
	}
	p := Package{Locked: true, In: file, At: Place{Line: 1, Column: 1}, Why: "its metadata has no version"}
	scanner := bufio.NewScanner(bytes.NewReader(data))
	scanner.Buffer(nil, maxMetadata+1)
	for n := 1; scanner.Scan() && scanner.Text() != "" && scanner.Text() != "\r"; n++ {
		key, value, ok := strings.Cut(scanner.Text(), ":")
		if value = strings.TrimSpace(value); !ok || strings.HasPrefix(key, " ") {
			continue // a line that goes on
		}
		switch strings.ToLower(key) {
		case "name":
			p.Name, p.Written = pep508.Normalise(value), value
		case "version":
			if p.At = (Place{Line: n, Column: 1}); p.pin(value) {
				p.Why = ""
			}
		case "requires-dist":
			f.needs(&p, value, file, n)
		}
	}
	if dir != "" {
		if data, err := readSome(fsys, dir+"/requires.txt"); err == nil { // of eggs
			for i, l := range strings.Split(string(data), "\n") {
				if l = strings.TrimSpace(l); strings.HasPrefix(l, "[") {
					break // extras, and what depends on the machine
				} else if l != "" {
					f.needs(&p, l, dir+"/requires.txt", i+1)
				}
			}
		}
	}
	p.Needs = sorted(p.Needs)
	if p.Name == "" {
		f.problem(Place{Line: 1, Column: 1}, file+" names no package")
		return
	}
	if dir != "" {
		if data, err := readSome(fsys, dir+"/direct_url.json"); err == nil {
			f.directURL(&p, data, dir+"/direct_url.json")
		}
	}
	f.put(p)
}

// needs notes what a package asks for, without its extras.
func (f *File) needs(p *Package, text, file string, line int) {
	r, err := pep508.Parse(text)
	if err != nil {
		f.problem(Place{Line: line, Column: 1}, file+": "+err.Error())
		return
	}
	if !r.Marker.Uses("extra") || r.Marker.Eval(pep508.Environment{"extra": ""}) != pep508.False {
		p.Needs = append(p.Needs, pep508.Normalise(r.Name))
	}
}

// directURL reads where a package came from if not from an index (PEP 610). The version is
// known all the same: it is installed.
func (f *File) directURL(p *Package, data []byte, file string) {
	sub := &File{}
	doc := sub.json(data)
	for _, x := range sub.Problems {
		f.problem(x.At, file+": "+x.Message)
	}
	where := doc.Str("url")
	if where == "" {
		return
	}
	p.URL = withoutSecret(where)
	switch {
	case doc.Get("vcs_info") != nil:
		p.From, p.URL = VCS, doc.Str("vcs_info", "vcs")+"+"+p.URL
		if id := doc.Str("vcs_info", "commit_id"); id != "" {
			p.URL += "@" + id
		}
	case doc.True("dir_info", "editable"):
		p.From = Editable
	case strings.HasPrefix(where, "file:"):
		p.From = Path
	default:
		p.From = URL
	}
	for _, e := range doc.All("archive_info", "hashes") {
		p.Hashes = append(p.Hashes, e.Key+":"+e.Value.Str())
	}
	if name, value, ok := strings.Cut(doc.Str("archive_info", "hash"), "="); ok && p.Hashes == nil {
		p.Hashes = []string{name + ":" + value}
	}
}
