//go:build !release

package advisory

const embedded = ""
