package taint

import (
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// tupleKey is the kind of a constant that is a tuple of constants, as the key of a dictionary:
// d["a", 1]. Its text has the kinds and texts of the parts.
const tupleKey ast.ConstKind = 100

// asKey is a value as the key of a dictionary: a tuple of constants is a constant.
func (a *analysis) asKey(st *state, v *value) *value {
	if v == nil || len(v.objs) != 1 || len(v.marks)+len(v.consts) > 0 {
		return v
	}
	o := st.object(v.objs[0])
	if o == nil || o.class != nil || o.name != "builtins.tuple()" || o.open() || len(o.list) == 0 || len(o.list) > 6 {
		return v
	}
	var b strings.Builder
	for _, x := range o.list {
		c, ok := x.only()
		if !ok {
			return v
		}
		b.WriteByte('A' + byte(c.kind))
		switch c.kind {
		case ast.Str, ast.Bytes:
			if strings.IndexByte(c.str, 0) >= 0 || len(c.str) > 100 {
				return v
			}
			b.WriteString(c.str)
		case ast.Int:
			b.WriteString(strconv.FormatInt(c.num, 10))
		case ast.None, ast.True, ast.False:
		default:
			return v
		}
		b.WriteByte(0)
	}
	return constOf(constant{kind: tupleKey, str: b.String()})
}

// ofKey is the value of a key.
func (a *analysis) ofKey(st *state, c constant) *value {
	if c.kind != tupleKey {
		return constOf(c)
	}
	o := &object{name: "builtins.tuple()"}
	for part := range strings.SplitSeq(strings.TrimSuffix(c.str, "\x00"), "\x00") {
		if part == "" {
			continue
		}
		k := constant{kind: ast.ConstKind(part[0] - 'A')}
		if k.kind == ast.Int {
			k.num, _ = strconv.ParseInt(part[1:], 10, 64)
		} else {
			k.str = part[1:]
		}
		o.list = append(o.list, constOf(k))
	}
	return a.unnamed(st, o)
}

// otherKeys are the keys of a dictionary that are not known one by one.
func (o *object) otherKeys() *value {
	v := marked(joinMarks(o.marks, o.named))
	if o.keyed == nil {
		return v
	}
	if v == nil {
		return o.keyed
	}
	return join(v, o.keyed)
}
