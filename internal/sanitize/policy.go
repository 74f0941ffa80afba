package sanitize

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// A Policy is a configuration of the strict mode. What it leaves out comes from its preset;
// without one nothing is allowed. Below all policies lies a floor: elements and attributes that
// run programs or change how the page around is read. Only Unsafe takes it away.
type Policy struct {
	Preset string `json:"preset,omitempty"` // text, comment, article, email or w3c-default

	Tags          []string            `json:"tags,omitempty"`       // instead of the preset's
	AddTags       []string            `json:"add_tags,omitempty"`   // and these
	Attributes    map[string][]string `json:"attributes,omitempty"` // by tag, * for all; instead of the preset's
	AddAttributes map[string][]string `json:"add_attributes,omitempty"`
	Schemes       []string            `json:"schemes,omitempty"`
	Relative      string              `json:"relative,omitempty"` // of addresses: allow, page (only #…) or deny
	BaseURL       string              `json:"base_url,omitempty"` // what relative addresses are resolved against

	Disallowed  string   `json:"disallowed,omitempty"` // tags that are not allowed: unwrap, escape or drop
	DropContent []string `json:"drop_content,omitempty"`
	Comments    bool     `json:"comments,omitempty"`

	Styles     []string `json:"styles,omitempty"` // CSS properties in style attributes
	StyleURLs  bool     `json:"style_urls,omitempty"`
	Classes    []string `json:"classes,omitempty"`   // allowed words of class, * at the end for all that begin so
	IDPrefix   *string  `json:"id_prefix,omitempty"` // before ids and names, user-content- by default; "" for none
	DataAttrs  bool     `json:"data_attributes,omitempty"`
	DataImages bool     `json:"data_images,omitempty"` // data: addresses of pictures, for img
	Rel        []string `json:"rel,omitempty"`         // what links say of themselves
	Templates  bool     `json:"templates,omitempty"`   // the page is a template in the browser: {{ and the like are taken out
	Linkify    bool     `json:"linkify,omitempty"`

	MaxDepth  int  `json:"max_depth,omitempty"`  // elements in one another
	MaxLength int  `json:"max_length,omitempty"` // bytes of a text
	Unsafe    bool `json:"unsafe,omitempty"`     // without the floor
}

const (
	defaultDepth  = 200 // browsers flatten at 512, and flattening is how texts change their meaning
	defaultLength = 4 << 20
)

// floorTags never come out, whatever a policy allows: they run programs, load pages into the
// page, change how what follows is read, or hold text that is read differently in another
// place. The first part is the W3C's baseline.
var floorTags = set(`script iframe frame object embed use
	frameset applet portal fencedframe base link meta style template slot noscript noembed noframes plaintext xmp
	listing title textarea html head body image isindex keygen param`)

// floorContent loses its content with its tags: what stands in it was never to be seen, or is
// no HTML.
var floorContent = set(`script style iframe frame object embed applet template noscript noembed noframes plaintext xmp
	title textarea svg math audio video canvas`)

// safeSVG is the elements of SVG that may come out at all: none that holds HTML, refers to
// others, or is animated.
var safeSVG = set(`svg g path rect circle ellipse line polyline polygon text tspan textPath defs marker linearGradient
	radialGradient stop clipPath mask pattern symbol a`)

// safeMath is the same for MathML.
var safeMath = set(`math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt
	mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics`)

func lists(pairs ...string) map[string][]string {
	m := map[string][]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		for _, tag := range strings.Fields(pairs[i]) {
			m[tag] = append(m[tag], strings.Fields(pairs[i+1])...)
		}
	}
	return m
}

const (
	commentTags = `a abbr b blockquote br code del em i ins kbd li ol p pre q s strong sub sup u ul`
	articleTags = commentTags + ` h1 h2 h3 h4 h5 h6 hr img figure figcaption table caption colgroup col thead tbody tfoot tr th td
	dl dt dd details summary div span small mark samp var time cite dfn bdi bdo ruby rt rp wbr address section article
	aside header footer nav main picture source`
	emailTags = articleTags + ` font center big tt strike`
	w3cTags   = `a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup data dd del dfn div dl dt em
	figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i ins kbd li main mark menu nav ol p pre q rp rt ruby s
	samp search section small span strong sub sup table tbody td tfoot th thead time tr u ul var wbr
	math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub
	msubsup msup mtable mtd mtext mtr munder munderover semantics
	svg circle defs ellipse g line marker path polygon polyline rect text textPath tspan`
	w3cAttributes = `alignment-baseline baseline-shift clip-path clip-rule color color-interpolation cursor dir direction
	display displaystyle dominant-baseline fill fill-opacity fill-rule font-family font-size font-size-adjust
	font-stretch font-style font-variant font-weight lang letter-spacing marker-end marker-mid marker-start
	mathbackground mathcolor mathsize opacity paint-order pointer-events scriptlevel shape-rendering stop-color
	stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
	stroke-opacity stroke-width text-anchor text-decoration text-overflow text-rendering title transform
	transform-origin unicode-bidi vector-effect visibility white-space word-spacing writing-mode`
	tableAttributes = `abbr colspan headers rowspan scope align valign`
	emailStyles     = `background-color border border-bottom border-collapse border-color border-left border-radius border-right
	border-spacing border-style border-top border-width color direction display font font-family font-size font-style
	font-variant font-weight height letter-spacing line-height list-style-type margin margin-bottom margin-left
	margin-right margin-top max-height max-width min-height min-width padding padding-bottom padding-left padding-right
	padding-top table-layout text-align text-decoration text-indent text-transform vertical-align white-space width
	word-break word-spacing word-wrap`
)

// presets are what most policies begin with.
var presets = map[string]Policy{
	"text": {Disallowed: "unwrap"},
	"comment": {
		Tags:       strings.Fields(commentTags),
		Attributes: lists("a", "href title", "abbr", "title", "ol", "start", "q blockquote", "cite"),
		Schemes:    []string{"http", "https", "mailto"},
		Rel:        []string{"nofollow", "ugc", "noopener", "noreferrer"},
	},
	"article": {
		Tags: strings.Fields(articleTags),
		Attributes: lists("*", "title lang dir id class", "a", "href hreflang target", "img", "src srcset sizes alt width height loading",
			"source", "srcset sizes media type width height", "ol", "start reversed type", "li", "value", "q blockquote del ins", "cite",
			"del ins time", "datetime", "td th", tableAttributes, "col colgroup", "span", "details", "open"),
		Schemes: []string{"http", "https", "mailto", "tel"},
		Classes: []string{"language-*"},
		Rel:     []string{"noopener"},
	},
	"email": {
		Tags: strings.Fields(emailTags),
		Attributes: lists("*", "title lang dir style align", "a", "href", "img", "src alt width height border",
			"font", "color face size", "table", "border cellpadding cellspacing bgcolor width", "td th tr", tableAttributes+" bgcolor width height nowrap",
			"col colgroup", "span width", "ol", "start type", "li", "value", "blockquote q", "cite"),
		Schemes:  []string{"http", "https", "mailto", "tel", "cid"},
		Relative: "deny",
		Styles:   strings.Fields(emailStyles),
		Rel:      []string{"nofollow", "noopener", "noreferrer"},
	},
	"w3c-default": {
		Tags: strings.Fields(w3cTags),
		Attributes: lists("*", w3cAttributes, "a", "href hreflang type", "blockquote", "cite", "col colgroup", "span", "data", "value",
			"del ins", "cite datetime", "li", "value", "ol", "reversed start type", "td", "colspan headers rowspan",
			"th", "abbr colspan headers rowspan scope", "time", "datetime",
			"mo", "fence form largeop lspace maxsize minsize movablelimits rspace separator stretchy symmetric",
			"mover", "accent", "mpadded", "depth height lspace voffset width", "mspace", "depth height width", "mtd", "columnspan rowspan",
			"munder", "accentunder", "munderover", "accent accentunder", "circle", "cx cy pathLength r", "ellipse", "cx cy pathLength rx ry",
			"line", "pathLength x1 x2 y1 y2", "marker", "markerHeight markerUnits markerWidth orient preserveAspectRatio refX refY viewBox",
			"path", "d pathLength", "polygon polyline", "pathLength points", "rect", "height pathLength rx ry width x y",
			"svg", "height preserveAspectRatio viewBox width x y", "text tspan", "dx dy lengthAdjust rotate textLength x y",
			"textPath", "lengthAdjust method path side spacing startOffset textLength"),
		Schemes: []string{"http", "https", "mailto", "tel", "sms", "ftp"},
	},
}

// Presets names them.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// A Sanitizer applies a prepared Policy. It may be used by several goroutines.
type Sanitizer struct {
	p       Policy
	tags    map[string]bool
	attrs   map[string]map[string]bool
	schemes map[string]bool
	drop    map[string]bool
	styles  map[string]bool
	prefix  string
	ids     bool // some tag may have an id or a name
	base    *url.URL
	match   matcher
	foreign bool
}

// Prepare checks the policy and prepares it. An error says what in it cannot be meant.
func (p Policy) Prepare() (*Sanitizer, error) {
	if p.Preset != "" {
		base, ok := presets[p.Preset]
		if !ok {
			return nil, fmt.Errorf("no preset is called %q: there are %s", p.Preset, strings.Join(Presets(), ", "))
		}
		p = p.over(base)
	}
	if p.MaxDepth == 0 {
		p.MaxDepth = defaultDepth
	}
	if p.MaxDepth < 1 || p.MaxDepth > 400 {
		return nil, fmt.Errorf("max_depth is %d: it is between 1 and 400, as browsers change what is deeper", p.MaxDepth)
	}
	if p.MaxLength == 0 {
		p.MaxLength = defaultLength
	}
	switch p.Disallowed {
	case "":
		p.Disallowed = "unwrap"
	case "unwrap", "escape", "drop":
	default:
		return nil, fmt.Errorf("disallowed is %q: it is unwrap, escape or drop", p.Disallowed)
	}
	switch p.Relative {
	case "":
		p.Relative = "allow"
	case "allow", "page", "deny":
	default:
		return nil, fmt.Errorf("relative is %q: it is allow, page or deny", p.Relative)
	}
	s := &Sanitizer{p: p, tags: map[string]bool{}, attrs: map[string]map[string]bool{}, schemes: map[string]bool{}, drop: maps.Clone(floorContent), styles: map[string]bool{}}
	for _, list := range [][]string{p.Tags, p.AddTags} {
		for _, t := range list {
			s.tags[tagName(t)] = true
		}
	}
	for _, t := range p.DropContent {
		s.drop[tagName(t)] = true
	}
	for _, name := range p.Styles {
		s.styles[strings.ToLower(name)] = true
	}
	for t := range s.tags {
		if !p.Unsafe && floorTags[t] {
			return nil, fmt.Errorf("tag %s: no page is safe with it; set unsafe if you mean it", t)
		}
	}
	for _, m := range []map[string][]string{p.Attributes, p.AddAttributes} {
		for tag, names := range m {
			tag = tagName(tag)
			if s.attrs[tag] == nil {
				s.attrs[tag] = map[string]bool{}
			}
			for _, n := range names {
				if low := strings.ToLower(n); !p.Unsafe && floorAttribute(low) {
					return nil, fmt.Errorf("attribute %s of %s: no page is safe with it; set unsafe if you mean it", n, tag)
				}
				s.attrs[tag][attributeName(n)] = true
				s.ids = s.ids || strings.EqualFold(n, "id") || strings.EqualFold(n, "name")
			}
		}
	}
	for _, name := range p.Schemes {
		name = strings.ToLower(strings.TrimSuffix(name, ":"))
		if runsOf(name) && !p.Unsafe {
			return nil, fmt.Errorf("scheme %s: it runs what stands in it; set unsafe if you mean it", name)
		}
		s.schemes[name] = true
	}
	// An id is a name in every script of the page.
	s.prefix = "user-content-"
	if p.IDPrefix != nil {
		s.prefix = *p.IDPrefix
	}
	if p.BaseURL != "" {
		u, err := url.Parse(p.BaseURL)
		if err != nil || u.Host == "" || !s.schemes[u.Scheme] {
			return nil, fmt.Errorf("base_url is %q: it is a whole address with a scheme that is allowed", p.BaseURL)
		}
		s.base = u
	}
	if p.Linkify {
		s.match = newMatcher(&Linkify{TLDs: append(strings.Fields(topDomains), "app", "dev", "io", "page", "cloud", "online", "shop", "site", "blog", "tech", "xyz", "wiki", "news"),
			Protocols: []string{"http", "https"}})
	}
	s.foreign = s.tags["svg"] || s.tags["math"]
	return s, nil
}

// tagName is how the parser writes the name: in small letters, but for some of SVG's.
func tagName(s string) string {
	if safeSVG[s] {
		return s
	}
	return strings.ToLower(s)
}

func attributeName(s string) string {
	low := strings.ToLower(s)
	if s, ok := svgNames()[low]; ok {
		return s
	}
	return low
}

// over is the policy on top of its preset.
func (p Policy) over(base Policy) Policy {
	if p.Tags == nil {
		p.Tags = base.Tags
	}
	if p.Attributes == nil {
		p.Attributes = base.Attributes
	}
	if p.Schemes == nil {
		p.Schemes = base.Schemes
	}
	if p.Relative == "" {
		p.Relative = base.Relative
	}
	if p.Disallowed == "" {
		p.Disallowed = base.Disallowed
	}
	if p.Styles == nil {
		p.Styles = base.Styles
	}
	if p.Classes == nil {
		p.Classes = base.Classes
	}
	if p.Rel == nil {
		p.Rel = base.Rel
	}
	return p
}

// floorAttribute: it runs a program, or is a page of its own.
func floorAttribute(name string) bool {
	return strings.HasPrefix(name, "on") || name == "srcdoc" || name == "xmlns" || name == "xmlns:xlink" || name == "is" ||
		name == "slot" || name == "xml:base" || name == "http-equiv" || name == "autofocus" || name == "attributename" ||
		strings.HasPrefix(name, "shadowroot")
}

func runsOf(scheme string) bool {
	switch scheme {
	case "javascript", "vbscript", "data", "blob", "filesystem", "about", "view-source":
		return true
	}
	return false
}
