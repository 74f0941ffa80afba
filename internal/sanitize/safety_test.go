package sanitize

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// judge parses an output as a browser would, with and without scripting, and says what
// stands in it that the configuration does not allow.
func (s *setup) judge(out string) (wrong []string) {
	tags := map[string]bool{}
	for _, t := range s.Tags {
		tags[strings.ToLower(t)] = true
	}
	for _, implied := range []string{"tbody", "colgroup", "tr", "html", "head", "body", "p", "br"} {
		tags[implied] = true // browsers add these themselves
	}
	attrs := map[string]bool{"rel": s.Linkify}
	switch a := s.Attributes.(type) {
	case []string:
		for _, n := range a {
			attrs[strings.ToLower(n)] = true
		}
	case map[string][]string:
		for _, list := range a {
			for _, n := range list {
				attrs[n] = true
			}
		}
	}
	for _, scripting := range []bool{true, false} {
		doc, err := html.ParseWithOptions(strings.NewReader("<!DOCTYPE html><body><div>"+out+"</div>"), html.ParseOptionEnableScripting(scripting))
		if err != nil {
			continue
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			name := strings.ToLower(n.Data)
			if !tags[name] && name != "div" {
				wrong = append(wrong, fmt.Sprintf("<%s> (scripting %v)", n.Data, scripting))
			}
			for _, a := range n.Attr {
				key := strings.ToLower(a.Key)
				if !attrs[key] && !attrs[a.Namespace+":"+key] {
					wrong = append(wrong, fmt.Sprintf("%s of <%s>", a.Key, n.Data))
				}
				if strings.HasPrefix(key, "on") || browserScheme(a.Val) == "javascript" && isURL(n.Namespace, n.Data, key) {
					wrong = append(wrong, fmt.Sprintf("%s=%q of <%s>", a.Key, a.Val, n.Data))
				}
			}
		}
	}
	return wrong
}

// isURL: where a browser would follow or run an address.
func isURL(space, tag, key string) bool {
	switch key {
	case "href", "src", "action", "formaction", "data": // xlink:href is href by here, and nothing in HTML
		return true
	}
	return false
}

// TestSafe: nothing that is not allowed comes out, however the output is read.
func TestSafe(t *testing.T) {
	n := 0
	for _, c := range setups() {
		if c.LinkifyOnly {
			continue
		}
		k := c.cleaner()
		for _, text := range hostile(4000) {
			out, _ := k.Clean(text)
			n++
			if wrong := c.judge(out); len(wrong) > 0 {
				t.Errorf("%s: %v\n in  %q\n out %q", c.Name, wrong, text, out)
			}
		}
	}
	t.Logf("%d outputs", n)
}
