package secret

import "strings"

// frameworkKeys are names without underscores that frameworks or their users give to
// signing keys.
var frameworkKeys = map[string]bool{
	"secretkey": true, "appsecretkey": true, "flasksecretkey": true, "djangosecretkey": true, "jwtsecretkey": true, "jwtsecret": true, "jwtkey": true, "jwtsigningkey": true,
	"signingkey": true, "signingsecret": true, "securitypasswordsalt": true, "cookiesecret": true, "sessionsecret": true, "sessionsecretkey": true, "csrfsecret": true,
	"wtfcsrfsecretkey": true, "csrfsecretkey": true, "fernetkey": true, "encryptionkey": true, "secretkeyhmac": true, "hmacsecret": true, "hmackey": true, "tokensecret": true,
	"authsecret": true, "jwtprivatekey": true, "accesstokensecret": true, "refreshtokensecret": true, "secretkeyfallbacks": true, "oauth2secret": true,
	"appsecret": true, "jwtauthsecret": true, "jwtsecrettoken": true, "aeskey": true, "secretsigningkey": true, "authjwtsecretkey": true, "cookieencryptionkey": true,
}

// Signs says whether frameworks sign sessions or tokens with a thing of this name.
func Signs(name string) bool {
	if len(name) < 6 || len(name) > 40 || !strings.ContainsAny(name, "kK") && !strings.ContainsAny(name, "tT") {
		return false
	}
	var buf [40]byte
	b := buf[:0]
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		case c != '_' && c != '-':
			b = append(b, c)
		}
	}
	for len(b) > 0 && b[len(b)-1] <= '9' { // SECRET_KEY_2
		b = b[:len(b)-1]
	}
	return frameworkKeys[string(b)]
}

// Usable says whether a program would sign with this text: anything that is not
// empty, the name of something, or the template of a generator.
func Usable(name, value string) bool {
	l := strings.ToLower(value)
	switch {
	case len(value) < 2, strings.EqualFold(value, name), strings.Contains(value, "${"), strings.Contains(value, "{{"), strings.Contains(value, "{%"), strings.HasPrefix(value, "/"), strings.Contains(value, "://"),
		strings.HasPrefix(value, "$"), strings.HasPrefix(value, "vault:"), strings.HasPrefix(value, "arn:"), strings.HasPrefix(value, "-----BEGIN PUBLIC"), strings.HasSuffix(l, ".pem"), strings.HasSuffix(l, ".key"), strings.HasSuffix(l, ".txt"):
		return false
	case strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">"), strings.HasPrefix(value, "%") && strings.HasSuffix(value, "%"):
		return false
	case Signs(value) && !strings.Contains(value, "-"):
		return false // "SECRET_KEY", a name
	}
	return value != strings.ToUpper(value) || !strings.Contains(value, "_") || strings.ContainsAny(value, "0123456789")
}
