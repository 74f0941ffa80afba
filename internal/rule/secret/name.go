// Package secret judges names and values: would a thing of this name be kept secret, and
// is this text one that somebody could log in with?
//
// A name alone says little (token_type, password_field, next_token), and so does a value
// ("admin"). Rules about passwords in code, keys of frameworks and secrets in logs ask
// both questions here, so that they agree. Names are read word by word and judged by the
// last one, as English is; values are judged by shape: length, kinds of characters,
// randomness, and the many shapes that no secret has, such as paths, labels, formats and
// placeholders.
package secret

import (
	"strings"
	"unicode"
)

// A Kind is what a name promises.
type Kind uint8

// The kinds. None is no secret; Personal is data about a person that does not belong
// into logs, but opens no door.
const (
	None Kind = iota
	Password
	Token
	Key
	Personal
)

// passwords end a name that holds a password.
var passwords = map[string]bool{
	"password": true, "passwd": true, "passwort": true, "pwd": true, "passphrase": true, "passcode": true, "passw": true, "psw": true, "passwrd": true, "pasword": true,
	"kennwort": true, "contrasena": true, "senha": true, "userpass": true, "dbpass": true, "rootpw": true, "rootpass": true, "adminpass": true, "userpassword": true,
}

// short passwords are words of their own too, and count after these.
var owners = map[string]bool{
	"db": true, "database": true, "user": true, "admin": true, "root": true, "smtp": true, "mail": true, "email": true, "ftp": true, "my": true, "login": true, "ssh": true,
	"sudo": true, "mysql": true, "postgres": true, "pg": true, "redis": true, "mongo": true, "ldap": true, "imap": true, "sftp": true, "auth": true, "proxy": true, "rabbitmq": true,
	"rabbit": true, "mq": true, "amqp": true, "http": true, "basic": true, "host": true, "service": true, "account": true, "wifi": true, "key": true, "keystore": true, "sql": true,
}

// notTokens come before "token" where it is a piece of text or a place in a list.
var notTokens = map[string]bool{
	"next": true, "page": true, "continuation": true, "sync": true, "pad": true, "eos": true, "bos": true, "unk": true, "sep": true, "mask": true, "cls": true, "start": true,
	"end": true, "stop": true, "current": true, "last": true, "prev": true, "previous": true, "special": true, "image": true, "cursor": true, "comment": true, "string": true,
	"operator": true, "first": true, "open": true, "close": true, "whitespace": true, "newline": true, "name": true, "number": true, "text": true, "video": true, "audio": true,
	"marker": true, "separator": true, "delimiter": true, "unknown": true, "padding": true, "lexer": true, "parser": true, "input": true, "output": true, "prompt": true, "max": true,
	"eot": true, "eom": true, "tool": true, "think": true, "pagination": true, "nextpage": true, "this": true, "each": true, "look": true, "lookahead": true, "expected": true,
}

// keys are the words that make "key" one that is kept.
var keys = map[string]bool{
	"api": true, "secret": true, "access": true, "private": true, "auth": true, "signing": true, "sign": true, "encryption": true, "encrypt": true, "crypto": true, "master": true, "account": true,
	"storage": true, "shared": true, "app": true, "application": true, "hmac": true, "jwt": true, "fernet": true, "aes": true, "cipher": true, "session": false, "subscription": true,
	"service": true, "license": false, "cookie": true, "signature": true, "token": true, "webhook": true, "rsa": true, "decryption": true, "sas": true, "admin": true, "wsgi": false,
}

// secrets end a name by themselves.
var secrets = map[string]bool{
	"secret": true, "secretkey": true, "apikey": true, "privatekey": true, "accesskey": true, "clientsecret": true, "secrets": true, "apisecret": true, "appsecret": true,
	"credential": true, "credentials": true, "creds": true, "authkey": true, "signingkey": true, "encryptionkey": true,
}

// neutral words may follow the one that counts.
var neutral = map[string]bool{
	"value": true, "val": true, "str": true, "string": true, "plain": true, "plaintext": true, "cleartext": true, "raw": true, "default": true, "prod": true, "production": true, "dev": true,
	"staging": true, "b64": true, "base64": true, "bytes": true, "hex": true, "old": true, "new": true, "current": true, "live": true, "real": true, "v": true, "test": true, "local": true,
	"in": true, "clear": true, "text": true, "confirm": true, "confirmation": true, "repeat": true, "again": true, "input": true,
}

// qualifiers before the word that counts say that it is not the secret itself.
var qualifiers = map[string]bool{
	"no": true, "has": true, "is": true, "use": true, "need": true, "needs": true, "require": true, "requires": true, "show": true, "hide": true, "forgot": true, "reset": true,
	"wrong": true, "invalid": true, "missing": true, "num": true, "count": true, "public": true, "hashed": true, "encrypted": true, "masked": true, "redacted": true, "change": true, "validate": true,
	"check": true, "verify": true, "get": true, "ask": true, "generate": true, "valid": true, "bad": true, "unusable": true, "forgotten": true, "by": true, "with": true, "without": true,
}

// Words splits a name into lower-case words: DBPassword, db_password and db-password are
// two words each. Digits end a word and are left out.
func Words(name string) []string {
	var buf [8]string
	words := buf[:0]
	start := -1
	flush := func(end int) {
		if start >= 0 {
			words = append(words, strings.ToLower(name[start:end]))
			start = -1
		}
	}
	prev := rune(0)
	for i, r := range name {
		switch {
		case !unicode.IsLetter(r):
			flush(i)
		case start < 0:
			start = i
		case unicode.IsUpper(r) && unicode.IsLower(prev):
			flush(i)
			start = i
		case unicode.IsLower(r) && unicode.IsUpper(prev) && i > start+1:
			// APIKey: the K begins a word.
			flush(i - 1)
			start = i - 1
		}
		prev = r
	}
	flush(len(name))
	return words
}

// Of says what a variable, field, key or parameter of this name holds.
func Of(name string) Kind {
	if len(name) < 2 || len(name) > 80 || !promising(name) {
		return None
	}
	w := Words(name)
	for i, x := range w {
		if (x == "for" || x == "of") && i > 0 {
			w = w[:i]
			break
		}
	}
	for len(w) > 1 && neutral[w[len(w)-1]] {
		w = w[:len(w)-1]
	}
	if len(w) == 0 {
		return None
	}
	last, before := w[len(w)-1], ""
	if first := w[0]; len(w) > 1 && (first == "path" || first == "file" || first == "dir" || first == "directory" || first == "folder") {
		return None // path_mounts_credentials
	}
	if len(w) > 1 {
		before = w[len(w)-2]
	}
	if qualifiers[before] && !(before == "reset" && last == "token") {
		return None // has_password, public_key, hashed_password
	}
	switch {
	case passwords[last] || owned(last):
		return Password
	case last == "pass" || last == "pw" || last == "passe":
		if before == "" || owners[before] {
			return Password
		}
	case last == "token" || last == "jwt" || last == "bearer":
		if !notTokens[before] {
			return Token
		}
	case secrets[last]:
		return Key
	case last == "key" && keys[before]:
		return Key
	case last == "authorization" || last == "cookie" && before == "session" || last == "sessionid" || last == "id" && before == "session":
		return Token
	case last == "ssn" || last == "cvv" || last == "cvc" || last == "iban" || last == "dob":
		return Personal
	case (last == "number" || last == "no" || last == "num") && (before == "card" || before == "passport" || before == "security" || before == "account" && has(w, "bank")):
		return Personal
	case last == "card" && (before == "credit" || before == "debit"), last == "security" && before == "social", last == "birth" && has(w, "date"), last == "creditcard", last == "cardnumber":
		return Personal
	}
	return None
}

// owned says that a word is an owner's password: PGPASSWORD, dbpassword.
func owned(word string) bool {
	owner, ok := strings.CutSuffix(word, "password")
	return ok && owners[owner]
}

func has(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// stems are in every name that Of and Bandit take an interest in; most names have none.
var stems = []string{"pass", "pw", "secret", "token", "key", "cred", "auth", "jwt", "bearer", "pas", "kennwort", "contras", "senha", "cookie", "session", "ssn", "cvv", "cvc", "iban", "dob", "card", "number", "security", "birth", "psw"}

func promising(name string) bool {
	for _, s := range stems {
		if containsFold(name, s) {
			return true
		}
	}
	return false
}

// containsFold is strings.Contains without regard to case, for lower-case ASCII words.
func containsFold(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		j := 0
		for j < len(word) && s[i+j]|0x20 == word[j] {
			j++
		}
		if j == len(word) {
			return true
		}
	}
	return false
}

// Bandit says whether Bandit would take the name for a password's: one of its words
// stands alone or between underscores.
func Bandit(name string) bool {
	for i := 0; i < len(name); {
		end := strings.IndexByte(name[i:], '_')
		if end < 0 {
			end = len(name)
		} else {
			end += i
		}
		if banditWord(name[i:end]) {
			return true
		}
		i = end + 1
	}
	return false
}

// banditWord matches pas+wo?r?d, pass(phrase)?, pwd, token and secrete?.
func banditWord(w string) bool {
	if len(w) < 3 || len(w) > 40 {
		return false
	}
	w = strings.ToLower(strings.TrimSuffix(w, "\n"))
	switch w {
	case "pass", "passphrase", "pwd", "token", "secret", "secrete":
		return true
	}
	rest, ok := strings.CutPrefix(w, "pas")
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, "s")
	rest, ok = strings.CutPrefix(rest, "w")
	if !ok {
		return false
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "o"), "r")
	return rest == "d"
}
