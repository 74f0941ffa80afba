package coding

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// What the rules about addresses in clear text share: where addresses are fetched, what
// is constant of them, and whether the way there leaves one's own network.

var addresses = args.Places("url.fetch")

// A fetch is an address with a constant scheme and host that a call connects to.
type fetch struct {
	call    *ast.Call
	at      ast.Expr // where the address is written down
	host    string   // without user and port
	user    bool     // a user's name or password stands in the address
	carried string   // what the request carries that opens a door, or ""
	path    string   // what follows, as far as it is constant
	deflt   bool     // it is a parameter's default, so that callers may say something else
}

// fetches lists the file's calls that are given an address of the scheme, each address
// once: it is written in one place, and is repaired there.
func fetches(p *rule.Pass, scheme string) []fetch {
	seen := map[string]int{} // place in out, counted from 1
	var out []fetch
	for n := range p.Tree.Of(ast.KindCall) {
		c := n.(*ast.Call)
		if !p.Live(c) {
			continue
		}
		for _, place := range addresses(p.Unit, c) {
			if strings.HasPrefix(place.Argument, "prox") {
				continue // what goes through a proxy may be encrypted all the same
			}
			f, ok := addressOf(p, place.Value, scheme)
			if !ok {
				continue
			}
			key := f.host
			if strings.Contains(p.Text(f.at), "://") {
				key = strconv.Itoa(int(f.at.ID()))
			}
			f.call, f.carried = c, credential(p, c)
			if f.carried == "" && f.user {
				f.carried = "the password"
			}
			switch at := seen[key]; {
			case at == 0:
				out = append(out, f)
				seen[key] = len(out)
			case f.carried != "" && out[at-1].carried == "":
				out[at-1] = f // the worst use counts
			}
		}
	}
	return out
}

// addressOf reads an address as far as it is constant: scheme and host must be.
func addressOf(p *rule.Pass, e ast.Expr, scheme string) (fetch, bool) {
	f := fetch{}
	e = f.follow(p, e)
	t := text.Split(p.Unit, e)
	f.at = f.beginning(p, e)
	for range 4 { // self.root + "/prices", or what a parameter is by default
		if len(t.Parts) == 0 || t.Parts[0].Expr == nil {
			break
		}
		first := f.follow(p, t.Parts[0].Expr)
		if first == t.Parts[0].Expr {
			break
		}
		f.at = f.beginning(p, first)
		t.Parts = append(text.Split(p.Unit, first).Parts, t.Parts[1:]...)
	}
	if len(t.Parts) == 0 || t.Parts[0].Expr != nil {
		return f, false
	}
	rest := t.String()
	if len(rest) < len(scheme) || !strings.EqualFold(rest[:len(scheme)], scheme) {
		return f, false
	}
	host, path := rest[len(scheme):], ""
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host, path = host[:end], host[end:]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		f.user, host = i > 0, host[i+1:]
	}
	if known, rest, put := strings.Cut(host, text.Hole); put {
		// A port, or a path where nothing more follows; http://api.{zone}/ does not tell the host.
		ends := rest == "" && path == "" && !strings.HasSuffix(known, ".") && !strings.HasSuffix(known, "-")
		if !strings.HasSuffix(known, ":") && !ends {
			return f, false
		}
		host = known
	}
	f.path = path
	f.host = strings.ToLower(host)
	if strings.HasPrefix(f.host, "[") {
		f.host, _, _ = strings.Cut(f.host[1:], "]")
	} else {
		f.host, _, _ = strings.Cut(f.host, ":")
	}
	return f, true
}

// follow goes from names to what they were given.
func (f *fetch) follow(p *rule.Pass, e ast.Expr) ast.Expr {
	for range 4 {
		if d := parameterDefault(p, e); d != nil {
			e, f.deflt = d, true
		} else if v := p.Values(e); len(v) == 1 && v[0] != e {
			e = v[0]
		} else if v := ownAttribute(p, e); v != nil {
			e = v
		} else {
			break
		}
	}
	return e
}

// ownAttribute is what a class gives self.name, if it does so once.
func ownAttribute(p *rule.Pass, e ast.Expr) ast.Expr {
	a, ok := e.(*ast.Attribute)
	if !ok {
		return nil
	}
	self, ok := a.Value.(*ast.Name)
	class := p.Class(e)
	if !ok || self.Ident != "self" || class == nil {
		return nil
	}
	var found []ast.Expr
	p.Inside(class, func(n ast.Node) bool {
		if s, ok := n.(*ast.Assign); ok {
			for _, t := range s.Targets {
				if x, ok := t.(*ast.Attribute); ok && x.Attr == a.Attr {
					found = append(found, s.Value)
				}
			}
		}
		return len(found) < 2
	})
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// beginning is what an address begins with, where it is written down.
func (f *fetch) beginning(p *rule.Pass, e ast.Expr) ast.Expr {
	for range 8 {
		switch x := e.(type) {
		case *ast.BinOp:
			if x.Op != ast.Add {
				return e
			}
			e = f.follow(p, x.Left)
		case *ast.JoinedStr:
			if len(x.Values) == 0 {
				return e
			}
			first, ok := x.Values[0].(*ast.FormattedValue)
			if !ok {
				return e
			}
			e = f.follow(p, first.Value)
		default:
			return e
		}
	}
	return e
}

// ownZones are ends of names that no public server has, or that are reached encrypted.
var ownZones = []string{".local", ".localhost", ".internal", ".test", ".invalid", ".example", ".lan", ".home", ".corp", ".intranet", ".private", ".home.arpa", ".svc", ".localdomain", ".onion", ".i2p"}

// public says whether the way to a host leaves one's own machine and network, as far as
// the host's name or number tells.
func public(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		return !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() && !a.IsMulticast() && !documentation(a)
	}
	if !strings.Contains(host, ".") || strings.ContainsAny(host, " %{}$<>*_\\") {
		return false // a service beside this one, or no host at all
	}
	for _, zone := range ownZones {
		if strings.HasSuffix(host, zone) {
			return false
		}
	}
	return true
}

// documentation says that nobody has this address: RFC 5737, and the shared ones of
// providers' own networks.
func documentation(a netip.Addr) bool {
	for _, s := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "100.64.0.0/10", "2001:db8::/32"} {
		if netip.MustParsePrefix(s).Contains(a) {
			return true
		}
	}
	return false
}

// credential names what a request carries that opens a door, or "".
func credential(p *rule.Pass, c *ast.Call) string {
	for _, k := range c.Keywords {
		switch k.Arg {
		case "auth", "http_auth", "basic_auth", "proxy_auth":
			if !args.IsNone(p.Unit, k.Value) {
				return "the password"
			}
		case "headers", "cookies", "json", "data", "params", "fields", "body":
			for _, v := range p.Values(k.Value) {
				d, ok := v.(*ast.Dict)
				if !ok {
					continue
				}
				if k.Arg == "cookies" && len(d.Keys) > 0 {
					return "the cookies"
				}
				for _, key := range d.Keys {
					s, _ := p.Str(key)
					l := strings.ToLower(s)
					switch {
					case l == "authorization" || l == "cookie" || l == "x-api-key" || l == "x-auth-token":
						return s
					case k.Arg != "headers" && (secret.Of(s) == secret.Password || secret.Of(s) == secret.Key):
						return s
					}
				}
			}
		}
	}
	return ""
}

// programs are ends of names of files that are run, or that become objects.
var programs = []string{".exe", ".msi", ".sh", ".py", ".whl", ".egg", ".deb", ".rpm", ".jar", ".dmg", ".pkg", ".apk", ".pkl", ".pickle", ".pth", ".pt", ".so", ".dll", ".bat", ".ps1"}

// runnable says whether the address is that of a file that is run.
func runnable(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	for _, end := range programs {
		if strings.HasSuffix(strings.ToLower(path), end) {
			return true
		}
	}
	return false
}

// clear reports a fetch in clear text, by what can come of it.
func clear(p *rule.Pass, f fetch, what string) *rule.Found {
	var found *rule.Found
	switch {
	case f.carried != "":
		found = p.Report(f.call, "%s goes to %s over %s, readable for everybody on the way.", capitalised(f.carried), f.host, what).With(finding.High, finding.HighConfidence)
	case runnable(f.path):
		found = p.Report(f.call, "%s is fetched over %s: whoever sits on the way gives this machine another one.", f.path[strings.LastIndexByte(f.path, '/')+1:], what).With(finding.Medium, finding.HighConfidence)
	default:
		found = p.Report(f.call, "What goes to %s and comes from there over %s can be read and changed on the way.", f.host, what).With(finding.Low, finding.HighConfidence)
	}
	if f.deflt {
		found.Confidence = finding.MediumConfidence
	}
	if f.at.Start() < f.call.Start() || f.at.Start() >= f.call.End() {
		found.Because(f.at, "The address is written here.")
	}
	return found
}

func capitalised(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
