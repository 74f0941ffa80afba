package taint

// Classes of the program that derive from a library's: what the library's own methods give of them is
// of the program's class again, so that orders.filter(…).of(member) finds the program's method.

// What a method gives of what it is called on.
const (
	toSelf     = "self"     // the object itself, or one like it
	toInstance = "instance" // an object of the class
	toCombined = "combined" // a class with what the class in the first argument has, too
)

// ofOwnClass is what a library's method gives that is called on an object or a class of the program, or nil
// where models say nothing of that.
func (a *analysis) ofOwnClass(c *callSite, method string) *value {
	if method == "" || c.recv == nil || len(a.models.chains) == 0 {
		return nil
	}
	out := bottom
	for _, id := range c.recv.objs {
		o := c.st.object(id)
		if o != nil && o.class != nil && a.based(o.class, func(n string) bool { return a.models.chains[n+"()."+method] == toSelf }) {
			out = join(out, &value{objs: []objectID{id}, names: c.recv.names})
		}
	}
	with := arg(c.args, 0, "")
	for _, k := range c.recv.class {
		switch {
		case a.based(k, func(n string) bool { return a.models.chains[n+"."+method] == toInstance }):
			v := a.unnamed(c.st, &object{class: k})
			out = join(out, a.inherits(c.st, v, k, nil))
		case a.based(k, func(n string) bool { return a.models.chains[n+"."+method] == toCombined }):
			out = join(out, &value{class: []*class{k}})
			if with != nil {
				out = join(out, &value{class: with.class})
			}
		}
	}
	if len(c.recv.class) == 0 && with != nil && len(with.class) > 0 { // of the library's class
		for _, n := range c.names {
			if a.models.chains[n] == toCombined {
				out = join(out, &value{class: with.class})
			}
		}
	}
	if out == bottom {
		return nil
	}
	return out
}
