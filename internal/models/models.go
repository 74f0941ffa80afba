// Package models is what is known of libraries: where untrusted data enters, where it does
// harm, what makes it harmless, and what a call returns. One YAML file a library, in this
// folder; the taint engine knows none of them by name, and a framework is added by adding
// a file. Users add files of the same format (docs/models.md).
//
// Names are qualified as program.Unit.Names gives them: "sqlite3.connect().cursor" is the
// method cursor of what sqlite3.connect returns, "os.environ[]" an element. Where returns:
// gives a call's result a type, that name stands for the result from then on. Braces write
// several names in one row: "os.{remove,unlink}" is two entries once the file is read.
//
// Files are read when the program is built (go generate) and compiled into a table:
// reading YAML at every start would cost more than scanning a file.
package models

//go:generate go run ./gen

// A Model is one file.
type Model struct {
	// Library is the name that people know it by.
	Library string `yaml:"library"`
	// Imports lists the modules one of which a file must import, itself or through the
	// project, for the model to matter. Empty is always.
	// A module stands for what is below it too.
	Imports    []string    `yaml:"imports"`
	Sources    []Source    `yaml:"sources"`
	Routes     []Route     `yaml:"routes"`
	Sinks      []Sink      `yaml:"sinks"`
	Sanitizers []Sanitizer `yaml:"sanitizers"`
	Guards     []Guard     `yaml:"guards"`
	Returns    []Return    `yaml:"returns"`
	Renders    []Render    `yaml:"renders"`
	Options    []Option    `yaml:"options"`
	Validators []Validator `yaml:"validators"`
	Forms      []Form      `yaml:"forms"`
	Records    []Record    `yaml:"records"`
	Keeps      []Keep      `yaml:"keeps"`
	Rows       []Row       `yaml:"rows"`
	Stores     []Store     `yaml:"stores"`
	Shelves    []Shelf     `yaml:"shelves"`
	Callers    []Caller    `yaml:"callers"`
	Raises     []Raise     `yaml:"raises"`
	Same       []Same      `yaml:"same"`
	Programs   []Program   `yaml:"programs"`
	Converters []Converter `yaml:"converters"`
}

// A Source is where data enters. Exactly one of Value, Call and Parameter is set.
type Source struct {
	// Value is a qualified name: reading it, or anything below it, gives the data.
	// "flask.request" makes flask.request.args["q"] and flask.request.form.get("q") sources.
	Value string `yaml:"value"`
	// Call is a function whose result is the data. Below it counts as well.
	Call string `yaml:"call"`
	// Method is a method of whatever object nobody knows whose result is the data, with as much of the
	// way to it as tells: "llm.complete".
	Method string `yaml:"method"`
	// Parameter is a parameter's name, in any function.
	Parameter string `yaml:"parameter"`
	// Kind is untrusted (from the network, as when it is left out), or local: arguments,
	// environment, files, standard input. What local data can do is less severe. What is stored
	// may come from anybody, once: pages are not called harmless for it, and not more is said.
	Kind string `yaml:"kind"`
	// Owner says that local data are set by whoever owns the machine: behind a route they are
	// settings, and nothing that a visitor could decide.
	Owner bool `yaml:"owner"`
	// Says completes the sentence "… enters here": "the request".
	Says string `yaml:"says"`
	// Except lists members of Value, or of Parameter, that nobody outside controls: [method,
	// endpoint].
	Except []string `yaml:"except"`
	// Only lists the members of Parameter that are data, where others are not: a parameter
	// "request" of which GET is asked is a request, whatever the file imports.
	Only []string `yaml:"only"`
	// Unbound is a name that a file uses without binding it, with the qualified name that it
	// most likely means: part of a program whose imports were left out.
	Unbound string `yaml:"unbound"`
	Means   string `yaml:"means"`
	// Path lists members of Value that are the route's own address: where that has no
	// variable part, nobody outside decides them.
	Path Names `yaml:"path"`
	// Fields says that the members of Value are the fields of the program's own class, each
	// with what its type, given like the call that makes it, leaves. It names the methods that
	// check one: "clean_*".
	Fields string `yaml:"fields"`
	// Of is the way from the program's class to another one whose fields it has as well:
	// "Meta.model". With Makes the value is an instance of that.
	Of    string `yaml:"of"`
	Makes bool   `yaml:"makes"`
}

// A Route says which functions the framework calls, with what. Exactly one of Decorator,
// Base, Register, Class, Mark, Function and Signature is set.
type Route struct {
	// Decorator marks a handler: "flask.Flask().route". A last component after *. matches
	// any object: "*.route" is for applications that come as parameters.
	Decorator string `yaml:"decorator"`
	// Base marks a class whose methods named in Handlers are handlers; "do_*" is all that
	// begin so, "*" all that are public. Self is not counted among their parameters.
	// First are methods that are called on the same object before them: [setup, dispatch].
	Base     string   `yaml:"base"`
	Handlers []string `yaml:"handlers"`
	First    []string `yaml:"first"`
	// Register is a function that is given a handler: in the argument named or numbered
	// Handler. With Handlers it is given an object whose methods of these names are meant.
	// Beside Decorator, Handler is the argument that names the method of the class below it.
	Register string `yaml:"register"`
	Handler  string `yaml:"handler"`
	// Class are the names of methods that make a class of a file which imports the library a
	// handler's, whatever it derives from: [GET, POST]. Mark is an attribute that is set to True on a
	// method that is one.
	Class []string `yaml:"class"`
	Mark  string   `yaml:"mark"`
	// Function is the name of a function of a module that something outside calls by it:
	// "on_message"; "*" is each that is public and that its module itself does not call.
	// Signature are the names of all parameters of functions and methods that are called so,
	// whatever they are called: [environ, start_response].
	Function  string   `yaml:"function"`
	Signature []string `yaml:"signature"`
	// Path is the argument with the route's path, by number or name; "0" if left out.
	Path string `yaml:"path"`
	// Schema is the argument, or the attribute of the class, with a class whose fields say of what
	// types the parameters are.
	Schema string `yaml:"schema"`
	// With is the argument with a dictionary of what the handler is given besides.
	With string `yaml:"with"`
	// Method is the HTTP method when the decorator implies it, Methods the argument that lists them.
	Method  string `yaml:"method"`
	Methods string `yaml:"methods"`
	// Parameters says what the handler gets: "path" (all are parts of the path, as in Flask),
	// "request" (the first one is the request, of the type in Request, the others are parts
	// of the path), "typed" (as their annotations say, as in FastAPI), "all" (each is data),
	// or "none".
	Parameters string `yaml:"parameters"`
	Request    string `yaml:"request"`
	// Response is the type of the second parameter, where it is no part of the path.
	Response string `yaml:"response"`
	// Takes are the types of the parameters, by their order, self not counted: what is no source
	// is harmless, and "" is for Parameters to say. "self.data" is an attribute of the object.
	Takes []string `yaml:"takes"`
	// Runs are attributes of the handler by which the program has it run later, with its
	// arguments (delay), or, with a star, with a list and a dictionary of them (apply_async*).
	Runs []string `yaml:"runs"`
	// Raised is the number of the parameter that is the error which another handler has
	// raised, self not counted; Catches is the argument that names the classes of errors, "0"
	// if left out.
	Raised  string `yaml:"raised"`
	Catches string `yaml:"catches"`
	// Clears are kinds that what is handed over cannot do: where a schema says under which names data
	// may come, nobody outside chooses those.
	Clears Names `yaml:"clears"`
	// Kind and Says are those of the parameters, as in Source: untrusted if left out.
	Kind string `yaml:"kind"`
	Says string `yaml:"says"`
	// Template is the attribute of the handler's class, or the argument of its decorator, that
	// names the template which is filled in with what the handler returns. Language as in
	// Render.
	Template string `yaml:"template"`
	Language string `yaml:"language"`
	// Returns is the kind of sink that text is which the handler returns, where the framework
	// sends it as it is: html.text. When is a condition on the arguments of the decorator for
	// that, as in Sink: "response_class=HTMLResponse".
	Returns string `yaml:"returns"`
	When    string `yaml:"when"`
	// Declared is the class within the handler's class that says what type each parameter is
	// of: "Arguments". Where a handler's name ends with what stands for "*" in Handlers, an
	// attribute of that name says it as well.
	Declared string `yaml:"declared"`
}

// A Sink is where data does harm.
type Sink struct {
	// Call is a function; Method is a method's name on an object of unknown type, a weaker
	// match, with as much of the way to it as tells ("executescript", "objects.raw"); Assign is an attribute or element that is set ("flask.Response().headers[]").
	Call   string `yaml:"call"`
	Method string `yaml:"method"`
	Assign string `yaml:"assign"`
	// Argument is by number, by name, or both ("0", "sql", "0|sql"), "all", "rest" (all from
	// the second one), "self", or "key" of an element that is set; "0|args[0]" is the first
	// element of an argument, "0|args[1:]" the others, "0|args[key]" the keys of a dictionary,
	// "**" a dictionary given as names and values. Left out with Assign, it is the value. See ParseArgument.
	Argument string `yaml:"argument"`
	Kind     string `yaml:"kind"`
	// When is a condition on another argument: "shell=True", "!autoescape=True", "filter"
	// (it is given), "!1|Loader=SafeLoader|CSafeLoader" (none of these; constants, or last
	// names, of types too, are compared, and content types without their parameters),
	// "headers[content-type]=text/html" (an element), "key=Location" (the key that is set). Several,
	// separated by ", ", must all hold. See ParseConditions.
	When string `yaml:"when"`
	// Said is html where the response, which is no page by itself, must be said to be one near by.
	Said string `yaml:"said"`
}

// A Sanitizer is a function whose result is harmless for some kinds: Call, or Method as in
// Sink. Value is an attribute that is harmless although its object is not: a path's last
// component.
type Sanitizer struct {
	Call   string `yaml:"call"`
	Method string `yaml:"method"`
	Value  string `yaml:"value"`
	Clears Names  `yaml:"clears"` // kinds, or [all], or all but some: [all, "!url.fetch"]
	// Restores are kinds that come back, where the data can do harm at all: a text is no
	// operator for a database, but what it is parsed into may be.
	Restores Names `yaml:"restores"`
	// When as in Sink.
	When string `yaml:"when"`
}

// A Render is a call that fills in a template. Without a context it makes a template that is
// filled in later.
type Render struct {
	Call string `yaml:"call"`
	// Template is the argument with the template's name, as in Sink, or "self", or an attribute
	// of the object ("self.template_name"); Text the one with its text.
	Template string `yaml:"template"`
	Text     string `yaml:"text"`
	// Context are the arguments with the variables, separated by commas: "**" are all that are
	// given by name, "1|context" is a dictionary.
	Context string `yaml:"context"`
	// Language is jinja, if left out, or django, tornado or mako.
	Language string `yaml:"language"`
	// Escapes says for which templates the library escapes by default: always, if left out,
	// never, or markup (those whose names end like pages).
	Escapes string `yaml:"escapes"`
	// Request is the type of the variable request, which is there without being given.
	Request string `yaml:"request"`
}

// An Option is a call that tells a parser of one: what is parsed under its name is only what
// it lets through.
type Option struct {
	// Call is a function or method, or a decorator above the function that gets the option as
	// a parameter.
	Call string `yaml:"call"`
	// Gives is the result in which the option is found, as an attribute or an element:
	// "argparse.ArgumentParser().parse_args()". Left out, it is a parameter.
	Gives Names `yaml:"gives"`
	// Type, Among and Dest are the arguments with its type, with a list of what it can be, and
	// with its name, as in Sink. Without Dest the name is that of the arguments by position.
	Type  string `yaml:"type"`
	Among string `yaml:"among"`
	Dest  string `yaml:"dest"`
	// Default is the argument with its default, whose type it has where no other is given.
	Default string `yaml:"default"`
	// Harmless is a condition under which it holds nothing of anybody's, as When in Sink; of
	// several, one is enough.
	Harmless string `yaml:"harmless"`
}

// A Guard is a predicate that makes its argument harmless where it holds.
type Guard struct {
	Call     string `yaml:"call"`
	Method   string `yaml:"method"`   // as in Sink
	Argument string `yaml:"argument"` // as in Sink
	Clears   Names  `yaml:"clears"`
	// Holds is true (where the call is true, as when left out), false, or returns (where it
	// does not raise).
	Holds string `yaml:"holds"`
}

// A Validator stands beside a field in a class that says what its fields hold, and is a call:
// StringField(validators=[Regexp("^[a-z]+$")]). Or it is a decorator of a method that checks
// fields. Exactly one of Call and Decorator is set, and what says how it checks. Functions that
// are validators are guards.
type Validator struct {
	Call string `yaml:"call"`
	// One of these is the argument, as in Sink, with a pattern, with what is allowed, with the
	// types that are, with a function that is asked, with further validators, with what each
	// element is, or with a class that says what its fields hold.
	Pattern  string `yaml:"pattern"`
	Choices  string `yaml:"choices"`
	Types    string `yaml:"types"`
	Function string `yaml:"function"`
	Also     string `yaml:"also"`
	Each     string `yaml:"each"`
	Schema   string `yaml:"schema"`
	// How a pattern is asked: search, as when it is left out, match or fullmatch.
	How string `yaml:"how"`
	// When as in Sink.
	When      string `yaml:"when"`
	Decorator string `yaml:"decorator"`
	// Checks says what the method of a Decorator is given: field (the value of one of those that
	// the decorator names), whole (the object, or all its fields), or makes (all its fields, and
	// what it returns takes their place).
	Checks string `yaml:"checks"`
}

// A Form says where a class that names its fields is filled in. Exactly one of Call and
// Decorator is set.
type Form struct {
	Call      string `yaml:"call"`
	Decorator string `yaml:"decorator"`
	// Argument is the one with the data, or, of a Decorator, the one with the class, as in Sink.
	Argument string `yaml:"argument"`
	// Gives is result (what Call returns are the fields), errors (it returns what is wrong, and
	// nothing where the data hold), fields (where Call is true, the object's fields hold it in
	// Attribute), attribute (it returns Attribute), parameter (the function gets it as one
	// parameter) or parameters (one for each field).
	Gives     string `yaml:"gives"`
	Attribute string `yaml:"attribute"`
	// Checks names the methods that check one field: "validate_*".
	Checks string `yaml:"checks"`
}

// A Return gives a call's result, the name in Value, or what is in a form's field that Field
// makes, a type of its own.
type Return struct {
	Call  string `yaml:"call"`
	Value string `yaml:"value"`
	Field string `yaml:"field"`
	// Type is a class: "dbapi.Connection" makes the result "dbapi.Connection()". "self.form_class" is
	// the class in an attribute of the object. "self" is what the method is called on, "instance" an
	// object of the class that it is called on, and "combined" a class that has what that class has,
	// and what the class in its first argument has.
	Type string `yaml:"type"`
	When string `yaml:"when"` // as in Sink
	// Key says that the result is a key: what stands under it is an instance of the class in
	// this argument. There is no Type then.
	Key string `yaml:"key"`
	// Self says that what the method is called on becomes of this type, and not its result.
	Self bool `yaml:"self"`
}

// A Record says which classes hold in their fields what the annotations say, since who makes an
// instance has checked that: those that derive from Base, or stand below Decorator.
type Record struct {
	Base      string `yaml:"base"`
	Decorator string `yaml:"decorator"`
	Filled    bool   `yaml:"filled"` // from outside the program: what it says of a field is only what it is without that
}

// A Keep is an object on which one function of the program finds what another has put there
// while the same request is answered: Value by its name, or Member of whatever object.
type Keep struct {
	Value  string `yaml:"value"`
	Member string `yaml:"member"`
	By     string `yaml:"by"` // a call that puts on Value what it is given by name
}

// A Row is where a database gives objects of a class of the program: what Call returns, or what
// Value is on such a class. Class is the argument with the class, or with what already stands
// for objects of it, or an attribute of the object ("self.model"); left out, it is the class that
// Call is a method of. A Field is a call that declares a field which leads to rows of that class,
// one or, with Gives, many; Back is the argument that names the way back. With Gives it is a query: these of its methods, and of those that what they
// return has, give one object, and iterating over it gives all.
type Row struct {
	Call  string `yaml:"call"`
	Value string `yaml:"value"`
	Field string `yaml:"field"`
	Class string `yaml:"class"`
	Back  string `yaml:"back"`
	Gives Names  `yaml:"gives"`
	// Puts are methods of the query that store what they are given by name.
	Puts Names `yaml:"puts"`
	// Picks are methods of the query that leave but the fields they are given, by name or as
	// attributes of the class.
	Picks Names `yaml:"picks"`
}

// A Store is a call that stores an object of a class of the program in a database, with all that
// is in its fields: the Argument of Call, or of whatever Method of that name, or what Call gives.
type Store struct {
	Call     string `yaml:"call"`
	Method   string `yaml:"method"`
	Argument string `yaml:"argument"`
	When     string `yaml:"when"` // as in Sink
	// Of is the way from the object's class to the one that is stored, and Fields the attribute
	// of the object with what is stored of it.
	Of     string `yaml:"of"`
	Fields string `yaml:"fields"`
}

// A Shelf is a call that puts something where another handler finds it under the same Key: a cache, a
// store of keys and values. Value is the argument that it puts there; without one it gives what is
// there.
type Shelf struct {
	Call  string `yaml:"call"`
	Key   string `yaml:"key"`
	Value string `yaml:"value"`
}

// A Caller is who calls, as an object of the program: the function below Decorator gives it, and the
// program reads it as Value.
type Caller struct {
	Decorator string `yaml:"decorator"` // "*.name" on an object that is not known
	Value     string `yaml:"value"`
}

// A Raise is a function that raises an error of the class in Type, which the other arguments
// describe, with the HTTP status in the argument Status.
type Raise struct {
	Call   string `yaml:"call"`
	Type   string `yaml:"type"`
	Status string `yaml:"status"`
}

// A Same is a function, class, decorator or whole module that does what one of Python's own
// does, of which the engine knows what it does to data: As is that one's name.
type Same struct {
	Call string `yaml:"call"`
	As   string `yaml:"as"`
}

// A Program is one that Python programs start, by the name of its file or by the qualified name
// that its path has in Python: Takes are its options that have a value behind them, which is not
// read as another option, and Ends what ends all options, beside --. Reads are those of its
// arguments that are more than words to it. Runs is the place of the first word, counted from
// one and without options, that names another program, whose arguments follow.
type Program struct {
	Name  string `yaml:"name"`
	Takes Names  `yaml:"takes"`
	Ends  string `yaml:"ends"`
	Reads []Read `yaml:"reads"`
	Runs  int    `yaml:"runs"`
}

// A Read is an argument that a program runs or opens: what stands behind one of the options in
// After, the word at a place, counted like Runs, or all words From there on. Kind is what data in
// it do there.
type Read struct {
	After Names  `yaml:"after"`
	At    int    `yaml:"at"`
	From  int    `yaml:"from"`
	Kind  string `yaml:"kind"`
}

// A Converter is where a program gives a class of its own a name by which routes say what a part
// of their path may be: a Call with the Class and the Name among its arguments, or an Assign to an
// element. Pattern is the class's attribute with a regular expression, if it has one, and Method
// makes of the text what the handler is given.
type Converter struct {
	Call    string `yaml:"call"`
	Assign  string `yaml:"assign"`
	Class   string `yaml:"class"`
	Name    string `yaml:"name"`
	Pattern string `yaml:"pattern"`
	Method  string `yaml:"method"`
}

// Names is a list that may be written as one word: "all" is [all].
type Names []string

// UnmarshalYAML reads either form.
func (n *Names) UnmarshalYAML(read func(any) error) error {
	var list []string
	if err := read(&list); err == nil {
		*n = list
		return nil
	}
	var one string
	if err := read(&one); err != nil {
		return err
	}
	*n = Names{one}
	return nil
}

// Builtin returns what is known without a file of the user's. It is not to be changed.
func Builtin() []Model {
	return table[:]
}
