//go:build !linux && !darwin

package advisory

func limitFiles(uint64) {}
