package secrets

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// maxKey is how long the text of a private key may be: RSA with 16,384 bits takes 13 KB.
const maxKey = 20 << 10

// pem looks at -----BEGIN …, and says where to go on.
func (s *textScan) pem(at int) int {
	t := s.text
	rest := t[at+len("-----BEGIN "):]
	end := bytes.Index(rest[:min(len(rest), 60)], []byte("-----"))
	if end < 0 {
		return 0
	}
	label := string(rest[:end])
	if !strings.HasSuffix(label, "PRIVATE KEY") && label != "PGP PRIVATE KEY BLOCK" {
		return 0
	}
	body := rest[end+5:]
	body = body[:min(len(body), maxKey)]
	close := bytes.Index(body, []byte("-----END "))
	if close < 0 {
		return 0
	}
	body = body[:close]
	stop := at + len("-----BEGIN ") + end + 5 + close
	if k := bytes.Index(t[stop+5:min(len(t), stop+80)], []byte("-----")); k >= 0 {
		stop += 5 + k + 5
	}
	h := hit{rule: ruleKey, start: at, end: stop, severity: finding.Critical, confidence: finding.HighConfidence, strong: true,
		message: "A private key (" + kindOfKey(label) + ") stands in the file, unencrypted: whoever reads it is its owner.",
		hint:    "make a new pair of keys, take the old public key from every place that trusts it, and keep the private one in a secret store"}
	encrypted, ok := judgeKey(label, body)
	if !ok {
		return 0
	}
	switch {
	case encrypted:
		h.severity = finding.Low
		h.message = "A private key (" + kindOfKey(label) + ") stands in the file. It is encrypted: a passphrase, which can be guessed at leisure, is all that protects it."
	case label == "PGP PRIVATE KEY BLOCK":
		h.severity, h.confidence = finding.High, finding.MediumConfidence
		h.message = "A private key (PGP) stands in the file. A passphrase, if it has one, is all that protects it."
	}
	if s.sample && !encrypted {
		h.severity = finding.Medium
	}
	s.add(h)
	return stop
}

func kindOfKey(label string) string {
	switch label = strings.TrimSuffix(strings.TrimSuffix(label, " BLOCK"), "PRIVATE KEY"); strings.TrimSpace(label) {
	case "":
		return "PKCS #8"
	case "ENCRYPTED":
		return "PKCS #8"
	}
	return strings.TrimSpace(label)
}

// judgeKey says whether the text between the lines is a key, and whether it is encrypted.
func judgeKey(label string, body []byte) (encrypted, ok bool) {
	headers := bytes.Contains(body, []byte("ENCRYPTED"))
	raw := make([]byte, 0, len(body))
	// Line ends may be those of a text in JSON or Python, and the lines texts of their own.
	text := strings.NewReplacer(`\n`, "\n", `\r`, "\n", `\t`, "\n").Replace(string(body))
	for line := range strings.Lines(text) {
		line = strings.Trim(strings.TrimSuffix(strings.TrimSpace(line), " +"), " \t\r\n\"',\\#;")
		if strings.Contains(line, ":") {
			continue // Proc-Type: 4,ENCRYPTED
		}
		if strings.ContainsAny(line, ".*<{$%[") {
			return false, false // MIIE…, or a template
		}
		for i := range len(line) {
			if c := line[i]; c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
				raw = append(raw, c)
			}
		}
	}
	if len(raw) < 60 || periodic(strings.ToLower(string(raw[4:]))) {
		return false, false
	}
	switch {
	case label == "PGP PRIVATE KEY BLOCK":
		return false, len(raw) > 200
	case headers || strings.HasPrefix(label, "ENCRYPTED"):
		return true, len(raw) > 60
	}
	der, err := base64.RawStdEncoding.DecodeString(string(raw[:len(raw)-len(raw)%4]))
	if err != nil || len(der) < 40 {
		return false, false
	}
	if strings.HasPrefix(label, "OPENSSH") {
		magic := "openssh-key-v1\x00"
		if !bytes.HasPrefix(der, []byte(magic)) {
			return false, false
		}
		return !bytes.HasPrefix(der[len(magic):], []byte("\x00\x00\x00\x04none")), true
	}
	// A sequence of DER that is as long as it says.
	if der[0] != 0x30 {
		return false, false
	}
	n, head := int(der[1]), 2
	if n >= 0x80 {
		bytes := n & 0x7f
		if bytes < 1 || bytes > 3 || len(der) < 2+bytes {
			return false, false
		}
		n = 0
		for _, b := range der[2 : 2+bytes] {
			n = n<<8 | int(b)
		}
		head += bytes
	}
	return false, head+n <= len(der)+3 && head+n >= len(der)-3
}

// putty looks at a key file of PuTTY.
func (s *textScan) putty(at int) {
	t := s.text[at:min(len(s.text), at+maxKey)]
	private := bytes.Index(t, []byte("Private-Lines:"))
	if private < 0 || len(t)-private < 40 {
		return
	}
	end := bytes.Index(t[private:], []byte("Private-MAC:"))
	if end < 0 {
		return
	}
	h := hit{rule: ruleKey, start: at, end: at + private + end, severity: finding.Critical, confidence: finding.HighConfidence, strong: true,
		message: "A private key (PuTTY) stands in the file, unencrypted: whoever reads it is its owner.",
		hint:    "make a new pair of keys, and take the old public key from every server"}
	if !bytes.Contains(t[:private], []byte("Encryption: none")) {
		h.severity = finding.Low
		h.message = "A private key (PuTTY) stands in the file. It is encrypted: a passphrase, which can be guessed at leisure, is all that protects it."
	}
	s.add(h)
}
