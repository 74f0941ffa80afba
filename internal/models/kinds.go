package models

import (
	"fmt"
	"strings"
)

// Kinds is a set of ways in which data can do harm, a bit each. A source sets all, a
// sanitiser clears some, a sink looks for its own.
type Kinds uint64

// kindNames are the kinds by their bits, as models and rules write them. A name without
// its last part stands for all below: html is html.text, html.attribute, html.script and html.address.
var kindNames = [...]string{
	"code",             // Python that is run
	"command.shell",    // a command line that a shell reads
	"command.argument", // one argument of a program
	"command.program",  // the program itself
	"sql.text",         // a statement's text
	"nosql.document",   // a query that is a document
	"nosql.text",       // a part of a query's text, in a language that is not SQL
	"html.text",        // markup
	"html.attribute",   // an attribute's value
	"html.script",      // inside of a script
	"html.address",     // an address in a page, which may begin with javascript:
	"template",         // a template's text
	"path.climb",       // a file's name, with .. in it
	"path.absolute",    // a file's name that begins with a separator
	"url.fetch",        // an address that is fetched
	"url.redirect",     // an address that a browser is sent to
	"header",           // a header's value
	"cookie",           // a cookie's value
	"sibling",          // a file's name that was compared with a folder's, without a separator
	"xml.external",     // a document whose external entities the parser fetches
	"xml.expand",       // a document whose entities the parser unfolds
	"xpath",            // an XPath expression
	"ldap",             // an LDAP filter or name
	"regex",            // a regular expression
	"log",              // an entry of a log
	"deserialize",      // data that become objects
	"session",          // what the application will trust later
	"format",           // a format string
	"mail",             // a header or address of a mail
	"module",           // a module's name
	"attribute",        // an attribute's name
	"prompt",           // instructions to a language model that acts
	"size",             // how much is allocated or read
	"yaml",             // a YAML document for a loader that builds objects
	"orm",              // names of fields of a query
	"formula",          // a cell of a table that a spreadsheet opens
}

// All is every kind.
const All = Kinds(1)<<len(kindNames) - 1

// ParseKind reads a kind's name, or the common beginning of several.
func ParseKind(name string) (Kinds, error) {
	if name == "all" {
		return All, nil
	}
	var k Kinds
	for i, n := range kindNames {
		if rest, ok := strings.CutPrefix(n, name); ok && (rest == "" || rest[0] == '.') {
			k |= 1 << i
		}
	}
	if k == 0 {
		return 0, fmt.Errorf("unknown kind %q: use one of %s, or all", name, strings.Join(kindNames[:], ", "))
	}
	return k, nil
}

// ParseKinds reads a list of names. One that begins with "!" takes out: [all, "!path"].
func ParseKinds(names []string) (Kinds, error) {
	var k, out Kinds
	for _, n := range names {
		n, not := strings.CutPrefix(n, "!")
		b, err := ParseKind(n)
		if err != nil {
			return 0, err
		}
		if not {
			out |= b
		} else {
			k |= b
		}
	}
	return k &^ out, nil
}

// String lists the names.
func (k Kinds) String() string {
	var out []string
	for i, n := range kindNames {
		if k&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return strings.Join(out, " ")
}
