package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// isTerminal says whether somebody looks at w.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colour follows no-color.org: on a terminal, unless NO_COLOR is set or TERM is dumb.
func colour(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// width is the terminal's, or 0.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}

// A progress line appears when a scan takes longer than a second, and goes when it ends.
type progress struct {
	w     io.Writer
	start time.Time
	mu    sync.Mutex
	last  time.Time
	shown bool
}

func newProgress(w io.Writer) *progress { return &progress{w: w, start: time.Now()} }

func (p *progress) update(done, total int) {
	if !p.mu.TryLock() { // somebody else is writing: the next one will do
		return
	}
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.start) < time.Second || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r\x1b[K%d of %d files", done, total)
}

// versions shows how far the look at a history is.
func (p *progress) versions(done, total int) {
	if !p.mu.TryLock() {
		return
	}
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.start) < time.Second || now.Sub(p.last) < 100*time.Millisecond || total == 0 {
		return
	}
	p.last, p.shown = now, true
	const cells = 30
	full := min(done*cells/total, cells)
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d of %d versions of files", strings.Repeat("━", full), strings.Repeat(" ", cells-full), done, total)
}

// bytes shows how much has arrived of what is expected, -1 if nobody knows.
func (p *progress) bytes(done, total int64) {
	now := time.Now()
	if now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	if total > 0 {
		const cells = 30
		full := int(done * cells / total)
		fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d of %d MB", strings.Repeat("━", min(full, cells)), strings.Repeat(" ", max(cells-full, 0)), done>>20, total>>20)
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[K%d MB", done>>20)
}

func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
