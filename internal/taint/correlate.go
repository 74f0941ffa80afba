package taint

import (
	"cmp"
	"slices"
	"strings"
)

// correlate finds what a variable that is true in some of the states that are joined, and
// not in the others, tells of the rest: ok = False; if x in allowed: ok = True.
func correlate(live []*state, joined *layer[slot, *value], k slot, v *value) *value {
	if v == nil || len(v.marks) > 0 || !v.also && (len(v.consts) < 2 || len(v.objs) > 0) {
		return v
	}
	var some, none bool
	for _, s := range live {
		switch flag, _ := s.get(k); s.base.truth(s, flag) {
		case yes:
			some = true
		case no:
			none = true
		default:
			some, none = true, true
		}
	}
	if !some || !none {
		return v
	}
	return knowing(v, correlated(live, joined, k, func(s *state) (t, f bool, facts []fact) {
		flag, ok := s.get(k)
		if !ok || flag == nil {
			return true, true, nil
		}
		is := s.base.truth(s, flag)
		return is != no, is != yes, flag.facts
	}))
}

// correlateLists does the same for lists that have something in them in some of the states
// only: if bad(x): errors.append(…).
func correlateLists(live []*state, joined *layer[slot, *value], heap *layer[objectID, *object]) {
	for id, o := range heap.all() {
		if o == nil || o.class != nil || o.name != "builtins.list()" && o.name != "builtins.dict()" && o.name != "builtins.set()" {
			continue
		}
		var some, none bool
		for _, s := range live {
			x := s.object(id)
			some = some || x == nil || x.holds()
			none = none || x != nil && !x.holds()
		}
		if !some || !none {
			continue
		}
		facts := correlated(live, joined, slot{}, func(s *state) (t, f bool, facts []fact) {
			x := s.object(id)
			switch {
			case x == nil:
				return true, true, nil
			case x.holds():
				return true, false, nil
			case x.open():
				return true, true, x.facts
			}
			return false, true, nil
		})
		if len(facts) > 0 {
			c := o.clone()
			c.facts, c.some = facts, o.some
			heap.set(id, c)
		}
	}
}

// correlated are the facts that something tells which is so in some states, and is not in
// others. Ask says which it can be in a state.
func correlated(live []*state, joined *layer[slot, *value], k slot, ask func(s *state) (t, f bool, facts []fact)) []fact {
	candidates := map[slot]*value{}
	for j, w := range joined.all() {
		if j != k && w.tainted() && !j.path() {
			candidates[j] = w
		}
	}
	// What was known before of variables that stay as they are.
	for _, s := range live {
		_, _, known := ask(s)
		for _, f := range known {
			if f.id != 0 || f.slot.path() {
				continue
			}
			if !joined.has(f.slot) && !slices.ContainsFunc(live, func(s *state) bool { v, _ := s.get(f.slot); return v != f.was }) {
				candidates[f.slot] = f.was
			}
		}
	}
	var facts []fact
	for j, w := range candidates {
		yes, no := bottom, bottom
		for _, s := range live {
			x, ok := s.get(j)
			if !ok {
				yes, no = w, w
				break
			}
			t, f, known := ask(s)
			xt, xf := x, x
			if t && f {
				for _, old := range known {
					if old.id == 0 && old.slot == j && old.was == x {
						xt, xf = old.yes, old.no
					}
				}
			}
			if t {
				yes = join(yes, xt)
			}
			if f {
				no = join(no, xf)
			}
		}
		if !same(yes, w) || !same(no, w) {
			facts = append(facts, fact{slot: j, was: w, yes: yes, no: no})
		}
	}
	slices.SortFunc(facts, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.slot.frame, b.slot.frame), strings.Compare(a.slot.name, b.slot.name))
	})
	return facts
}

// factsOf is what the truth of a value tells of variables.
func (a *analysis) factsOf(st *state, v *value) []fact {
	if v == nil {
		return nil
	}
	facts := v.facts
	if len(v.objs) == 1 && len(v.marks) == 0 {
		if o := st.object(v.objs[0]); o != nil && len(o.facts) > 0 {
			facts = append(slices.Clone(facts), o.facts...)
		}
	}
	return facts
}
