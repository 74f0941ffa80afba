package finding

import (
	"slices"
	"strconv"
	"strings"
)

// owaspTop10 are the categories of the OWASP Top 10:2025.
var owaspTop10 = [...]string{
	"Broken Access Control", "Security Misconfiguration", "Software Supply Chain Failures", "Cryptographic Failures", "Injection",
	"Insecure Design", "Authentication Failures", "Software or Data Integrity Failures", "Security Logging and Alerting Failures",
	"Mishandling of Exceptional Conditions",
}

// OWASPTitle is what a category such as A05:2025 is called, or "" if there is none.
func OWASPTitle(category string) string {
	number, year, _ := strings.Cut(category, ":")
	if n := behind(number, "A"); year == "2025" && n > 0 && n <= len(owaspTop10) {
		return owaspTop10[n-1]
	}
	return ""
}

// asvsChapters are the chapters of the OWASP Application Security Verification Standard 5.0.
var asvsChapters = [...]string{
	"Encoding and Sanitization", "Validation and Business Logic", "Web Frontend Security", "API and Web Service", "File Handling", "Authentication",
	"Session Management", "Authorization", "Self-contained Tokens", "OAuth and OIDC", "Cryptography", "Secure Communication", "Configuration",
	"Data Protection", "Secure Coding and Architecture", "Security Logging and Error Handling", "WebRTC",
}

// ASVSTitle is what a chapter such as V1 is called, or "" if there is none.
func ASVSTitle(chapter string) string {
	if n := behind(chapter, "V"); n > 0 && n <= len(asvsChapters) {
		return asvsChapters[n-1]
	}
	return ""
}

// behind is the number behind a letter, or 0.
func behind(s, letter string) int {
	digits, ok := strings.CutPrefix(s, letter)
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || digits[0] == '+' {
		return 0
	}
	return n
}

// asvsByCWE says in which chapter the requirement stands that a weakness breaks. A weakness
// that stands in several, such as a missing hash (353: of a package, of what is encrypted), is
// not here: rules that begin with one are known by their next, or say it themselves.
var asvsByCWE = map[string][]int{
	"V1":  {74, 75, 77, 78, 79, 80, 83, 88, 89, 90, 91, 93, 94, 95, 96, 97, 98, 113, 116, 134, 150, 155, 185, 502, 564, 611, 624, 625, 643, 652, 776, 917, 918, 939, 943, 1236, 1333, 1336, 1427},
	"V2":  {20, 129, 190, 400, 770, 799, 837, 840, 841, 1284, 1287, 1289},
	"V3":  {352, 430, 601, 614, 693, 942, 1004, 1021, 1022, 1275},
	"V4":  {290, 346, 348, 444, 644, 650, 807, 1385},
	"V5":  {22, 23, 24, 36, 59, 73, 187, 377, 378, 379, 409, 434, 646},
	"V6":  {258, 287, 303, 304, 307, 308, 309, 521, 549, 620, 640, 1390, 1391},
	"V7":  {384, 488, 565, 613},
	"V8":  {284, 285, 306, 425, 639, 862, 863, 1220},
	"V9":  {345, 347},
	"V11": {208, 310, 323, 324, 325, 326, 327, 328, 329, 330, 331, 335, 336, 337, 338, 340, 759, 760, 780, 916, 1204, 1240, 1241},
	"V12": {295, 296, 297, 298, 299, 300, 319, 322, 523, 757},
	"V13": {16, 215, 250, 256, 257, 259, 260, 266, 269, 271, 272, 276, 277, 312, 321, 489, 497, 522, 526, 527, 530, 538, 540, 548, 552, 668, 732, 798, 1088, 1188, 1327},
	"V14": {200, 201, 311, 315, 359, 524, 525, 598},
	"V15": {362, 366, 367, 426, 427, 470, 476, 494, 501, 506, 617, 674, 703, 829, 833, 835, 912, 913, 915, 937, 1007, 1035, 1104, 1164, 1321, 1357, 1395},
	"V16": {117, 209, 210, 211, 223, 224, 248, 280, 390, 391, 392, 396, 532, 544, 636, 754, 755, 778, 779},
}

// ASVS is the chapter of the ASVS 5.0 that the first of some weaknesses belongs to that
// belongs to one, or "".
func ASVS(cwe []int) string {
	for _, n := range cwe {
		for chapter, list := range asvsByCWE {
			if slices.Contains(list, n) {
				return chapter
			}
		}
	}
	return ""
}
