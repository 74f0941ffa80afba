package settings

import (
	"fmt"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// LongLivedSession measures how long what proves an identity is good for.
var LongLivedSession = rule.Check{Called: longSessionMiddleware, Kinds: conf.Kinds, Visit: longSession, File: django(longDjangoSession)}

const day = 86400

// A limit is how long something may last, in seconds: before auditors hear of it, and before
// everybody does.
type limit struct {
	audit, all float64
	says       string // with %s for the time
	severity   finding.Severity
}

var (
	sessionLimit = limit{30 * day, 90 * day, "Sessions last for %s: whoever gets hold of a cookie has the visitor's log-in for that long.", finding.Low}
	accessLimit  = limit{day, day, "Access tokens cannot be called back for %s: whoever gets hold of one has the account for that long.", finding.Medium}
	refreshLimit = limit{90 * day, 365 * day, "Refresh tokens last for %s: whoever gets hold of one has the account for that long.", finding.Low}
	resetLimit   = limit{3 * day, 7 * day, "Links for a new password are good for %s: old mail opens accounts.", finding.Low}
)

var flaskLimits = map[string]limit{
	"PERMANENT_SESSION_LIFETIME": {31 * day, 90 * day, sessionLimit.says, finding.Low}, "REMEMBER_COOKIE_DURATION": {90 * day, 364 * day, sessionLimit.says, finding.Low},
	"JWT_ACCESS_TOKEN_EXPIRES": accessLimit, "JWT_REFRESH_TOKEN_EXPIRES": refreshLimit, "JWT_EXPIRATION_DELTA": accessLimit,
}

// lasts is a time as people say it.
func lasts(seconds float64) string {
	switch days := seconds / day; {
	case days >= 2:
		return fmt.Sprintf("%.0f days", days)
	case seconds >= 7200:
		return fmt.Sprintf("%.0f hours", seconds/3600)
	}
	return fmt.Sprintf("%.0f minutes", seconds/60)
}

func longSession(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { _, ok := flaskLimits[name]; return ok }, func(s conf.Setting) {
		l := flaskLimits[s.Name]
		if args.IsFalse(p.Unit, s.Value) && s.Name != "PERMANENT_SESSION_LIFETIME" {
			if v, _ := p.Const(s.Value); v.Kind == ast.False {
				p.Report(s.At, "With %s off, a token never ends: whoever gets hold of one has the account for good.", s.Name).With(finding.Medium, finding.HighConfidence).ForAudit(s.Dev)
			}
			return
		}
		if t, ok := conf.Seconds(p, s.Value); ok && t > l.audit {
			p.Report(s.At, l.says, lasts(t)).With(l.severity, finding.MediumConfidence).ForAudit(s.Dev || t <= l.all)
		}
	})
}

func longDjangoSession(p *rule.Pass, c *settings.Config) {
	judge := func(s settings.Setting, l limit) {
		v, ok := s.Value.Now()
		if !ok {
			return
		}
		var t float64
		long := s.Value.Number(func(x float64) bool { t = max(t, x); return x > l.audit })
		if v.V.Kind == ast.Int {
			t = float64(v.V.Int)
		}
		if f := conf.Wrong(p, c, conf.Fault{Holds: long, At: s, Message: fmt.Sprintf(l.says, lasts(t))}); f != nil {
			f.With(l.severity, min(f.Confidence, finding.MediumConfidence)).ForAudit(t <= l.all)
		}
	}
	judge(c.Get("SESSION_COOKIE_AGE"), sessionLimit)
	judge(c.Get("PASSWORD_RESET_TIMEOUT"), resetLimit)
	jwt := c.Get("SIMPLE_JWT")
	for _, x := range []struct {
		name string
		limit
	}{{"ACCESS_TOKEN_LIFETIME", accessLimit}, {"REFRESH_TOKEN_LIFETIME", refreshLimit}, {"SLIDING_TOKEN_LIFETIME", accessLimit}} {
		if v, at, ok := jwt.Value.Get(x.name); ok && at.Path != "" {
			judge(settings.Setting{Name: x.name, Value: v, Set: jwt.Set, At: at}, x.limit)
		}
	}
}

func longSessionMiddleware(p *rule.Pass, c *ast.Call, name string) {
	const middleware = "starlette.middleware.sessions.SessionMiddleware"
	if name != middleware && (len(c.Args) == 0 || !p.Is(c.Args[0], middleware, "fastapi.middleware.sessions.SessionMiddleware")) {
		return
	}
	age, _ := args.Keyword(p.Unit, c, "max_age")
	if age == nil {
		return
	}
	if t, ok := conf.Seconds(p, age); ok && t > sessionLimit.audit {
		p.Report(c, sessionLimit.says, lasts(t)).ForAudit(t <= sessionLimit.all || conf.Dev(p, c))
	}
}
