package secret

import (
	"net/url"
	"strings"
)

// Local says that the address is this machine's, or a container's beside it.
func Local(s string) bool {
	for _, h := range []string{"@localhost", "@127.0.0.1", "@[::1]", "@db", "@postgres", "@redis", "@rabbitmq", "@mysql", "@mongo", "host=localhost", "Server=localhost", "SERVER=localhost"} {
		if i := strings.Index(s, h); i >= 0 && (i+len(h) == len(s) || strings.IndexByte(":/;, ?&", s[i+len(h)]) >= 0) {
			return true
		}
	}
	return false
}

var databases = []string{"postgres", "mysql", "mariadb", "mssql", "oracle", "mongodb", "redis", "cockroachdb", "clickhouse", "snowflake", "redshift", "sqlserver"}

// Address returns the password of scheme://user:password@host, and what that is: an address,
// or a database's. Hosts of examples have none.
func Address(s string) (password, what string) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || strings.ContainsAny(rest, " \n\t") {
		return "", ""
	}
	scheme = strings.ToLower(scheme[strings.LastIndexAny(scheme, " \"'=([,")+1:])
	if scheme == "" || scheme == "git" && strings.HasPrefix(rest, "git@") {
		return "", ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	i := strings.LastIndexByte(rest, '@')
	if i < 0 || i+1 == len(rest) {
		return "", ""
	}
	host := rest[i+1:]
	user, password, ok := strings.Cut(rest[:i], ":")
	if !ok {
		if Known(user) {
			return user, "address"
		}
		return "", ""
	}
	h := strings.ToLower(host)
	for _, x := range []string{"example.", "host", "hostname", "server", "domain", "your", "<", "{", "%", "proxy.invalid"} {
		if h == x || strings.HasPrefix(h, x) && (x == "<" || x == "{" || x == "%" || x == "example." || x == "your") || strings.HasSuffix(h, ".example") || strings.Contains(h, ".example.") || strings.HasSuffix(h, ".invalid") {
			return "", ""
		}
	}
	if user == password && (user == "user" || user == "username") {
		return "", ""
	}
	if un, err := url.PathUnescape(password); err == nil {
		password = un
	}
	for _, d := range databases {
		if strings.HasPrefix(scheme, d) {
			return password, "database's address"
		}
	}
	return password, "address"
}

// Connection returns the password of host=…;password=….
func Connection(s string) (password, what string) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == ' ' || r == '&' || r == '\n' })
	place := false
	for _, f := range fields {
		k, v, ok := strings.Cut(f, "=")
		if !ok {
			continue
		}
		switch strings.ToLower(k) {
		case "host", "server", "dbname", "database", "user", "uid", "data", "source", "driver", "accountname", "hostaddr", "dsn":
			place = true
		case "password", "pwd":
			password = strings.Trim(v, `'"`)
		}
	}
	if !place {
		return "", ""
	}
	return password, "connection string"
}
