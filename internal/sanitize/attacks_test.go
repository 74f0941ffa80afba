package sanitize

import (
	"strings"
	"testing"
)

// attacks is what got through sanitisers once, retold: each line stands for a class, named by
// where it was seen.
var attacks = []struct{ name, in string }{
	{"CVE-2018-7753 reference in a scheme", `<a href="javas&#x09;cript:alert(1)">x</a><a href="&#1;javascript:alert(1)">x</a><a href="&#x6A;avascript&#58;alert(1)">x</a>`},
	{"CVE-2020-6802 noscript around raw text", `<noscript><style></noscript><img src=x onerror=alert(1)></style>`},
	{"CVE-2020-6802 with title", `<noscript><title></noscript><img src=x onerror=alert(1)></title>`},
	{"CVE-2020-6816 raw text in math", `<math><style></math><img src=x onerror=alert(1)>`},
	{"CVE-2020-6816 raw text in svg", `<svg><textarea><img src=x onerror=alert(1)></textarea></svg>`},
	{"CVE-2020-6816 noembed", `<svg><noembed><p id="</noembed><img src=x onerror=alert(1)>">`},
	{"CVE-2021-23980 comment behind an end tag", `<svg></p><style><!--</style><img src=x onerror=alert(1)>-->`},
	{"CVE-2021-23980 br", `<math></br><title><!--</title><img src=x onerror=alert(1)>-->`},
	{"PYSEC-2017-14 quotes", "<a title=`onmouseover=alert(1)//>x</a><a title='a\"b`c' href=x>y</a>"},
	{"PYSEC-2017-15 unquoted", "<a href=x title=a\u2028onclick=alert(1)>x</a>"},
	{"CVE-2021-29272 letters that become s and i", "<ſcript>alert(1)</ſcript><scrıpt>alert(1)</scrıpt><SCRİPT>alert(1)</SCRİPT>"},
	{"CVE-2021-42576 style in select", `<select><option><style><img src=x onerror=alert(1)></style></option></select>`},
	{"CVE-2021-42576 script in select", `<select><style><script>alert(1)</script></style></select>`},
	{"bluemonday svg style", `<svg><style><img src=x onerror=alert(1)></style></svg>`},
	{"DOMPurify mglyph in style", `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`},
	{"DOMPurify form in form", `<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`},
	{"DOMPurify svg p style", `<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`},
	{"DOMPurify math annotation", `<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style></annotation-xml></math>`},
	{"DOMPurify annotation without encoding", `<math><annotation-xml><foreignobject><iframe srcdoc="<script>alert(1)</script>"></iframe></foreignobject></annotation-xml></math>`},
	{"DOMPurify foreignObject", `<svg><foreignObject><math><mtext><h1><h1><style><a title="</style><img src onerror=alert(1)>">`},
	{"DOMPurify desc noscript", `<svg><desc><noscript><img title="</noscript><img src=x onerror=alert(1)>">`},
	{"DOMPurify title in svg", `<svg><title><style><img src=x onerror=alert(1)></style></title></svg>`},
	{"DOMPurify xmp", `<xmp><svg><b title='</xmp><img src=x onerror=alert(1)>'></b></svg></xmp>`},
	{"DOMPurify textarea", `<textarea><a title="</textarea><img src=x onerror=alert(1)>"></a></textarea>`},
	{"DOMPurify iframe", `<iframe><textarea></iframe><img src=x onerror=alert(1)></textarea>`},
	{"DOMPurify noframes", `<noframes><style></noframes><img src=x onerror=alert(1)></style>`},
	{"DOMPurify template", `<template><s><template><s><img src=x onerror=alert(1)>@shafigullin</s></template></s></template>`},
	{"DOMPurify table in mtext", `<math><mtext><option><FAKEFAKE><option></option><mglyph><svg><mtext><style><a title="</style><img src='#' onerror='alert(1)'>">`},
	{"DOMPurify cdata", `<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg><math><![CDATA[<a title="]]><img src onerror=alert(1)>">`},
	{"DOMPurify processing instruction", `<?xml-stylesheet href="javascript:alert(1)"?><img src="x" title="?><img src=x onerror=alert(1)>">`},
	{"DOMPurify comment in an attribute", `<a title="--><img src=x onerror=alert(1)>">x</a><!--><img src=x onerror=alert(1)-->`},
	{"DOMPurify bang", `<!--a--!><img src=x onerror=alert(1)>-->`},
	{"DOMPurify nesting 506", strings.Repeat("<div>", 506) + `<svg><style><a title="</style><img src=x onerror=alert(1)>">`},
	{"DOMPurify nesting with headings", strings.Repeat("<h1>", 255) + strings.Repeat("<table><caption>", 120) + `<svg><title><style><!--</style><img src=x onerror=alert(1)>-->`},
	{"DOMPurify animation", `<svg><a><animate attributeName=href values="javascript:alert(1)"/><text>x</text></a><set attributeName=xlink:href to=javascript:alert(1)></svg>`},
	{"DOMPurify use", `<svg><use href="data:image/svg+xml,&lt;svg id='x' xmlns='http://www.w3.org/2000/svg'&gt;&lt;image href='1' onerror='alert(1)'/&gt;&lt;/svg&gt;#x"></use></svg>`},
	{"DOMPurify is", `<button is="x-y" autofocus onfocus=alert(1)>x</button>`},
	{"DOM clobbering", `<form id=x><input name=attributes><input name=parentNode></form><img name=body><a id=location href=x>`},
	{"base", `<base href="javascript:/a/-alert(1)///////"><a href=../x/y>z</a>`},
	{"meta", `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`},
	{"formaction", `<form><button formaction="javascript:alert(1)">x</button><input type=submit formaction=javascript:alert(1)></form>`},
	{"object", `<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">`},
	{"xlink", `<math xlink:href="javascript:alert(1)">x</math><svg><a xlink:href="javas&#x0A;cript:alert(1)"><text>x</text></a></svg>`},
	{"srcdoc", `<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>`},
	{"srcset", `<img srcset="javascript:alert(1) 1x"><video poster=javascript:alert(1)>`},
	{"lxml CSS escapes", `<p style="background:\75\72\6C(javascript:alert(1));width:exp\72 ession(alert(1));-moz-binding:url(x)">x</p>`},
	{"lxml javascript with comment", `<a href="java<!-- -->script:alert(1)">x</a><a href="&#106&#97&#118&#97&#115&#99&#114&#105&#112&#116&#58alert(1)">y</a>`},
	{"TYPO3 tag in a tag", `<scr<script>ipt>alert(1)</scr</script>ipt><<b>script>alert(1)<</b>/script>`},
	{"plaintext", `<plaintext><img src=x onerror=alert(1)>`},
	{"marquee and details", `<marquee onstart=alert(1)>x</marquee><details open ontoggle=alert(1)><summary>x</summary></details>`},
	{"attributes in a row", `<img src=x/onerror=alert(1)><img/src="x"/onerror=alert(1)><img src="x"onerror="alert(1)">`},
	{"null characters", "<img\x00 src=x onerror=alert(1)><scr\x00ipt>alert(1)</scr\x00ipt><a href=\"java\x00script:alert(1)\">x</a>"},
}

// TestAttacks: none of them gets through, in any configuration.
func TestAttacks(t *testing.T) {
	policies := strictPolicies(t)
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			for _, c := range setups() {
				if c.LinkifyOnly {
					continue
				}
				out, _ := c.cleaner().Clean(a.in)
				if wrong := c.judge(out); len(wrong) > 0 {
					t.Errorf("%s: %v\n out %q", c.Name, wrong, out)
				}
			}
			for name, s := range policies {
				r := s.Sanitize(a.in)
				if wrong := strictWrong(r.HTML); len(wrong) > 0 {
					t.Errorf("%s: %v\n out %q", name, wrong, r.HTML)
				}
			}
		})
	}
}
