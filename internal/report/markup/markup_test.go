package markup

import (
	"bytes"
	"embed"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func write(t testing.TB, n ...Node) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, n...); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(b.String(), "<!DOCTYPE html>"))
}

func TestWrite(t *testing.T) {
	for _, c := range []struct {
		name string
		node Node
		want string
	}{
		{"text", Text(`a < b & "c" > 'd'`), `a &lt; b &amp; &#34;c&#34; &gt; &#39;d&#39;`},
		{"an attribute", El("p", Attr("id", `"><script>`)), `<p id="&#34;&gt;&lt;script&gt;"></p>`},
		{"attributes come first", El("p", Text("x"), Class("a", "b")), `<p class="a b">x</p>`},
		{"no value", El("p", Flag("hidden")), `<p hidden></p>`},
		{"nested", El("p", Words("b", "w", "x"), Text("y")), `<p><b class="w">x</b>y</p>`},
		{"no end", El("p", El("meta", Attr("charset", "utf-8"), Text("never"))), "<p>\n<meta charset=\"utf-8\"></p>"},
		{"if", El("p", If(true, Class("a"), Text("b")), If(false, Flag("hidden"), Text("c"))), `<p class="a">b</p>`},
		{"all", El("p", All(Class("a"), Text("b"), None)), `<p class="a">b</p>`},
		{"each", El("p", Each([]string{"<", ">"}, func(s string) Node { return El("b", Text(s)) })), `<p><b>&lt;</b><b>&gt;</b></p>`},
		{"a link to elsewhere", El("a", Link("https://example.org/?a=1&b=\"")), `<a href="https://example.org/?a=1&amp;b=&#34;"></a>`},
		{"a link on the page", El("a", Link("#f1")), `<a href="#f1"></a>`},
		{"a link that runs", El("a", Link("javascript:alert(1)"), Text("x")), `<a>x</a>`},
		{"a link to this site", El("a", Link("//example.org")), `<a></a>`},
		{"an attribute that leads somewhere", El("a", Attr("href", "https://example.org")), `<a></a>`},
		{"an attribute that runs", El("p", Attr("onclick", "alert(1)"), Attr("style", "x")), `<p></p>`},
		{"an element that runs", El("p", El("script", Text("alert(1)"))), `<p></p>`},
		{"an attribute of nothing", Class("a"), ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := write(t, c.node); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What is text stays text in every element that can be written. It would not in a script, a
// style sheet or a frame, where nothing is unescaped: they may not be in the table.
func TestElements(t *testing.T) {
	const evil = `</p></title><script>alert(1)</script>&lt;"'`
	ran := 0
	for tag, form := range elements {
		if form == void {
			continue
		}
		ran++
		z := html.NewTokenizer(strings.NewReader(write(t, El(tag, Attr("id", evil), Text(evil)))))
		want := []html.TokenType{html.StartTagToken, html.TextToken, html.EndTagToken, html.ErrorToken}
		for i, w := range want {
			got := z.Next()
			token := z.Token()
			if got != w || got == html.TextToken && token.Data != evil || got == html.StartTagToken && (len(token.Attr) != 1 || token.Attr[0].Val != evil) {
				t.Errorf("%s: token %d is %v", tag, i, token)
				break
			}
		}
	}
	if ran < 40 {
		t.Errorf("only %d elements", ran)
	}
	for name := range plain {
		if n := string(name); strings.HasPrefix(n, "on") || n == "href" || n == "src" || n == "srcdoc" || n == "style" || n == "action" || n == "formaction" || n == "ping" {
			t.Errorf("%s is not plain", n)
		}
	}
}

// Whatever a browser reads out of the page is what was put in.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a", `"><script>alert(1)</script>`, "&amp;", "'", "<!--", "]]>", "</title>", "=`x` onload=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\r\x00") || s == "" { // which no browser keeps
			return
		}
		z := html.NewTokenizer(strings.NewReader(write(t, El("p", Attr("id", s), Text(s)))))
		z.Next()
		start := z.Token()
		z.Next()
		text := z.Token()
		if start.Data != "p" || len(start.Attr) != 1 || start.Attr[0].Val != s || text.Data != s {
			t.Errorf("%q became %v, %v", s, start, text)
		}
		if z.Next(); z.Token().Data != "p" || z.Next() != html.ErrorToken {
			t.Errorf("%q: there is more in the page", s)
		}
	})
}

//go:embed markup.go
var files embed.FS

func TestAsset(t *testing.T) {
	a := Embedded(files, "markup.go")
	if got := write(t, Style(a)); !strings.HasPrefix(got, "<style>// Package markup") || !strings.HasSuffix(got, "}\n</style>") {
		t.Errorf("the style sheet is %.40s", got)
	}
	// Made with openssl dgst -sha256 -binary | base64, of nothing.
	if got := (Asset{}).Hash(); got != "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='" {
		t.Error(got)
	}
}
