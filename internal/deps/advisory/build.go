package advisory

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"
)

// encode writes an index. The same records give the same bytes, in whatever order they come.
func encode(records []*record, unread int, source string, now time.Time) ([]byte, error) {
	flaws := merge(records)
	type entry struct {
		flaw int
		f    *flaw
	}
	packages := map[string][]entry{}
	info := Info{Source: source, Flaws: len(flaws), Records: len(records), Unread: unread}
	for i := range flaws {
		f := &flaws[i]
		seen := map[string]bool{}
		for _, r := range f.records {
			// A clock that is wrong somewhere must not make old knowledge young for ever.
			if r.modified.After(info.Newest) && r.modified.Before(now.AddDate(0, 0, 2)) {
				info.Newest = r.modified
			}
			for name := range r.claims {
				if !seen[name] {
					seen[name] = true
					packages[name] = append(packages[name], entry{i, f})
				}
			}
		}
	}
	if len(packages) == 0 {
		return nil, errors.New("it holds no advisory for a package of PyPI")
	}
	info.Packages = len(packages)

	if len(source) > 1000 {
		source = source[:1000]
	}
	b := &builder{out: make([]byte, header, 1<<20)}
	b.out = append(b.out, source...)
	table := len(b.out)
	b.out = append(b.out, make([]byte, row*len(packages))...)
	at := make([]uint64, len(flaws))
	for i, f := range flaws {
		at[i] = uint64(len(b.out))
		b.flaw(f.ids, f.general())
	}
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		put := func(from int) {
			binary.LittleEndian.PutUint32(b.out[table:], uint32(from))
			binary.LittleEndian.PutUint32(b.out[table+4:], uint32(len(b.out)-from))
			table += 8
		}
		from := len(b.out)
		b.out = append(b.out, name...)
		put(from)
		from = len(b.out)
		entries := packages[name]
		b.varint(uint64(len(entries)))
		for _, e := range entries {
			b.varint(at[e.flaw])
			b.entry(e.f, name)
		}
		put(from)
		if len(b.out) > maxIndex {
			return nil, errTooMuch
		}
	}

	le := binary.LittleEndian
	copy(b.out, magic)
	for i, n := range []int{format, len(b.out), info.Packages, info.Flaws, info.Records, info.Unread} {
		le.PutUint32(b.out[8+4*i:], uint32(n))
	}
	le.PutUint64(b.out[32:], uint64(max(0, info.Newest.Unix())))
	le.PutUint32(b.out[40:], uint32(len(source)))
	sum := checksum(string(b.out))
	copy(b.out[sumAt:], sum[:])
	return b.out, nil
}

// entry writes what the flaw's records say of one package.
func (b *builder) entry(f *flaw, name string) {
	n := 0
	var where []Symbol
	seen := map[Symbol]bool{}
	for _, r := range f.records {
		if c := r.claims[name]; c != nil {
			n++
			for _, s := range c.symbols {
				if !seen[s] {
					seen[s] = true
					where = append(where, s)
				}
			}
		}
	}
	b.varint(uint64(n))
	for _, r := range f.records {
		c := r.claims[name]
		if c == nil {
			continue
		}
		id, _ := slices.BinarySearchFunc(f.ids, r.id, compareIDs)
		b.varint(uint64(id))
		b.varint(uint64(len(c.branches)))
		for _, r := range c.branches {
			b.branch(r)
		}
		b.texts(c.versions)
	}
	b.varint(uint64(len(where)))
	for _, s := range where {
		b.text(s.Module)
		b.text(s.Name)
	}
}
