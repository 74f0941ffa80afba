// Package pep440 reads the versions of Python packages and says which of them a specifier
// such as ">=1.4,!=1.5.*" allows.
//
// Everything that judges dependencies stands on two questions: which of two versions is the
// newer one, and is this version within that range. A wrong answer is a false alarm or a
// hole, and other tools have been wrong in the corners: that "<1.0" leaves out 1.0rc1, that
// ">1.0" leaves out 1.0.post1 and 1.0+cpu, that "==1.0" takes 1.0+cpu in.
//
// The rules are those of PEP 440 as the packaging library reads them today (26.3), since that
// is what decides in pip. The tests hold every answer against the packaging that is installed,
// and name where an older one answers otherwise.
package pep440

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// A Version is one version. The zero value is no version; Parse makes them. Two that are the
// same for Compare need not be the same for ==: 1.0 and 1.0.0 are not.
type Version struct {
	epoch          uint64
	head           [4]uint64 // the first numbers of the release; nearly always there are no more
	rest           string    // the others, as text: "5.6"
	pre, post, dev uint64
	local          string // in canonical form, without the +
	n              int32  // how many numbers the release has as written
	stage          stage
	hasPost        bool
	hasDev         bool
}

// A stage is what a version is on the way to its release, in their order.
type stage uint8

const (
	none  stage = iota
	early       // 1.0.dev1, which comes before all alphas
	alpha
	beta
	candidate
	final // a release, or a post-release of it
	post  // for the reader of words only
	dev   // for the reader of words only
)

// Parse reads a version in any of the spellings that PEP 440 knows: "v1.0", "1.0-ALPHA.1",
// "1.0-1", with blanks around it. Numbers must fit into 64 bits; for packaging they may be of
// any size.
//
// It takes 21 ns for "1.26.4" and 69 ns for "1!2.0rc1.post2.dev3+ubuntu.1" (BenchmarkParse, a
// core of an AMD EPYC). Nothing is allocated, except for local versions and for fifth numbers
// that are not in canonical form.
func Parse(s string) (Version, error) {
	text := trim(s)
	v, n, wrong := scan(text)
	if wrong == "" && n < len(text) {
		wrong = "there is more than a version"
	}
	if wrong != "" {
		return Version{}, fmt.Errorf("%s is not a version: %s, at %s", quote(text), wrong, rest(text, n))
	}
	return v, nil
}

// MustParse is Parse for versions that stand in the program.
func MustParse(s string) Version {
	v, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return v
}

// quote shows a text of others in an error, which is for people and therefore short.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// rest names the place where reading ended.
func rest(s string, n int) string {
	if n >= len(s) {
		return "its end"
	}
	return quote(s[n:])
}

// space is what Python's \s and str.strip take for blank.
func space(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

func trim(s string) string {
	if n := len(s); n > 0 && ' ' < s[0] && s[0] < 0x80 && ' ' < s[n-1] && s[n-1] < 0x80 {
		return s
	}
	return strings.TrimFunc(s, space)
}

func digit(s string, i int) bool { return i < len(s) && '0' <= s[i] && s[i] <= '9' }

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}

// separator is the place after a separator, or the same one if there is none.
func separator(s string, i int) int {
	if i < len(s) && (s[i] == '.' || s[i] == '-' || s[i] == '_') {
		i++
	}
	return i
}

// number reads digits, which may be missing.
func number(s string, i int) (n uint64, end int, fits bool) {
	for fits = true; digit(s, i); i++ {
		d := uint64(s[i] - '0')
		if n > (1<<64-1)/10 || n*10 > 1<<64-1-d {
			fits = false
		}
		n = n*10 + d
	}
	return n, i, fits
}

// word reads the longest word that means a stage. Words need not end where letters end:
// 1.0adev is 1.0a0.dev0.
func word(s string, i int) (stage, int) {
	if i >= len(s) {
		return none, i
	}
	is := func(word string) bool {
		if len(s)-i < len(word) {
			return false
		}
		for j := range len(word) {
			if lower(s[i+j]) != word[j] {
				return false
			}
		}
		return true
	}
	switch lower(s[i]) {
	case 'a':
		if is("alpha") {
			return alpha, i + 5
		}
		return alpha, i + 1
	case 'b':
		if is("beta") {
			return beta, i + 4
		}
		return beta, i + 1
	case 'c':
		return candidate, i + 1
	case 'p':
		switch {
		case is("preview"):
			return candidate, i + 7
		case is("pre"):
			return candidate, i + 3
		case is("post"):
			return post, i + 4
		}
	case 'r':
		switch {
		case is("rc"):
			return candidate, i + 2
		case is("rev"):
			return post, i + 3
		}
		return post, i + 1
	case 'd':
		if is("dev") {
			return dev, i + 3
		}
	}
	return none, i
}

const tooLarge = "a number does not fit into 64 bits"

// scan reads the longest version that s begins with, and says where it ends. What is wrong,
// if something is, is part of a sentence.
func scan(s string) (v Version, i int, wrong string) {
	if i < len(s) && lower(s[i]) == 'v' {
		i++
	}
	if !digit(s, i) {
		return v, i, "a number is missing"
	}
	start := i
	n, end, fits := number(s, i)
	if end < len(s) && s[end] == '!' && digit(s, end+1) {
		if !fits {
			return v, start, tooLarge
		}
		v.epoch, start = n, end+1
		n, end, fits = number(s, start)
	}

	tail, odd := 0, false // where the fifth number begins, and whether one is written as 007
	for {
		if !fits {
			return v, start, tooLarge
		}
		if v.n == 1<<31-1 {
			return v, start, "the release is too long"
		}
		if v.n < int32(len(v.head)) {
			v.head[v.n] = n
		} else {
			if v.n == int32(len(v.head)) {
				tail = start
			}
			odd = odd || s[start] == '0' && end-start > 1
		}
		v.n++
		i = end
		if i >= len(s) || s[i] != '.' || !digit(s, i+1) {
			break
		}
		start = i + 1
		n, end, fits = number(s, start)
	}
	if tail > 0 {
		if v.rest = s[tail:i]; odd {
			v.rest = canonicalLocal(v.rest)
		}
	}

	v.stage = final
	if i < len(s) {
		if i, wrong = v.suffix(s, i); wrong != "" {
			return v, i, wrong
		}
	}
	return v, i, ""
}

// suffix reads what follows the release.
func (v *Version) suffix(s string, i int) (end int, wrong string) {
	var fits bool
	if w, j := word(s, separator(s, i)); alpha <= w && w <= candidate {
		v.stage = w
		j = separator(s, j)
		if v.pre, i, fits = number(s, j); !fits {
			return j, tooLarge
		}
	}
	if i < len(s) && s[i] == '-' && digit(s, i+1) {
		v.hasPost = true
		j := i + 1
		if v.post, i, fits = number(s, j); !fits {
			return j, tooLarge
		}
	} else if w, j := word(s, separator(s, i)); w == post {
		v.hasPost = true
		j = separator(s, j)
		if v.post, i, fits = number(s, j); !fits {
			return j, tooLarge
		}
	}
	if w, j := word(s, separator(s, i)); w == dev {
		v.hasDev = true
		j = separator(s, j)
		if v.dev, i, fits = number(s, j); !fits {
			return j, tooLarge
		}
		if v.stage == final && !v.hasPost {
			v.stage = early
		}
	}
	if i < len(s) && s[i] == '+' {
		if j := localEnd(s, i+1); j > i+1 {
			v.local = canonicalLocal(s[i+1 : j])
			i = j
		}
	}
	return i, ""
}

func alnum(s string, i int) bool {
	return i < len(s) && ('0' <= s[i] && s[i] <= '9' || 'a' <= lower(s[i]) && lower(s[i]) <= 'z')
}

// localEnd is where the local version ends that begins at i.
func localEnd(s string, i int) int {
	for alnum(s, i) {
		for alnum(s, i) {
			i++
		}
		if j := separator(s, i); j == i || !alnum(s, j) {
			return i
		}
		i++
	}
	return i
}

// canonicalLocal writes a local version with dots, small letters, and numbers without zeros
// in front. What is so already is not copied.
func canonicalLocal(s string) string {
	fine := true
	for i := range len(s) {
		first := i == 0 || s[i-1] == '.'
		if s[i] == '-' || s[i] == '_' || lower(s[i]) != s[i] || first && s[i] == '0' && alnum(s, i+1) {
			fine = false
			break
		}
	}
	if fine {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		j := i
		for alnum(s, j) {
			j++
		}
		part := s[i:j]
		if digits(part) {
			part = strings.TrimLeft(part[:len(part)-1], "0") + part[len(part)-1:]
		}
		for k := range len(part) {
			out = append(out, lower(part[k]))
		}
		if j < len(s) {
			out = append(out, '.')
		}
		i = j
	}
	return string(out)
}

// digits says that there is a digit in s, and nothing else.
func digits(s string) bool {
	for i := range len(s) {
		if !digit(s, i) {
			return false
		}
	}
	return s != ""
}

// String is the canonical form.
func (v Version) String() string {
	if v.n == 0 {
		return ""
	}
	return string(v.append(make([]byte, 0, 24)))
}

func (v *Version) append(b []byte) []byte {
	if v.epoch != 0 {
		b = strconv.AppendUint(b, v.epoch, 10)
		b = append(b, '!')
	}
	for i := range min(int(v.n), len(v.head)) {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, v.head[i], 10)
	}
	if v.rest != "" {
		b = append(append(b, '.'), v.rest...)
	}
	switch v.stage {
	case alpha:
		b = strconv.AppendUint(append(b, 'a'), v.pre, 10)
	case beta:
		b = strconv.AppendUint(append(b, 'b'), v.pre, 10)
	case candidate:
		b = strconv.AppendUint(append(b, "rc"...), v.pre, 10)
	}
	if v.hasPost {
		b = strconv.AppendUint(append(b, ".post"...), v.post, 10)
	}
	if v.hasDev {
		b = strconv.AppendUint(append(b, ".dev"...), v.dev, 10)
	}
	if v.local != "" {
		b = append(append(b, '+'), v.local...)
	}
	return b
}

// Epoch is the number before the exclamation mark, nearly always 0.
func (v Version) Epoch() uint64 { return v.epoch }

// Release is the numbers between dots, as many as were written.
func (v Version) Release() []uint64 {
	out := make([]uint64, 0, v.n)
	out = append(out, v.head[:min(int(v.n), len(v.head))]...)
	for text := v.rest; text != ""; {
		var part string
		part, text, _ = strings.Cut(text, ".")
		n, _, _ := number(part, 0)
		out = append(out, n)
	}
	return out
}

// Part is a number of the release, without making a slice of them; 0 where there is none, as
// 1.2 is the same as 1.2.0.
func (v Version) Part(i int) uint64 {
	switch {
	case i < 0 || i >= int(v.n):
		return 0
	case i < len(v.head):
		return v.head[i]
	}
	return v.Release()[i]
}

// Local is what stands behind the plus, in canonical form: "cu121" of 2.1+cu121.
func (v Version) Local() string { return v.local }

// Public is the version without its local part. It is the one that advisories speak of.
func (v Version) Public() Version { v.local = ""; return v }

// Base is the release alone.
func (v Version) Base() Version {
	return Version{epoch: v.epoch, head: v.head, rest: v.rest, n: v.n, stage: final}
}

// IsPrerelease says whether the version is one that pip does not choose by itself: an alpha,
// a beta, a candidate, or a development version of anything.
func (v Version) IsPrerelease() bool { return v.hasDev || alpha <= v.stage && v.stage <= candidate }

// IsDev says whether it is a development version: 1.0.dev3.
func (v Version) IsDev() bool { return v.hasDev }

// IsPost says whether it comes after a release and mends only what is around the code.
func (v Version) IsPost() bool { return v.hasPost }

// Compare is less than, equal to or greater than 0 as v is older than w, the same, or newer.
// It orders all versions, local ones too. Two that differ in their third number take 7 ns.
func (v Version) Compare(w Version) int { return v.compare(&w) }

func (v *Version) compare(w *Version) int {
	if c := v.compareRelease(w); c != 0 {
		return c
	}
	if c := cmp.Compare(v.stage, w.stage); c != 0 {
		return c
	}
	if c := cmp.Compare(v.pre, w.pre); c != 0 {
		return c
	}
	if c := optional(v.hasPost, v.post, w.hasPost, w.post, -1); c != 0 {
		return c
	}
	if c := optional(v.hasDev, v.dev, w.hasDev, w.dev, +1); c != 0 {
		return c
	}
	if v.local == w.local {
		return 0
	}
	return compareLocal(v.local, w.local)
}

// optional compares two numbers; missing is where the one that is not there stands.
func optional(has bool, n uint64, other bool, m uint64, missing int) int {
	switch {
	case has && other:
		return cmp.Compare(n, m)
	case has:
		return -missing
	case other:
		return missing
	}
	return 0
}

// compareRelease compares epochs and releases.
func (v *Version) compareRelease(w *Version) int {
	if c := cmp.Compare(v.epoch, w.epoch); c != 0 {
		return c
	}
	for i := range v.head { // what is not written is 0
		if v.head[i] != w.head[i] {
			return cmp.Compare(v.head[i], w.head[i])
		}
	}
	for a, b := v.rest, w.rest; a != "" || b != ""; {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := compareDigits(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// compareDigits compares numbers of any size that have no zeros in front; "" is 0.
func compareDigits(x, y string) int {
	if x == "0" {
		x = ""
	}
	if y == "0" {
		y = ""
	}
	if c := cmp.Compare(len(x), len(y)); c != 0 {
		return c
	}
	return strings.Compare(x, y)
}

// compareLocal compares local versions: none is the least, numbers are greater than words.
func compareLocal(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		c := 0
		switch n, m := digits(x), digits(y); {
		case n && m:
			c = compareDigits(x, y)
		case n:
			c = 1
		case m:
			c = -1
		default:
			c = strings.Compare(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b)) // one of them is at its end
}

// hasPrefix says whether the release begins with the first n numbers of w's.
func (v *Version) hasPrefix(w *Version, n int) bool {
	if v.epoch != w.epoch {
		return false
	}
	for i := range min(n, len(v.head)) {
		if v.head[i] != w.head[i] {
			return false
		}
	}
	for a, b := v.rest, w.rest; n > len(v.head); n-- {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if compareDigits(x, y) != 0 {
			return false
		}
	}
	return true
}
