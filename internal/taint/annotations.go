package taint

import (
	"strconv"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// Annotations are data: a program may write them, and whoever asks for the types runs what
// is text in them.

const annotations = "__annotations__"

// annotationsOf are those of functions and classes as an object that can be written to, which is
// made when it is first asked for.
func (a *analysis) annotationsOf(st *state, base *value) *value {
	if st == nil || base == nil || len(base.fns)+len(base.class) != 1 {
		return nil
	}
	var at slot
	if len(base.fns) == 1 {
		f := base.fns[0]
		if f.def == nil {
			return nil
		}
		at = annotationSlot(f.mod.of.Path, f.def)
	} else {
		at = slot{base.class[0].frame, annotations}
	}
	if v, ok := st.get(at); ok && v != nil {
		return v
	}
	v := a.unnamed(st, &object{name: "builtins.dict()", more: true})
	st.set(at, v)
	return v
}

func annotationSlot(path string, d *ast.FunctionDef) slot {
	return ambient(annotations + path + ":" + strconv.Itoa(int(d.Start())))
}
