package finding

// An Account is what a report can say of one practice beside its findings: what was looked
// at, what is as it should be, and what looking at files does not show. It holds what was
// counted, and nothing that was concluded from finding nothing.
type Account struct {
	Practice Practice `json:"practice"`
	Places   []Count  `json:"places"` // what the rules of the practice had before them
	Rules    []Looked `json:"rules"`  // each of them that looked, by id
	Right    []Count  `json:"right"`  // what is as it should be
	Unseen   []Unseen `json:"unseen"` // what was not seen
}

// A Count is a number of things, all or some of them.
type Count struct {
	What string `json:"what"` // in the plural, as read after the number: calls, routes that ask for a login
	N    int    `json:"n"`
	Of   int    `json:"of,omitempty"`   // of how many, where that is known
	Rule string `json:"rule,omitempty"` // the rule that cares
}

// Looked is how much a rule had to look at.
type Looked struct {
	Rule   string  `json:"rule"`
	Places []Count `json:"places"`
}

// An Unseen is something that a scan does not see.
type Unseen struct {
	What    string `json:"what"`              // a question: whether …
	Command string `json:"command,omitempty"` // of this program, that sees it; "" if none does yet
	Gap     bool   `json:"gap,omitempty"`     // it could have been seen, and could not be read here
}
