package ast

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/source"
)

// Dump prints the tree in a form that does not depend on the language that prints it:
// (Type@line:column-line:column field=value ...), lines from 1, columns in UTF-8 bytes
// from 0, fields as CPython 3.13 orders them, an absent one as None. Strings are JSON
// in ASCII, bytes are b"hex", integers i and hexadecimal digits, floats f and the bits
// of IEEE 754, imaginary numbers c and such bits.
func Dump(t *Tree) string {
	d := dumper{file: t.File, out: make([]byte, 0, 16*len(t.File.Bytes))}
	d.node(t.Module)
	return source.View(d.out)
}

type dumper struct {
	file *source.File
	out  []byte
}

func (d *dumper) text(s string) { d.out = append(d.out, s...) }
func (d *dumper) int(n int)     { d.out = strconv.AppendInt(d.out, int64(n), 10) }

func (d *dumper) node(n Node) {
	if n == nil {
		d.text("None")
		return
	}
	h := n.head()
	d.text("(")
	d.text(pyName(n))
	if !noPosition[h.kind] {
		from, to := d.file.Position(h.start), d.file.Position(h.end)
		d.text("@")
		d.int(from.Line)
		d.text(":")
		d.int(from.Column)
		d.text("-")
		d.int(to.Line)
		d.text(":")
		d.int(to.Column)
	}
	d.fields(n)
	d.text(")")
}

// pyName is the name of CPython's class for the node.
func pyName(n Node) string {
	switch n := n.(type) {
	case *FunctionDef:
		if n.Async {
			return "AsyncFunctionDef"
		}
	case *For:
		if n.Async {
			return "AsyncFor"
		}
	case *With:
		if n.Async {
			return "AsyncWith"
		}
	case *Try:
		if n.Star {
			return "TryStar"
		}
	}
	return n.Kind().String()
}

func dumpList[T Node](d *dumper, list []T) {
	d.text("[")
	for i, n := range list {
		if i > 0 {
			d.text(" ")
		}
		if any(n) == nil {
			d.text("None")
			continue
		}
		d.node(n)
	}
	d.text("]")
}

func (d *dumper) name(s string) {
	if s == "" {
		s = "None"
	}
	d.text(s)
}

func (d *dumper) names(list []string) { d.text("[" + strings.Join(list, " ") + "]") }

func (d *dumper) op(o interface{ String() string }) { d.text("(" + o.String() + ")") }

func (d *dumper) ops(list []CmpOp) {
	d.text("[")
	for i, o := range list {
		if i > 0 {
			d.text(" ")
		}
		d.op(o)
	}
	d.text("]")
}

func (d *dumper) ctx(c Ctx) { d.text([...]string{"(Load)", "(Store)", "(Del)"}[c]) }

func (d *dumper) constant(c *Constant) {
	d.text(" value=")
	d.value(c)
	d.text(" kind=")
	if c.ConstKind() == Str && c.flags&flagText == 0 && strings.HasPrefix(c.Raw, "u") {
		d.text(`"u"`)
	} else {
		d.text("None")
	}
}

func (d *dumper) value(c *Constant) {
	switch c.ConstKind() {
	case None, True, False, Ellipsis:
		d.text(c.ConstKind().String())
	case Str:
		d.json(c.Str())
	case Bytes:
		d.text(`b"` + hex.EncodeToString([]byte(c.Bytes())) + `"`)
	case Int:
		d.text("i" + c.Int().Text(16))
	case Float:
		d.bits("f", c.Float())
	case Complex:
		d.bits("c", c.Float())
	}
}

func (d *dumper) bits(mark string, f float64) {
	s := strconv.FormatUint(math.Float64bits(f), 16)
	d.text(mark + strings.Repeat("0", 16-len(s)) + s)
}

// json writes s as Python's json.dumps does: ASCII, surrogate pairs, lone surrogates kept.
func (d *dumper) json(s string) {
	const digits = "0123456789abcdef"
	unit := func(u rune) {
		d.out = append(d.out, '\\', 'u', digits[u>>12&15], digits[u>>8&15], digits[u>>4&15], digits[u&15])
	}
	d.out = append(d.out, '"')
	for i := 0; i < len(s); {
		r, n := decodeRune(s[i:])
		i += n
		switch {
		case r == '"' || r == '\\':
			d.out = append(d.out, '\\', byte(r))
		case r == '\n':
			d.text(`\n`)
		case r == '\r':
			d.text(`\r`)
		case r == '\t':
			d.text(`\t`)
		case r == '\f':
			d.text(`\f`)
		case r == '\b':
			d.text(`\b`)
		case r < 0x20 || r >= 0x7f && r < 0x10000:
			unit(r)
		case r >= 0x10000:
			r -= 0x10000
			unit(0xd800 + r>>10)
			unit(0xdc00 + r&0x3ff)
		default:
			d.out = append(d.out, byte(r))
		}
	}
	d.out = append(d.out, '"')
}

// decodeRune is utf8.DecodeRuneInString that also knows lone surrogates as Str writes them.
func decodeRune(s string) (rune, int) {
	if len(s) >= 3 && s[0] == 0xed && s[1] >= 0xa0 && s[1] < 0xc0 {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return utf8.DecodeRuneInString(s)
}
