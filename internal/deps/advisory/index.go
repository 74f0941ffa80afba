package advisory

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

// The file. All numbers of fixed size are little-endian; a varint is an unsigned one of encoding/binary, a text is a varint and
// as many bytes of UTF-8, a list is a varint and as many elements. Offsets count from the beginning of the file.
//
//	 0  magic
//	 8  version of the format                       uint32
//	12  length of the file                          uint32
//	16  packages                                    uint32
//	20  flaws                                       uint32
//	24  records read                                uint32
//	28  records that could not be read              uint32
//	32  the newest record's time, seconds of Unix   int64
//	40  length of the source's text                 uint32
//	44  zero                                        uint32
//	48  SHA-256 of everything before and behind it
//	80  the source, the table, the packages' names and entries, the flaws
//
// The table has, for each package in the order of names, offset and length of its name and offset and length of its
// entries, uint32 each. An entry is what is said of one flaw in one package; it has the offset of the flaw, which several
// packages share:
//
//	entry   flaw's offset varint, claims, symbols (module text, name text)
//	claim   which of the flaw's names the record has varint, branches, versions (texts)
//	branch  introduced text, kind of end byte, end text
//	flaw    names (texts), related (texts), published varint, modified varint, summary text, details text, assessments (tenths
//	        of the score byte, vector text), rated text, CWE (varints), references (type text, address text)
const (
	magic    = "GAMBADV\n"
	format   = 1
	header   = 80
	sumAt    = 48
	row      = 16
	maxIndex = 256 << 20
	// maxParts bounds what one package's entries may unfold to. The most in October 2024, for the 297 flaws of tensorflow-cpu,
	// was 3,673.
	maxParts = 1 << 21
)

// The kinds of a branch's end.
const (
	endOpen = iota
	endFixed
	endLast
	endLimit
)

// Info is what an index says of itself.
type Info struct {
	Source   string    // where the records are from: an address, or a file's name
	Newest   time.Time // when the newest record was last changed, which is how old the knowledge is
	Packages int
	Flaws    int
	Records  int
	Unread   int // records that could not be read: what they know is missing
}

// An Index answers what is known of a package. It may be used by several goroutines.
type Index struct {
	data  string
	info  Info
	table int // where it begins
}

// Open reads an index. The error says in one line what is wrong with the file; it is fs.ErrNotExist where there is none.
func Open(path string) (*Index, error) {
	x, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("the index of advisories %s: %w", path, cause(err))
	}
	return x, nil
}

func open(path string) (*Index, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would make us wait
		return nil, errors.New("not a regular file")
	}
	if info.Size() > maxIndex {
		return nil, errTooLong
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text strings.Builder // a string from the start, so that what is found is a part of it and no copy
	text.Grow(int(info.Size()))
	if _, err := io.Copy(&text, io.LimitReader(f, maxIndex+1)); err != nil {
		return nil, err
	}
	return Parse(text.String())
}

var (
	errTooLong = fmt.Errorf("larger than %d MB", maxIndex>>20)
	errNone    = errors.New("this is no index of advisories")
	errDamaged = errors.New("damaged, or cut off")
)

// Parse is Open for an index that is in memory.
func Parse(data string) (*Index, error) {
	if len(data) > maxIndex {
		return nil, errTooLong
	}
	if len(data) < len(magic) || data[:len(magic)] != magic {
		return nil, errNone
	}
	if len(data) < header {
		return nil, errDamaged
	}
	if v := u32(data, 8); v != format {
		return nil, fmt.Errorf("written in format %d, and this program reads %d", v, format)
	}
	if u32(data, 12) != len(data) {
		return nil, errDamaged
	}
	if sum := checksum(data); data[sumAt:header] != string(sum[:]) {
		return nil, errDamaged
	}
	source := u32(data, 40)
	if source > len(data)-header {
		return nil, errDamaged
	}
	x := &Index{data: data, table: header + source, info: Info{
		Source:   data[header : header+source],
		Packages: u32(data, 16),
		Flaws:    u32(data, 20),
		Records:  u32(data, 24),
		Unread:   u32(data, 28),
	}}
	newest := int64(uint64(u32(data, 32)) | uint64(u32(data, 36))<<32)
	if newest < 0 || newest > maxTime {
		return nil, errDamaged
	}
	if newest > 0 {
		x.info.Newest = time.Unix(newest, 0).UTC()
	}
	// The checksum is no signature: somebody can have computed one for a table that leads nowhere.
	if x.info.Packages > (len(data)-x.table)/row {
		return nil, errDamaged
	}
	before := ""
	for i := range x.info.Packages {
		for at := x.table + i*row; at < x.table+(i+1)*row; at += 8 {
			if from, n := u32(data, at), u32(data, at+4); from > len(data) || n > len(data)-from {
				return nil, errDamaged
			}
		}
		name := x.name(i)
		if name <= before {
			return nil, errDamaged
		}
		before = name
	}
	return x, nil
}

const maxTime = 253402300799 // the end of the year 9999

// checksum is of everything but itself.
func checksum(data string) (sum [sha256.Size]byte) {
	h := sha256.New()
	buf := make([]byte, 32<<10) // a string cannot be hashed without a copy; this one stays in the cache
	for _, part := range []string{data[:sumAt], data[header:]} {
		for part != "" {
			n := copy(buf, part)
			h.Write(buf[:n])
			part = part[n:]
		}
	}
	h.Sum(sum[:0])
	return sum
}

func u32(s string, at int) int {
	return int(uint32(s[at]) | uint32(s[at+1])<<8 | uint32(s[at+2])<<16 | uint32(s[at+3])<<24)
}

// Info says where the knowledge is from and how much it is.
func (x *Index) Info() Info { return x.info }

func (x *Index) name(i int) string {
	at := x.table + i*row
	from := u32(x.data, at)
	return x.data[from : from+u32(x.data, at+4)]
}

// Find is what is known of a package, by any spelling of its name. The error is not for packages of which nothing is
// known, but for an index that does not hold what its table promises.
func (x *Index) Find(name string) ([]Advisory, error) {
	name = pep508.Normalise(name)
	i, ok := sort.Find(x.info.Packages, func(i int) int { return strings.Compare(name, x.name(i)) })
	if !ok {
		return nil, nil
	}
	return x.entries(i)
}

// All goes through everything, in the order of packages.
func (x *Index) All() iter.Seq2[[]Advisory, error] {
	return func(yield func([]Advisory, error) bool) {
		for i := range x.info.Packages {
			if !yield(x.entries(i)) {
				return
			}
		}
	}
}

// ByID is what has a name or alias, for each package that has it. It looks at everything, and takes as long.
func (x *Index) ByID(id string) (out []Advisory, err error) {
	for list, err := range x.All() {
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].Is(id) {
				out = append(out, list[i])
			}
		}
	}
	return out, nil
}

func (x *Index) entries(i int) ([]Advisory, error) {
	at := x.table + i*row
	from := u32(x.data, at+8)
	parts := maxParts
	c := &cursor{rest: x.data[from : from+u32(x.data, at+12)], parts: &parts}
	out := make([]Advisory, 0, c.count(3))
	for range cap(out) {
		out = append(out, x.entry(c))
		out[len(out)-1].Package = x.name(i)
		if c.bad {
			break
		}
	}
	if c.bad || c.rest != "" {
		return nil, fmt.Errorf("the index of advisories is damaged where it speaks of %s", x.name(i))
	}
	return out, nil
}

func (x *Index) entry(c *cursor) (a Advisory) {
	at := c.varint()
	if at > uint64(len(x.data)) {
		c.bad = true
		return a
	}
	f := &cursor{rest: x.data[at:], parts: c.parts}
	ids := f.texts()
	a.Related = f.texts()
	a.Published, a.Modified = f.time(), f.time()
	a.Summary, a.Details = f.text(), f.text()
	a.CVSS = list(f, 2, func() CVSS { return CVSS{Score: float64(f.byte()) / 10, Vector: f.text()} })
	a.Rated = f.text()
	a.CWE = list(f, 1, func() int { return int(f.varint() & 0xFFFF) })
	a.References = list(f, 2, func() Reference { return Reference{f.text(), f.text()} })

	first := -1
	a.Claims = list(c, 3, func() (claim Claim) {
		id := c.varint()
		if id >= uint64(len(ids)) {
			c.bad = true
			return claim
		}
		claim.Record = ids[id]
		if first < 0 {
			first = int(id)
		}
		a.Malware = a.Malware || strings.HasPrefix(claim.Record, "MAL-")
		claim.Branches = list(c, 3, func() (b Branch) {
			b.Introduced = c.text()
			switch kind, end := c.byte(), c.text(); kind {
			case endFixed:
				b.Fixed = end
			case endLast:
				b.Last = end
			case endLimit:
				b.Limit = end
			}
			return b
		})
		claim.Versions = c.texts()
		return claim
	})
	a.Symbols = list(c, 2, func() Symbol { return Symbol{c.text(), c.text()} })
	if c.bad = c.bad || f.bad || first < 0; !c.bad {
		a.ID = ids[first]
		a.Aliases = append(ids[:first:first], ids[first+1:]...)
	}
	return a
}

// A cursor reads, and remembers that something was not as it should be. What it reads then is zero.
type cursor struct {
	rest  string
	parts *int // how much may still be read
	bad   bool
}

func (c *cursor) fail() {
	c.bad, c.rest = true, ""
}

func (c *cursor) byte() byte {
	if c.rest == "" {
		c.fail()
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

func (c *cursor) varint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := c.byte()
		v |= uint64(b&0x7F) << shift
		if b < 0x80 {
			return v
		}
	}
	c.fail()
	return 0
}

func (c *cursor) text() string {
	n := c.varint()
	if n > uint64(len(c.rest)) {
		c.fail()
		return ""
	}
	s := c.rest[:n]
	c.rest = c.rest[n:]
	return s
}

func (c *cursor) time() time.Time {
	switch s := c.varint(); {
	case s == 0:
		return time.Time{}
	case s > maxTime:
		c.fail()
		return time.Time{}
	default:
		return time.Unix(int64(s), 0).UTC()
	}
}

// count reads how many elements follow, of at least so many bytes each.
func (c *cursor) count(size int) int {
	n := c.varint()
	if n > uint64(len(c.rest)/size) || n > uint64(*c.parts) {
		c.fail()
		return 0
	}
	*c.parts -= int(n)
	return int(n)
}

func (c *cursor) texts() []string { return list(c, 1, c.text) }

// list reads a list; nil is the empty one.
func list[T any](c *cursor, size int, read func() T) []T {
	n := c.count(size)
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		if out[i] = read(); c.bad {
			return nil
		}
	}
	return out
}

// A builder writes what a cursor reads.
type builder struct{ out []byte }

func (b *builder) varint(v uint64) { b.out = binary.AppendUvarint(b.out, v) }
func (b *builder) text(s string)   { b.varint(uint64(len(s))); b.out = append(b.out, s...) }
func (b *builder) time(t time.Time) {
	b.varint(uint64(max(0, t.Unix()))) // the zero time lies before 1970
}
func (b *builder) texts(list []string) {
	b.varint(uint64(len(list)))
	for _, s := range list {
		b.text(s)
	}
}

func (b *builder) flaw(ids []string, a Advisory) {
	b.texts(ids)
	b.texts(a.Related)
	b.time(a.Published)
	b.time(a.Modified)
	b.text(a.Summary)
	b.text(a.Details)
	b.varint(uint64(len(a.CVSS)))
	for _, c := range a.CVSS {
		b.out = append(b.out, byte(c.Score*10+0.5))
		b.text(c.Vector)
	}
	b.text(a.Rated)
	b.varint(uint64(len(a.CWE)))
	for _, n := range a.CWE {
		b.varint(uint64(n))
	}
	b.varint(uint64(len(a.References)))
	for _, r := range a.References {
		b.text(r.Type)
		b.text(r.URL)
	}
}

func (b *builder) branch(r Branch) {
	b.text(r.Introduced)
	kind, end := byte(endOpen), ""
	switch {
	case r.Fixed != "":
		kind, end = endFixed, r.Fixed
	case r.Last != "":
		kind, end = endLast, r.Last
	case r.Limit != "":
		kind, end = endLimit, r.Limit
	}
	b.out = append(b.out, kind)
	b.text(end)
}
