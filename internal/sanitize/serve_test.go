package sanitize

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A client is the other end of the protocol.
type client struct {
	t testing.TB
	c io.ReadWriter
}

func (c client) say(op byte, id uint32, data string) (byte, string) {
	c.t.Helper()
	b := binary.BigEndian.AppendUint32([]byte{op}, id)
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	if _, err := c.c.Write(append(b, data...)); err != nil {
		c.t.Fatal(err)
	}
	var head [9]byte
	if _, err := io.ReadFull(c.c, head[:]); err != nil {
		c.t.Fatal(err)
	}
	out := make([]byte, binary.BigEndian.Uint32(head[5:]))
	if _, err := io.ReadFull(c.c, out); err != nil {
		c.t.Fatal(err)
	}
	if got := binary.BigEndian.Uint32(head[1:]); got != id {
		c.t.Fatalf("the answer to %d is numbered %d", id, got)
	}
	return head[0], string(out)
}

func (c client) want(op byte, id uint32, data string, wantOp byte, want string) {
	c.t.Helper()
	if gotOp, got := c.say(op, id, data); gotOp != wantOp || want != "*" && got != want {
		c.t.Errorf("%c %q: got %c %q, want %c %q", op, data, gotOp, got, wantOp, want)
	}
}

func handle(n uint32, text string) string {
	return string(binary.BigEndian.AppendUint32(nil, n)) + text
}

func TestServe(t *testing.T) {
	a, b := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(b, b) }()
	c := client{t, a}
	c.want('c', 1, `{"mode":"clean","tags":["b"],"attributes":["title"],"protocols":["http"]}`, 'k', "")
	c.want('x', 2, handle(1, "<b title=x>a</b><i>"), 'o', `<b title="x">a</b>&lt;i&gt;`)
	c.want('x', 3, handle(9, "x"), 'e', "no such configuration")
	c.want('x', 3, "x", 'e', "the frame names no configuration")
	c.want('z', 3, "x", 'e', "*")
	c.want('c', 4, `{"mode":"clean","tagz":[]}`, 'e', "*")
	c.want('c', 4, `{"mode":"strict","policy":{"preset":"comment"}}`, 'k', "")
	c.want('x', 5, handle(4, "<b onclick=x>a</b>"), 'o', "<b>a</b>")
	op, out := c.say('r', 5, handle(4, "<b onclick=x>a</b>"))
	var r Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || op != 'o' || len(r.Removed) != 1 {
		t.Errorf("a report: %c %s %v", op, out, err)
	}
	c.want('x', 6, handle(1, strings.Repeat("<b><i>", 2000)), 'u', strings.Repeat("&lt;b&gt;&lt;i&gt;", 2000))

	// Questions, with another text between a question and its answer.
	c.want('c', 7, `{"mode":"clean","tags":["b"],"attributes":true,"protocols":["http"]}`, 'k', "")
	c.want('x', 8, handle(7, "<b title=x id=y>a</b>"), 'q', `{"attributes":[["b","title","x"],["b","id","y"]]}`)
	c.want('x', 9, handle(1, "<b>"), 'o', "<b></b>")
	c.want('a', 8, `{"attributes":[false,true]}`, 'o', `<b id="y">a</b>`)
	c.want('a', 8, `{}`, 'e', "nothing was asked")
	c.want('x', 8, handle(7, "<b id=y>a</b>"), 'q', "*")
	c.want('a', 8, `{"attributes":[]}`, 'e', "the number of answers is not that of the questions")
	c.want('x', 8, handle(7, "<b id=y>a</b>"), 'q', "*")
	c.want('n', 8, "", 'k', "")
	c.want('c', 10, `{"mode":"linkify","linkify":{"ask":true,"parse_email":true}}`, 'k', "")
	c.want('x', 11, handle(10, "x@y.org <a href=z>w</a> q.com"), 'q', `{"links":[{"attrs":[["","href","mailto:x@y.org"]],"text":"x@y.org","new":true},{"attrs":[["","href","z"]],"text":"w","new":false}]}`)
	c.want('a', 11, `{"links":[null,{"attrs":[["","href","zz"]],"text":"w"}]}`, 'q', `{"links":[{"attrs":[["","href","http://q.com"]],"text":"q.com","new":true}]}`)
	c.want('a', 11, `{"links":[{"attrs":[],"text":"<q>"}]}`, 'o', `x@y.org <a href="zz">w</a> <a>&lt;q&gt;</a>`)

	// Tokens go out and come back.
	op, tokens := c.say('t', 12, handle(1, "a &nbsp; <b title='x'>b</b>"))
	if op != 'o' {
		t.Errorf("tokens: %c %s", op, tokens)
	}
	c.want('w', 13, handle(1, tokens), 'o', `a &nbsp; <b title="x">b</b>`)
	c.want('f', 14, handle(1, `[{"type":"StartTag","name":"i"},{"type":"Characters","data":"x"}]`), 'o', `[{"type":"Characters","data":"\u003ci\u003ex"}]`)
	c.want('w', 15, handle(1, `[{"type":"No"}]`), 'e', "*")
	a.Close()
	if err := <-done; err != nil && err != io.ErrClosedPipe {
		t.Error(err)
	}
}

func TestServeUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ctx := t.Context()
	done := make(chan error, 1)
	go func() { done <- ServeUnix(ctx, path) }()
	var c net.Conn
	for i := 0; ; i++ {
		var err error
		if c, err = net.Dial("unix", path); err == nil {
			break
		}
		if i > 200 {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	defer c.Close()
	k := client{t, c}
	k.want('c', 1, `{"mode":"clean","tags":["b"],"attributes":[],"protocols":[]}`, 'k', "")
	k.want('x', 2, handle(1, "<b>x"), 'o', "<b>x</b>")
	if err := ServeUnix(ctx, path); err == nil || !strings.Contains(fmt.Sprint(err), "served already") {
		t.Errorf("a second server of one socket: %v", err)
	}
}
