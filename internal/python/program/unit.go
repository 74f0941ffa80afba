package program

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// A Unit is one file with all that is known of its names. It is what rules look at.
// All methods are safe on nil expressions, and answer "unknown" when they do not know.
type Unit struct {
	File   *source.File
	Tree   *ast.Tree
	Module *Module
}

// Parent returns the node above n, or nil for the module.
func (u *Unit) Parent(n ast.Node) ast.Node { return nil }

// Function returns the innermost def around n, or nil. A def is not around itself, nor
// around its decorators, annotations and defaults.
func (u *Unit) Function(n ast.Node) *ast.FunctionDef { return nil }

// Class returns the innermost class whose body n stands in, functions between allowed, or nil.
func (u *Unit) Class(n ast.Node) *ast.ClassDef { return nil }

// Statement returns the statement that n is part of (n itself, if it is one).
func (u *Unit) Statement(n ast.Node) ast.Stmt { return nil }

// Symbol returns the dotted names of the classes and functions around n, such as
// "Cart.add", or "".
func (u *Unit) Symbol(n ast.Node) string { return "" }

// Names returns the qualified names that e can stand for, best first, at most a few;
// nil when nothing is known. See Name for their form.
func (u *Unit) Names(e ast.Expr) []string { return nil }

// Name returns the qualified name that e stands for, or "". Names are absolute and
// follow aliases and re-exports: "yaml.load" through `import yaml as y; y.load`, `from
// yaml import load`, `l = yaml.load`. Builtins are "builtins.eval". The result of a
// call, an instance of a class above all, is the name followed by "()": after
// `s = requests.Session()` the name of s.get is "requests.Session().get", also where s is
// self.s, a parameter annotated with requests.Session, or `with … as s`. What the
// project itself defines is "package.module.name".
func (u *Unit) Name(e ast.Expr) string { return "" }

// Is says whether e can stand for one of the names.
func (u *Unit) Is(e ast.Expr, names ...string) bool { return false }

// Const folds e to a constant: literals, operators on constants, f-strings, % and
// format, join, and names that are bound once, in this file or in one it imports from.
func (u *Unit) Const(e ast.Expr) (Value, bool) { return Value{}, false }

// Str folds e to a string.
func (u *Unit) Str(e ast.Expr) (string, bool) { return "", false }

// Int folds e to an integer that fits.
func (u *Unit) Int(e ast.Expr) (int, bool) { return 0, false }

// Bool folds e to True or False (not to something that is merely true).
func (u *Unit) Bool(e ast.Expr) (value, known bool) { return false, false }

// IsConst says whether e is made of constants only, containers of constants included.
func (u *Unit) IsConst(e ast.Expr) bool { return false }

// Values returns the expressions that were last assigned to the name e where e is read,
// one for each assignment that may reach it, or e itself if it is not a name or its
// assignments are not plain (a loop variable, a parameter, a with target …).
func (u *Unit) Values(e ast.Expr) []ast.Expr { return []ast.Expr{e} }

// Arg returns the argument of a call by position, or by keyword name, or nil. A negative
// position asks for the keyword only; "" for the position only. Positions after a
// starred argument are unknown, and nil.
func Arg(c *ast.Call, position int, name string) ast.Expr { return nil }

// Keyword returns the keyword argument of that name, or nil.
func Keyword(c *ast.Call, name string) *ast.Keyword { return nil }

// HasStar says whether the call has *args or **kwargs, so that arguments may be hidden.
func HasStar(c *ast.Call) bool { return false }

// A Value is a folded constant.
type Value struct {
	Kind ast.ConstKind // None, True, False, Ellipsis, Int, Float, Str, Bytes; List for containers
	Str  string        // of Str and Bytes
	Int  int64         // of Int; saturated
	Flt  float64       // of Float
	List []Value       // elements of a tuple, list or set; keys of a dictionary
}

// List is the kind of a Value that is a container.
const List ast.ConstKind = 15

// A Module is a file as others import it.
type Module struct {
	Name string // dotted
	Path string
}
