package testkit

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

const plotPath = "docs/performance.svg"

// TestPlot: the plot in docs is the one that the table of docs/performance.md gives.
// `go test ./internal/testkit -run Plot -update` draws it anew.
func TestPlot(t *testing.T) {
	t.Chdir(Root(t))
	if *update {
		writePlot(t)
	}
	was, err := os.ReadFile(plotPath)
	if err != nil {
		t.Fatal(err)
	}
	if plotOf(t) != string(was) {
		t.Errorf("%s does not show the table of docs/performance.md: run go test ./internal/testkit -run Plot -update, and look at it", plotPath)
	}
}

func writePlot(t testing.TB) {
	t.Helper()
	if err := os.WriteFile(plotPath, []byte(plotOf(t)), 0o666); err != nil {
		t.Fatal(err)
	}
}

// plotOf draws the first table of docs/performance.md.
func plotOf(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(data), "<!-- growth:begin -->")
	if !ok {
		t.Fatal("docs/performance.md: the table is gone")
	}
	var size, spent, memory []float64
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if _, err := strconv.Atoi(strings.TrimSpace(cells[0])); err != nil {
			if len(size) > 0 {
				break
			}
			continue
		}
		number := func(i int) float64 {
			x, err := strconv.ParseFloat(strings.TrimSpace(cells[i]), 64)
			if err != nil {
				t.Fatalf("docs/performance.md: %s: %v", strings.TrimSpace(line), err)
			}
			return x
		}
		if len(cells) != 6 {
			t.Fatalf("docs/performance.md: %s: there should be 6 columns", strings.TrimSpace(line))
		}
		size, spent, memory = append(size, number(2)), append(spent, number(4)), append(memory, number(5))
	}
	if len(size) < 3 {
		t.Fatalf("docs/performance.md: only %d rows", len(size))
	}
	return plot([]panel{
		{"Processor time", "s", size, spent, 2},
		{"Memory at most", "MB", size, memory, 0},
	})
}

// A panel is one curve over the size of the source.
type panel struct {
	title, unit string
	x, y        []float64
	digits      int
}

// plot draws panels side by side. The dashed line is what growth in proportion to the
// source would be, from the smallest point on; colours follow the reader's theme.
func plot(panels []panel) string {
	const width, height, left, right, top, bottom = 360.0, 260.0, 54.0, 22.0, 46.0, 44.0
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="Processor time and memory of a scan over the size of the source">`, width*float64(len(panels)), height, width*float64(len(panels)), height)
	p(`<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57606a }
.title { font-size: 14px; font-weight: 600; fill: #1f2328 }
.value { font-weight: 600; fill: #0b62c4; stroke: #ffffff; stroke-width: 4; stroke-linejoin: round; paint-order: stroke }
.grid { stroke: #d8dee4; stroke-width: 1 }
.axis { stroke: #8c959f; stroke-width: 1 }
.even { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 4 4; fill: none }
.curve { stroke: #0b62c4; stroke-width: 2.5; fill: none; stroke-linejoin: round }
.dot { fill: #0b62c4; stroke: #ffffff; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title { fill: #f0f6fc }
  .value { fill: #6cb6ff; stroke: #0d1117 }
  .grid { stroke: #3d444d }
  .axis, .even { stroke: #7d8590 }
  .curve { stroke: #6cb6ff }
  .dot { fill: #6cb6ff; stroke: #0d1117 }
}
</style>`)
	for i, q := range panels {
		n := len(q.x)
		maxX := q.x[n-1]
		even := q.y[0] * maxX / q.x[0]
		maxY := q.y[0]
		for _, y := range q.y {
			maxY = max(maxY, y)
		}
		tick := round(maxY * 1.15 / 4)
		maxY = tick * math.Ceil(maxY*1.08/tick)
		off := width * float64(i)
		px := func(x float64) float64 { return off + left + x/maxX*(width-left-right) }
		py := func(y float64) float64 { return height - bottom - y/maxY*(height-top-bottom) }
		p(`<text class="title" x="%.1f" y="20">%s</text>`, off+left, q.title)
		for y := 0.0; y <= maxY*1.001; y += tick {
			class := "grid"
			if y == 0 {
				class = "axis"
			}
			p(`<line class="%s" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, class, off+left, off+width-right, py(y), py(y))
			label := strconv.FormatFloat(math.Round(y*1000)/1000, 'f', -1, 64)
			if y+tick > maxY*1.001 {
				label += " " + q.unit
			}
			p(`<text x="%.1f" y="%.1f" text-anchor="end">%s</text>`, off+left-8, py(y)+4, label)
		}
		// What would be in proportion is drawn as far as the panel goes.
		p(`<path class="even" d="M%.1f %.1f L%.1f %.1f"/>`, px(q.x[0]), py(q.y[0]), px(q.x[0]+(maxX-q.x[0])*proportion(q.y[0], even, maxY)), py(min(even, maxY)))
		var d strings.Builder
		for j := range q.x {
			fmt.Fprintf(&d, "%s%.1f %.1f", map[bool]string{true: "M", false: " L"}[j == 0], px(q.x[j]), py(q.y[j]))
		}
		p(`<path class="curve" d="%s"/>`, d.String())
		for j := range q.x {
			p(`<circle class="dot" cx="%.1f" cy="%.1f" r="5"/>`, px(q.x[j]), py(q.y[j]))
			anchor, dx := "middle", 0.0
			if j == n-1 {
				anchor, dx = "end", 6
			}
			p(`<text class="value" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, px(q.x[j])+dx, py(q.y[j])-11, anchor, strconv.FormatFloat(q.y[j], 'f', q.digits, 64))
			p(`<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, px(q.x[j]), height-bottom+18, strconv.FormatFloat(q.x[j], 'f', 1, 64))
		}
		p(`<text x="%.1f" y="%.1f" text-anchor="middle">MB of source</text>`, off+left+(width-left-right)/2, height-8)
	}
	p("</svg>")
	return b.String()
}

// proportion is how far a line from a to b comes until it leaves the panel.
func proportion(a, b, most float64) float64 {
	if b <= most {
		return 1
	}
	return (most - a) / (b - a)
}

// round is a number nearby that people count in: 1, 2, 2.5 or 5 times a power of ten.
func round(x float64) float64 {
	e := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if x <= m*e {
			return m * e
		}
	}
	return 10 * e
}
