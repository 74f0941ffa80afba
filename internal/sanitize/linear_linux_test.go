package sanitize

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ran is how long this thread has run.
func ran(t *testing.T) time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		t.Skip(err)
	}
	return time.Duration(u.Utime.Nano())
}

// bombs take more than linear time somewhere: in Bleach, in parsers, in regular expressions.
var bombs = []string{
	"a", "a.", "a@", "(", "((a", "http:", "http://a", "a@b.", ".", "-", "a-", "\"a\"@", "//", "a.com ", "x@y.com ", "(a.com)", "http:a:b@",
	"&", "&a", "&am;", "&#12z;", "<", "<a", "</", "<a <", "<foo <b", "<a ", "<a x=1 ", "<b x='", "<!--", "<!-- -", "-", "<![CDATA[", "<?",
	"<ul><li>", "<b>", "<b><p>", "<p><b x=%d>", "<a><b><p></p>", "<table>", "<table><td>", "<td></b></td>", "<i>", "</i>", "<div></p>", "</p>",
	"<svg>", "<svg></p>", "<svg><style>", "<math><mi>", "<template>", "<select>", "<font color=%d>", "<nobr>", "<form>", "<h1>", "<button>",
	"<script>", "<script><!--<script", "</script", "<style>", "</style", "<textarea>", "<title></", "<a href=x%d>", "<applet>", "<object>", "<x%d>",
	"<p style='color:red;'>", "<p style='(((((((((((((((((((((((((((((((((((((((((((((((((((((((('>", "<p style='\\'>", "<svg><a><p>",
}

// TestLinear: eight times the text takes eight times the time, about. What is counted is what
// this thread has run, so that a busy machine says nothing, and a quadratic step is 64.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var cleaners []func(string)
	names := []string{}
	for _, c := range setups() {
		if c.Name == "default" || c.Name == "strip" {
			continue // the same paths as rich
		}
		k := c.cleaner()
		names = append(names, c.Name)
		cleaners = append(cleaners, func(s string) { k.Clean(s) })
	}
	s := policy(t, Policy{Preset: "w3c-default", Linkify: true, MaxLength: 1 << 24})
	names = append(names, "strict")
	cleaners = append(cleaners, func(text string) { s.Sanitize(text) })
	for _, bomb := range bombs {
		make := func(size int) string {
			var b strings.Builder
			for i := 0; b.Len() < size; i++ {
				b.WriteString(strings.ReplaceAll(bomb, "%d", string(rune('0'+i%10))+string(rune('a'+i/10%26))+string(rune('a'+i/260%26))))
			}
			return b.String()
		}
		const size = 20_000
		one, eight := make(size), make(8*size)
		for i, clean := range cleaners {
			measure := func(text string) time.Duration {
				best := time.Hour
				for range 2 {
					start := ran(t)
					clean(text)
					best = min(best, ran(t)-start)
				}
				return best
			}
			var a, b time.Duration
			for try := 0; ; try++ {
				a, b = measure(one), measure(eight)
				// The clock ticks every 4 ms on some systems: below 40 ms nothing is said.
				if b < 40*time.Millisecond || b < 28*max(a, time.Millisecond) {
					break
				}
				if try == 4 {
					t.Errorf("%s, %q: %v for %d bytes, %v for eight times as many", names[i], bomb, a, size, b)
					break
				}
			}
		}
	}
}
