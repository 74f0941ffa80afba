package deps

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
)

// What Advisory.Reach says.
const (
	called      = "called"       // what the advisory names is called
	imported    = "imported"     // the package is imported; the advisory names nothing
	notCalled   = "not_called"   // it is imported, and what the advisory names is not used
	notImported = "not_imported" // no module of the project imports it
)

// reach says what the program has to do with a flaw, sets how sure the finding is by it, and
// returns a sentence, or "".
//
// It is evidence. Only for what an advisory names is its absence a verdict, and even then
// another package may call it; so nothing is hidden, and what is not reached is less sure.
func (a *Auditor) reach(it *item, adv *advisory.Advisory, f *rule.Found) string {
	if !a.p.Looked || adv.Malware {
		return ""
	}
	use, ok := a.imports(it)
	if !ok {
		f.Advisory.Reach = notImported
		if by := a.importedBy(it, map[*item]bool{}); by != "" {
			f.Advisory.Reach = ""
			return "Nothing here imports it, but " + by + ", which needs it, is imported."
		}
		f.Confidence = min(f.Confidence, finding.MediumConfidence)
		return "Nothing here imports it."
	}
	symbols := symbolsOf(adv)
	if len(symbols) == 0 {
		f.Advisory.Reach = imported
		return "It is " + how(use) + " in " + at(use) + "."
	}
	for _, s := range symbols {
		if use, ok := a.uses(s); ok {
			f.Advisory.Reach = called
			where := at(use)
			if use.Symbol != "" {
				where += ", in " + use.Symbol
				if handler := a.p.Entrance(use); handler != "" {
					f.Entry = &finding.EntryPoint{Handler: handler}
				}
			}
			return "What it is in, " + s + ", is used in " + where + "."
		}
	}
	f.Advisory.Reach = notCalled
	f.Confidence = finding.LowConfidence
	return "It is " + how(use) + " in " + at(use) + ", but nothing here uses " + symbols[0] + ", which it is in."
}

// how a program came to name something.
func how(u rule.Use) string {
	if u.Setting {
		return "named"
	}
	return "imported"
}

func symbol(s advisory.Symbol) string { return strings.Trim(s.Module+"."+s.Name, ".") }

func at(u rule.Use) string {
	where := fmt.Sprintf("%s:%d", u.Location.Path, u.Location.Line)
	if u.Test {
		where += " (a test)"
	}
	return where
}

// imports finds where the program imports a package, outside of tests if it can.
func (a *Auditor) imports(it *item) (found rule.Use, ok bool) {
	for _, module := range modules(it.Name) {
		if use, yes := a.uses(module); yes && (!ok || found.Test && !use.Test) {
			found, ok = use, true
		}
	}
	return found, ok
}

// uses finds a use of a name, or of something below it. Who takes all of a module may use what
// is in it.
func (a *Auditor) uses(name string) (found rule.Use, ok bool) {
	list := a.p.Uses
	for at := strings.LastIndexByte(name, '.'); at > 0; at = strings.LastIndexByte(name[:at], '.') {
		all := name[:at] + ".*"
		i := sort.Search(len(list), func(i int) bool { return list[i].Name >= all })
		for ; i < len(list) && list[i].Name == all; i++ {
			if !ok || found.Test && !list[i].Test {
				found, ok = list[i], true
			}
		}
	}
	for i := sort.Search(len(list), func(i int) bool { return list[i].Name >= name }); i < len(list) && strings.HasPrefix(list[i].Name, name); i++ {
		rest := list[i].Name[len(name):]
		if rest != "" && rest[0] != '.' {
			continue
		}
		if !ok || found.Test && !list[i].Test {
			found, ok = list[i], true
		}
	}
	return found, ok
}

// importedBy is a package that is imported and needs this one, directly or through others.
func (a *Auditor) importedBy(it *item, seen map[*item]bool) string {
	seen[it] = true
	for _, by := range it.by {
		if _, ok := a.imports(by); ok {
			return by.Written
		}
	}
	for _, by := range it.by {
		if !seen[by] {
			if name := a.importedBy(by, seen); name != "" {
				return name
			}
		}
	}
	return ""
}

// modules are the names that a package may be imported by.
func modules(name string) []string {
	if known, ok := moduleNames[name]; ok {
		return known
	}
	plain := strings.ReplaceAll(name, "-", "_")
	out := []string{plain, strings.ReplaceAll(name, "-", ".")}
	for _, prefix := range []string{"python_", "py_", "py"} {
		if rest, ok := strings.CutPrefix(plain, prefix); ok && rest != "" {
			out = append(out, rest)
		}
	}
	if rest, ok := strings.CutSuffix(plain, "_python"); ok {
		out = append(out, rest)
	}
	// Names of modules have capitals where those of packages have none.
	for _, m := range slices.Clone(out) {
		if m != "" {
			out = append(out, strings.ToUpper(m[:1])+m[1:], strings.ToUpper(m))
		}
	}
	return out
}

// moduleNames are packages whose modules have other names.
var moduleNames = map[string][]string{
	"aiosmtplib": {"aiosmtplib"}, "attrs": {"attr", "attrs"}, "beautifulsoup4": {"bs4"}, "biopython": {"Bio"}, "django": {"django"}, "django-allauth": {"allauth"},
	"django-cors-headers": {"corsheaders"}, "django-debug-toolbar": {"debug_toolbar"}, "django-environ": {"environ"}, "django-filter": {"django_filters"},
	"djangorestframework": {"rest_framework"}, "djangorestframework-simplejwt": {"rest_framework_simplejwt"}, "dnspython": {"dns"}, "docker-py": {"docker"},
	"duckduckgo-search": {"duckduckgo_search"}, "email-validator": {"email_validator"}, "flask-bootstrap": {"flask_bootstrap"}, "gitpython": {"git"},
	"google-api-python-client": {"googleapiclient", "apiclient"}, "google-auth": {"google.auth", "google.oauth2"}, "grpcio": {"grpc"}, "jwcrypto": {"jwcrypto"},
	"ipython": {"IPython"}, "levenshtein": {"Levenshtein"}, "lxml-html-clean": {"lxml_html_clean", "lxml.html.clean"}, "markdown": {"markdown"}, "markupsafe": {"markupsafe"},
	"msgpack-python": {"msgpack"}, "mysqlclient": {"MySQLdb"}, "mysql-connector-python": {"mysql.connector"}, "newrelic": {"newrelic"},
	"opencv-python": {"cv2"}, "opencv-python-headless": {"cv2"}, "opencv-contrib-python": {"cv2"}, "paho-mqtt": {"paho"}, "pillow": {"PIL"}, "protobuf": {"google.protobuf"},
	"psycopg2-binary": {"psycopg2"}, "psycopg-binary": {"psycopg"}, "pyasn1-modules": {"pyasn1_modules"}, "pycrypto": {"Crypto"}, "pycryptodome": {"Crypto"}, "pycryptodomex": {"Cryptodome"},
	"pyjwt": {"jwt"}, "pymupdf": {"fitz", "pymupdf"}, "pynacl": {"nacl"}, "pyopenssl": {"OpenSSL"}, "pyserial": {"serial"}, "pysocks": {"socks"}, "pyspark": {"pyspark"},
	"python-dateutil": {"dateutil"}, "python-dotenv": {"dotenv"}, "python-jose": {"jose"}, "python-ldap": {"ldap"}, "python-magic": {"magic"}, "python-multipart": {"multipart", "python_multipart"},
	"python-socketio": {"socketio"}, "pytorch-lightning": {"pytorch_lightning"}, "pywin32": {"win32api", "win32con", "pythoncom"}, "pyyaml": {"yaml"}, "pyzmq": {"zmq"}, "ruamel-yaml": {"ruamel.yaml"},
	"scikit-image": {"skimage"}, "scikit-learn": {"sklearn"}, "setuptools": {"setuptools", "pkg_resources"}, "sentry-sdk": {"sentry_sdk"}, "sqlalchemy": {"sqlalchemy"}, "starkbank-ecdsa": {"ellipticcurve"}, "tensorflow-cpu": {"tensorflow"},
	"tensorflow-gpu": {"tensorflow"}, "torch": {"torch"}, "twisted": {"twisted"}, "typing-extensions": {"typing_extensions"}, "werkzeug": {"werkzeug"}, "zope-interface": {"zope.interface"},
	"google-cloud-storage": {"google.cloud.storage"}, "google-cloud-bigquery": {"google.cloud.bigquery"}, "azure-identity": {"azure.identity"}, "pyasn1": {"pyasn1"}, "pyarrow": {"pyarrow"},
}
