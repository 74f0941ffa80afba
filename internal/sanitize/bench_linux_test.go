package sanitize

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// spent is the processor time of the whole process, in nanoseconds.
func spent() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(0, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// remark is 1 KB that somebody might write.
const remark = `<p>Thanks for the <b>quick</b> answer! I have tried what you wrote at <a href="http://example.com/help?topic=1&amp;page=2" title="help">the help page</a>,
and it works &mdash; mostly. When x < y the <code>compare()</code> call still fails, see www.example.org/issues/42 for the whole log:</p>
<ul><li>first I <em>updated</em> everything</li><li>then I ran <code>make test && make install</code></li><li>and <strong>nothing</strong> happened</li></ul>
<blockquote>It is <i>not</i> a bug, it is a feature.</blockquote><script>alert("no")</script><img src="http://example.com/smile.png" onerror="alert(1)">
<div class="signature">-- <br>Jo &lt;jo@example.org&gt;, <span style="color: red">somewhere</span></div>
<p>PS: the <abbr title="frequently asked questions">FAQ</abbr> says &quot;use <code>--retry=3</code>&quot;, which I did:<br>no change. <a href="javascript:alert(1)">Here</a> is what others wrote,
and <a href="https://example.net/a/b?c=d#e">here</a> a patch.</p> <h4>Versions</h4> 3.2 &lt; 3.3 &amp; later; see the notes for 2.x`

func page(b *testing.B) string {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		b.Skip(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "doc", "go_spec.html"))
	if err != nil {
		b.Skip(err)
	}
	return string(data[:100_000])
}

func BenchmarkClean(b *testing.B) {
	for _, doc := range []struct{ name, text string }{{"1K", remark}, {"100K", page(b)}} {
		for _, c := range setups() {
			if c.Name != "default" && c.Name != "rich" && c.Name != "linkify" {
				continue
			}
			k := c.cleaner()
			b.Run(c.Name+"/"+doc.name, func(b *testing.B) {
				b.SetBytes(int64(len(doc.text)))
				b.ReportAllocs()
				start := spent()
				for b.Loop() {
					if _, err := k.Clean(doc.text); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(spent()-start)/float64(b.N), "cpu-ns/op") // on a busy machine the one to compare
			})
		}
	}
}
