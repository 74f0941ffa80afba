// Package rewrite changes files on disk, which nothing else in Gambeson does. Make chooses
// which fixes of a file can be made together and checks that the result is still Python;
// Diff shows it; Replace writes it.
//
// A file is the work of somebody who may be editing it at this moment. So a file appears
// whole or not at all, keeps its permissions, is left alone when it is not what was looked
// at, and is never reached through a symbolic link, which may point anywhere.
package rewrite

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/parser"
	"github.com/gambeson/gambeson/internal/source"
)

// A Plan is what the fixes of findings make of one file.
type Plan struct {
	Old, New []byte
	Edits    []finding.Edit     // from Old to New
	Done     []*finding.Finding // those that are repaired
	Overlap  []*finding.Finding // those whose fix meets an earlier one: look again afterwards
}

// Make plans the fixes of findings in a file, the first first. Python must parse before and
// after. The error says why the file must be left as it is.
func Make(text []byte, python bool, list []*finding.Finding) (*Plan, error) {
	p := &Plan{Old: text}
	var ed finding.Editor
	for _, f := range list {
		if ed.Add(f.Fix.Edits...) {
			p.Done = append(p.Done, f)
		} else {
			p.Overlap = append(p.Overlap, f)
		}
	}
	p.Edits = ed.Edits()
	if line, msg := syntaxError(text); python && line > 0 {
		return nil, fmt.Errorf("there is a syntax error in line %d (%s): repair that first", line, msg)
	}
	var err error
	if p.New, err = finding.Apply(text, p.Edits); err != nil {
		return nil, err
	}
	if line, msg := syntaxError(p.New); python && line > 0 {
		return nil, fmt.Errorf("after the fixes line %d would not parse (%s): repair it by hand", line, msg)
	}
	return p, nil
}

// syntaxError returns the first one's line and text, or 0.
func syntaxError(text []byte) (line int, message string) {
	t := parser.Parse(source.New("", text))
	defer t.Release()
	if len(t.Errors) == 0 {
		return 0, ""
	}
	return t.File.Position(t.Errors[0].Span.Start).Line, t.Errors[0].Message
}

// Replace gives a file below root a new text. If was is not nil the file must have just
// that text now.
func Replace(root *os.Root, name string, was, text []byte) error {
	info, err := root.Lstat(name)
	fresh := errors.Is(err, fs.ErrNotExist) && was == nil
	switch {
	case fresh:
	case err != nil:
		return cause(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("it is a symbolic link: name the file that it points to")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	if was != nil {
		now, err := root.ReadFile(name)
		if err != nil {
			return cause(err)
		}
		if !bytes.Equal(now, was) {
			return errors.New("it has changed while it was looked at: run again")
		}
	}
	mode := fs.FileMode(0o600) // until it has the right ones
	if fresh {
		mode = 0o666
	}
	tmp := filepath.Join(filepath.Dir(name), ".gambeson-"+rand.Text())
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return cause(err)
	}
	_, err = f.Write(text)
	if err == nil && !fresh {
		keepOwner(f, info)
		err = f.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		return errors.Join(cause(err), cause(root.Remove(tmp)))
	}
	return nil
}

// File writes a file that the user has named: through a link, if it is one.
func File(path string, text []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("%s: the folder cannot be opened (%w)", path, cause(err))
	}
	defer root.Close()
	if err := Replace(root, filepath.Base(path), nil, text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// cause is the error without the path, which callers know better.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
