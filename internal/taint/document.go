package taint

import (
	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// Queries that are documents: a value that came as JSON may be an operator where a value is
// meant, and text may be code where an operator takes some.

// scripts are operators whose text is code.
var scripts = []string{"$where", "$function", "$accumulator"}

// values are operators that take what they are given for a value, whatever it is.
var values = map[string]bool{"$eq": true, "$ne": true, "$gt": true, "$gte": true, "$lt": true, "$lte": true, "$in": true, "$nin": true, "$all": true, "$size": true, "$exists": true, "$type": true, "$mod": true,
	"$inc": true, "$mul": true, "$min": true, "$max": true, "$push": true, "$addToSet": true, "$each": true, "$limit": true, "$skip": true, "$search": true,
	"match": true, "match_phrase": true, "match_phrase_prefix": true, "term": true, "terms": true, "prefix": true, "fuzzy": true, "range": true, "ids": true}

// document are the marks of a query that may be operators in it.
func (a *analysis) document(st *state, v *value, depth int) []mark {
	if v == nil || depth > 8 {
		return nil
	}
	m := v.marks
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if o.class != nil {
			m = joinMarks(m, a.deep(st, v, 0))
			continue
		}
		m = joinMarks(m, joinMarks(o.marks, o.named))
		for _, c := range o.order {
			switch x := o.keys[c]; {
			case values[c.str]:
			case c.str == "$set" || c.str == "$setOnInsert": // which fields there are is what matters
				m = joinMarks(m, x.origins())
				for _, id := range x.objects() {
					if o := st.object(id); o != nil {
						m = joinMarks(m, joinMarks(o.marks, o.named))
					}
				}
			default:
				m = joinMarks(m, a.document(st, x, depth+1))
			}
		}
		for _, x := range o.list {
			m = joinMarks(m, a.document(st, x, depth+1))
		}
		if o.more {
			m = joinMarks(m, a.document(st, o.rest, depth+1))
		}
	}
	return m
}

// script is what a query gives its database to run.
func (a *analysis) script(st *state, v *value, kinds models.Kinds) []mark {
	return a.scriptsIn(st, v, kinds, 0)
}

func (a *analysis) scriptsIn(st *state, v *value, kinds models.Kinds, depth int) (m []mark) {
	if depth > 6 {
		return nil
	}
	code := func(x *value) {
		for _, x := range a.deep(st, x, 0) {
			if x.kinds&a.models.code != 0 {
				x.kinds |= kinds
				m = joinMarks(m, []mark{x})
			}
		}
	}
	at := func(o *object, key string) *value { return o.keys[constant{kind: ast.Str, str: key}] }
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil || o.class != nil {
			continue
		}
		for _, key := range scripts {
			code(at(o, key))
		}
		for _, id := range at(o, "script").objects() { // with its text and, apart from it, its parameters
			if s := st.object(id); s != nil {
				code(at(s, "source"))
				code(at(s, "inline"))
			}
		}
		for _, c := range o.order {
			m = joinMarks(m, a.scriptsIn(st, o.keys[c], kinds, depth+1))
		}
		for _, x := range o.list {
			m = joinMarks(m, a.scriptsIn(st, x, kinds, depth+1))
		}
	}
	return m
}
