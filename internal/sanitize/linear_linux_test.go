package sanitize

import (
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// ran is how long this thread has run.
func ran(t testing.TB) time.Duration {
	const thread = 3 // CLOCK_THREAD_CPUTIME_ID; what getrusage says goes by the tick
	var now syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, thread, uintptr(unsafe.Pointer(&now)), 0); err != 0 {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}

// bombs take more than linear time somewhere: in Bleach, in parsers, in regular expressions.
var bombs = []string{
	"a", "a.", "a@", "(", "((a", "http:", "http://a", "a@b.", ".", "-", "a-", "\"a\"@", "//", "a.com ", "x@y.com ", "(a.com)", "http:a:b@",
	"&", "&a", "&am;", "&#12z;", "<", "<a", "</", "<a <", "<foo <b", "<a ", "<a x=1 ", "<b x='", "<!--", "<!-- -", "-", "<![CDATA[", "<?",
	"<ul><li>", "<b>", "<b><p>", "<p><b x=%d>", "<a><b><p></p>", "<table>", "<table><td>", "<td></b></td>", "<i>", "</i>", "<div></p>", "</p>",
	"<svg>", "<svg></p>", "<svg><style>", "<math><mi>", "<template>", "<select>", "<font color=%d>", "<nobr>", "<form>", "<h1>", "<button>",
	"<script>", "<script><!--<script", "</script", "<style>", "</style", "<textarea>", "<title></", "<a href=x%d>", "<applet>", "<object>", "<x%d>",
	"<p style='color:red;'>", "<p style='(((((((((((((((((((((((((((((((((((((((((((((((((((((((('>", "<p style='\\'>", "<svg><a><p>",
	"<a href=x rel='… w%d…'>y</a>", "<p class='… x%d…'>", "<p class='… y%d…'>", "<td headers='… h%d…'>", "<table><tr><td headers='… h%d…'>", "<img srcset='… a%d 1x,…'>",
	"<a ping='… http://a.b/%d…'>", "<p style='… color:red;…'>", "<p style='… color:rgb(…'>", "<p style='color:…a ,…'>", "<svg><path fill='… url(#%d)…'/>", "<p … a%d=b…>", "<p … id=b…>",
	"<svg><path d='… (…'/>", "x<x>", "{<x>", "<x>\n</x>", "<pre>…<x>\n…</pre>", "<a title='… --…'>x", "<a title='… </a…'>x", "<a title='… </style…>'>x", "<a href='x… %%d/../…'>y", "<b … data-%d…>x",
	"<p id='…a …'>", "<a href='http://…a.…'>x", "<a href='…javascript:…'>x", "<a href='…http:…'>x", "<a href='http://…@…'>x", "<a href='http://…é\u200d…'>x", "<a href='…&Tab;…'>x",
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
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it begins between the one and the other, and lets this thread help
	grow := func(size int) string {
		var b strings.Builder
		head, again, tail := "", piece, ""
		if parts := strings.Split(piece, "…"); len(parts) == 3 { // only what stands between is repeated
			head, again, tail = parts[0], parts[1], parts[2]
		}
		b.WriteString(head)
		for i := 0; b.Len() < size && again != ""; i++ {
			b.WriteString(strings.ReplaceAll(again, "%d", string(rune('0'+i%10))+string(rune('a'+i/10%26))+string(rune('a'+i/260%26))+string(rune('a'+i/6760%26))))
		}
		b.WriteString(tail)
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
		// The collector takes its share of small times: below 10 ms nothing is said.
		if b < 10*time.Millisecond || b < 40*max(a, time.Millisecond/4) {
			return
		}
		if try == 4 {
			t.Errorf("%s, %q: %v for %d bytes, %v for eight times as many", c.name, piece, a, size, b)
			return
		}
		runtime.GC() // memory that is new costs the system more than the text does: the next try finds some that is not
	}
}

// TestLinear: none of the bombs goes off.
func TestLinear(t *testing.T) {
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
			c.linear(t, piece, 2000) // whoever takes more than a second is taken for dead
		}
	})
}
