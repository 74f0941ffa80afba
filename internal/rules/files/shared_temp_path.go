package files

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// SharedTempPath looks at calls and settings that make files, and where. The name of the
// folder anywhere else is for auditors.
var SharedTempPath = rule.Check{Kinds: append([]ast.Kind{ast.KindConstant}, conf.Kinds...), Visit: sharedTemp}

// tempDirs are the folders that everybody may write to, unless the option says otherwise.
func tempDirs(p *rule.Pass) []string {
	list, ok := p.Options["tmp_dirs"].([]any)
	if !ok {
		return []string{"/tmp", "/var/tmp", "/dev/shm"}
	}
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok && s != "" {
			out = append(out, s)
		}
	}
	return out
}

func sharedTemp(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Constant:
		if p.Audit {
			tempConstant(p, n)
		}
		return
	case *ast.Call:
		if w, ok := writes(p, n); ok {
			w.report(p)
		}
	}
	conf.Each(p, n, func(name string) bool { return tempSettings[name] || name == "CACHES" }, func(s conf.Setting) {
		if s.Name == "CACHES" {
			fileCaches(p, s)
			return
		}
		if path := follow(p, s.Value, 0); path.shared(p) && !s.Dev {
			p.Report(s.Value, "%s is %q, a fixed name in a folder that every user can write to.", s.Name, path.text).
				With(finding.Medium, finding.MediumConfidence)
		}
	})
}

// tempSettings are settings that name a folder or file that the application writes.
var tempSettings = map[string]bool{
	"UPLOAD_FOLDER": true, "UPLOADED_FILES_DEST": true, "MEDIA_ROOT": true, "SESSION_FILE_DIR": true, "SESSION_FILE_PATH": true, "CACHE_DIR": true,
	"EMAIL_FILE_PATH": true, "FILE_UPLOAD_TEMP_DIR": true, "STATIC_ROOT": true, "LOG_FILE": true, "PRIVATE_STORAGE_ROOT": true,
}

// fileCaches looks at Django's caches in files, which are pickles.
func fileCaches(p *rule.Pass, s conf.Setting) {
	caches, ok := s.Value.(*ast.Dict)
	if !ok || s.Dev {
		return
	}
	for _, v := range caches.Values {
		cache, ok := v.(*ast.Dict)
		if !ok {
			continue
		}
		var location ast.Expr
		files := false
		for i, k := range cache.Keys {
			switch key, _ := p.Str(k); key {
			case "BACKEND":
				backend, _ := p.Str(cache.Values[i])
				files = strings.HasSuffix(backend, ".FileBasedCache")
			case "LOCATION":
				location = cache.Values[i]
			}
		}
		if path := follow(p, location, 0); files && location != nil && path.shared(p) {
			p.Report(location, "The cache's LOCATION is %q, a fixed name in a folder that every user can write to: whoever makes the folder first puts pickles into it, which are programs.", path.text).
				With(finding.Medium, finding.MediumConfidence)
		}
	}
}

// tempConstant reports a literal as Bandit does, unless it is what a call was reported for.
func tempConstant(p *rule.Pass, c *ast.Constant) {
	if c.ConstKind() != ast.Str || len(c.Raw) < 4 || len(c.Raw) > 4096 {
		return
	}
	up := p.Parent(c)
	if _, said := up.(*ast.ExprStmt); said {
		return
	}
	s := c.Str()
	if !slices.ContainsFunc(tempDirs(p), func(dir string) bool { return strings.HasPrefix(s, dir) }) {
		return
	}
	for n := up; n != nil; n = p.Parent(n) {
		if call, ok := n.(*ast.Call); ok {
			if w, ok := writes(p, call); ok && w.at.Start() <= c.Start() && c.End() <= w.at.End() {
				return
			}
		}
		if s, ok := n.(ast.Stmt); ok {
			found := false
			conf.Each(p, s, func(name string) bool { return tempSettings[name] }, func(s conf.Setting) {
				found = found || s.Value == ast.Expr(c) && !s.Dev
			})
			if found && follow(p, c, 0).shared(p) {
				return
			}
			break
		}
	}
	p.Report(c, "This is in a folder that every user can write to.").With(finding.Low, finding.LowConfidence).ForAudit(true)
}

// A write is a call that makes or changes a file, and where.
type write struct {
	at   ast.Expr
	path tempPath
	new  bool // it fails if there is something already
}

func (w write) report(p *rule.Pass) {
	f := p.Report(w.at, "%s is a fixed name in a folder that every user can write to: somebody else can put a file or a link there first.", w.path.text)
	switch {
	case w.path.open:
		f.Message = w.path.text + " is a name that others can guess, in a folder that every user can write to: they can put a file or a link there first."
		f.With(finding.Low, finding.LowConfidence)
	case w.new:
		f.With(finding.Low, finding.MediumConfidence)
	}
	f.ForAudit(ownMachine(p))
}

// ownMachine says whether the file is a function in the cloud, which has /tmp to itself
// and nothing else.
func ownMachine(p *rule.Pass) bool {
	return slices.ContainsFunc(p.Tree.Module.Body, func(s ast.Stmt) bool {
		f, ok := s.(*ast.FunctionDef)
		return ok && (f.Name == "lambda_handler" || len(f.Args.Args) == 2 && f.Args.Args[0].Arg == "event" && f.Args.Args[1].Arg == "context")
	})
}

// writers are the functions that make the file that an argument names; the value is its
// place. Those with a mode are in opens.
var writers = map[string]int{
	"os.mkdir": 0, "os.makedirs": 0, "os.mkfifo": 0, "os.mknod": 0, "os.truncate": 0, "os.symlink": 1, "os.link": 1, "os.rename": 1, "os.replace": 1,
	"shutil.copy": 1, "shutil.copy2": 1, "shutil.copyfile": 1, "shutil.copytree": 1, "shutil.move": 1, "shutil.unpack_archive": 1, "shutil.make_archive": 0,
	"sqlite3.connect": 0, "shelve.open": 0, "dbm.open": 0, "urllib.request.urlretrieve": 1, "urllib.urlretrieve": 1,
	"logging.FileHandler": 0, "logging.handlers.RotatingFileHandler": 0, "logging.handlers.TimedRotatingFileHandler": 0, "logging.handlers.WatchedFileHandler": 0,
	"numpy.save": 0, "numpy.savez": 0, "numpy.savetxt": 0, "torch.save": 1, "joblib.dump": 1, "cv2.imwrite": 0, "matplotlib.pyplot.savefig": 0,
}

// opens are functions with a mode; the value is what they do without.
var opens = map[string]string{
	"builtins.open": "r", "io.open": "r", "codecs.open": "r", "gzip.open": "r", "bz2.open": "r", "lzma.open": "r", "tarfile.open": "r", "zipfile.ZipFile": "r",
	"aiofiles.open": "r", "gzip.GzipFile": "r", "bz2.BZ2File": "r", "lzma.LZMAFile": "r",
}

// saves are methods of whatever object that write to the file that they are given first.
var saves = map[string]bool{
	"to_csv": true, "to_excel": true, "to_parquet": true, "to_json": true, "to_pickle": true, "to_hdf": true, "to_feather": true, "to_html": true,
	"savefig": true, "save": true, "save_pretrained": true, "extractall": true, "write_html": true, "write_image": true, "tofile": true, "save_weights": true,
}

// callees are the last names of all of these: what is called otherwise is not asked for more.
var callees = func() map[string]bool {
	out := map[string]bool{"write_text": true, "write_bytes": true, "touch": true, "mkdir": true, "open": true, "basicConfig": true, "download_file": true}
	for name := range writers {
		out[args.Last(name)] = true
	}
	for name := range opens {
		out[args.Last(name)] = true
	}
	for name := range saves {
		out[name] = true
	}
	return out
}()

// writes says whether a call writes below a shared folder.
func writes(p *rule.Pass, c *ast.Call) (w write, ok bool) {
	callee := args.Callee(c)
	if !callees[callee] && !renamed(p, c) {
		return w, false
	}
	if w.at, w.new = target(p, c, callee); w.at == nil {
		return w, false
	}
	w.path = follow(p, w.at, 0)
	return w, w.path.shared(p)
}

// renamed says whether the function was imported under another name.
func renamed(p *rule.Pass, c *ast.Call) bool {
	n, ok := c.Func.(*ast.Name)
	return ok && callees[args.Last(p.Name(n))]
}

// target is what a call writes to, or nil.
func target(p *rule.Pass, c *ast.Call, callee string) (at ast.Expr, isNew bool) {
	for _, name := range p.Names(c.Func) {
		if place, ok := writers[name]; ok {
			made := name == "os.mkdir" || name == "os.mkfifo" || name == "os.mknod" || name == "os.symlink" || name == "os.link" ||
				name == "os.makedirs" && !args.IsTrue(p.Unit, program.Arg(c, 2, "exist_ok"))
			keyword := [...]string{"path", "dst"}[place]
			if !strings.HasPrefix(name, "os.") && !strings.HasPrefix(name, "shutil.") {
				keyword = "filename"
			}
			return program.Arg(c, place, keyword), made
		}
		if usual, ok := opens[name]; ok {
			if m := program.Arg(c, 1, "mode"); opensToWrite(p, m, usual) {
				return program.Arg(c, 0, "file"), false
			}
			return nil, false
		}
		switch name {
		case "os.open":
			flags := program.Arg(c, 1, "flags")
			if flags == nil {
				return nil, false
			}
			if s := p.Text(flags); (strings.Contains(s, "O_CREAT") || strings.Contains(s, "O_WRONLY") || strings.Contains(s, "O_RDWR")) && !strings.Contains(s, "O_EXCL") && !strings.Contains(s, "O_NOFOLLOW") {
				return program.Arg(c, 0, "path"), false
			}
			return nil, false
		case "logging.basicConfig":
			return program.Arg(c, -1, "filename"), false
		}
	}
	f, method := c.Func.(*ast.Attribute)
	if !method {
		return nil, false
	}
	switch callee {
	case "write_text", "write_bytes":
		return f.Value, false
	case "touch":
		return f.Value, args.IsFalse(p.Unit, program.Arg(c, 1, "exist_ok"))
	case "mkdir":
		return f.Value, !args.IsTrue(p.Unit, program.Arg(c, 2, "exist_ok"))
	case "open":
		if opensToWrite(p, program.Arg(c, 0, "mode"), "r") {
			return f.Value, false // what is put together as a path is one of pathlib
		}
	case "download_file":
		if len(c.Args) == 3 {
			return c.Args[2], false
		}
	}
	if saves[callee] && len(c.Args) > 0 {
		return c.Args[0], false
	}
	return nil, false
}

// opensToWrite says whether a file is opened for writing, and may be there already.
func opensToWrite(p *rule.Pass, mode ast.Expr, usual string) bool {
	if mode != nil {
		usual, _ = p.Str(mode)
	}
	return strings.ContainsAny(usual, "wa+") && !strings.Contains(usual, "x")
}

// A tempPath is what is known of a path.
type tempPath struct {
	text   string
	open   bool // there are parts that are not known
	secret bool // and some that nobody can guess
}

// hole stands for a part that is not known.
const hole = "…"

// shared says whether the path is a name below a shared folder that others can know.
func (t tempPath) shared(p *rule.Pass) bool {
	if t.secret {
		return false
	}
	for _, dir := range tempDirs(p) {
		rest, ok := strings.CutPrefix(t.text, strings.TrimSuffix(dir, "/")+"/")
		if ok && strings.Trim(rest, "/.") != "" && strings.Trim(rest, "/.") != hole {
			return true
		}
	}
	return false
}

// then is the path with more behind it.
func (t tempPath) then(sep string, next tempPath) tempPath {
	switch {
	case sep == "/" && strings.HasPrefix(next.text, "/"):
		return next
	case sep == "/":
		t.text = strings.TrimSuffix(t.text, "/")
	}
	return tempPath{t.text + sep + next.text, t.open || next.open, t.secret || next.secret}
}

// follow reads a path: constants, pathlib's /, join, and texts with something put in.
func follow(p *rule.Pass, e ast.Expr, depth int) tempPath {
	if e == nil || depth > 8 {
		return tempPath{text: hole, open: true}
	}
	if s, ok := p.Str(e); ok {
		return tempPath{text: s}
	}
	switch e := e.(type) {
	case *ast.Name:
		if v := p.Values(e); len(v) == 1 && v[0] != ast.Expr(e) {
			return follow(p, v[0], depth+1)
		}
	case *ast.BinOp:
		if e.Op == ast.Div {
			return follow(p, e.Left, depth+1).then("/", follow(p, e.Right, depth+1))
		}
	case *ast.Call:
		name := p.Name(e.Func)
		switch {
		case name == "os.path.join" || strings.HasPrefix(name, "pathlib.") && strings.HasSuffix(name, "Path"):
			if len(e.Args) == 0 || program.HasStar(e) {
				break
			}
			path := follow(p, e.Args[0], depth+1)
			for _, a := range e.Args[1:] {
				path = path.then("/", follow(p, a, depth+1))
			}
			return path
		case name == "builtins.str" || name == "os.fspath" || name == "os.path.abspath" || name == "os.path.realpath" || name == "os.path.normpath" || name == "os.path.expanduser":
			if len(e.Args) == 1 {
				return follow(p, e.Args[0], depth+1)
			}
		case name == "tempfile.gettempdir":
			if dirs := tempDirs(p); len(dirs) > 0 {
				return tempPath{text: strings.TrimSuffix(dirs[0], "/")}
			}
		case strings.HasPrefix(name, "pathlib.") && args.Callee(e) == "joinpath":
			path := follow(p, e.Func.(*ast.Attribute).Value, depth+1)
			for _, a := range e.Args {
				path = path.then("/", follow(p, a, depth+1))
			}
			return path
		case strings.HasPrefix(name, "pathlib.") && (args.Callee(e) == "resolve" || args.Callee(e) == "absolute" || args.Callee(e) == "expanduser"):
			return follow(p, e.Func.(*ast.Attribute).Value, depth+1)
		}
	}
	t := text.Split(p.Unit, e)
	if len(t.Parts) == 1 && t.Parts[0].Expr != nil {
		return tempPath{hole, true, !guessable(p, e)}
	}
	var path tempPath
	for _, part := range t.Parts {
		if part.Expr == nil {
			path.text += part.Const
			continue
		}
		if len(path.text) == 0 { // f"{folder}/name"
			path = follow(p, part.Expr, depth+1)
			continue
		}
		path = path.then("", tempPath{hole, true, !guessable(p, part.Expr)})
	}
	return path
}

// secretWords are in names of values that others cannot know.
var secretWords = []string{"uuid", "random", "rand", "token", "secret", "tempfile", "mkdtemp", "mkstemp", "urandom", "hash", "digest", "nonce", "tmpdir", "tmp_dir", "temp_dir", "tmp_path", "unique"}

// guessable says whether others can know a part of a name: not if it is random, or what
// a name of that kind holds.
func guessable(p *rule.Pass, e ast.Expr) bool {
	list := []string{p.Text(e)}
	for _, v := range p.Values(e) {
		list = append(append(list, p.Names(v)...), p.Text(v))
	}
	for _, s := range list {
		s = strings.ToLower(s)
		if slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(s, w) }) {
			return false
		}
	}
	return true
}
