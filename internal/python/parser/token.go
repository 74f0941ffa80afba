package parser

import "strings"

// token is the type of a lexical token.
type token uint8

const (
	tEOF token = iota
	tNewline
	tIndent
	tDedent
	tError  // a byte that cannot begin a token; reported by the lexer
	tName   // identifiers, soft keywords among them
	tNumber // integers, floats and imaginary numbers
	tString // a whole literal, but for f- and t-strings
	tFString
	tQuote // the quote that ends an f-string in the middle of a field; reported by the lexer

	tLParen
	tRParen
	tLBracket
	tRBracket
	tLBrace
	tRBrace
	tComma
	tSemicolon
	tColon
	tColonEqual
	tDot
	tEllipsis
	tArrow
	tEqual
	tExclamation

	// Operators with a precedence; see precedences.
	tOr
	tAnd
	tNot
	tIn
	tIs
	tEqEqual
	tNotEqual
	tLess
	tLessEqual
	tGreater
	tGreaterEqual
	tVBar
	tCaret
	tAmp
	tLShift
	tRShift
	tPlus
	tMinus
	tStar
	tSlash
	tDoubleSlash
	tPercent
	tAt
	tTilde
	tDoubleStar

	tAugAssign // any of += -= …; lexer.op tells which

	tFalse
	tNone
	tTrue
	tAs
	tAssert
	tAsync
	tAwait
	tBreak
	tClass
	tContinue
	tDef
	tDel
	tElif
	tElse
	tExcept
	tFinally
	tFor
	tFrom
	tGlobal
	tIf
	tImport
	tLambda
	tNonlocal
	tPass
	tRaise
	tReturn
	tTry
	tWhile
	tWith
	tYield

	numTokens
)

// keywordSizes has, for each first letter, a bit for every length of a keyword with it.
// It spares most names the search.
var keywordSizes = func() (t [256]uint16) {
	for _, s := range strings.Fields("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield") {
		t[s[0]] |= 1 << len(s)
	}
	return
}()

// keyword returns the token of a reserved word, or tName. The compiler turns the
// switch into a search by length, then by text.
func keyword(s string) token {
	switch s {
	case "False":
		return tFalse
	case "None":
		return tNone
	case "True":
		return tTrue
	case "and":
		return tAnd
	case "as":
		return tAs
	case "assert":
		return tAssert
	case "async":
		return tAsync
	case "await":
		return tAwait
	case "break":
		return tBreak
	case "class":
		return tClass
	case "continue":
		return tContinue
	case "def":
		return tDef
	case "del":
		return tDel
	case "elif":
		return tElif
	case "else":
		return tElse
	case "except":
		return tExcept
	case "finally":
		return tFinally
	case "for":
		return tFor
	case "from":
		return tFrom
	case "global":
		return tGlobal
	case "if":
		return tIf
	case "import":
		return tImport
	case "in":
		return tIn
	case "is":
		return tIs
	case "lambda":
		return tLambda
	case "nonlocal":
		return tNonlocal
	case "not":
		return tNot
	case "or":
		return tOr
	case "pass":
		return tPass
	case "raise":
		return tRaise
	case "return":
		return tReturn
	case "try":
		return tTry
	case "while":
		return tWhile
	case "with":
		return tWith
	case "yield":
		return tYield
	}
	return tName
}

// startsExpr are the tokens that can begin an expression.
var startsExpr = func() (t [numTokens]bool) {
	for _, k := range []token{tName, tNumber, tString, tFString, tLParen, tLBracket, tLBrace, tEllipsis, tNot, tPlus, tMinus, tTilde, tStar, tFalse, tNone, tTrue, tAwait, tLambda, tYield} {
		t[k] = true
	}
	return
}()
