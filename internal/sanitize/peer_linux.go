package sanitize

import (
	"net"
	"os"
	"syscall"
)

// samePeer asks the kernel whether the other end is the same user, or root.
func samePeer(c *net.UnixConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	err = raw.Control(func(fd uintptr) {
		who, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		ok = err == nil && (int(who.Uid) == os.Geteuid() || who.Uid == 0)
	})
	return err == nil && ok
}
