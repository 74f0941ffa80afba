package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A matcher finds addresses in text as Bleach's two regular expressions do, from left to
// right, each place looked at a fixed number of times. The originals take quadratic time: 20 KB
// of the letter a keep them for 8.6 seconds.
type matcher struct {
	tlds   map[string]bool
	mail   map[string]int // rank: the first in the list that fits is taken
	longT  int            // length of the longest one, in letters
	longM  int
	protos map[string]bool
	longP  int
}

const topDomains = `ac ad ae aero af ag ai al am an ao aq ar arpa as asia at au aw ax az ba bb bd be bf bg bh bi biz bj
	bm bn bo br bs bt bv bw by bz ca cat cc cd cf cg ch ci ck cl cm cn co com coop cr cu cv cx cy cz de dj dk dm do dz
	ec edu ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gov gp gq gr gs gt gu gw gy hk hm hn hr
	ht hu id ie il im in info int io iq ir is it je jm jo jobs jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls
	lt lu lv ly ma mc md me mg mh mil mk ml mm mn mo mobi mp mq mr ms mt mu museum mv mw mx my mz na name nc ne net nf
	ng ni nl no np nr nu nz om org pa pe pf pg ph pk pl pm pn post pr pro ps pt pw py qa re ro rs ru rw sa sb sc sd se
	sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tel tf tg th tj tk tl tm tn to tp tr travel tt tv tw tz ua
	ug uk us uy uz va vc ve vg vi vn vu wf ws xn xxx ye yt yu za zm zw`

const linkProtocols = `ed2k ftp http https irc mailto news gopher nntp telnet webcal xmpp callto feed urn aim rsync tag
	ssh sftp rtsp afs data`

func newMatcher(l *Linkify) matcher {
	tlds, mail, protos := l.TLDs, l.EmailTLDs, l.Protocols
	if tlds == nil {
		tlds = strings.Fields(topDomains)
	}
	if mail == nil {
		mail = strings.Fields(topDomains)
		for i, j := 0, len(mail)-1; i < j; i, j = i+1, j-1 {
			mail[i], mail[j] = mail[j], mail[i] // so that com is tried before co
		}
	}
	if protos == nil {
		protos = strings.Fields(linkProtocols)
	}
	m := matcher{tlds: map[string]bool{}, mail: map[string]int{}, protos: map[string]bool{}}
	for _, s := range tlds {
		m.tlds[strings.ToLower(s)] = true
		m.longT = max(m.longT, len(s))
	}
	for i, s := range mail {
		if s = strings.ToLower(s); m.mail[s] == 0 {
			m.mail[s] = i + 1
		}
		m.longM = max(m.longM, len(s))
	}
	for _, s := range protos {
		m.protos[strings.ToLower(s)] = true
		m.longP = max(m.longP, len(s))
	}
	return m
}

func runeAt(s string, i int) (rune, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

func runeBefore(s string, i int) rune {
	if i == 0 {
		return -1
	}
	if c := s[i-1]; c < utf8.RuneSelf {
		return rune(c)
	}
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return r
}

// word is \w of Python's regular expressions.
func word(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// blank is \s of Python's regular expressions.
func blank(r rune) bool {
	return r == ' ' || '\t' <= r && r <= '\r' || 0x1C <= r && r <= 0x1F || r > 0x7F && unicode.IsSpace(r)
}

// fold makes letters small as Python's regular expressions compare them.
func fold(r rune) rune {
	switch r {
	case 'ſ':
		return 's'
	case 'K':
		return 'k'
	case 'İ', 'ı':
		return 'i'
	}
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	if r < utf8.RuneSelf {
		return r
	}
	return unicode.ToLower(r)
}

// boundary is \b.
func boundary(s string, i int) bool {
	before := i > 0 && word(runeBefore(s, i))
	after := false
	if i < len(s) {
		r, _ := runeAt(s, i)
		after = word(r)
	}
	return before != after
}

// A stretch is labels with one point between each: where it ends, the last point before a top
// domain that counts, and where an address with that top domain ends.
type stretch struct {
	from, to  int
	point     int // -1: there is none
	hostEnd   int
	validated bool
}

// stretchAt is the stretch that begins at i.
func (m *matcher) stretchAt(s string, i int) stretch {
	h := stretch{from: i, point: -1}
	label := i
	for {
		j := label
		for j < len(s) {
			r, n := runeAt(s, j)
			if !word(r) && r != '-' {
				break
			}
			j += n
		}
		if j == label { // an empty label: the point before it is not inside
			if label > i {
				j = label - 1
			}
			h.to = j
			return h
		}
		if label > i {
			if end := m.topDomain(s, label, j); end >= 0 {
				h.point, h.hostEnd = label-1, end
			}
		}
		if j == len(s) || s[j] != '.' {
			h.to = j
			return h
		}
		label = j + 1
	}
}

// topDomain reports where an address ends whose last label begins here, or -1: behind the top
// domain and a port.
func (m *matcher) topDomain(s string, from, to int) int {
	letters := 0
	var b [64]byte
	key := b[:0]
	for i := from; i < to; {
		r, n := runeAt(s, i)
		if letters++; letters > m.longT {
			return -1
		}
		key = utf8.AppendRune(key, fold(r))
		if i += n; !boundary(s, i) || !m.tlds[string(key)] {
			continue
		}
		if i < len(s) && s[i] == ':' {
			j := i + 1
			for j < len(s) && '0' <= s[j] && s[j] <= '9' {
				j++
			}
			if j > i+1 && m.hostMayEnd(s, j) {
				return j
			}
		}
		if m.hostMayEnd(s, i) {
			return i
		}
	}
	return -1
}

// hostMayEnd: no word goes on here, and no further label follows.
func (m *matcher) hostMayEnd(s string, i int) bool {
	if i == len(s) {
		return true
	}
	r, _ := runeAt(s, i)
	if word(r) {
		return false
	}
	if r == '.' && i+1 < len(s) {
		next, _ := runeAt(s, i+1)
		return !word(next)
	}
	return true
}

// host is the end of an address whose host begins at i, or -1. h remembers the last stretch.
func (m *matcher) host(s string, i int, h *stretch) int {
	if !h.validated || i < h.from || i >= h.to {
		if i >= len(s) {
			return -1
		}
		if r, _ := runeAt(s, i); !word(r) && r != '-' {
			return -1
		}
		*h = m.stretchAt(s, i)
		h.validated = true
	}
	if s[i] == '.' || i >= h.point {
		return -1
	}
	return h.hostEnd
}

// protocol is what follows a protocol, its slashes and a name with a password at i, or -1;
// plain is the same without the name.
func (m *matcher) protocol(s string, i int) (user, plain int) {
	j, n := i, 0
	var b [32]byte
	key := b[:0]
	for j < len(s) && s[j] != ':' {
		r, k := runeAt(s, j)
		if n++; n > m.longP || !word(r) && r != '-' && r != '+' && r != '.' {
			return -1, -1
		}
		key = utf8.AppendRune(key, fold(r))
		j += k
	}
	if j == len(s) || !m.protos[string(key)] {
		return -1, -1
	}
	for j++; j < len(s) && s[j] == '/'; j++ {
		if j > i+len(key)+8 {
			return -1, -1
		}
	}
	if slashes := j - 1 - strings.LastIndexByte(s[:j], ':'); slashes > 3 {
		return -1, -1
	}
	plain = j
	words := func(i int) int {
		for i < len(s) {
			r, n := runeAt(s, i)
			if !word(r) {
				break
			}
			i += n
		}
		return i
	}
	k := words(j)
	if k == j {
		return -1, plain
	}
	if k < len(s) && s[k] == ':' {
		if l := words(k + 1); l > k+1 {
			k = l
		}
	}
	if k < len(s) && s[k] == '@' {
		return k + 1, plain
	}
	return -1, plain
}

// pages calls found for each address of a page.
func (m *matcher) pages(s string, found func(from, to int)) {
	if strings.IndexByte(s, '.') < 0 {
		return
	}
	pos := 0
	var h stretch
	brackets := -1 // where the run of ( before i began
	for i := 0; i < len(s); {
		r, n := runeAt(s, i)
		if r == '(' {
			if brackets < 0 {
				brackets = i
			}
			i += n
			continue
		}
		from := i
		if brackets >= 0 {
			from = brackets
			brackets = -1
		}
		if !word(r) && r != '-' || !boundary(s, i) {
			i += n
			continue
		}
		if b := runeBefore(s, i); b == '@' || b == '.' {
			i += n
			continue
		}
		end := -1
		if word(r) {
			user, plain := m.protocol(s, i)
			var other stretch // not the one that the text before the colon belongs to
			if user >= 0 {
				end = m.host(s, user, &other)
			}
			if end < 0 && plain >= 0 {
				other = stretch{}
				end = m.host(s, plain, &other)
			}
		}
		if end < 0 {
			end = m.host(s, i, &h)
		}
		if end < 0 {
			i += n
			continue
		}
		if end < len(s) && (s[end] == '/' || s[end] == '?') {
			for end++; end < len(s); {
				r, n := runeAt(s, end)
				if blank(r) || strings.ContainsRune("{}|\\^`<>\"", r) {
					break
				}
				end += n
			}
		}
		found(max(from, pos), end)
		pos, i = end, end
		h = stretch{}
	}
}

func atomChar(r rune) bool {
	if r >= utf8.RuneSelf {
		return r == 'ſ' || r == 'K' || r == 'İ' || r == 'ı'
	}
	return letter(byte(r)) || '0' <= r && r <= '9' || strings.IndexByte("-!#$%&'*+/=?^_`{}|~", byte(r)) >= 0
}

// mails calls found for each address of e-mail.
func (m *matcher) mails(s string, found func(from, to int)) {
	pos := 0
	quoteFrom := 0 // lines before are done with
	for i := 0; i < len(s); i++ {
		at := strings.IndexByte(s[i:], '@')
		if at < 0 {
			return
		}
		at += i
		// A name in quotation marks at the beginning of a line comes first, and may contain @.
		from, to := -1, -1
		for quoteFrom <= at {
			if quoteFrom >= pos && s[quoteFrom] == '"' {
				if q := quoted(s, quoteFrom); q >= 0 {
					if end := m.mailDomain(s, q); end >= 0 {
						from, to = quoteFrom, end
					}
				}
			}
			j := strings.IndexByte(s[quoteFrom:], '\n')
			if j < 0 {
				quoteFrom = len(s)
				break
			}
			if quoteFrom += j + 1; from >= 0 || quoteFrom >= len(s) {
				break
			}
		}
		start := m.local(s, pos, at)
		if start >= 0 && (from < 0 || start < from) {
			if end := m.mailDomain(s, at+1); end >= 0 {
				if from >= 0 && to > end { // the line in quotation marks is looked at again
					quoteFrom = from
				}
				from, to = start, end
			}
		}
		if from < 0 {
			i = at
			continue
		}
		found(from, to)
		pos = to
		i = to - 1
	}
}

// local is where the name before an @ begins, or -1.
func (m *matcher) local(s string, pos, at int) int {
	start, i := -1, at
	for i > pos {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		if r == '.' {
			// Not at either end, and no two of them.
			if i == at || i-1 == pos {
				break
			}
			if b, _ := utf8.DecodeLastRuneInString(s[:i-1]); !atomChar(b) {
				break
			}
			i--
			continue
		}
		if !atomChar(r) {
			break
		}
		i -= n
		start = i
	}
	for start >= 0 && start < at && (start >= 2 && s[start-2:start] == "//" || s[start] == '.') {
		_, n := runeAt(s, start)
		start += n
	}
	if start == at {
		return -1
	}
	return start
}

// quoted is the place behind "…"@, or -1.
func quoted(s string, i int) int {
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			if i+1 < len(s) && s[i+1] == '@' {
				return i + 2
			}
			return -1
		case c == '\\':
			i++
			if i == len(s) || s[i] == 0 || s[i] == '\n' || s[i] == '\r' || s[i] > 0x7F {
				return -1
			}
		case c == 0 || c == '\t' || c == '\n' || c == '\r' || c == ' ' || c > 0x7F:
			return -1
		}
	}
	return -1
}

// mailDomain is where a domain that begins here ends, or -1.
func (m *matcher) mailDomain(s string, from int) int {
	best := -1
	label := from
	for {
		j := label
		letters := 0
		for j < len(s) {
			r, n := runeAt(s, j)
			if r = fold(r); r != '-' && (r >= utf8.RuneSelf || !letter(byte(r)) && (r < '0' || r > '9')) {
				break
			}
			letters++
			j += n
		}
		if label > from {
			if end := m.mailTop(s, label); end >= 0 {
				best = end
			}
		}
		if letters == 0 || letters > 63 || s[label] == '-' || s[j-1] == '-' || j == len(s) || s[j] != '.' {
			return best
		}
		label = j + 1
	}
}

func (m *matcher) mailTop(s string, from int) int {
	best, end := 0, -1
	var b [64]byte
	key := b[:0]
	for i := from; i < len(s) && len(key) < m.longM; {
		r, n := runeAt(s, i)
		if !word(r) && r != '-' && r != '.' {
			break
		}
		key = utf8.AppendRune(key, fold(r))
		i += n
		if rank := m.mail[string(key)]; rank > 0 && (best == 0 || rank < best) {
			best, end = rank, i
		}
	}
	return end
}
