package taint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// The library of the tests: source() gives data from outside, sink() runs text as SQL.
const library = `
library: test
sources:
  - {call: t.source, says: the input}
  - {method: llm.complete, says: a language model's answer}
  - {value: t.request, says: the request, except: [method]}
  - {value: t.Request(), says: the request, except: [method, "*.id", user.name]}
  - {call: t.receive, says: a message, except: ["*.offset"]}
  - {value: "t.{Form,ModelForm}().data", says: a form, fields: "clean_*", of: Meta.model}
  - {value: t.ModelForm().instance, says: a form, fields: "clean_*", of: Meta.model, makes: true}
  - {call: "argparse.ArgumentParser().{parse_args,parse_known_args}", kind: local, says: the command line}
sinks:
  - {call: t.sink, argument: 0, kind: sql.text}
  - {call: t.page, argument: 0, kind: html.text}
  - {call: t.open, argument: 0, kind: path}
  - {call: t.fetch, argument: 0, kind: url.fetch}
  - {call: t.shell, argument: 0, kind: command.shell}
  - {call: t.log, argument: 0, kind: log}
sanitizers:
  - {call: t.clean, clears: [sql.text]}
  - {call: t.escape, clears: [html]}
  - {call: builtins.int, clears: all}
  - {call: os.path.basename, clears: [path]}
  - {call: t.Integer, clears: all}
routes:
  - {decorator: t.App().route, parameters: path}
  - {decorator: t.Queue().task, runs: [delay, "apply_async*"], parameters: none}
  - {decorator: t.App().errorhandler, raised: 0, parameters: none}
  - {register: t.App().add, handler: 1, parameters: path}
  - {register: t.App().register_error_handler, handler: 1, raised: 0, parameters: none}
  - {decorator: t.Api().post, parameters: typed}
  - {register: t.Depends, handler: 0, parameters: typed}
  - {register: t.path, handler: 1, path: 0, with: 2|kwargs, parameters: request, request: t.Request}
  - {register: "{t.Configurator(),*}.add_name", handler: 0, path: 1, parameters: none}
  - {decorator: t.view, path: route_name, parameters: request, request: t.Request}
  - {register: t.Channel().consume, handler: 0, takes: [t.Channel, t.Request, t.Nothing], parameters: all}
  - {base: "t.{Form,ModelForm}", handlers: [save], takes: [self.data], parameters: all}
  - {base: t.View, handlers: [show], parameters: none}
  - {base: t.Socket, handlers: [message], first: [connect], parameters: all}
  - {base: t.Socket, handlers: [connect], takes: [t.Database], parameters: none}
  - {base: t.Resource, handlers: [get], parameters: path}
  - {register: t.App().add_resource, handler: 0, path: 1, handlers: [get], parameters: path}
returns:
  - {call: "{sys.exit,os._exit,builtins.exit,flask.abort}", type: typing.NoReturn}
  - {call: "t.{Signal,signal,Namespace().signal}", type: gambeson.Signal}
  - {call: t.receiver, type: gambeson.Receiver}
  - {call: t.View().form, type: self.form_class}
  - {call: t.Emitter, type: gambeson.Emitter}
options:
  - {call: "argparse.ArgumentParser().{,add_argument_group().,add_mutually_exclusive_group().,add_argument_group().add_mutually_exclusive_group().,add_subparsers().add_parser().,add_subparsers().add_parser().add_argument_group().}add_argument", gives: ["argparse.ArgumentParser().{parse_args(),parse_known_args()[],parse_intermixed_args()}"], type: type, among: choices, dest: dest, harmless: "action=store_true|store_false|count|store_const|append_const|version|help|argparse.BooleanOptionalAction|BooleanOptionalAction"}
validators:
  - {call: pydantic.AfterValidator, function: 0|func}
  - {decorator: pydantic.field_validator, checks: field}
same:
  - {call: t.Jobs().enqueue, as: gambeson.later}
converters:
  - {call: t.converter, class: 0, name: 1, pattern: regex, method: to_python}
  - {assign: "t.App().url_map.converters[]", pattern: regex, method: to_python}
guards:
  - {call: t.allowed, argument: 0, clears: all}
  - {call: t.allowed_among, argument: 0, clears: all}
  - {call: t.check, argument: 0, clears: all, holds: returns}
`

func knowledge(t *testing.T) *Knowledge {
	t.Helper()
	m, err := models.Parse("test.yaml", []byte(library))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range models.Builtin() { // what is like Python's own
		m.Records, m.Keeps = append(m.Records, b.Records...), append(m.Keeps, b.Keeps...)
		m.Raises, m.Same = append(m.Raises, b.Raises...), append(m.Same, b.Same...)
	}
	return Learn([]models.Model{*m})
}

// TestConstructs runs testdata/*.txt: each is a page of small programs, a construct of the
// language each, with the attack and its innocent twin. A line ends with # flow where data
// must arrive, and no other line may have any. What is not understood yet says so: # miss
// is a flow that is not found, # alarm one that is none; both complain when they no longer
// hold.
func TestConstructs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	programs, flows := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range programsOf(txtar.Parse(data)) {
			programs++
			t.Run(filepath.Base(file)+"/"+g.name, func(t *testing.T) { flows += construct(t, g.files) })
		}
	}
	t.Logf("%d programs, %d flows", programs, flows)
}

func construct(t *testing.T, files []txtar.File) int {
	byPath := map[string]*source.File{}
	var paths []string
	want := map[string]map[int]string{}
	for _, f := range files {
		path := f.Name[strings.IndexByte(f.Name, '/')+1:]
		byPath[path] = source.New(path, f.Data)
		paths = append(paths, path)
		want[path] = map[int]string{}
		for i, line := range strings.Split(string(f.Data), "\n") {
			for _, w := range []string{"flow", "miss", "alarm"} {
				if strings.HasSuffix(strings.TrimSpace(line), "# "+w) {
					want[path][i+1] = w
				}
			}
		}
	}
	p := program.New(paths, func(path string) (*source.File, error) { return byPath[path], nil })
	res := runAll(p, knowledge(t))
	got := map[string]map[int]bool{}
	for _, f := range res.Flows {
		if got[f.File.Path] == nil {
			got[f.File.Path] = map[int]bool{}
		}
		got[f.File.Path][f.File.Position(f.At.Start).Line] = true
	}
	n := 0
	for _, path := range paths {
		lines := byPath[path].Lines()
		for i := 1; i <= lines; i++ {
			w, found := want[path][i], got[path][i]
			text := strings.TrimSpace(byPath[path].Line(i))
			switch {
			case w == "flow" && !found:
				t.Errorf("%s:%d: missed: %s", path, i, text)
			case w == "flow":
				n++
			case w == "miss" && found:
				t.Errorf("%s:%d: found now, write # flow: %s", path, i, text)
			case w == "alarm" && !found:
				t.Errorf("%s:%d: no false alarm any more, take the comment away: %s", path, i, text)
			case w == "" && found:
				t.Errorf("%s:%d: false alarm: %s", path, i, text)
			}
		}
	}
	if res.Cut > 0 && !slices.ContainsFunc(files, func(f txtar.File) bool { return strings.Contains(string(f.Data), "recursion") }) {
		t.Errorf("%d runs were cut off", res.Cut)
	}
	return n
}

// runAll looks at a whole program.
func runAll(p *program.Program, k *Knowledge) *Result {
	var facts []*Facts
	for _, m := range p.Modules() {
		u, _ := m.Unit()
		facts = append(facts, k.Look(u))
	}
	roots, reach := Reach(facts, 0)
	return Run(p, k, roots, reach)
}
