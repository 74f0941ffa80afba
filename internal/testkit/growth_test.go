//go:build unix

package testkit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A run is what one process has cost.
type run struct {
	wall, cpu float64 // seconds
	memory    float64 // MB, at most
}

// execute runs a program. Exit codes up to 3 mean that it has looked, and found something.
func execute(b *testing.B, name string, args ...string) run {
	b.Helper()
	cmd := exec.Command(name, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start).Seconds()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 1) {
		b.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &errs)
	}
	most := float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024 // kilobytes on Linux
	if runtime.GOOS == "darwin" {
		most /= 1024
	}
	return run{wall, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), most}
}

// median is that of each figure by itself.
func median(list []run) run {
	of := func(f func(run) float64) float64 {
		var all []float64
		for _, r := range list {
			all = append(all, f(r))
		}
		slices.Sort(all)
		return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	}
	return run{of(func(r run) float64 { return r.wall }), of(func(r run) float64 { return r.cpu }), of(func(r run) float64 { return r.memory })}
}

// build makes the program as it is published.
func build(b *testing.B) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), "gambeson")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "./cmd/gambeson")
	cmd.Dir = Root(b)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// bandit is how Bandit is called: $GAMBESON_BANDIT, or what is in the path; nil for not at all.
func bandit() []string {
	if c := strings.Fields(os.Getenv("GAMBESON_BANDIT")); len(c) > 0 {
		return c
	}
	if p, err := exec.LookPath("bandit"); err == nil {
		return []string{p}
	}
	return nil
}

// copyPython copies the Python files below a folder, and says how many and how large they are.
func copyPython(b *testing.B, from, to string) (files, size int) {
	b.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) != ".py" {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dest := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(dest), 0o777); err != nil {
			return err
		}
		files++
		size += len(data)
		return os.WriteFile(dest, data, 0o666)
	})
	if err != nil {
		b.Fatal(err)
	}
	return files, size
}

// copies are how often the project is laid side by side.
var copies = []int{1, 2, 4, 8}

// BenchmarkGrowth scans a project, $GAMBESON_GROWTH, copied 1, 2, 4 and 8 times, and Bandit
// one copy where it is there. A round is each of them once, so that what else the machine
// does is shared fairly; the figures are medians of the rounds. With -update it writes the
// table in docs/performance.md and the plot beside it:
//
//	GAMBESON_GROWTH=DIR go test ./internal/testkit -run '^$' -bench Growth -benchtime 11x -update
func BenchmarkGrowth(b *testing.B) {
	project := os.Getenv("GAMBESON_GROWTH")
	if project == "" {
		b.Skip("set GAMBESON_GROWTH to a project")
	}
	bin := build(b)
	dir := b.TempDir()
	files, size := 0, 0
	for _, n := range copies {
		for i := range n {
			files, size = copyPython(b, project, filepath.Join(dir, strconv.Itoa(n), fmt.Sprintf("copy%d", i)))
		}
	}
	if files == 0 {
		b.Fatalf("there is no Python in %s", project)
	}
	small := filepath.Join(dir, "small.py")
	if err := os.WriteFile(small, []byte(strings.Repeat("import os\n\ndef f(x):\n    return os.path.join(x, \"a\")\n\n", 20)), 0o666); err != nil {
		b.Fatal(err)
	}
	scan := func(path string) run { return execute(b, bin, "scan", "--no-config", "--format", "json", path) }
	all := map[string][]run{}
	add := func(name string, r run) { all[name] = append(all[name], r) }
	other := bandit()
	for b.Loop() {
		for _, n := range copies {
			add(strconv.Itoa(n), scan(filepath.Join(dir, strconv.Itoa(n))))
		}
		add("small", scan(small))
		add("version", execute(b, bin, "version"))
		if other != nil {
			add("bandit", execute(b, other[0], append(slices.Clone(other[1:]), "-q", "-r", "-f", "json", filepath.Join(dir, "1"))...))
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "| copies | files | MB of source | s | s of processors | MB at most |\n|---|---|---|---|---|---|\n")
	for _, n := range copies {
		m := median(all[strconv.Itoa(n)])
		fmt.Fprintf(&out, "| %d | %d | %.1f | %.2f | %.2f | %.0f |\n", n, n*files, float64(n*size)/1e6, m.wall, m.cpu, m.memory)
	}
	fmt.Fprintf(&out, "\n| whole process | s | s of processors | MB at most |\n|---|---|---|---|\n")
	row := func(what string, m run) {
		fmt.Fprintf(&out, "| %s | %.3f | %.3f | %.0f |\n", what, m.wall, m.cpu, m.memory)
	}
	row("`gambeson version`", median(all["version"]))
	row("`gambeson scan` of one file of 100 lines", median(all["small"]))
	if other != nil {
		g, o := median(all["1"]), median(all["bandit"])
		row("`gambeson scan` of one copy", g)
		row("`bandit -r` of one copy", o)
		fmt.Fprintf(&out, "\nAgainst Bandit: %.0f times faster by the clock, %.0f times by processor time.\n", o.wall/g.wall, o.cpu/g.cpu)
		b.ReportMetric(o.wall/g.wall, "times-bandit")
	}
	fmt.Printf("%d rounds\n%s", len(all["1"]), &out) // b.Logf cuts it off
	if *update {
		b.Chdir(Root(b))
		replaceBetween(b, "docs/performance.md", growthBegin, growthEnd, "\n"+out.String()+fmt.Sprintf("\nMedians of %d rounds.\n\n", len(all["1"])))
		writePlot(b)
	}
}

// BenchmarkBandit scans $GAMBESON_BENCH_DIR with both, and prints how many times faster we are.
func BenchmarkBandit(b *testing.B) {
	dir, other := os.Getenv("GAMBESON_BENCH_DIR"), bandit()
	if dir == "" || other == nil {
		b.Skip("set GAMBESON_BENCH_DIR to a folder of Python files, and GAMBESON_BANDIT if bandit is not in the path")
	}
	bin := build(b)
	var ours, theirs []run
	for b.Loop() {
		ours = append(ours, execute(b, bin, "scan", "--no-config", "--format", "json", dir))
		theirs = append(theirs, execute(b, other[0], append(slices.Clone(other[1:]), "-q", "-r", "-f", "json", dir)...))
	}
	g, o := median(ours), median(theirs)
	b.ReportMetric(g.wall, "s-gambeson")
	b.ReportMetric(o.wall, "s-bandit")
	b.ReportMetric(o.wall/g.wall, "times-bandit")
	b.ReportMetric(g.memory, "MB")
}

const growthBegin, growthEnd = "<!-- growth:begin -->\n", "<!-- growth:end -->\n"

// replaceBetween writes what stands between two comments of a page.
func replaceBetween(t testing.TB, path, begin, end, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s: the comments around what is generated are gone", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+text+end+after), 0o666); err != nil {
		t.Fatal(err)
	}
}
