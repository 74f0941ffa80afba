//go:build !linux

package cli

// largePages is for Linux, see there.
func largePages(int) {}
