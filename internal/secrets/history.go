package secrets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/secrets/git"
	"github.com/gambeson/gambeson/internal/source"
)

// A past is a secret that the history has, put together from all versions of files that have it.
type past struct {
	found
	blob        int32 // the one that it is shown in: the first
	first, last int32 // commits
	now         bool  // HEAD has it
}

// same names a secret wherever it stands: every one is reported once.
func (x *found) same() [32]byte {
	key := x.Rule + "\x00" + x.value
	if x.value == "" {
		key += x.Fingerprint
	}
	if !x.strong { // "admin" is somebody's password in many places
		key += "\x00" + x.Location.Path + "\x00" + x.Message
	}
	return sha256.Sum256([]byte(key))
}

// history looks at every version of every file, adds what only the history has, and says since
// when what the files have is there.
func (l *looking) history(ctx context.Context, all []found, r *finding.Report) ([]found, error) {
	repo, err := git.Open(ctx, l.root)
	if err != nil {
		return nil, fmt.Errorf("--history: %w", err)
	}
	commits, blobs, shallow, err := repo.Log(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("--history: %w", err)
	}
	if shallow {
		r.Problems = append(r.Problems, finding.Problem{Path: ".", Partial: true, Message: "the clone is shallow, and older commits were not looked at: git fetch --unshallow"})
	}
	wanted := l.versions(blobs, r)
	secrets, err := l.past(ctx, repo, blobs, wanted, r)
	if err != nil {
		return nil, err
	}
	at := func(p *past) *finding.History {
		return &finding.History{First: commit(commits, p.first), Last: commit(commits, p.last), Gone: !p.now}
	}
	here := map[[32]byte]bool{}
	for i := range all {
		key := all[i].same()
		if p := secrets[key]; p != nil && all[i].value != "" {
			here[key] = true
			h := at(p)
			h.Gone = false
			all[i].History = h
			all[i].Message += fmt.Sprintf(" The history has it since commit %s of %s.", short(h.First.ID), h.First.Date.Format("2006-01-02"))
		}
	}
	for key, p := range secrets {
		if here[key] {
			continue
		}
		h := at(p)
		x := p.found
		x.History = h
		x.Message += fmt.Sprintf(" It came with commit %s of %s", short(h.First.ID), h.First.Date.Format("2006-01-02"))
		switch {
		case h.Gone && h.Last.ID != h.First.ID:
			x.Message += fmt.Sprintf(" and was last in %s of %s: taking it out of the files did not take it out of the history.", short(h.Last.ID), h.Last.Date.Format("2006-01-02"))
		case h.Gone:
			x.Message += ", which alone has it: taking it out of the files did not take it out of the history."
		default:
			x.Message += "."
		}
		all = append(all, x)
	}
	return all, nil
}

func commit(list []git.Commit, i int32) finding.Commit {
	c := list[i]
	return finding.Commit{ID: c.ID, Date: c.Date}
}

func short(id string) string { return id[:min(len(id), 10)] }

// versions chooses what is worth reading: no pictures, not what others have written, and not
// what was excluded. Versions of one file lie beside one another in a pack, so they are read
// in that order.
func (l *looking) versions(blobs []git.Blob, r *finding.Report) (wanted []int32) {
	ignore := match.ParseIgnore(strings.Join(slices.Concat(l.Config.Exclude, l.Excludes), "\n"))
	verdicts := map[string]bool{} // path → left out
	out := func(p string) bool {
		if v, ok := verdicts[p]; ok {
			return v
		}
		v := picture(p) || !l.audit && (source.IsVendored(p) || strings.Contains("/"+p, "/node_modules/"))
		if !v && ignore.Len() > 0 {
			v = ignore.Match(p, false) == match.Ignored
			for dir := path.Dir(p); !v && dir != "."; dir = path.Dir(dir) {
				v = ignore.Match(dir, true) == match.Ignored
			}
		}
		verdicts[p] = v
		return v
	}
	for i := range blobs {
		if out(blobs[i].Path) {
			r.Stats.Skipped["versions of files not to be looked at"]++
			continue
		}
		wanted = append(wanted, int32(i))
	}
	slices.SortFunc(wanted, func(a, b int32) int {
		return cmp.Or(strings.Compare(blobs[a].Path, blobs[b].Path), cmp.Compare(a, b))
	})
	return wanted
}

// stride is how many versions a worker takes at a time.
const stride = 64

// past looks at versions in parallel. Each worker keeps what it has found of each secret and
// nothing else; what they have is put together so that it does not matter who had which.
func (l *looking) past(ctx context.Context, repo *git.Repository, blobs []git.Blob, wanted []int32, r *finding.Report) (map[[32]byte]*past, error) {
	workers := min(l.jobs(), max(1, len(wanted)/stride))
	limit := l.Config.MaxFileSize
	if limit <= 0 {
		limit = source.DefaultMaxFileSize
	}
	type outcome struct {
		secrets  map[[32]byte]*past
		problems []finding.Problem
		large    int
		binary   int
		looked   int
		missing  int
		bytes    int64
		err      error
	}
	results := make([]outcome, workers)
	var done atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			res := &results[w]
			res.secrets = map[[32]byte]*past{}
			var mine []int32
			for i := w * stride; i < len(wanted); i += workers * stride {
				mine = append(mine, wanted[i:min(i+stride, len(wanted))]...)
			}
			ids := make([]git.ID, len(mine))
			for i, b := range mine {
				ids[i] = blobs[b].ID
			}
			step := func() {
				n := int(done.Add(1))
				if l.Versions != nil {
					l.Versions(n, len(wanted))
				}
			}
			res.missing, res.err = repo.Read(ctx, ids, limit, func(i int, data []byte) {
				defer step()
				b := &blobs[mine[i]]
				text, ok := textOf(data)
				if !ok {
					res.binary++
					return
				}
				res.looked++
				res.bytes += int64(len(data))
				var one result
				for _, x := range l.safely(strings.ToValidUTF8(b.Path, "\ufffd"), text, &one) {
					keep(res.secrets, &past{found: x, blob: mine[i], first: b.First, last: b.Last, now: b.Now})
				}
				res.problems = append(res.problems, one.problems...)
			}, func(int) { res.large++; step() })
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := map[[32]byte]*past{}
	looked := 0
	for i := range results {
		res := &results[i]
		if res.err != nil {
			return nil, fmt.Errorf("--history: %w", res.err)
		}
		for _, p := range res.secrets {
			keep(all, p)
		}
		r.Problems = append(r.Problems, res.problems...)
		looked += res.looked
		r.Stats.Bytes += res.bytes
		if res.large > 0 {
			r.Stats.Skipped["versions of files too large"] += res.large
		}
		if res.binary > 0 {
			r.Stats.Skipped["versions of files that are not text"] += res.binary
		}
		if res.missing > 0 {
			r.Problems = append(r.Problems, finding.Problem{Path: ".", Partial: true, Message: fmt.Sprintf("%s of files are not in this clone and were not looked at: git fetch --refetch brings them", finding.Plural(res.missing, "version"))})
		}
	}
	r.Notes = append(r.Notes, fmt.Sprintf("The history was looked at: %s of files.", finding.Plural(looked, "version")))
	return all, nil
}

// keep puts what two versions have of one secret together.
func keep(m map[[32]byte]*past, p *past) {
	key := p.same()
	have := m[key]
	if have == nil {
		m[key] = p
		return
	}
	older, newer := have, p
	if p.first < have.first || p.first == have.first && (p.Location.Path < have.Location.Path || p.Location.Path == have.Location.Path && p.Location.Line < have.Location.Line) {
		older, newer = p, have
	}
	older.last = max(older.last, newer.last)
	older.now = older.now || newer.now
	if older.Suppressed != nil && newer.Suppressed == nil { // it was allowed once and not always
		older.Suppressed = nil
	}
	m[key] = older
}
