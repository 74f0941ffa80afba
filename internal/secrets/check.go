package secrets

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"math/big"
	"strings"
	"unicode/utf8"
)

// A check computes what a token's form does not say. Sure ones cannot be passed by chance or
// by what somebody typed. Complete makes a text pass, for tests: no token stands in the
// repository, they are made when the tests run.
type check struct {
	ok       func(token string) bool
	complete func(token string) string
	sure     bool
}

// checks by the name that providers' files have for them.
var checks = map[string]check{
	"crc32-base62": {ok: crcOK, complete: crcComplete, sure: true},
	"macaroon":     {ok: macaroonOK, complete: macaroonComplete},
	"jwt":          {ok: jwtOK, complete: jwtComplete},
	"json":         {ok: jsonOK, complete: jsonComplete},
	"basic":        {ok: basicOK, complete: basicComplete},
	"aws-key":      {ok: awsKeyOK, complete: func(s string) string { return s }},
	"base64-64":    {ok: func(s string) bool { return base64Bytes(s, 64) }, complete: base64Complete(64)},
	"base64-32":    {ok: func(s string) bool { return base64Bytes(s, 32) }, complete: base64Complete(32)},
	"mixed":        {ok: mixed, complete: mixedComplete},
	"base58check":  {ok: base58OK, complete: base58Complete, sure: true},
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// crcOK: the last six characters are the CRC-32 of those between the prefix and them, in base
// 62. GitHub introduced it in 2021 and npm took it over:
// https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
func crcOK(token string) bool { return len(token) > 10 && crcComplete(token) == token }

func crcComplete(token string) string {
	body := token[strings.IndexByte(token, '_')+1:]
	if len(body) < 7 {
		return token
	}
	sum := crc32.ChecksumIEEE([]byte(body[:len(body)-6]))
	var tail [6]byte
	for i := 5; i >= 0; i-- {
		tail[i] = base62[sum%62]
		sum /= 62
	}
	return token[:len(token)-6] + string(tail[:])
}

// macaroonOK: what stands behind pypi- is a macaroon of version 2, whose location is an
// index: https://pypi.org/help/#apitoken
func macaroonOK(token string) bool {
	body := strings.TrimPrefix(token, "pypi-")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(body[:len(body)-len(body)%4], "="))
	return err == nil && len(raw) > 40 && raw[0] == 2 && raw[1] == 1 && strings.Contains(string(raw[:24]), "pypi.org")
}

func macaroonComplete(token string) string { return token }

// jwtOK: three parts, the first a header with an algorithm, the second claims (RFC 7519), and
// not the one that every tutorial has.
func jwtOK(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(parts[2]) < 20 {
		return false
	}
	var header struct {
		Alg string `json:"alg"`
	}
	var claims map[string]any
	if !decodeJSON(parts[0], &header) || header.Alg == "" || !decodeJSON(parts[1], &claims) {
		return false
	}
	for _, name := range []string{"name", "sub", "iss", "user", "username", "email"} {
		s, _ := claims[name].(string)
		switch l := strings.ToLower(s); {
		case l == "john doe", l == "1234567890", l == "joe", strings.Contains(l, "example."), l == "test", l == "testuser":
			return false
		}
	}
	_, hello := claims["some"]
	return !hello
}

func decodeJSON(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	return err == nil && json.Unmarshal(raw, into) == nil
}

func jwtComplete(token string) string {
	enc := base64.RawURLEncoding.EncodeToString
	sign := token[strings.LastIndexByte(token, '.')+1:]
	return enc([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc([]byte(`{"sub":"u-81723","iat":1700000000}`)) + "." + sign
}

// jsonOK: behind the last _ or - of the prefix stands JSON in base 64, as eyJ already says.
func jsonOK(token string) bool {
	i := strings.Index(token, "eyJ")
	if i < 0 {
		return false
	}
	body := token[i:]
	if end := strings.IndexAny(body, "._"); end >= 0 {
		body = body[:end]
	}
	body = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(body, "="))
	raw, err := base64.RawStdEncoding.DecodeString(body[:len(body)-len(body)%4])
	return err == nil && strings.HasPrefix(string(raw), `{"`) && utf8.Valid(raw)
}

func jsonComplete(token string) string {
	i := strings.Index(token, "eyJ")
	end := len(token)
	if k := strings.IndexAny(token[i:], "._"); k >= 0 {
		end = i + k
	}
	n := (end - i) / 4 * 3
	const chars = "q7Zk2LmX9wPvB4tR8sYd"
	body := `{"k":"`
	for len(body) < n-2 {
		body += string(chars[len(body)*7%len(chars)])
	}
	body += `"}`
	out := base64.RawStdEncoding.EncodeToString([]byte(body))
	return token[:i] + out + token[i+len(out):]
}

// basicOK: the credentials of HTTP's basic scheme, user and password with a colon (RFC 7617).
func basicOK(token string) bool {
	raw, err := base64.StdEncoding.DecodeString(token[strings.LastIndexByte(token, ' ')+1:])
	if err != nil || !utf8.Valid(raw) {
		return false
	}
	user, password, ok := strings.Cut(string(raw), ":")
	if !ok || len(user)+len(password) < 6 || len(password) < 3 {
		return false
	}
	for _, c := range raw {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	l := strings.ToLower(user + password)
	// RFC 7617's own and those of every handbook.
	return !strings.HasPrefix(l, "aladdin") && l != "userpass" && l != "userpassword" && l != "usernamepassword" && !filler(l)
}

func basicComplete(token string) string {
	return token[:strings.LastIndexByte(token, ' ')+1] + base64.StdEncoding.EncodeToString([]byte("mailer:k7#Vq2m"+token[len(token)-1:]))
}

// awsKeyOK: the sixteen characters behind the prefix are base 32, and the account's number in
// them is one of twelve digits. Amazon's own examples end with EXAMPLE.
func awsKeyOK(token string) bool {
	if len(token) != 20 || strings.HasSuffix(token, "EXAMPLE") {
		return false
	}
	var account uint64
	for _, c := range []byte(token[4:14]) { // the first six of ten bytes, less a bit
		v := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", c)
		if v < 0 {
			return false
		}
		account = account<<5 | uint64(v)
	}
	account = account >> 2 & 0x7fffffffff80 >> 7
	return account <= 999_999_999_999
}

func base64Bytes(s string, n int) bool {
	if i := strings.IndexByte(s, '='); i < len(s)-4 {
		s = s[i+1:] // AccountKey=…
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	return err == nil && len(raw) == n
}

func base64Complete(n int) func(string) string {
	return func(token string) string {
		head := ""
		if i := strings.IndexByte(token, '='); i >= 0 && i < len(token)-4 {
			head = token[:i+1]
		}
		raw := sha256.Sum256([]byte(token))
		more := sha256.Sum256(raw[:])
		return head + base64.StdEncoding.EncodeToString(append(raw[:], more[:]...)[:n])
	}
}

// mixed: upper case, lower case and digits, as a text drawn from all of them nearly always
// has and the name of something seldom.
func mixed(s string) bool {
	var lower, upper, digit bool
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= '0' && c <= '9':
			digit = true
		}
	}
	return lower && upper && digit
}

func mixedComplete(s string) string {
	n := len(strings.TrimRight(s, "="))
	return s[:n-3] + "k7Q" + s[n:]
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58OK: the last four bytes are the beginning of the SHA-256 of the SHA-256 of the rest.
func base58OK(s string) bool {
	n := new(big.Int)
	for i := range len(s) {
		v := strings.IndexByte(base58, s[i])
		if v < 0 || len(s) > 120 {
			return false
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(v)))
	}
	raw := n.Bytes()
	return len(raw) > 8 && string(base58Sum(raw[:len(raw)-4])) == string(raw[len(raw)-4:])
}

func base58Sum(raw []byte) []byte {
	a := sha256.Sum256(raw)
	b := sha256.Sum256(a[:])
	return b[:4]
}

func base58Complete(s string) string {
	seed := sha256.Sum256([]byte(s))
	raw := append([]byte{0x80}, seed[:]...)
	if len(s) == 52 {
		raw = append(raw, 1)
	}
	raw = append(raw, base58Sum(raw)...)
	n := new(big.Int).SetBytes(raw)
	var out []byte
	for mod := new(big.Int); n.Sign() > 0; {
		n.DivMod(n, big.NewInt(58), mod)
		out = append([]byte{base58[mod.Int64()]}, out...)
	}
	return string(out)
}
