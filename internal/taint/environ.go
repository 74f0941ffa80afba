package taint

import "slices"

// The environment is a setting, and nothing that a visitor decides, as long as the program itself puts
// nothing there that came from one: os.environ["TITLE"] = request.args["title"].

// environ is where a variable of the environment is kept that the program has set.
func environ(name string) slot { return ambient("os.environ[" + name + "]") }

// setEnviron notes what the program puts into the environment.
func (a *analysis) setEnviron(st *state, base, key, v *value) {
	if name, ok := key.str(); ok && base != nil && slices.Contains(base.names, "os.environ") {
		st.set(environ(name), v)
	}
}

// ofEnviron is what the program itself has put under a name of the environment, where it has.
func (a *analysis) ofEnviron(c *callSite) (*value, bool) {
	for _, n := range c.names {
		if n != "os.getenv" && n != "os.environ.get" && n != "os.environ.pop" || len(c.args) == 0 {
			continue
		}
		name, ok := c.args[0].v.str()
		if !ok {
			break
		}
		v, ok := c.st.get(environ(name))
		if n == "os.environ.pop" {
			c.st.set(environ(name), bottom)
		}
		return v, ok
	}
	return nil, false
}
