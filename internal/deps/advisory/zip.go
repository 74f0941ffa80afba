package advisory

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds on an archive. OSV's export for PyPI was 32 MB with 24,491 records in August 2026; a record is 2 KB, one with long
// lists of versions some 100 KB.
const (
	maxRecord    = 8 << 20  // one record, unpacked
	maxUnpacked  = 2 << 30  // all of them
	maxDirectory = 32 << 20 // the archive's list of files, which becomes some ten times as large in memory
	maxZip       = 1 << 30  // the archive
)

// errArchive is what is said of an archive that was cut off on the way or is something else.
var errArchive = errors.New("it is no zip archive, or damaged")

// errTooMuch is said of one that would fill more memory than any database of advisories does.
var errTooMuch = errors.New("it holds more than an index can")

// readZip reads all records of an archive, and says how many of its files are none.
//
// A file that is damaged spoils all: the checksums of the archive are there to tell. A file that is whole and no record is
// counted, since one mistake in a database must not keep everybody from all the others.
func readZip(ctx context.Context, f io.ReaderAt, size int64) (records []*record, unread int, err error) {
	if size > maxZip {
		return nil, 0, fmt.Errorf("it is larger than %d MB", maxZip>>20)
	}
	m := &meter{ReaderAt: f}
	m.left.Store(maxDirectory)
	archive, err := zip.NewReader(m, size)
	switch {
	case m.left.Load() < 0:
		return nil, 0, errors.New("its list of files is too long")
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, 0, errArchive
	case err != nil && archive == nil:
		return nil, 0, cause(err)
	}
	m.left.Store(1 << 62)

	var (
		files   = archive.File
		read    = make([]*record, len(files))
		next    atomic.Int64
		bad     atomic.Int64
		left    atomic.Int64
		kept    atomic.Int64
		workers sync.WaitGroup
		once    sync.Once
		failed  error
	)
	left.Store(maxUnpacked)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fail := func(err error) {
		once.Do(func() { failed = err })
		cancel()
	}
	for range min(runtime.GOMAXPROCS(0), 8) {
		workers.Go(func() {
			var u unpacker
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				if !strings.HasSuffix(files[i].Name, ".json") {
					continue
				}
				data, err := u.unpack(files[i], &left)
				if err != nil {
					fail(err)
					return
				}
				r, err := readRecord(data)
				if err != nil {
					bad.Add(1)
				}
				if r != nil && kept.Add(r.size()) > maxIndex {
					fail(errTooMuch)
				}
				read[i] = r
			}
		})
	}
	workers.Wait()
	if failed != nil {
		return nil, 0, failed
	}
	if err := context.Cause(ctx); err != nil {
		return nil, 0, err
	}
	for _, r := range read {
		if r != nil {
			records = append(records, r)
		}
	}
	return records, int(bad.Load()), nil
}

// An unpacker unpacks one file after the other into the same memory.
type unpacker struct{ buf []byte }

func (u *unpacker) unpack(f *zip.File, left *atomic.Int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, errArchive
	}
	defer r.Close()
	// What the archive says of the size is not believed.
	u.buf = u.buf[:0]
	for {
		if len(u.buf) == cap(u.buf) {
			u.buf = append(u.buf, 0)[:len(u.buf)]
		}
		n, err := r.Read(u.buf[len(u.buf):cap(u.buf)])
		u.buf = u.buf[:len(u.buf)+n]
		switch {
		case len(u.buf) > maxRecord:
			return nil, fmt.Errorf("a file in it is larger than %d MB", maxRecord>>20)
		case left.Add(-int64(n)) < 0:
			return nil, fmt.Errorf("what is in it is larger than %d MB", maxUnpacked>>20)
		case err == io.EOF:
			return u.buf, nil
		case err != nil:
			var path *os.PathError
			if errors.As(err, &path) { // the disk, not the archive
				return nil, cause(err)
			}
			return nil, errArchive
		}
	}
}

// A meter stops reading when so much was read.
type meter struct {
	io.ReaderAt
	left atomic.Int64
}

func (m *meter) ReadAt(p []byte, at int64) (int, error) {
	if m.left.Add(-int64(len(p))) < 0 {
		return 0, zip.ErrFormat
	}
	return m.ReaderAt.ReadAt(p, at)
}

// build makes an index of an archive.
func build(ctx context.Context, f io.ReaderAt, size int64, source string) ([]byte, error) {
	records, unread, err := readZip(ctx, f, size)
	if err != nil {
		return nil, err
	}
	return encode(records, unread, source, time.Now())
}
