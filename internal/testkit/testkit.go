// Package testkit is for tests only: what several rooms need to test themselves, and the
// tests of the house as a whole, which belong to no room. deps_test.go holds the imports
// against a drawing of the house, house_test.go the habits that no compiler knows.
//
// Root is where to begin. No product code may import this package.
package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// Root is the folder of go.mod, found from the folder that the test runs in.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
