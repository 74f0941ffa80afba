package sanitize

import (
	"math/rand/v2"
	"strings"
)

// pieces are what hostile texts are made of: markup whole and broken, and what has made
// sanitisers of all languages stumble.
var pieces = strings.Split(strings.TrimSuffix(hostilePieces, "\n"), "\n")

const hostilePieces = `<a href="http://example.com/?a=1&b=2">
<a href=javascript:alert(1)>
<a href="jav&#x09;ascript:alert(1)">
<a href=" javascript&colon;alert(1)">
<a href='//evil.example/"x'>
<a href="&#106;avascript:alert(1)" title='"quoted" & more'>
<a title=x title=y onclick=alert(1)>
</a>
<b>
</b>
<i class="x y" data-a='1'>
</i>
<p>
</p>
</p >
<br>
</br>
<br/>
<div>
</div>
<span style="color: red; background: url(x)">
<p style="color: rgb(1,2,3) !important; /* c */ width:expression(1)">
</span>
<ul><li>
</li>
</ul>
<table><tr><td>
<table>
</table>
<tr>
<td>
</td></tr>
<tbody>
<select><option>
</select>
<img src=x onerror=alert(1)>
<img src="http://example.com/a.png" alt='it''s'>
<img/src="x"/onerror=alert(1)//>
<script>
</script>
<script>alert(1)</script>
<scr<script>ipt>
<style>
</style>
<style>p{color:red}</style>
<svg>
</svg>
<math>
</math>
<svg><style>
<svg><title>
<svg><desc>
<foreignObject>
<math><mtext>
<mglyph>
<annotation-xml encoding="text/html">
<noscript>
</noscript>
<textarea>
</textarea>
<title>
</title>
<xmp>
</xmp>
<iframe src="javascript:alert(1)">
</iframe>
<plaintext>
<noembed>
<noframes>
<template>
<form action=javascript:x>
<input type=hidden value="a&amp;b">
<input checked disabled>
<button formaction=javascript:x>
<object data=x>
<embed src=x>
<isindex>
<body onload=x>
<html>
<head>
<!-- a comment -->
<!--
-->
--!>
<!-->
<!--->
<!-- a -- b --->
<!DOCTYPE html>
<![CDATA[ x ]]>
<?php echo 1 ?>
</ x>
</3
<>
</>
<
>
< b>
<a
<a href
<a href=
<a href="
<foo <b>x</b>
<foo bar='<b>
<some thing
<b"'<
"
'
=
&
;
&amp;
&lt;
&gt
&nbsp;
&notin;
&am;
&#12z;
&#0;
&#x110000;
&#xZ;
&lt;script&gt;
&quot;
hello world
 text 
x<y
1 > 2
http://example.com
http://example.com/a(b)c).
(http://example.com)
www.example.co.uk/path?x=1&amp;y=2,
user@example.com
mailto:user@example.com
http://a.com/x@b.org
foo.museum-x
"q u"@x.org
ftp://user:pw@example.com:21/
javascript:alert(1)
<pre>

<h1>
</h1>
<code>
</code>
<em><strong>
</strong></em>
<blockquote cite="javascript:x">
</blockquote>
<font color=red>
</font>
<o:p>
<x-y z>
<use xlink:href="data:x">
<a xlink:href="javascript:alert(1)">
<animate attributeName=href values=javascript:alert(1)>
<set attributeName=href to=javascript:alert(1)>
<path fill="url(#a)" d="M0 0">
<rect fill="url(http://evil/x)" mask=url(x)>
<details open ontoggle=alert(1)>
<dl><dt>
<dd>
<marquee onstart=alert(1)>
<video><source onerror=alert(1)>
<base href=//evil>
<link rel=stylesheet href=x>
<meta http-equiv=refresh content=0>
<nobr>
<ruby><rt>
<math><mi><a xlink:href=x>
<listing>
<a href="x" <b>
<B>
<IMG SRC=X>
<a/href/="x"/>`

var oddBytes = []string{"\x00", "\x01", "\x0c", "\r\n", "\r", "\t", "\u00a0", "é", "\u2028", "İ", "ſ", "\ufffd", "\U0001F600", "\x1b", "\x7f"}

// hostile makes n texts, always the same.
func hostile(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	texts := make([]string, 0, n)
	texts = append(texts, pieces...)
	for len(texts) < n {
		var b strings.Builder
		for range 1 + r.IntN(9) {
			switch p := pieces[r.IntN(len(pieces))]; r.IntN(12) {
			case 0: // cut
				b.WriteString(p[:r.IntN(len(p)+1)])
			case 1: // a character too many, or another one
				i := r.IntN(len(p) + 1)
				b.WriteString(p[:i])
				b.WriteByte("<>\"'/=& !-ab"[r.IntN(12)])
				b.WriteString(p[min(i+r.IntN(2), len(p)):])
			case 2:
				i := r.IntN(len(p) + 1)
				b.WriteString(p[:i] + oddBytes[r.IntN(len(oddBytes))] + p[i:])
			case 3:
				b.WriteString(strings.ToUpper(p))
			default:
				b.WriteString(p)
			}
		}
		texts = append(texts, strings.ToValidUTF8(b.String(), "?"))
	}
	return texts[:n]
}
