package sanitize

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func policy(t testing.TB, p Policy) *Sanitizer {
	t.Helper()
	s, err := p.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStrict(t *testing.T) {
	comment, article := Policy{Preset: "comment"}, Policy{Preset: "article"}
	link := `rel="nofollow ugc noopener noreferrer"`
	for _, c := range []struct {
		name   string
		p      Policy
		in, ok string
	}{
		{"text", Policy{Preset: "text"}, "<p>a <b>b</b></p><p>c &lt; d<script>alert(1)</script>", "a b\nc &lt; d"},
		{"nothing allowed", Policy{}, "<b>x</b>", "x"},
		{"comment", comment, `<p onclick=x>a <b>b</b><script>alert(1)</script><img src=x onerror=alert(1)>`, "<p>a <b>b</b></p>"},
		{"link", comment, `<a href="http://example.com/?a=1&b=2" target=_blank>x</a>`, `<a href="http://example.com/?a=1&amp;b=2" ` + link + `>x</a>`},
		{"legacy reference in an address", comment, `<a href="?a=1&copy=2">x</a>`, `<a href="?a=1&amp;copy=2" ` + link + `>x</a>`},
		{"javascript", comment, `<a href="java&#10;script&colon;alert(1)">x</a>`, `<a>x</a>`},
		{"javascript with digits", comment, `<a href=javascript:1>x</a>`, `<a>x</a>`},
		{"control characters first", comment, "<a href='\x01javascript:alert(1)'>x</a>", `<a>x</a>`},
		{"a backslash for a slash", comment, `<a href="http:\\evil.example\x?\">x</a>`, `<a href="http://evil.example/x?\" ` + link + `>x</a>`},
		{"no host", comment, `<a href="http:///">x</a>`, `<a>x</a>`},
		{"a colon that no scheme has", comment, `<a href="1x:y">x</a>`, `<a>x</a>`},
		{"page only", Policy{Preset: "comment", Relative: "page"}, `<a href=#x>x</a><a href=/y>y</a>`, `<a href="#x">x</a><a>y</a>`},
		{"base", Policy{Preset: "comment", BaseURL: "https://example.com/a/b"}, `<a href=../c>x</a><a href="javascript:x">y</a>`, `<a href="https://example.com/c" ` + link + `>x</a><a>y</a>`},
		{"ids", article, `<h1 id=top>x</h1><a href=#top>y</a><a id=user-content-z>`, `<h1 id="user-content-top">x</h1><a href="#user-content-top">y</a><a id="user-content-z"></a>`},
		{"classes", article, `<pre><code class="language-go btn">x</code></pre>`, `<pre><code class="language-go">x</code></pre>`},
		{"new window", article, `<a href=/x target=_blank>y</a><a href=/x target=top>y</a>`, `<a href="/x" target="_blank" rel="noopener">y</a><a href="/x" rel="noopener">y</a>`},
		{"srcset", article, `<img srcset="a.png 1x, javascript:x 2x, b.png 2x">`, `<img srcset="a.png 1x, b.png 2x">`},
		{"data picture", Policy{Preset: "article", DataImages: true}, `<img src="data:image/png;base64,AAAA"><img src="data:text/html,x"><img src="data:image/svg+xml;base64,AA">`, `<img src="data:image/png;base64,AAAA"><img><img>`},
		{"style", Policy{Preset: "email"}, `<p style="color:red;position:fixed;width:expression(1);background-color:url(x);font-family:'A',b!important">x</p>`, `<p style="color: red; font-family: &#34;A&#34;,b !important;">x</p>`},
		{"style with escapes", Policy{Preset: "email"}, `<p style="color: \72 gb(1); width: 1px\9; c\6flor: red">x</p>`, `<p style="color: rgb(1); color: red;">x</p>`},
		{"style address", Policy{Preset: "email", AddTags: []string{"u"}, Styles: []string{"background-image"}, StyleURLs: true}, `<p style="background-image:url(https://example.com/x.png)">x</p><p style="background-image:url(javascript:x)">`, `<p style="background-image: url(https://example.com/x.png);">x</p><p></p>`},
		{"escape", Policy{Preset: "comment", Disallowed: "escape"}, `<div class=x>a</div><script>b</script>`, `&lt;div class="x"&gt;a&lt;/div&gt;&lt;script&gt;b&lt;/script&gt;`},
		{"drop", Policy{Preset: "comment", Disallowed: "drop"}, `<div>a<b>c</b></div>d`, `d`},
		{"comments", Policy{Preset: "comment", Comments: true}, `<!-- a --><!-- <b> -->`, `<!-- a -->`},
		{"templates", Policy{Preset: "comment", Templates: true}, `{{x}}<a title="${x}">y</a>`, ` x <a title=" x}">y</a>`},
		{"linkify", Policy{Preset: "comment", Linkify: true}, `see example.com/a&b, <code>x.com</code> and (http://y.dev).`, `see <a href="http://example.com/a&amp;b" ` + link + `>example.com/a&amp;b</a>, <code>x.com</code> and (<a href="http://y.dev" ` + link + `>http://y.dev</a>).`},
		{"svg is not allowed", article, `<svg><path d="M0 0"/><text>x</text></svg>y`, `y`},
		{"svg", Policy{Preset: "w3c-default"}, `<svg viewBox="0 0 1 1" onload=x><path d="M0 0" fill="url(#a)" stroke="url(http://x)"/><use href=#x /><foreignObject><p>x</p></foreignObject><a href="javascript:x"></a><style>x</style></svg>`, `<svg viewBox="0 0 1 1"><path d="M0 0" fill="url(#a)"></path><a></a></svg>`},
		{"pre", comment, "<pre>\n\nx</pre>", "<pre>\n\nx</pre>"},
		{"depth", Policy{Preset: "article", MaxDepth: 2}, `<div><div><div><b>x</b></div></div></div>`, `<div><div>x</div></div>`},
		{"nested links", comment, `<a href=/x><table><a href=/y>z</a></table></a>`, `<a href="/x" ` + link + `>z</a>`},
		{"null", comment, "<scr\x00ipt>a\x00b</scr\x00ipt>", ""},
		{"templates, put together", Policy{Preset: "comment", Templates: true}, `{<x>{</x>7*7}<x>}</x> $<!-- -->{x}`, ` 7*7   x}`},
		{"templates, escaped tags", Policy{Preset: "comment", Templates: true, Disallowed: "escape"}, `<x y="{{z}}">a`, `&lt;x y=" z "&gt;a&lt;/x&gt;`},
		{"templates, comments", Policy{Preset: "comment", Templates: true, Comments: true}, `<b>x</b><!-- ko if: y --><!-- /ko -->`, `<b>x</b>`},
		{"templates, data", Policy{Preset: "comment", Templates: true, DataAttrs: true}, `<b data-ng-init=x data-hx:get=y data-x=z data-version=1>x</b>`, `<b data-version="1" data-x="z">x</b>`},
		{"templates, rel", Policy{Preset: "comment", Templates: true, DataAttrs: true, Rel: []string{}, AddAttributes: map[string][]string{"a": {"rel"}}}, `<a href=/x rel="me {{y}} opener" data-{{z}}=w>v</a>`, `<a href="/x" rel="me">v</a>`},
		{"links, put together", Policy{Preset: "comment", Linkify: true}, `exam<x>ple.com</x>`, `<a href="http://example.com" ` + link + `>example.com</a>`},
		{"names of scripts", Policy{Preset: "comment", AddTags: []string{"form", "input", "img"}, AddAttributes: map[string][]string{"*": {"id", "name", "form", "for", "aria-activedescendant"}}},
			`<form id=location name=body><input name=attributes form=page></form><a id=x name=getElementById aria-activedescendant=y href=#x>z</a>`,
			`<form id="user-content-location" name="user-content-body"><input name="user-content-attributes" form="user-content-page"></form><a aria-activedescendant="user-content-y" href="#user-content-x" id="user-content-x" name="user-content-getElementById">z</a>`},
		{"no prefix, by word", Policy{Preset: "comment", IDPrefix: new(string), AddAttributes: map[string][]string{"a": {"id"}}}, `<a id=x>z</a>`, `<a id="x">z</a>`},
		{"frames of forms", Policy{Preset: "comment", AddTags: []string{"form", "button"}, AddAttributes: map[string][]string{"*": {"target", "formtarget", "formaction"}}},
			`<form target=top><button formtarget=top formaction="java&Tab;script:x">y</button><button formtarget=_blank>z</button></form>`,
			`<form><button>y</button><button formtarget="_blank">z</button></form>`},
		{"paint", Policy{Preset: "w3c-default"}, `<svg><rect fill="u\72l(http://evil/x)" stroke="url( '#a' )" cursor="image-set('http://e/x' 1x)" clip-path="url(#a) url(//e/x)" transform="rotate(45 1 2) skewX(3)" color="rgb(1,2,3)"></rect></svg>`,
			`<svg><rect stroke="url(#a)" transform="rotate(45 1 2) skewX(3)" color="rgb(1,2,3)"></rect></svg>`},
		{"xlink", Policy{Preset: "w3c-default", AddAttributes: map[string][]string{"*": {"xlink:href"}}}, `<svg><textPath xlink:href="http://e/x">a</textPath><textPath xlink:href=#b>c</textPath><a xlink:href="java&#10;script:x"></a></svg>`,
			`<svg><textPath>a</textPath><textPath xlink:href="#b">c</textPath><a></a></svg>`},
		{"capital letters", Policy{Tags: []string{"B", "A", "linearGradient", "svg"}, Attributes: map[string][]string{"A": {"TITLE"}, "svg": {"viewbox"}}}, `<B>x</B><a title=y>z</a><svg viewbox=1><LINEARGRADIENT /></svg>`, `<b>x</b><a title="y">z</a><svg viewBox="1"><linearGradient></linearGradient></svg>`},
		{"pre with a tag that goes", comment, "<pre><x>\ny</x></pre>", "<pre>\n\ny</pre>"},
		{"a carriage return by reference", comment, "&#xD;x\r\n<a title='&#13;y'>z</a>", `&#13;x` + "\n" + `<a title="&#13;y">z</a>`},
		{"a comment that ends early", comment, "<!--><b>x</b>--><!-->y<!-- --!><i>z</i>", "<b>x</b>--&gt;y<i>z</i>"},
		{"cdata", comment, "<![CDATA[<b>x</b>]]><svg><![CDATA[<img src=x onerror=y>]]></svg>", "x]]&gt;"},
		{"plaintext and xmp", comment, "<xmp><b>x</b></xmp><i>y</i><plaintext><b>z", "<i>y</i>"},
		{"noscript", Policy{Preset: "article"}, `<noscript><p title="</noscript><img src=x onerror=y>"></noscript>z`, `<img src="x">"&gt;z`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := policy(t, c.p).Sanitize(c.in)
			if r.HTML != c.ok || r.Err != nil {
				t.Errorf("in   %q\ngot  %q %v\nwant %q", c.in, r.HTML, r.Err, c.ok)
			}
			if again := policy(t, c.p).Sanitize(r.HTML); again.HTML != r.HTML && c.name != "escape" {
				t.Errorf("again %q\n  was %q", again.HTML, r.HTML)
			}
		})
	}
}

func TestReport(t *testing.T) {
	r := policy(t, Policy{Preset: "comment"}).Sanitize(`<p onclick=x>a<script>alert(1)</script><a href=javascript:x>b</a><!-- c --><div>d</div>`)
	var got []string
	for _, x := range r.Removed {
		got = append(got, x.What+" "+x.Tag+" "+x.Name+" "+x.Value)
	}
	want := []string{"attribute p onclick x", "content script  ", "attribute a href javascript:x", "comment    c ", "tag div  "}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPolicyMistakes(t *testing.T) {
	for _, p := range []Policy{
		{Preset: "none"},
		{Tags: []string{"script"}},
		{Tags: []string{"ScRiPt"}},
		{Tags: []string{"b"}, AddTags: []string{"iframe"}},
		{Attributes: map[string][]string{"*": {"onClick"}}},
		{AddAttributes: map[string][]string{"a": {"srcdoc"}}},
		{Schemes: []string{"javascript"}},
		{MaxDepth: 500},
		{Relative: "perhaps"},
		{Disallowed: "forget"},
		{BaseURL: "example.com"},
	} {
		if _, err := p.Prepare(); err == nil {
			t.Errorf("%+v is a mistake, and goes through", p)
		}
	}
	if _, err := (Policy{Tags: []string{"iframe"}, Unsafe: true}).Prepare(); err != nil {
		t.Errorf("said to be unsafe, and refused: %v", err)
	}
}

// TestStrictWhole: what is escaped whole is still no template.
func TestStrictWhole(t *testing.T) {
	for _, in := range []string{strings.Repeat("<div>", 600) + "{{x}}", strings.Repeat("<div>", 600) + "{\x00{x}\x00}", "{{x}}" + strings.Repeat("y", 100)} {
		r := policy(t, Policy{Preset: "comment", Templates: true, MaxLength: 4000}).Sanitize(in)
		if len(in) < 200 {
			r = policy(t, Policy{Preset: "comment", Templates: true, MaxLength: 50}).Sanitize(in)
		}
		if r.Err == nil || strings.ContainsAny(r.HTML, "<>\x00") || strings.Contains(r.HTML, "{{") {
			t.Errorf("%v %q", r.Err, r.HTML)
		}
	}
}

// strictWrong says what in a strict output no policy lets through.
func strictWrong(out string) (wrong []string) {
	for _, scripting := range []bool{true, false} {
		doc, err := html.ParseWithOptions(strings.NewReader("<!DOCTYPE html><body><div>"+out+"</div>"), html.ParseOptionEnableScripting(scripting))
		if err != nil {
			return []string{err.Error()}
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if floorTags[strings.ToLower(n.Data)] && n.Data != "html" && n.Data != "head" && n.Data != "body" {
				wrong = append(wrong, "<"+n.Data+">")
			}
			for _, a := range n.Attr {
				if floorAttribute(strings.ToLower(a.Key)) {
					wrong = append(wrong, a.Key)
				}
				if s := browserScheme(a.Val); runsOf(s) && valueOf(n.Namespace, n.Data, a.Key) == addressValue {
					wrong = append(wrong, fmt.Sprintf("%s=%q", a.Key, a.Val))
				}
			}
		}
	}
	return wrong
}

func strictPolicies(t testing.TB) map[string]*Sanitizer {
	m := map[string]*Sanitizer{
		"all": policy(t, Policy{
			Tags:       slices.DeleteFunc(strings.Fields(hostileTags+" "+w3cTags), func(s string) bool { return floorTags[s] }),
			Attributes: map[string][]string{"*": strings.Fields(w3cAttributes + " href src id class style name value type xlink:href action formaction srcset ping poster background title alt data-x encoding values to")},
			Schemes:    []string{"http", "https"}, Styles: strings.Fields(emailStyles), StyleURLs: true, Comments: true}),
	}
	for _, name := range Presets() {
		m[name] = policy(t, Policy{Preset: name})
	}
	m["escape"] = policy(t, Policy{Preset: "article", Disallowed: "escape", Linkify: true})
	return m
}

// TestStrictSafe: no policy lets anything of the floor through, and what came out stays.
func TestStrictSafe(t *testing.T) {
	texts := hostile(4000)
	for _, a := range attacks {
		texts = append(texts, a.in)
	}
	escaped := 0
	for name, s := range strictPolicies(t) {
		for _, text := range texts {
			r := s.Sanitize(text)
			if r.Err != nil {
				escaped++
				if strings.ContainsAny(r.HTML, "<>") {
					t.Errorf("%s: not cleaned and not escaped\n in  %q\n out %q", name, text, r.HTML)
				}
				continue
			}
			if wrong := strictWrong(r.HTML); len(wrong) > 0 {
				t.Errorf("%s: %v\n in  %q\n out %q", name, wrong, text, r.HTML)
			}
			if name == "escape" {
				continue
			}
			if again := s.Sanitize(r.HTML); again.HTML != r.HTML {
				t.Errorf("%s: not stable\n in  %q\n out %q\n two %q", name, text, r.HTML, again.HTML)
			}
		}
	}
	t.Logf("%d texts were escaped whole", escaped)
}
