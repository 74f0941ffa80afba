package sanitize

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/testkit"
)

// BenchmarkBleach says how many times as long Bleach takes: as the engine alone, and as a call from
// Python, where a text goes to the worker and comes back. All three take turns, so that a busy
// machine is busy for each of them, and the medians are compared: by the clock, and by what the
// processor worked, which is steadier on a machine that others use.
func BenchmarkBleach(b *testing.B) {
	python := testkit.Python(b, "bleach", "bleach")
	root := testkit.Root(b)
	binary := filepath.Join(b.TempDir(), "gambeson")
	build := exec.Command("go", "build", "-o", binary, "./cmd/gambeson")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	texts := map[string]string{"1K": remark, "100K": page(b)}
	cmd := exec.Command(python, "-W", "ignore", "testdata/time_bleach.py")
	path := filepath.Join(root, "python", "src")
	if more := os.Getenv("PYTHONPATH"); more != "" {
		path += string(os.PathListSeparator) + more
	}
	cmd.Env = append(os.Environ(), "PYTHONPATH="+path, "PYTHONDONTWRITEBYTECODE=1", "GAMBESON_BINARY="+binary)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	ask, answers := json.NewEncoder(in), bufio.NewReader(out)
	hear := func(v any) {
		line, err := answers.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, v)
		}
		if err != nil && err != io.EOF {
			b.Fatal(err)
		}
	}
	ask.Encode(texts)
	var version string
	hear(&version)
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the worker has it

	for _, c := range setups() {
		if c.Name != "default" && c.Name != "linkify" {
			continue
		}
		k := c.cleaner()
		for _, size := range []string{"1K", "100K"} {
			b.Run(c.Name+"/"+size, func(b *testing.B) {
				text, scale := texts[size], 1
				if size == "1K" {
					scale = 40
				}
				// Seconds a call, and those of them in which the processor worked.
				engine := func() (s [2]float64) {
					n := 20 * scale
					start, before := time.Now(), spent()
					for range n {
						if _, err := k.Clean(text); err != nil {
							b.Fatal(err)
						}
					}
					return [2]float64{time.Since(start).Seconds() / float64(n), float64(spent()-before) / 1e9 / float64(n)}
				}
				call := func(who string, n int) (s [2]float64) {
					ask.Encode([]any{who + " " + c.Name, size, n})
					hear(&s)
					return s
				}
				for b.Loop() {
					var theirs, alone, ours [2][]float64
					for round := range 12 {
						t, a, o := call("bleach", scale), engine(), call("ours", 10*scale)
						if round == 0 {
							continue // it starts the worker
						}
						for i := range 2 {
							theirs[i], alone[i], ours[i] = append(theirs[i], t[i]), append(alone[i], a[i]), append(ours[i], o[i])
						}
					}
					median := func(list []float64) float64 {
						slices.Sort(list)
						return list[len(list)/2]
					}
					for i, what := range []string{"clock", "work"} {
						t, a, o := median(theirs[i]), median(alone[i]), median(ours[i])
						b.ReportMetric(t*1e6, what+"-bleach-µs")
						b.ReportMetric(a*1e6, what+"-engine-µs")
						b.ReportMetric(o*1e6, what+"-python-µs")
						b.ReportMetric(t/a, what+"-engine-x")
						b.ReportMetric(t/o, what+"-python-x")
					}
					b.ReportMetric(0, "ns/op")
				}
			})
		}
	}
}
