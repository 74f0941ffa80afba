package taint

import (
	"slices"
	"strings"
)

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
	if len(c.args) == 0 || !slices.ContainsFunc(c.names, func(n string) bool { return n == "os.getenv" || strings.HasPrefix(n, "os.environ.") }) {
		return nil, false
	}
	name, ok := c.args[0].v.str()
	if !ok {
		return nil, false
	}
	for _, n := range c.names {
		switch n {
		case "os.getenv", "os.environ.get":
			return c.st.get(environ(name))
		case "os.environ.pop":
			v, ok := c.st.get(environ(name))
			c.st.set(environ(name), bottom)
			return v, ok
		}
	}
	return nil, false
}
