package settings

import "github.com/gambeson/gambeson/internal/python/ast"

// defaults are what Django 6 takes for settings that nobody sets; where an older release
// that is still in use had another, the one that is the worse to miss. A setting that is
// not here is None to us.
var defaults = map[string]Value{
	"DEBUG": truth(false), "ALLOWED_HOSTS": noItems(), "SECRET_KEY": text(""), "SECRET_KEY_FALLBACKS": noItems(),
	"MIDDLEWARE": noItems(), "INSTALLED_APPS": noItems(), "SILENCED_SYSTEM_CHECKS": noItems(),
	"SECURE_HSTS_SECONDS": number(0), "SECURE_HSTS_INCLUDE_SUBDOMAINS": truth(false), "SECURE_HSTS_PRELOAD": truth(false),
	"SECURE_CONTENT_TYPE_NOSNIFF": truth(true), "SECURE_SSL_REDIRECT": truth(false), "SECURE_REFERRER_POLICY": text("same-origin"),
	"SECURE_CROSS_ORIGIN_OPENER_POLICY": text("same-origin"), "SECURE_PROXY_SSL_HEADER": none(), "X_FRAME_OPTIONS": text("DENY"),
	"SECURE_CSP": noEntries(), "SECURE_CSP_REPORT_ONLY": noEntries(),
	"SESSION_COOKIE_SECURE": truth(false), "SESSION_COOKIE_HTTPONLY": truth(true), "SESSION_COOKIE_SAMESITE": text("Lax"), "SESSION_COOKIE_AGE": number(14 * 86400),
	"SESSION_ENGINE": text("django.contrib.sessions.backends.db"), "SESSION_SERIALIZER": text("django.contrib.sessions.serializers.JSONSerializer"),
	"CSRF_COOKIE_SECURE": truth(false), "CSRF_COOKIE_HTTPONLY": truth(false), "CSRF_COOKIE_SAMESITE": text("Lax"), "CSRF_USE_SESSIONS": truth(false),
	"CSRF_TRUSTED_ORIGINS": noItems(), "CSRF_FAILURE_VIEW": text("django.views.csrf.csrf_failure"),
	"DEFAULT_HASHING_ALGORITHM": text("sha256"), "USE_X_FORWARDED_HOST": truth(false), "USE_X_FORWARDED_PORT": truth(false),
	"DATA_UPLOAD_MAX_MEMORY_SIZE": number(2621440), "DATA_UPLOAD_MAX_NUMBER_FIELDS": number(1000), "DATA_UPLOAD_MAX_NUMBER_FILES": number(100),
	"FILE_UPLOAD_MAX_MEMORY_SIZE": number(2621440), "FILE_UPLOAD_PERMISSIONS": number(0o644), "FILE_UPLOAD_DIRECTORY_PERMISSIONS": none(),
	"AUTH_PASSWORD_VALIDATORS": noItems(), "PASSWORD_RESET_TIMEOUT": number(3 * 86400), "DEBUG_PROPAGATE_EXCEPTIONS": truth(false),
	"PASSWORD_HASHERS": list("django.contrib.auth.hashers.PBKDF2PasswordHasher"), "LOGGING": noEntries(), "DATABASES": noEntries(), "TEMPLATES": noItems(), "REST_FRAMEWORK": noEntries(),
	"CORS_ALLOW_ALL_ORIGINS": truth(false), "CORS_ORIGIN_ALLOW_ALL": truth(false), "CORS_ALLOW_CREDENTIALS": truth(false), "CORS_ALLOWED_ORIGIN_REGEXES": noItems(), "CORS_ORIGIN_REGEX_WHITELIST": noItems(),
}

func noItems() Value { return list() }

func noEntries() Value { return some(Const{Kind: Dict, Map: &Map{}}) }

func list(texts ...string) Value {
	l := &Items{}
	for _, s := range texts {
		l.List = append(l.List, Item{Value: text(s), In: yes})
	}
	return some(Const{Kind: List, Items: l})
}

// Same says whether a setting is a singleton, as Django's own checks ask.
func (c *Config) Same(name string, kind ast.ConstKind) Judgement { return c.Get(name).Value.Is(kind) }

// True says whether Python takes a setting for true.
func (c *Config) True(name string) Judgement { return c.Get(name).Value.True() }

// Has says whether a list has the text.
func (c *Config) Has(name, text string) Judgement { return c.Get(name).Value.Contains(text) }
