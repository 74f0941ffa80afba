package deps

import "github.com/gambeson/gambeson/internal/deps/advisory"

// symbolsOf is what a flaw is in: as the advisory says, or else as its text and its repair
// do, where we have read them. Databases hardly name symbols (of 2,661 records of 2024 none
// did), and whether a flaw is reached is what people ask first.
func symbolsOf(adv *advisory.Advisory) []string {
	var out []string
	for _, s := range adv.Symbols {
		out = append(out, symbol(s))
	}
	if out != nil {
		return out
	}
	return readSymbols[vuln(adv)]
}

// readSymbols has the flaws that are in a part of a package which a program must name to
// reach it. One is listed only if everything it can be reached by is.
var readSymbols = map[string][]string{
	"CVE-2017-18342": {"yaml.load", "yaml.load_all"},
	"CVE-2020-1747":  {"yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all", "yaml.FullLoader"},
	"CVE-2020-14343": {"yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all", "yaml.FullLoader"},
	"CVE-2016-10745": {"jinja2.sandbox"},
	"CVE-2019-10906": {"jinja2.sandbox"},
	"CVE-2024-56326": {"jinja2.sandbox"},
	"CVE-2025-27516": {"jinja2.sandbox"},
	"CVE-2022-22817": {"PIL.ImageMath"},
	"CVE-2023-50447": {"PIL.ImageMath"},
	"CVE-2022-22815": {"PIL.ImagePath"},
	"CVE-2022-22816": {"PIL.ImagePath"},
	"CVE-2020-27783": {"lxml.html.clean"},
	"CVE-2021-28957": {"lxml.html.clean"},
	"CVE-2021-43818": {"lxml.html.clean"},
	"CVE-2022-29217": {"jwt.decode", "jwt.api_jwt", "jwt.api_jws", "jwt.PyJWT", "jwt.PyJWS"},
	"CVE-2019-6446":  {"numpy.load"},
	"CVE-2020-13091": {"pandas.read_pickle", "pandas.io.pickle"},
	"CVE-2024-26130": {"cryptography.hazmat.primitives.serialization.pkcs12"},
	"CVE-2023-49083": {"cryptography.hazmat.primitives.serialization.pkcs7"},
	"CVE-2022-34265": {"django.db.models.functions"},
	"CVE-2023-28370": {"tornado.web.StaticFileHandler"},
	"CVE-2023-29159": {"starlette.staticfiles", "fastapi.staticfiles"},
	"CVE-2022-21716": {"twisted.conch"},
	"CVE-2024-34062": {"tqdm.cli"},
	"CVE-2023-33733": {"reportlab"},
	"CVE-2019-14751": {"nltk.download", "nltk.downloader"},
	"CVE-2022-24302": {"paramiko.PKey", "paramiko.RSAKey", "paramiko.ECDSAKey", "paramiko.Ed25519Key", "paramiko.DSSKey", "paramiko.pkey"},
	"CVE-2022-42969": {"py.path"},
	"CVE-2022-40897": {"setuptools.package_index"},
	"CVE-2024-6345":  {"setuptools.package_index"},
}
