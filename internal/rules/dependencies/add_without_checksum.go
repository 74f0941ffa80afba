package dependencies

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
)

// AddWithoutChecksum looks at what recipes of images take from addresses.
var AddWithoutChecksum = rule.Check{Docs: shell.Image, Doc: addWithoutChecksum}

// checkers are programs that hold a file against a checksum or a signature.
var checkers = []string{"sha256sum", "sha512sum", "sha384sum", "sha1sum", "shasum", "gpg --verify", "gpgv ", "cosign verify", "minisign -V"}

func addWithoutChecksum(p *rule.DocPass) {
	if slices.ContainsFunc(checkers, func(c string) bool { return bytes.Contains(p.Bytes, []byte(c)) }) {
		return
	}
	for _, x := range shell.Instructions(p.Doc) {
		if x.Name != "ADD" || slices.ContainsFunc(x.Options(), func(w shell.Word) bool { return strings.HasPrefix(w.Text, "--checksum=") }) {
			continue
		}
		words := x.Words()
		for _, w := range words[:max(len(words)-1, 0)] {
			address, _, _ := strings.Cut(w.Text, "#")
			if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") || strings.HasSuffix(address, ".git") {
				continue
			}
			p.ReportSpan(w.At, "%s is put into the image, whatever the server gives on the day it is built.", shown(w.Text))
		}
	}
}
