package advisory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"time"
)

// DefaultURL is OSV's export of everything that is known of PyPI.
const DefaultURL = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"

// Limits on a download. Each wait is bounded by itself: a slow line is none that stands still.
type limits struct {
	connect   time.Duration // to reach the server, TLS included
	headers   time.Duration // until it begins to answer
	stall     time.Duration // between two pieces of the answer
	whole     time.Duration // for everything: a server that drips never stalls
	redirects int
	size      int64
	roots     *x509.CertPool // whom to believe; nil is as the system does
}

var usual = limits{connect: 15 * time.Second, headers: 30 * time.Second, stall: 30 * time.Second, whole: 30 * time.Minute, redirects: 5, size: maxZip}

// Update downloads an archive of records and puts an index of it in dest's place. progress, if there is one, hears how much
// has arrived and how much it will be (-1 if the server does not say). It comes from the goroutine that called.
//
// Whatever happens, dest is what it was or complete, as with FromZip. The archive is a file without a name while it is
// filled, where the system allows that, so that not even a killed process leaves it behind.
func Update(ctx context.Context, url, dest string, progress func(done, total int64)) (Info, error) {
	return usual.update(ctx, url, dest, progress)
}

func (l limits) update(ctx context.Context, from, dest string, progress func(done, total int64)) (Info, error) {
	u, err := url.Parse(from)
	if err != nil {
		return Info{}, errors.New("advisories cannot be fetched: it is no https address that was given")
	}
	shown := *u
	shown.User, shown.RawQuery, shown.Fragment = nil, "", "" // passwords and tokens stand there
	fail := func(err error) (Info, error) {
		return Info{}, fmt.Errorf("advisories cannot be fetched from %s: %w", shown.String(), err)
	}
	if u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fail(errors.New("it is no https address"))
	}
	if err := prepare(dest); err != nil {
		return Info{}, err
	}
	tmp, remove, err := temporary(dest)
	if err != nil {
		return Info{}, saving(dest, err)
	}
	defer remove()
	size, err := l.download(ctx, u, tmp, progress)
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return Info{}, saving(dest, err)
	} else if err != nil {
		return fail(err)
	}
	data, err := build(ctx, tmp, size, shown.String())
	if err != nil {
		return fail(err)
	}
	return replace(dest, data)
}

// temporary is a file on dest's disk that is gone when its user is, even if he is killed. Windows keeps it until remove is called.
func temporary(dest string) (f *os.File, remove func(), err error) {
	f, err = create(dest)
	if err != nil {
		return nil, nil, err
	}
	name := f.Name()
	if runtime.GOOS != "windows" {
		os.Remove(name)
		return f, func() { f.Close() }, nil
	}
	return f, func() { f.Close(); os.Remove(name) }, nil
}

var (
	errStalled   = errors.New("the server stopped sending")
	errNoAnswer  = errors.New("the server does not answer")
	errTooSlow   = errors.New("the server sends too slowly")
	errRedirects = errors.New("the server sends us on and on")
	errPlain     = errors.New("the server sends us to an address without https")
)

// download fetches the archive into a file.
func (l limits) download(ctx context.Context, u *url.URL, f *os.File, progress func(done, total int64)) (int64, error) {
	ctx, stop := context.WithTimeoutCause(ctx, l.whole, errTooSlow)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	why := func(err error) error { // the reason rather than what it looked like from inside
		if reason := context.Cause(ctx); reason != nil {
			return reason
		}
		var e *url.Error
		if errors.As(err, &e) { // it repeats the address, with whatever stands in it
			err = e.Err
		}
		var lookup *net.DNSError
		if errors.As(err, &lookup) {
			return fmt.Errorf("there is no way to %s (%s)", u.Hostname(), lookup.Err)
		}
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			return errNoAnswer
		}
		return err
	}

	dialer := &net.Dialer{Timeout: l.connect}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: l.roots},
		TLSHandshakeTimeout:    l.connect,
		ResponseHeaderTimeout:  l.headers,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // the archive is compressed, and the length must be that of the file
		DisableKeepAlives:      true,
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case len(via) > l.redirects:
			return errRedirects
		case r.URL.Scheme != "https" && (r.URL.Scheme != "http" || u.Scheme == "https"):
			return errPlain
		}
		return nil
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return 0, why(err)
	}
	request.Header.Set("User-Agent", "gambeson")
	watch := time.AfterFunc(l.connect*time.Duration(l.redirects+1)+l.headers, func() { cancel(errNoAnswer) })
	defer watch.Stop()
	answer, err := client.Do(request)
	if err != nil {
		return 0, why(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the server answers %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	}
	total := answer.ContentLength
	if total > l.size {
		return 0, fmt.Errorf("it is larger than %d MB", l.size>>20)
	}

	watch.Stop()
	watch = time.AfterFunc(l.stall, func() { cancel(errStalled) })
	buf := make([]byte, 128<<10)
	var done int64
	for {
		watch.Reset(l.stall)
		n, err := answer.Body.Read(buf)
		watch.Stop() // our own disk, and whoever looks at the progress, may take their time
		if n > 0 {
			if done += int64(n); done > l.size {
				return 0, fmt.Errorf("it is larger than %d MB", l.size>>20)
			}
			if _, err := f.Write(buf[:n]); err != nil {
				return 0, err
			}
			if progress != nil {
				progress(done, total)
			}
		}
		switch {
		case err == io.EOF && (total < 0 || done == total):
			return done, nil
		case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
			if ctx.Err() == nil {
				if total < 0 {
					return 0, fmt.Errorf("it broke off after %d bytes", done)
				}
				return 0, fmt.Errorf("it broke off after %d of %d bytes", done, total)
			}
			return 0, why(err)
		case err != nil:
			return 0, why(err)
		}
	}
}
