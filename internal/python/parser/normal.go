package parser

import "golang.org/x/text/unicode/norm"

// normal is the form in which CPython stores identifiers.
func normal(s string) string { return norm.NFKC.String(s) }
