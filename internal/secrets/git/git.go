// Package git reads what a repository has ever held, by the streams of two commands: log says
// which versions of files there are and who brought them, cat-file gives their bytes.
//
// git is there where a repository is, and knows packs, worktrees, alternates and partial
// clones. The trap is that a repository may be somebody else's: its configuration can name
// programs that git runs. Nothing here makes it run one. The arguments are fixed, hooks, file
// monitors, signature checks, external diffs and text filters are off, and no object is fetched
// from elsewhere.
package git

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An ID names an object: 20 bytes of SHA-1, or 32 of SHA-256.
type ID [32]byte

// A Commit is one, in the order in which they were made.
type Commit struct {
	ID   string
	Date time.Time // of the author
}

// A Blob is one version of a file.
type Blob struct {
	ID    ID
	Path  string // where it first was, relative to the folder
	First int32  // the commit that brought it
	Last  int32  // the last one known to have it
	Now   bool   // HEAD has it
}

// A Repository is read from a folder in it.
type Repository struct {
	dir    string
	prefix string // of the folder's paths, with a slash at the end
	size   int    // of ids
}

// Open says whether the folder lies in a repository that git is willing to read.
func Open(ctx context.Context, dir string) (*Repository, error) {
	out, err := run(ctx, dir, "rev-parse", "--show-object-format", "--show-prefix")
	if err != nil {
		return nil, err
	}
	format, prefix, _ := strings.Cut(string(out), "\n")
	r := &Repository{dir: dir, prefix: strings.TrimSuffix(prefix, "\n"), size: 20}
	if format == "sha256" {
		r.size = 32
	}
	return r, nil
}

// command makes a call of git that runs nothing else.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{
		"-C", dir, "--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs",
		"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "log.showSignature=false", "-c", "core.quotePath=false",
	}, args...)...)
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX", "GIT_TRACE", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "LC_ALL", "LANGUAGE":
			continue // a hook's: they would speak of its repository
		}
		cmd.Env = append(cmd.Env, e)
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "LC_ALL=C")
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

func run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := command(ctx, dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	return out, explain(err, stderr.String(), dir)
}

// explain words what git says for people, in one line.
func explain(err error, stderr, dir string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("git is needed for that, and is not installed")
	case strings.Contains(stderr, "dubious ownership"):
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		return fmt.Errorf("the repository belongs to somebody else, and git reads it only if you trust it: git config --global --add safe.directory %s", dir)
	case strings.Contains(stderr, "not a git repository"):
		return errors.New("there is no git repository here")
	}
	if line, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n"); line != "" {
		return fmt.Errorf("git: %s", line)
	}
	return fmt.Errorf("git: %w", err)
}

// Tracked lists what the index has, relative to the folder.
func (r *Repository) Tracked(ctx context.Context) (map[string]bool, error) {
	out, err := run(ctx, r.dir, "ls-files", "-z", "--cached")
	if err != nil {
		return nil, err
	}
	tracked := map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		if name != "" {
			tracked[name] = true
		}
	}
	return tracked, nil
}

// Log reads the history of all branches, tags and stashes below the folder. It holds 80 bytes
// a version and none of their contents. Shallow says that older commits are elsewhere.
func (r *Repository) Log(ctx context.Context) (commits []Commit, blobs []Blob, shallow bool, err error) {
	out, err := run(ctx, r.dir, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return nil, nil, false, err
	}
	shallow = strings.TrimSpace(string(out)) == "true"
	if out, err = run(ctx, r.dir, "rev-list", "-n", "1", "--all"); err != nil || len(bytes.TrimSpace(out)) == 0 {
		return nil, nil, shallow, err // nothing was ever committed
	}
	l := logReader{prefix: r.prefix, at: map[ID]int32{}, index: map[ID]int32{}}
	cmd := command(ctx, r.dir, "log", "--all", "--topo-order", "--reverse", "--raw", "-c", "--root", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes", "--no-mailmap",
		"--no-decorate", "--format=tformat:%x01%H %at %P")
	if err := stream(cmd, r.dir, l.read); err != nil {
		return nil, nil, shallow, err
	}
	// What HEAD has is there now; where there is no HEAD, nothing is.
	head := command(ctx, r.dir, "ls-tree", "-r", "-z", "--full-tree", "HEAD")
	if r.prefix != "" {
		head = command(ctx, r.dir, "ls-tree", "-r", "-z", "HEAD", ".")
	}
	last := int32(len(l.commits) - 1)
	if out, err := run(ctx, r.dir, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err == nil {
		if id, ok := parseID(string(bytes.TrimSpace(out))); ok {
			if i, ok := l.index[id]; ok {
				last = i
			}
		}
		_ = stream(head, r.dir, func(in *bufio.Reader) error {
			for {
				line, err := in.ReadString(0)
				if err != nil {
					return nil
				}
				meta, _, _ := strings.Cut(line, "\t")
				if f := strings.Fields(meta); len(f) == 3 {
					if id, ok := parseID(f[2]); ok {
						if i, ok := l.at[id]; ok {
							l.blobs[i].Now, l.blobs[i].Last = true, last
						}
					}
				}
			}
		})
	}
	for i := range l.blobs {
		l.blobs[i].Last = max(l.blobs[i].Last, l.blobs[i].First)
	}
	return l.commits, l.blobs, shallow, nil
}

// stream runs git and lets somebody read what it writes.
func stream(cmd *exec.Cmd, dir string, read func(*bufio.Reader) error) error {
	var stderr bytes.Buffer
	cmd.Stderr = &limited{&stderr, 4096}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return explain(err, "", dir)
	}
	err = read(bufio.NewReaderSize(out, 1<<16))
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return err
	}
	return explain(cmd.Wait(), stderr.String(), dir)
}

// limited keeps the beginning of what is written.
type limited struct {
	b    *bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.b.Write(p[:n])
	l.left -= n
	return len(p), nil
}

// A logReader reads log --raw -z.
type logReader struct {
	prefix  string
	commits []Commit
	blobs   []Blob
	at      map[ID]int32 // blob → its place
	index   map[ID]int32 // commit → its place
	paths   map[string]string
	parent  int32 // of the commit that is being read, -1 if it is not known
}

const (
	maxField   = 1 << 20  // bytes of a path
	maxVersion = 50 << 20 // versions of files
)

func (l *logReader) read(in *bufio.Reader) error {
	if l.paths == nil {
		l.paths = map[string]string{}
	}
	for {
		field, err := token(in)
		if err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		field = strings.TrimLeft(field, "\n")
		switch {
		case field == "":
		case field[0] == 1:
			l.commit(field[1:])
		case field[0] == ':':
			if err := l.change(field, in); err != nil {
				return err
			}
		}
	}
}

// token reads up to the next zero byte.
func token(in *bufio.Reader) (string, error) {
	var long []byte
	for {
		part, err := in.ReadSlice(0)
		switch {
		case err == nil && long == nil:
			return string(part[:len(part)-1]), nil
		case err == nil:
			long = append(long, part[:len(part)-1]...)
			return string(long), nil
		case errors.Is(err, bufio.ErrBufferFull):
			if long = append(long, part...); len(long) > maxField {
				return "", errors.New("git: a line of its log is too long")
			}
		case err == io.EOF && len(long)+len(part) > 0:
			return string(append(long, part...)), nil
		default:
			return "", err
		}
	}
}

func (l *logReader) commit(line string) {
	f := strings.Fields(line)
	if len(f) < 2 {
		return
	}
	id, ok := parseID(f[0])
	seconds, err := strconv.ParseInt(f[1], 10, 64)
	if !ok || err != nil {
		return
	}
	l.parent = -1
	if len(f) > 2 {
		if p, ok := parseID(f[2]); ok {
			if i, ok := l.index[p]; ok {
				l.parent = i
			}
		}
	}
	l.index[id] = int32(len(l.commits))
	l.commits = append(l.commits, Commit{ID: f[0], Date: time.Unix(seconds, 0).UTC()})
}

// change reads :mode mode id id status, with one more mode and id for each further parent of a
// merge, and the path that follows.
func (l *logReader) change(line string, in *bufio.Reader) error {
	path, err := token(in)
	if err != nil {
		return errors.New("git: its log ends in the middle")
	}
	path, below := strings.CutPrefix(path, l.prefix)
	if !below {
		return nil
	}
	parents := len(line) - len(strings.TrimLeft(line, ":"))
	f := strings.Fields(line[parents:])
	if len(f) != 2*(parents+1)+1 || len(l.commits) == 0 || parents > 100 {
		return nil
	}
	now := int32(len(l.commits) - 1)
	modes, ids := f[:parents+1], f[parents+1:2*(parents+1)]
	// What was there before had its last commit here.
	for i := range parents {
		if id, ok := parseID(ids[i]); ok && file(modes[i]) {
			if k, ok := l.at[id]; ok {
				last := l.parent
				if last < 0 {
					last = now - 1
				}
				l.blobs[k].Last = max(l.blobs[k].Last, last)
			}
		}
	}
	id, ok := parseID(ids[parents])
	if !ok || !file(modes[parents]) {
		return nil
	}
	if k, ok := l.at[id]; ok {
		l.blobs[k].Last = max(l.blobs[k].Last, now)
		return nil
	}
	if len(l.blobs) >= maxVersion {
		return errors.New("the history has more than 50 million versions of files: look at a folder of it")
	}
	if p, ok := l.paths[path]; ok {
		path = p
	} else {
		l.paths[path] = path
	}
	l.at[id] = int32(len(l.blobs))
	l.blobs = append(l.blobs, Blob{ID: id, Path: path, First: now, Last: now})
	return nil
}

// file says that a mode is a file's: no link, no other repository.
func file(mode string) bool { return strings.HasPrefix(mode, "100") }

func parseID(s string) (id ID, ok bool) {
	if len(s) != 40 && len(s) != 64 {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil && id != ID{}
}

// Read gives the bytes of blobs, in their order: visit is called with the place in ids and
// bytes that are good until it returns. What is larger than the limit is not read: large is
// called instead. What is missing, as in a partial clone, is counted.
func (r *Repository) Read(ctx context.Context, ids []ID, limit int64, visit func(i int, data []byte), large func(i int)) (missing int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	cmd := command(ctx, r.dir, "cat-file", "--batch", "--buffer")
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	go func() {
		w := bufio.NewWriter(in)
		for i := range ids {
			if _, err := w.WriteString(hex.EncodeToString(ids[i][:r.size]) + "\n"); err != nil {
				break
			}
		}
		w.Flush()
		in.Close()
	}()
	err = stream(cmd, r.dir, func(out *bufio.Reader) error {
		missing, err = readBatch(out, len(ids), limit, visit, large)
		return err
	})
	if ctx.Err() != nil {
		return missing, ctx.Err()
	}
	return missing, err
}

// readBatch reads what cat-file --batch writes: <id> blob <size>, a line end, the bytes and
// a line end, or <id> missing.
func readBatch(out *bufio.Reader, n int, limit int64, visit func(i int, data []byte), large func(i int)) (missing int, err error) {
	var buf []byte
	for i := range n {
		line, err := out.ReadSlice('\n')
		if err != nil {
			return missing, errors.New("git: it stopped before the end")
		}
		f := bytes.Fields(line)
		if len(f) != 3 {
			missing++
			continue
		}
		blob := string(f[1]) == "blob" // the line is gone with the next read
		size, err := strconv.ParseInt(string(f[2]), 10, 64)
		if err != nil || size < 0 {
			return missing, errors.New("git: its answer makes no sense")
		}
		if size > limit {
			if _, err := io.CopyN(io.Discard, out, size+1); err != nil {
				return missing, errors.New("git: it stopped before the end")
			}
			large(i)
			continue
		}
		buf = slices.Grow(buf[:0], int(size))[:size]
		if _, err := io.ReadFull(out, buf); err != nil {
			return missing, errors.New("git: it stopped before the end")
		}
		if _, err := out.Discard(1); err != nil {
			return missing, errors.New("git: it stopped before the end")
		}
		if blob {
			visit(i, buf)
		}
	}
	return missing, nil
}
