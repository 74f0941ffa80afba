package sanitize

import (
	"html"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The attributes that Bleach takes for addresses.
func isAddress(a *attr) bool {
	switch a.space {
	case "":
		switch a.name {
		case "href", "src", "cite", "action", "longdesc", "poster", "background", "datasrc", "dynsrc", "lowsrc", "ping":
			return true
		}
	case "xlink":
		return a.name == "href"
	case "xml":
		return a.name == "base"
	}
	return false
}

// normalise is what Bleach looks at instead of an address: references decoded, and without
// white space, control characters and backticks. It is never written.
func normalise(s string) string {
	s = decode(s)
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c == '`' || c >= 0x7F || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r == '`' || r <= ' ' || 0x7F <= r && r <= 0xA0 || r == '\uFFFD' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	s = strings.ReplaceAll(s, "\u0130", "i\u0307") // as Python does; Go's is one letter
	return strings.ToLower(s)
}

// split is what Python 3.6's urlparse knows of an address: its scheme, and whether it can be
// read at all. A scheme with nothing but digits behind it is taken for a host with a port.
func split(url string) (scheme string, ok bool) {
	if i := strings.IndexByte(url, ':'); i > 0 {
		name, after := url[:i], url[i+1:]
		if schemeChars(name) && (name == "http" || after == "" || strings.Trim(after, "0123456789") != "") {
			scheme, url = name, after
		}
	}
	if strings.HasPrefix(url, "//") {
		host := url[2:]
		if i := strings.IndexAny(host, "/?#"); i >= 0 {
			host = host[:i]
		}
		if strings.Contains(host, "[") != strings.Contains(host, "]") {
			return "", false
		}
		if !hostStays(host) {
			return "", false
		}
	}
	return scheme, true
}

func schemeChars(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !letter(c) && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// hostStays reports whether normal form KC puts none of the characters into a host that
// would end it.
func hostStays(host string) bool {
	ascii := true
	for i := 0; i < len(host); i++ {
		ascii = ascii && host[i] < 0x80
	}
	if ascii {
		return true
	}
	plain := strings.NewReplacer("@", "", ":", "", "#", "", "?", "").Replace(host)
	other := norm.NFKC.String(plain)
	return other == plain || !strings.ContainsAny(other, "/?#@:")
}

// allowedAddress reports whether Bleach keeps an attribute with this address.
func allowedAddress(val string, protocols map[string]bool) bool {
	url := normalise(val)
	scheme, ok := split(url)
	switch {
	case !ok:
		return false
	case scheme != "":
		if !protocols[scheme] {
			return false
		}
	case strings.HasPrefix(url, "#"):
	default:
		head, _, colon := strings.Cut(url, ":")
		if !(colon && protocols[head]) && !protocols["http"] && !protocols["https"] {
			return false
		}
	}
	return !runs(val, protocols)
}

// runs reports whether a browser would run the address, or show it as a page of its own,
// and the protocols do not say that it may. Here Bleach is weaker: it takes javascript:1 for
// a host with a port. val has references.
func runs(val string, protocols map[string]bool) bool {
	switch s := browserScheme(written(val)); s {
	case "javascript", "vbscript", "data":
		return !protocols[s]
	}
	return false
}

// written is what a browser will read where the serializer has written the value: some
// references are escaped on the way, and in single quotes all are.
func written(val string) string {
	if strings.IndexByte(val, '&') < 0 || strings.IndexByte(val, '"') >= 0 && strings.IndexByte(val, '\'') < 0 {
		return val
	}
	return html.UnescapeString(string(escapeBare(nil, val)))
}

// browserScheme is the scheme of an address as browsers read it (the URL Standard), in small
// letters; "" if it has none and is relative. val is decoded.
func browserScheme(val string) string {
	val = strings.TrimLeftFunc(val, func(r rune) bool { return r <= ' ' })
	var b []byte
	for i := 0; i < len(val); i++ {
		switch c := val[i]; {
		case c == '\t' || c == '\n' || c == '\r':
		case c == ':':
			return string(b)
		case letter(c):
			b = append(b, c|0x20)
		case len(b) > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
			b = append(b, c)
		default:
			return ""
		}
	}
	return ""
}

// runsElsewhere is runs for attributes that Bleach lets through without a look.
// In HTML, xlink:href means nothing, but where SVG is allowed the link may end up in it.
func runsElsewhere(t *tok, a *attr, protocols map[string]bool, foreign bool) bool {
	switch a.name {
	case "xlink:href":
		return foreign && runsScript(a.val, protocols)
	case "formaction", "data", "codebase", "classid", "archive", "profile", "usemap", "manifest", "icon", "code", "object", "href", "src":
		return runsScript(a.val, protocols)
	case "srcset", "imagesrcset":
		for _, part := range strings.Split(a.val, ",") {
			if runsScript(part, protocols) {
				return true
			}
		}
	case "values", "to", "from", "by":
		// In SVG, an animation sets the address of a link around it.
		if t.space == "svg" && (strings.HasPrefix(t.name, "animate") || t.name == "set") {
			for _, part := range strings.Split(a.val, ";") {
				if runsScript(part, protocols) {
					return true
				}
			}
			return runsScript(a.val, protocols)
		}
	}
	return false
}

func runsScript(val string, protocols map[string]bool) bool {
	switch s := browserScheme(written(val)); s {
	case "javascript", "vbscript":
		return !protocols[s]
	}
	return false
}
