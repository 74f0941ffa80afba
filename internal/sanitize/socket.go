package sanitize

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ServeUnix is Serve for all processes of the user on this machine, over a socket in the file
// system, until the context ends. Only the same user may connect: the socket is theirs alone,
// and where the system says who is at the other end, it is asked.
func ServeUnix(ctx context.Context, path string) error {
	if st, err := os.Lstat(path); err == nil {
		if st.Mode()&os.ModeSocket == 0 {
			return fmt.Errorf("%s is there and no socket", path)
		}
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			c.Close()
			return fmt.Errorf("%s is served already", path)
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	// The socket is made under another name and moved when nobody else can open it: between
	// making and forbidding there is a moment.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".gambeson-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	first := filepath.Join(dir, "s")
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", first)
	if err != nil {
		return err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	defer l.Close()
	if err := os.Chmod(first, 0o600); err != nil {
		return err
	}
	if err := os.Rename(first, path); err != nil {
		return err
	}
	defer os.Remove(path)
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()

	var all sync.WaitGroup
	defer all.Wait()
	slots := make(chan struct{}, maxConnections)
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		if !samePeer(c.(*net.UnixConn)) {
			c.Close()
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			c.Close()
			return nil
		}
		all.Go(func() {
			defer func() { <-slots }()
			defer c.Close()
			stop := context.AfterFunc(ctx, func() { c.Close() })
			defer stop()
			Serve(c, c) // what is wrong with one connection ends that one
		})
	}
}

const maxConnections = 1024
