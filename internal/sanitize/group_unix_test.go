//go:build unix

package sanitize

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the command lead a group of processes, and returns what ends all of them.
func ownGroup(cmd *exec.Cmd) (stop func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	}
}
