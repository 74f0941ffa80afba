package template

import "strings"

// chars are what an attacker's text can still have in it. Each is what it takes to get out of
// some place in a page.
type chars uint8

const (
	tag       chars = 1 << iota // < and >: begins and ends tags
	double                      // "
	single                      // '
	blank                       // a blank, or whatever else ends a value without quotes
	colon                       // a scheme at the beginning
	backslash                   // takes the quote behind it with it
	code                        // brackets, operators: a program
	dollar                      // ${ and `

	every  = tag | double | single | blank | colon | backslash | code | dollar
	markup = tag | double | single // what escapes for HTML take away
)

// A mark says what a filter makes of the mark that text is safe as it is.
type mark uint8

const (
	keeps mark = iota
	loses      // what comes out is plain text again, and is escaped when it is printed
	safe       // what comes out is not escaped any more
)

// An escaper says whether a filter escapes for HTML.
type escaper uint8

const (
	never escaper = iota
	once          // what is not marked as safe
	again         // in any case
	asSet         // what is not marked as safe, where escapes are on
)

// A shape says what a filter gives back.
type shape uint8

const (
	text     shape = iota // text made of the value
	same                  // the value, or another list of the same elements
	element               // one of its elements
	elements              // text made of the elements
	rows                  // lists of its elements
	pairs                 // its keys and values
	groups                // pairs of a key and a list
	mapped                // what map makes of each
	named                 // an attribute
	nothing               // a number, a truth value or words of the template's
)

// An effect is what a filter does.
type effect struct {
	clears chars
	escape escaper
	mark   mark
	shape  shape
	args   bool // what it is given shows, too
}

var (
	number_ = effect{clears: every, shape: nothing}
	encoded = effect{clears: every, mark: loses}
)

// jinjaFilters are those that Jinja2 has, and Flask's. TestFilters asks Jinja2 itself. What stands in none of
// both tables is the project's own: data go through, and whether it marks them is not known.
var jinjaFilters = map[string]effect{
	"abs":            number_,
	"attr":           {shape: named},
	"batch":          {shape: rows},
	"capitalize":     {},
	"center":         {},
	"count":          number_,
	"d":              {shape: same, args: true},
	"default":        {shape: same, args: true},
	"dictsort":       {shape: pairs},
	"e":              {escape: once, mark: safe},
	"escape":         {escape: once, mark: safe},
	"filesizeformat": number_,
	"first":          {shape: element},
	"float":          number_,
	"forceescape":    {escape: again, mark: safe},
	"format":         {args: true},
	"groupby":        {shape: groups},
	"indent":         {},
	"int":            number_,
	"items":          {shape: pairs},
	"join":           {shape: elements, args: true},
	"last":           {shape: element},
	"length":         number_,
	"list":           {shape: same},
	"lower":          {},
	"map":            {shape: mapped},
	"max":            {shape: element},
	"min":            {shape: element},
	"pprint":         {mark: loses},
	"random":         {shape: element},
	"reject":         {shape: same},
	"rejectattr":     {shape: same},
	"replace":        {args: true},
	"reverse":        {shape: same},
	"round":          number_,
	"safe":           {mark: safe},
	"select":         {shape: same},
	"selectattr":     {shape: same},
	"slice":          {shape: rows},
	"sort":           {shape: same},
	"string":         {},
	"striptags":      {mark: loses},
	"sum":            number_,
	"title":          {mark: loses},
	// What JSON writes as \u0027 and the like is taken away; its own double quotes stay,
	// and so a value between double quotes is no place for it.
	"tojson":    {clears: markup&^double | colon | backslash | code, mark: safe},
	"trim":      {},
	"truncate":  {},
	"unique":    {shape: same},
	"upper":     {},
	"urlencode": encoded,
	"urlize":    {escape: once, mark: safe},
	"wordcount": number_,
	"wordwrap":  {mark: loses},
	// Values get quotes, and since 3.1.4 names may hold no blanks.
	"xmlattr": {clears: blank, escape: once, mark: safe, shape: elements},
}

// djangoFilters are Django's, with those of humanize and the other libraries that come with it.
var djangoFilters = map[string]effect{
	"add":                {mark: loses, args: true},
	"addslashes":         {},
	"apnumber":           {},
	"capfirst":           {},
	"center":             {},
	"cut":                {},
	"date":               number_,
	"default":            {shape: same, args: true},
	"default_if_none":    {shape: same, args: true},
	"dictsort":           {shape: same},
	"dictsortreversed":   {shape: same},
	"divisibleby":        number_,
	"escape":             {escape: once, mark: safe},
	"escapejs":           {clears: markup | backslash, mark: safe},
	"escapeseq":          {escape: once, mark: safe, shape: same},
	"filesizeformat":     number_,
	"first":              {shape: element},
	"floatformat":        number_,
	"force_escape":       {escape: again, mark: safe},
	"get_digit":          {shape: same},
	"intcomma":           {},
	"intword":            {},
	"iriencode":          {clears: tag | double | blank | backslash | dollar},
	"join":               {escape: asSet, mark: safe, shape: elements, args: true},
	"json_script":        {clears: every, mark: safe},
	"last":               {shape: element},
	"length":             number_,
	"length_is":          number_,
	"linebreaks":         {escape: asSet, mark: safe},
	"linebreaksbr":       {escape: asSet, mark: safe},
	"linenumbers":        {escape: asSet, mark: safe},
	"ljust":              {},
	"localize":           {},
	"localtime":          {shape: same},
	"lower":              {},
	"make_list":          {mark: loses, shape: same},
	"naturalday":         {},
	"naturaltime":        {},
	"ordinal":            {},
	"phone2numeric":      {},
	"pluralize":          number_,
	"pprint":             {},
	"random":             {shape: element},
	"regroup":            {shape: groups},
	"rjust":              {},
	"safe":               {mark: safe},
	"safeseq":            {mark: safe, shape: same},
	"slice":              {shape: same},
	"slugify":            {clears: every},
	"stringformat":       {},
	"striptags":          {},
	"time":               number_,
	"timesince":          number_,
	"timeuntil":          number_,
	"timezone":           {shape: same},
	"title":              {},
	"truncatechars":      {},
	"truncatechars_html": {},
	"truncatewords":      {},
	"truncatewords_html": {},
	"unlocalize":         {},
	"unordered_list":     {escape: asSet, mark: safe, shape: elements},
	"upper":              {mark: loses},
	"urlencode":          encoded,
	"urlize":             {escape: asSet, mark: safe},
	"urlizetrunc":        {escape: asSet, mark: safe},
	"utc":                {shape: same},
	"wordcount":          number_,
	"wordwrap":           {},
	"yesno":              {clears: every, shape: nothing},
}

// functionEffect is what a function makes of its arguments: those that put addresses together encode
// them. Flask has url_for, and extensions name theirs after it; url and static are Django's tags.
func functionEffect(name string) (effect, bool) {
	if strings.HasPrefix(name, "url_for") || name == "url" || name == "static" {
		return encoded, true
	}
	switch name { // Tornado's, which are named in its templates
	case "escape", "xhtml_escape", "linkify":
		return effect{escape: once, mark: safe}, true
	case "url_escape", "reverse_url", "static_url":
		return encoded, true
	case "json_encode":
		return jinjaFilters["tojson"], true
	}
	return effect{}, false
}

// effectOf looks a filter up.
func effectOf(d Dialect, name string) (effect, bool) {
	if d == Django {
		e, ok := djangoFilters[name]
		return e, ok
	}
	e, ok := jinjaFilters[name]
	return e, ok
}

// A Step is something that data went through on their way to the place where they are printed.
type Step struct {
	Name   string   // the filter, or the function with "()"; "" for a place that printed it into a variable
	Args   []string // of a filter; "" for what is no constant
	Known  bool     // it is the library's own
	Escape Escaping // where the step stands
}

// an output is what is known of an attacker's text after some steps.
type output struct {
	written chars // in the text as it stands in the page
	decoded chars // after the browser has replaced entities, as it does in attributes
	safe    bool
}

func (o output) escape() output {
	o.written &^= markup
	return o
}

// step applies one; on says whether escapes are on by default.
func (o output) step(d Dialect, s Step, on bool) output {
	on = s.Escape.on(on)
	if s.Name == "" { // printed
		if on && !o.safe {
			o = o.escape()
		}
		o.safe = on || d == Django
		return o
	}
	e, ok := effectOf(d, s.Name)
	if f, is := strings.CutSuffix(s.Name, "()"); is {
		e, ok = functionEffect(f)
	}
	if !ok {
		return o
	}
	if s.Name == "stringformat" && len(s.Args) > 0 && strings.IndexByte("diouxXeEfFgG", lastByte(s.Args[0])) >= 0 {
		e = number_
	}
	if e.escape == again || !o.safe && (e.escape == once || e.escape == asSet && on) {
		o = o.escape()
	}
	o.written &^= e.clears
	o.decoded &^= e.clears
	if s.Name == "striptags" && d == Jinja {
		o.written = o.decoded // it also replaces entities
	}
	switch e.mark {
	case safe:
		o.safe = true
	case loses:
		o.safe = false
	}
	return o
}

func lastByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}
