//go:build !unix

package sanitize

import "os/exec"

// ownGroup returns what ends the command.
func ownGroup(cmd *exec.Cmd) (stop func()) {
	return func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
}
