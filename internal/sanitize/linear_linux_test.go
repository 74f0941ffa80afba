package sanitize

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ran is how long this thread has run.
func ran(t testing.TB) time.Duration {
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
	"<a href=x rel='… w%d", "<p class='… x%d", "<td headers='… h%d", "<img srcset='… a%d 1x,", "<a ping='… http://a.b/%d", "<p style='… color:red;", "<p style='… color:rgb(",
	"<svg fill='… url(#%d)", "<p … a%d=b", "<svg><path d='… (", "x<x>", "{<x>", "<x>\n</x>", "<pre><x>\n", "<a title='… --", "<a title='… </a", "<a href='… %%d/../", "<b data-… %d-",
}

// A timed is something that is to take linear time.
type timed struct {
	name  string
	clean func(string)
}

func timeds(t testing.TB) (list []timed) {
	for _, c := range setups() {
		if c.Name == "default" || c.Name == "strip" {
			continue // the same paths as rich
		}
		k := c.cleaner()
		list = append(list, timed{c.Name, func(s string) { k.Clean(s) }})
	}
	s := policy(t, Policy{Preset: "w3c-default", Linkify: true, Templates: true, MaxLength: 1 << 24, Classes: []string{"x*"}, Styles: strings.Fields(emailStyles),
		AddAttributes: map[string][]string{"*": strings.Fields("class style rel srcset headers ping id")}})
	return append(list, timed{"strict", func(text string) { s.Sanitize(text) }})
}

// linear holds that eight times the text takes eight times the time, about. What is counted is what
// this thread has run, so that a busy machine says nothing, and a quadratic step is 64. piece is
// repeated, with %d in it each time another.
func (c timed) linear(t *testing.T, piece string, size int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	grow := func(size int) string {
		var b strings.Builder
		head, again, ok := strings.Cut(piece, "…") // before it is what comes once
		if !ok {
			head, again = "", piece
		}
		b.WriteString(head)
		for i := 0; b.Len() < size && again != ""; i++ {
			b.WriteString(strings.ReplaceAll(again, "%d", string(rune('0'+i%10))+string(rune('a'+i/10%26))+string(rune('a'+i/260%26))+string(rune('a'+i/6760%26))))
		}
		return b.String()
	}
	measure := func(text string) time.Duration {
		best := time.Hour
		for range 2 {
			start := ran(t)
			c.clean(text)
			best = min(best, ran(t)-start)
		}
		return best
	}
	one, eight := grow(size), grow(8*size)
	for try := 0; ; try++ {
		a, b := measure(one), measure(eight)
		// The clock ticks every 4 ms on some systems: below 40 ms nothing is said.
		if b < 40*time.Millisecond || b < 28*max(a, time.Millisecond) {
			return
		}
		if try == 4 {
			t.Errorf("%s, %q: %v for %d bytes, %v for eight times as many", c.name, piece, a, size, b)
			return
		}
	}
}

// TestLinear: none of the bombs goes off.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	list := timeds(t)
	for _, bomb := range bombs {
		for _, c := range list {
			c.linear(t, bomb, 20_000)
		}
	}
}

// FuzzLinear: and none that chance finds.
func FuzzLinear(f *testing.F) {
	for _, bomb := range bombs {
		f.Add(bomb)
	}
	for _, s := range hostile(60) {
		f.Add(s)
	}
	list := timeds(f)
	f.Fuzz(func(t *testing.T, piece string) {
		if piece == "" || len(piece) > 400 {
			return
		}
		for _, c := range list {
			c.linear(t, piece, 6000)
		}
	})
}
