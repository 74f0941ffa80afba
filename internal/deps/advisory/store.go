package advisory

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Path is where the index is kept: at the place that was asked for, or else below GAMBESON_CACHE_DIR, or else in the folder
// that the system has for such things.
func Path(asked string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	dir := os.Getenv("GAMBESON_CACHE_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("there is no folder to keep the index of advisories in (%w): name one in GAMBESON_CACHE_DIR", err)
		}
		dir = filepath.Join(cache, "gambeson")
	}
	return filepath.Join(dir, "pypi.idx"), nil
}

// Embedded is the index that a release carries for where there is none yet. It is
// fs.ErrNotExist in a program that was built without.
func Embedded() (*Index, error) {
	if embedded == "" {
		return nil, fs.ErrNotExist
	}
	return Parse(embedded)
}

// FromZip makes the index of an archive that is there already. There is the new index or the old one,
// whatever happens: the new one is written beside dest, in full and to the disk, before it takes its name.
func FromZip(ctx context.Context, path, dest string) (Info, error) {
	fail := func(err error) (Info, error) {
		return Info{}, fmt.Errorf("no index can be made of %s: %w", path, cause(err))
	}
	info, err := os.Stat(path)
	if err != nil {
		return fail(err)
	}
	if !info.Mode().IsRegular() {
		return fail(errors.New("it is not a regular file"))
	}
	f, err := os.Open(path)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	data, err := build(ctx, f, info.Size(), filepath.Base(path))
	if err != nil {
		return fail(err)
	}
	if err := prepare(dest); err != nil {
		return Info{}, err
	}
	return replace(dest, data)
}

// What is being written has such a name: the index's own, something that nobody else has, and partSuffix.
const partSuffix = ".part"

// stale is how old something half-written must be to be nobody's any longer: its writer was killed.
const stale = time.Hour

// prepare makes the folder, and clears away what others have left there when they were killed.
func prepare(dest string) error {
	dir := filepath.Dir(dest)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return saving(dest, err)
	}
	if info, err := os.Stat(dest); err == nil && !info.Mode().IsRegular() {
		return saving(dest, errors.New("there is something there that is no file"))
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil // what can be written need not be listed
	}
	for _, e := range list {
		name := e.Name()
		if !strings.HasPrefix(name, filepath.Base(dest)+".") || !strings.HasSuffix(name, partSuffix) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > stale {
			os.Remove(filepath.Join(dir, name))
		}
	}
	return nil
}

func create(dest string) (*os.File, error) {
	return os.OpenFile(dest+"."+rand.Text()+partSuffix, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
}

// replace puts an index in dest's place.
func replace(dest string, data []byte) (Info, error) {
	x, err := Parse(string(data))
	if err != nil { // then it would be refused later; better now
		return Info{}, saving(dest, err)
	}
	f, err := create(dest)
	if err != nil {
		return Info{}, saving(dest, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), dest)
	}
	if err != nil {
		os.Remove(f.Name())
		return Info{}, saving(dest, err)
	}
	if dir, err := os.Open(filepath.Dir(dest)); err == nil { // so that the name survives a power cut as well
		dir.Sync()
		dir.Close()
	}
	return x.Info(), nil
}

func saving(dest string, err error) error {
	return fmt.Errorf("the index of advisories cannot be written to %s: %w", dest, cause(err))
}

// cause is the error without the path, which callers know better.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}
