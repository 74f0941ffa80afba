package report

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/gambeson/gambeson/internal/finding"
)

// With the worst text in every place, the page is made of the same elements with the same
// attributes as with harmless text of the same length: none of them comes from data.
func TestHostilePage(t *testing.T) {
	vectors := []string{
		`"><script>alert(1)</script>`,
		`'><img src=x onerror=alert(1)>`,
		`</title></style></script><svg onload=alert(1)>`,
		`" onmouseover="alert(1)" x="`,
		`javascript:alert(1)//"><a href=javascript:alert(1)>`,
		`https://example.org/"><iframe srcdoc="<script>alert(1)</script>">`,
		`--></pre></article><!--<base href="https://evil.example/">`,
		`&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;`,
	}
	ran := 0
	for _, evil := range vectors {
		ran++
		t.Run(evil, func(t *testing.T) {
			tame := strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) || r == ':' || r == '/' {
					return r
				}
				return 'x'
			}, evil)
			if strings.HasPrefix(evil, "https://") {
				tame = "https://" + tame[len("https://"):]
			}
			bad, content := skeleton(t, everywhere(t, evil))
			good, _ := skeleton(t, everywhere(t, tame))
			for i := range min(len(bad), len(good)) {
				if bad[i] != good[i] {
					t.Fatalf("element %d is %s, with harmless text it is %s", i, bad[i], good[i])
				}
			}
			if len(bad) != len(good) || len(bad) < 500 {
				t.Errorf("%d elements, with harmless text %d", len(bad), len(good))
			}
			// And it is all there, as text.
			if n := strings.Count(content, evil); n < 100 {
				t.Errorf("the text is in the page %d times only", n)
			}
		})
	}
	if ran != 8 {
		t.Errorf("ran %d cases", ran)
	}
}

// everywhere is a page of a report of which each text is the same.
func everywhere(t *testing.T, s string) string {
	r := sample(t)
	visit(reflect.ValueOf(r).Elem(), func(v reflect.Value) {
		if v.Type() != reflect.TypeFor[finding.Practice]() { // of which nothing else would be shown
			v.SetString(s)
		}
	})
	for p := range r.Stats.LookedAt {
		r.Stats.LookedAt[p] = s
	}
	r.Stats.Skipped = map[string]int{s: 3}
	r.Stats.LookedAt[finding.Practice(s)] = s
	return write(t, "html", r, Options{})
}

// skeleton lists the elements of a page with the names of their attributes, and returns all
// text and values as a browser has them. It knows what may run and where links may lead.
func skeleton(t *testing.T, page string) (elements []string, content string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var texts strings.Builder
	for n := range root.Descendants() {
		switch n.Type {
		case html.CommentNode:
			t.Errorf("a comment: %q", n.Data)
		case html.TextNode:
			texts.WriteString(n.Data + "\n")
		case html.ElementNode:
			path := n.Data
			for p := n.Parent; p != nil; p = p.Parent {
				path = p.Data + "/" + path
			}
			var names []string
			for _, a := range n.Attr {
				names = append(names, a.Key)
				texts.WriteString(a.Val + "\n")
				if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://") {
					t.Errorf("a link to %q", a.Val)
				}
				if strings.HasPrefix(a.Key, "on") || slices.Contains([]string{"style", "src", "srcdoc", "action", "formaction"}, a.Key) {
					t.Errorf("an attribute that acts: %s=%q", a.Key, a.Val)
				}
			}
			elements = append(elements, fmt.Sprint(path, names))
			if n.Data == "script" && n.FirstChild.Data != mustRead("page/page.js") {
				t.Errorf("a script that is not ours: %.60q", n.FirstChild.Data)
			}
		}
	}
	return elements, texts.String()
}

func mustRead(name string) string {
	data, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(data)
}
