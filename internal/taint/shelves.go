package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
)

// A shelf is a call of a library that puts something under a key, or gives what is there: caches, and
// stores of keys and values. What one handler puts there does harm where another takes it out, as with
// fields of a database; see stored.go.
type shelf struct {
	library    string
	key, value models.Argument
	gives      bool
}

// shelved notes what a call puts on a shelf, and adds to what it gives what was put there.
func (a *analysis) shelved(c *callSite, v *value) *value {
	if c.node == nil {
		return v
	}
	for _, n := range c.names {
		for _, s := range a.models.shelves[n] {
			keys := c.given(s.key)
			if len(keys) == 0 {
				continue
			}
			place := shelfOf(s.library, keys[0].v)
			switch {
			case s.gives:
				if place == "" { // somebody has put it there
					place = shelfMark + "store.?"
				}
				m := a.mark(onShelf, a.at(c.fr, c.node), place)
				m.src.field = place
				w := value{}
				if v != nil {
					w = *v
				}
				w.marks = []mark{m} // and nothing of the key
				v = &w
			case place != "":
				for _, x := range c.given(s.value) {
					a.storedIn(c.fr, c.st, place, x.v, c.node)
				}
			}
		}
	}
	return v
}

// heldAs is the part of a queue that an application holds which tells where: handlers put jobs into it,
// and who runs beside them takes them out.
const heldAs = "\x00held"

// queues are those that somebody else than a handler reads.
var queues = map[string]bool{"asyncio.Queue()": true, "asyncio.LifoQueue()": true, "asyncio.PriorityQueue()": true, "queue.Queue()": true, "queue.SimpleQueue()": true, "multiprocessing.Queue()": true}

func isQueue(o *object) bool { return o.name == "queue" || o.name == "lifo" || o.name == "heap" }

// heldQueue is a value that an application is given under a member; a queue knows where.
func heldQueue(st *state, v *value, member string) *value {
	if v == nil || len(v.objs) != 1 {
		return v
	}
	if o := st.object(v.objs[0]); o == nil || !isQueue(o) {
		return v
	}
	w := *v
	w.parts = map[string]*value{heldAs: strOf(member)}
	return &w
}

// queued is shelved for the methods of a held queue.
func (a *analysis) queued(c *callSite, method string, v *value) *value {
	if c.recv == nil || c.node == nil || c.recv.parts[heldAs] == nil && !slices.ContainsFunc(c.recv.names, func(n string) bool { return queues[n] }) {
		return v
	}
	place := shelfMark + "queue.?" // handed over, and nobody knows by whom
	if member, ok := c.recv.parts[heldAs].str(); ok {
		place = shelfMark + "queue." + strings.ReplaceAll(strings.Trim(member, ".[]"), ".", "_")
	}
	switch method {
	case "put", "put_nowait":
		if c.recv.parts[heldAs] != nil {
			a.storedIn(c.fr, c.st, place, arg(c.args, 0, "item"), c.node)
		}
	case "get", "get_nowait":
		m := a.mark(inQueue, a.at(c.fr, c.node), place)
		m.src.field = place
		return marked([]mark{m})
	}
	return v
}

var inQueue = &models.Source{Says: "the queue", Kind: "stored"}

var onShelf = &models.Source{Says: "the store", Kind: "stored"}

// shelfMark begins the name of a shelf, on which others than the program may put something, too.
const shelfMark = "\x00"

// shelfOf is the name of where a key leads, or "": its beginning, up to what parts it.
func shelfOf(library string, key *value) string {
	text, whole := key.str()
	if !whole {
		text = key.begins()
	}
	if i := strings.IndexAny(text, ":/|"); i > 0 {
		text = text[:i]
	} else if !whole {
		return "" // whose keys are all alike
	}
	if text == "" || len(text) > 80 {
		return ""
	}
	return shelfMark + strings.ReplaceAll(strings.ToLower(library), " ", "_") + "." + strings.ReplaceAll(strings.Clone(text), ".", "_")
}
