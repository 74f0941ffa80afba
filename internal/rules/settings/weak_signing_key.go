package settings

import (
	"fmt"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// WeakSigningKey measures keys as Django's own check does. Where they are written in the
// code, other rules speak of that.
var WeakSigningKey = rule.Check{File: django(weakSigningKey)}

// weakKey says of a key that it is one, as Django counts: characters, different ones, and
// the mark of startproject.
func weakKey(key string) bool {
	different := map[rune]bool{}
	n := 0
	for _, r := range key {
		different[r] = true
		n++
	}
	return n < 50 || len(different) < 5 || strings.HasPrefix(key, "django-insecure-")
}

func weakSigningKey(p *rule.Pass, c *settings.Config) {
	key := c.Get("SECRET_KEY")
	message := "SECRET_KEY is short, has few different characters, or was made for development only."
	if key.Value.Equals("").Now == settings.Yes {
		message = "SECRET_KEY is empty: Django does not start."
	}
	conf.Wrong(p, c, fault(c, "SECRET_KEY", "W009", key.Value.Text(weakKey), message))
	old := c.Get("SECRET_KEY_FALLBACKS")
	for i, x := range old.Value.Elements() {
		f := fault(c, "SECRET_KEY_FALLBACKS", "W025", x.In.And(x.Value.Text(weakKey)), fmt.Sprintf("Key %d of SECRET_KEY_FALLBACKS is short, has few different characters, or was made for development only.", i+1))
		conf.Wrong(p, c, f)
	}
}
