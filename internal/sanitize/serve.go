package sanitize

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// The framed protocol, in both directions: one byte that says what it is, a number in four
// bytes, the length of what follows in four, all big-endian, and that many bytes. To each
// frame there is exactly one answer, with its number, so that whoever asks holds a lock for one
// write and one read and for nothing else, and a callback may itself ask for a text to be
// cleaned while its own text waits.
const (
	frameConfigure = 'c' // JSON of Options; the number is the configuration's name → frameReady
	frameClean     = 'x' // the configuration's number in four bytes, and the text
	frameTokens    = 't' // the same → frameResult with JSON of tokens
	frameWrite     = 'w' // the configuration's number, JSON of tokens → frameResult
	frameFilter    = 'f' // the configuration's number, JSON of tokens → frameResult with tokens
	frameStyle     = 's' // the configuration's number, and the text of a style attribute → frameResult
	frameExplain   = 'r' // as frameClean, for strict → frameResult with JSON of a Report
	frameAnswer    = 'a' // JSON of answers, to the question of this number
	frameCancel    = 'n' // the question of this number will not be answered → frameReady

	frameReady    = 'k'
	frameResult   = 'o'
	frameEscaped  = 'u' // a result that could not be cleaned: the text, escaped whole
	frameQuestion = 'q' // JSON of questions
	frameError    = 'e' // a sentence
)

const (
	maxFrame    = 128 << 20
	maxPrograms = 4096 // configurations of one connection
	maxWaiting  = 1024 // texts of one connection that wait for answers
	patience    = 5 * time.Minute
)

var (
	errCancelled = errors.New("cancelled")
	errLimit     = errors.New("too many texts wait for answers")
)

// questions is what a frameQuestion carries, one kind at a time.
type questions struct {
	Attributes []AttributeQuestion `json:"attributes,omitempty"`
	Styles     []string            `json:"styles,omitempty"`
	Links      []linkJSON          `json:"links,omitempty"`
	Pages      []string            `json:"pages,omitempty"` // where do addresses stand?
	Mails      []string            `json:"mails,omitempty"`
}

type answers struct {
	Attributes []bool      `json:"attributes"`
	Styles     []string    `json:"styles"`
	Links      []*linkJSON `json:"links"`
	Spans      [][][2]int  `json:"spans"` // in characters
}

type linkJSON struct {
	Attrs []Attr3 `json:"attrs"`
	Text  string  `json:"text"`
	New   bool    `json:"new"`
}

// MarshalJSON writes a question as a list of three.
func (q AttributeQuestion) MarshalJSON() ([]byte, error) {
	return json.Marshal([3]string{q.Tag, q.Name, q.Value})
}

// A reply is an answer to a frame.
type reply struct {
	op   byte
	data []byte
}

// A call is a text that is being cleaned. It asks on one channel and is answered on another.
type call struct {
	out chan reply
	in  chan answers
	end chan struct{}
}

func (c *call) ask(q questions) (answers, error) {
	data, err := json.Marshal(q)
	if err != nil {
		return answers{}, err
	}
	c.out <- reply{frameQuestion, data}
	select {
	case a := <-c.in:
		return a, nil
	case <-c.end:
		return answers{}, errCancelled
	case <-time.After(patience):
		return answers{}, errCancelled
	}
}

// Attributes, Styles and Links make a call an Asker.
func (c *call) Attributes(q []AttributeQuestion) ([]bool, error) {
	a, err := c.ask(questions{Attributes: q})
	return a.Attributes, err
}

// Find asks in texts and is answered in characters, as Python counts.
func (c *call) Find(what string, texts []string) ([][][2]int, error) {
	q := questions{Pages: texts}
	if what == "mails" {
		q = questions{Mails: texts}
	}
	a, err := c.ask(q)
	if err != nil || len(a.Spans) != len(texts) {
		return nil, errors.Join(err, errAnswers)
	}
	for i, spans := range a.Spans {
		count, k := 0, 0 // characters, and numbers of the spans, in order
		place := func(n int) *int { return &spans[n/2][n%2] }
		for at := range texts[i] + "." {
			for k < 2*len(spans) && *place(k) <= count {
				*place(k) = at
				k++
			}
			count++
		}
		for ; k < 2*len(spans); k++ {
			*place(k) = len(texts[i])
		}
	}
	return a.Spans, nil
}

func (c *call) Styles(q []string) ([]string, error) {
	a, err := c.ask(questions{Styles: q})
	if err == nil && len(a.Styles) != len(q) {
		err = errAnswers
	}
	return a.Styles, err
}

func (c *call) Links(q []Link) ([]*Link, error) {
	list := make([]linkJSON, len(q))
	for i, k := range q {
		list[i] = linkJSON{[]Attr3{}, k.Text, k.New}
		for _, a := range k.Attrs {
			list[i].Attrs = append(list[i].Attrs, Attr3{a.Space, a.Name, a.Value})
		}
	}
	a, err := c.ask(questions{Links: list})
	if err != nil {
		return nil, err
	}
	out := make([]*Link, len(a.Links))
	for i, k := range a.Links {
		if k == nil {
			continue
		}
		out[i] = &Link{Text: k.Text}
		for _, t := range k.Attrs {
			out[i].Attrs = append(out[i].Attrs, Attr{t[0], t[1], t[2]})
		}
	}
	return out, nil
}

// Serve answers frames until the reader ends. It returns nil then, and an error if a frame is
// none.
func Serve(r io.Reader, w io.Writer) error {
	s := &server{programs: map[uint32]*Program{}, waiting: map[uint32]*call{}}
	defer func() {
		for _, c := range s.waiting {
			close(c.end)
		}
	}()
	in := bufio.NewReaderSize(r, 1<<16)
	var head [9]byte
	var buf, out []byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		n := binary.BigEndian.Uint32(head[5:])
		if n > maxFrame {
			return fmt.Errorf("a frame of %d bytes is too long", n)
		}
		if buf = sized(buf, int(n)); n > 0 {
			if _, err := io.ReadFull(in, buf); err != nil {
				return err
			}
		}
		id := binary.BigEndian.Uint32(head[1:])
		a := s.frame(head[0], id, buf)
		if len(a.data) > math.MaxInt32 {
			a = reply{frameError, []byte("the result is too long")}
		}
		out = append(out[:0], a.op)
		out = binary.BigEndian.AppendUint32(out, id)
		out = binary.BigEndian.AppendUint32(out, uint32(len(a.data)))
		out = append(out, a.data...)
		if _, err := w.Write(out); err != nil {
			return err
		}
		if cap(out) > keepBytes {
			out = nil
		}
	}
}

// sized is a buffer of n bytes: this one, if it is large enough and not far too large.
func sized(b []byte, n int) []byte {
	if cap(b) < n || cap(b) > keepBytes && n < keepBytes {
		return make([]byte, n)
	}
	return b[:n]
}

type server struct {
	programs map[uint32]*Program
	waiting  map[uint32]*call
}

func fault(err error) reply { return reply{frameError, []byte(err.Error())} }

func (s *server) frame(op byte, id uint32, data []byte) reply {
	switch op {
	case frameConfigure:
		p, err := Prepare(data)
		if err != nil {
			return fault(err)
		}
		if s.programs[id] == nil && len(s.programs) >= maxPrograms {
			return fault(errors.New("too many configurations"))
		}
		s.programs[id] = p
		return reply{op: frameReady}
	case frameClean, frameTokens, frameWrite, frameFilter, frameExplain, frameStyle:
		if len(data) < 4 {
			return fault(errors.New("the frame names no configuration"))
		}
		p := s.programs[binary.BigEndian.Uint32(data)]
		if p == nil {
			return fault(errors.New("no such configuration"))
		}
		text := string(data[4:])
		if op == frameStyle {
			if p.clean == nil || p.clean.c.CSS == nil {
				return fault(errors.New("the configuration knows no styles"))
			}
			return reply{frameResult, []byte(p.clean.c.CSS.Sanitize(valid(text)))}
		}
		if op == frameClean && !p.asks() {
			out, err := p.Run(text, nil)
			return result(out, err)
		}
		if len(s.waiting) >= maxWaiting {
			return fault(errLimit)
		}
		if s.waiting[id] != nil {
			return fault(errors.New("a text of this number waits already"))
		}
		c := &call{make(chan reply, 1), make(chan answers), make(chan struct{})}
		go func() { c.out <- answer(op, p, text, c) }()
		return s.next(id, c)
	case frameAnswer:
		c := s.waiting[id]
		if c == nil {
			return fault(errors.New("nothing was asked"))
		}
		var a answers
		if err := json.Unmarshal(data, &a); err != nil {
			delete(s.waiting, id)
			close(c.end)
			return fault(err)
		}
		select {
		case c.in <- a:
		case r := <-c.out: // its patience was at an end
			delete(s.waiting, id)
			return r
		}
		return s.next(id, c)
	case frameCancel:
		if c := s.waiting[id]; c != nil {
			delete(s.waiting, id)
			close(c.end)
		}
		return reply{op: frameReady}
	}
	return fault(fmt.Errorf("no frame is a %q", op))
}

// next waits for what a call says: a question, or its result.
func (s *server) next(id uint32, c *call) reply {
	r := <-c.out
	if r.op == frameQuestion {
		s.waiting[id] = c
	} else {
		delete(s.waiting, id)
	}
	return r
}

func result(out string, err error) reply {
	switch {
	case err == nil:
		return reply{frameResult, []byte(out)}
	case out == "" || errors.Is(err, errCancelled) || errors.Is(err, errAnswers):
		return fault(err)
	}
	return reply{frameEscaped, []byte(out)}
}

func answer(op byte, p *Program, text string, c *call) (r reply) {
	defer func() {
		if x := recover(); x != nil {
			r = fault(fmt.Errorf("%v", x))
		}
	}()
	var tokens []Token
	var v any
	var err error
	switch op {
	case frameClean:
		return result(p.Run(text, c))
	case frameExplain:
		if p.strict == nil {
			return fault(errors.New("only a strict policy explains itself"))
		}
		v = p.strict.Sanitize(text)
	case frameTokens:
		if v, err = p.Tokens(text, c); errors.Is(err, errCancelled) || errors.Is(err, errAnswers) {
			return fault(err)
		}
		err = nil
	case frameWrite:
		if err = json.Unmarshal([]byte(text), &tokens); err == nil {
			return result(p.Write(tokens))
		}
	case frameFilter:
		if err = json.Unmarshal([]byte(text), &tokens); err == nil {
			v, err = p.Filter(tokens, c)
		}
	}
	if err != nil {
		return fault(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fault(err)
	}
	return reply{frameResult, out}
}

// asks reports whether cleaning may ask.
func (p *Program) asks() bool {
	if p.clean == nil {
		return false
	}
	c := p.clean
	asks := c.c.Attributes.Ask || c.c.AskStyles || c.link != nil && (c.link.AskLinks || c.link.AskPages || c.link.AskMails)
	for _, r := range c.rules {
		asks = asks || r.ask
	}
	return asks
}
