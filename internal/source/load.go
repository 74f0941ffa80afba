package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// Load reads a file that a walk has found and makes a File of it: Python source or
// a notebook, by its name. Errors are *Problem; as with Decode there may be a File
// all the same. A limit of 0 is DefaultMaxFileSize.
//
// The tree may change while it is looked at, so nothing that the walk saw is relied
// upon: what is not a regular file now is refused without waiting for it, and no
// more is read than the limit allows.
func Load(found Found, limit int64) (*File, error) {
	raw, err := Read(found, limit)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(path.Ext(found.Path), ".ipynb") {
		return Notebook(found.Path, raw)
	}
	if what := binary(raw); what != "" {
		return nil, &Problem{Path: found.Path, Message: "this is " + what + ", not Python source: rename or exclude it"}
	}
	return Decode(found.Path, raw)
}

// Read reads the raw bytes of a file that a walk has found, with the care that Load takes.
// Behind them is room for the zero byte that the parser wants there.
func Read(found Found, limit int64) ([]byte, error) {
	raw, err := ReadInto(nil, found, limit)
	return raw[:len(raw):min(cap(raw), len(raw)+1)], err
}

// ReadInto is Read into a buffer that is used again, if the file fits: what it returned before
// is gone then.
func ReadInto(buf []byte, found Found, limit int64) ([]byte, error) {
	if limit <= 0 {
		limit = DefaultMaxFileSize
	}
	limit = min(limit, math.MaxInt32) // a Pos has 32 bits, and transcoding may double a text
	fail := func(message string) ([]byte, error) {
		return nil, &Problem{Path: found.Path, Message: message}
	}
	// Without O_NONBLOCK a pipe that took the file's place would make us wait forever.
	f, err := os.OpenFile(found.Abs, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fail("the file vanished while the tree was looked at: run again")
		}
		return fail(reason("cannot read the file", err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fail(reason("cannot read the file", err))
	}
	if !info.Mode().IsRegular() {
		return fail("not a regular file: exclude it")
	}
	size := info.Size()
	if size > limit {
		return nil, &Problem{Path: found.Path, Message: tooLarge(size, limit), Large: true}
	}
	raw := buf[:cap(buf)]
	if int64(cap(buf)) <= size {
		room := size + 1
		if buf != nil { // for larger ones to come
			room += size / 4
		}
		raw = make([]byte, room)
	}
	raw = raw[:size+1] // one more, to see the end without growing
	n, err := io.ReadFull(f, raw)
	if err == nil { // it grew
		rest, err := io.ReadAll(io.LimitReader(f, limit-size))
		if err != nil {
			return fail(reason("cannot read the file", err))
		}
		raw = append(raw, rest...)
		if n = len(raw); int64(n) > limit {
			return fail(tooLarge(int64(n), limit))
		}
	} else if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fail(reason("cannot read the file", err))
	}
	return raw[:n], nil
}

func tooLarge(size, limit int64) string {
	return fmt.Sprintf("file is %s, more than the limit of %s: raise max-file-size or exclude it", bytesText(size), bytesText(limit))
}

// bytesText writes a size for people, rounded to a whole number of the unit unless
// that would be a single digit.
func bytesText(n int64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB"}
	x, u := float64(n), 0
	for x >= 1024 && u < len(units)-1 {
		x /= 1024
		u++
	}
	if u > 0 && x < 10 && x != math.Trunc(x) {
		return strconv.FormatFloat(x, 'f', 1, 64) + " " + units[u]
	}
	return strconv.FormatFloat(math.Round(x), 'f', 0, 64) + " " + units[u]
}

// binary says what raw is if it is no text at all. One stray zero byte does not
// make a text binary: the parser will name its line.
func binary(raw []byte) string {
	for _, magic := range []struct{ prefix, what string }{
		{"\xff\xfe", "UTF-16 text"},
		{"\xfe\xff", "UTF-16 text"},
		{"\x7fELF", "a program"},
		{"MZ\x90\x00", "a program"},
		{"PK\x03\x04", "a zip archive"},
		{"\x1f\x8b\x08", "compressed data"},
		{"\x89PNG\r\n", "a picture"},
		{"version https://git-lfs.github.com/spec/", "a Git LFS pointer"},
	} {
		if bytes.HasPrefix(raw, []byte(magic.prefix)) {
			return magic.what
		}
	}
	if len(raw) > 4 && raw[2] == '\r' && raw[3] == '\n' && raw[1] >= 0x0c && raw[1] <= 0x0f {
		return "compiled Python" // the magic number of a .pyc file
	}
	start := raw[:min(len(raw), 8000)]
	control := 0
	for _, c := range start {
		if c < ' ' && (c < '\b' || c > '\r') && c != 0x1b {
			control++
		}
	}
	if control > 3 && control*10 > len(start) && bytes.IndexByte(start, 0) >= 0 {
		return "binary data"
	}
	return ""
}
