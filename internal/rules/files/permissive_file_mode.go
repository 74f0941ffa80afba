// Package files has the Go parts of the rules about files.
package files

import (
	"fmt"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// PermissiveFileMode judges the permissions that files and folders are given.
var PermissiveFileMode = rule.Check{Called: modeCalled, Kinds: []ast.Kind{ast.KindCall}, Visit: modeMethod}

// modeArgs are the calls that take a mode, with its position; masked says that the umask
// takes bits away, so that 0o777 is no promise.
var modeArgs = map[string]struct {
	at     int
	masked bool
}{
	"os.chmod": {1, false}, "os.fchmod": {1, false}, "os.lchmod": {1, false}, "os.open": {2, true}, "os.mkdir": {1, true}, "os.makedirs": {1, true},
	"os.mkfifo": {1, true}, "os.mknod": {1, true},
}

// stats are the bits of module stat.
var stats = map[string]int64{
	"S_ISUID": 0o4000, "S_ISGID": 0o2000, "S_ISVTX": 0o1000, "S_IRWXU": 0o700, "S_IRUSR": 0o400, "S_IWUSR": 0o200, "S_IXUSR": 0o100, "S_IRWXG": 0o070,
	"S_IRGRP": 0o040, "S_IWGRP": 0o020, "S_IXGRP": 0o010, "S_IRWXO": 0o007, "S_IROTH": 0o004, "S_IWOTH": 0o002, "S_IXOTH": 0o001,
	"S_IREAD": 0o400, "S_IWRITE": 0o200, "S_IEXEC": 0o100, "S_ENFMT": 0o2000,
}

// mode computes permissions. Of an unknown operand of |, nothing is known but that it
// takes no bit away.
func mode(p *rule.Pass, e ast.Expr, depth int) (bits int64, ok bool) {
	if depth > 12 {
		return 0, false
	}
	if v, ok := p.Const(e); ok {
		return v.Int, v.Kind == ast.Int
	}
	switch e := e.(type) {
	case *ast.BinOp:
		l, lok := mode(p, e.Left, depth+1)
		r, rok := mode(p, e.Right, depth+1)
		if !lok {
			l = 0
		}
		if !rok {
			r = 0
		}
		switch e.Op {
		case ast.BitOr:
			return l | r, lok || rok
		case ast.Add:
			return l + r, lok && rok
		case ast.BitAnd:
			return l & r, lok && rok
		case ast.BitXor:
			return l ^ r, lok && rok
		}
	case *ast.UnaryOp:
		if e.Op == ast.Invert {
			v, ok := mode(p, e.Operand, depth+1)
			return ^v, ok
		}
	case *ast.Name, *ast.Attribute:
		for _, n := range p.Names(e) {
			if name, found := strings.CutPrefix(n, "stat."); found {
				if v, ok := stats[name]; ok {
					return v, true
				}
			}
		}
		if v := p.Values(e); len(v) == 1 && v[0] != e {
			return mode(p, v[0], depth+1)
		}
	}
	return 0, false
}

// modeCalled judges the calls that are known by name.
func modeCalled(p *rule.Pass, c *ast.Call, name string) {
	if name == "os.umask" {
		umask(p, c)
		return
	}
	known := modeArgs[name]
	if at := program.Arg(c, known.at, "mode"); at != nil {
		judgeMode(p, c, at, program.Arg(c, 0, "path"), known.masked)
	}
}

// modeMethod judges methods: those of pathlib, and whatever else is called chmod.
func modeMethod(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		if n, ok := c.Func.(*ast.Name); ok && len(c.Args) == 2 && strings.Contains(n.Ident, "chmod") && modeArgs[p.Name(n)].at == 0 {
			judgeMode(p, c, c.Args[1], c.Args[0], false)
		}
		return
	}
	isChmod := strings.Contains(f.Attr, "chmod")
	if !isChmod && f.Attr != "mkdir" && f.Attr != "touch" {
		return
	}
	name := p.Name(f)
	if _, known := modeArgs[name]; known {
		return
	}
	switch {
	case strings.HasPrefix(name, "pathlib."):
		if at := program.Arg(c, 0, "mode"); at != nil {
			judgeMode(p, c, at, f.Value, !isChmod)
		}
	case isChmod && len(c.Args) == 2:
		judgeMode(p, c, c.Args[1], c.Args[0], false)
	case isChmod && len(c.Args) == 1:
		judgeMode(p, c, c.Args[0], f.Value, false)
	}
}

func judgeMode(p *rule.Pass, c *ast.Call, at, path ast.Expr, masked bool) {
	if raw, ok := at.(*ast.Constant); ok && raw.ConstKind() == ast.Int && len(raw.Raw) >= 3 && len(raw.Raw) <= 4 && raw.Raw[0] != '0' && strings.Trim(raw.Raw, "01234567") == "" && raw.Raw != "511" {
		p.Report(c, "%s is a decimal number here, the mode %#o; 0o%s is meant.", raw.Raw, raw.Int().Int64(), raw.Raw).
			With(finding.Medium, finding.HighConfidence).ReviewFix("write the mode in octal", p.Replace(raw, "0o"+raw.Raw))
		return
	}
	bits, ok := mode(p, at, 0)
	if !ok || bits < 0 {
		return
	}
	shown := fmt.Sprintf("%#o", bits&0o7777)
	shown = "0o" + strings.TrimPrefix(shown, "0")
	switch {
	case bits&0o002 != 0 && !masked && bits&0o1000 == 0:
		f := p.Report(c, "Mode %s lets every user of the machine change this.", shown)
		if _, lit := at.(*ast.Constant); lit {
			f.ReviewFix("take writing from group and others", p.Replace(at, fmt.Sprintf("0o%o", bits&^0o022)))
		}
	case bits&0o044 != 0 && !masked && private(p, path):
		f := p.Report(c, "Mode %s lets others read a file whose name says that it is secret.", shown).With(finding.Medium, finding.MediumConfidence)
		if _, lit := at.(*ast.Constant); lit {
			f.ReviewFix("leave it to its owner", p.Replace(at, fmt.Sprintf("0o%o", bits&0o700)))
		}
	case bits&0o002 != 0:
		p.Report(c, "Mode %s lets others change this, unless the umask takes the bit away.", shown).ForAudit(true).With(finding.Low, finding.LowConfidence)
	case bits&0o031 != 0:
		p.Report(c, "Mode %s lets a group change this, or others run it.", shown).ForAudit(true).With(finding.Low, finding.MediumConfidence)
	}
}

// secrets are words in names of files that nobody else should read.
var secrets = []string{"private", "secret", "id_rsa", "id_ed25519", "id_ecdsa", ".pem", ".key", "keyfile", "key_file", "password", "passwd", "credential", "token", "shadow", ".netrc", ".pgpass", "authorized_keys"}

// private says whether a path's text, or the name it is held in, is a secret's.
func private(p *rule.Pass, path ast.Expr) bool {
	if path == nil {
		return false
	}
	s := strings.ToLower(p.Text(path))
	if v, ok := p.Str(path); ok {
		s += " " + strings.ToLower(v)
	}
	if strings.Contains(s, "public") || strings.Contains(s, ".pub") || strings.Contains(s, "/etc/passwd") {
		return false
	}
	for _, w := range secrets {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// umask judges os.umask: a mask without the bits of others, unless it is only asked for
// the old one and put back.
func umask(p *rule.Pass, c *ast.Call) {
	if len(c.Args) != 1 {
		return
	}
	v, ok := mode(p, c.Args[0], 0)
	if !ok || v&0o002 != 0 {
		return
	}
	if a, ok := p.Parent(c).(*ast.Assign); ok && len(a.Targets) == 1 && restored(p, a) {
		return
	}
	if outer, ok := p.Parent(c).(*ast.Call); ok && p.Is(outer.Func, "os.umask") {
		return
	}
	p.Report(c, "With this umask every file that is created from now on can be changed by all users of the machine.").
		With(finding.Medium, finding.HighConfidence).Advise("os.umask(0o077)").
		ReviewFix("keep the group and others out", p.Replace(c.Args[0], "0o077"))
}

// restored says whether the next statement puts the old mask back.
func restored(p *rule.Pass, a *ast.Assign) bool {
	want := p.Text(a.Targets[0])
	found, next := false, false
	visit := func(n ast.Node) {
		if next {
			next = false
			if s, ok := n.(*ast.ExprStmt); ok {
				if c, ok := s.Value.(*ast.Call); ok && len(c.Args) == 1 && p.Is(c.Func, "os.umask") && p.Text(c.Args[0]) == want {
					found = true
				}
			}
		}
		if n.ID() == a.ID() {
			next = true
		}
	}
	ast.Children(p.Parent(a), visit)
	return found
}
