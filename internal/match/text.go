package match

import (
	"math"
	"unicode/utf8"
)

// Entropy is how many bits a character of s carries, by Shannon's formula over
// the characters of s itself: 0 for "aaaa", 2 for "abcd", about 4.5 and more for
// random base64.
func Entropy(s string) float64 {
	var counts [128]int
	var others map[rune]int
	n := 0
	for _, r := range s {
		n++
		if r < 128 {
			counts[r]++
			continue
		}
		if others == nil {
			others = map[rune]int{}
		}
		others[r]++
	}
	if n == 0 {
		return 0
	}
	// Sum of c·log2(c) once, instead of a division a character.
	sum := 0.0
	for _, c := range counts {
		if c > 1 {
			sum += float64(c) * math.Log2(float64(c))
		}
	}
	// A map has no order and floating addition is not associative: counts of counts
	// keep the result the same from run to run.
	if others != nil {
		times := map[int]int{}
		most := 0
		for _, c := range others {
			times[c]++
			most = max(most, c)
		}
		for c := 2; c <= most; c++ {
			sum += float64(times[c]) * float64(c) * math.Log2(float64(c))
		}
	}
	return max(0, math.Log2(float64(n))-sum/float64(n))
}

// Closest returns the candidate that word is most probably a misspelling of, or ""
// if none is near. The first of equally near candidates wins.
func Closest(word string, candidates []string) string {
	const longest = 100 // nobody misspells longer words; comparing them is quadratic
	if len(word) > longest {
		return ""
	}
	n := utf8.RuneCountInString(word)
	best, bestDistance := "", 1+max(1, n/3)
	for _, c := range candidates {
		if len(c) > longest || abs(utf8.RuneCountInString(c)-n) >= bestDistance {
			continue
		}
		if d := Distance(word, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// Distance counts the edits from a to b: a character inserted, left out or
// replaced, or two neighbours swapped (Damerau and Levenshtein, each place edited
// at most once).
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
