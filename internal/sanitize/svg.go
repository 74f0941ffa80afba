package sanitize

import (
	"strings"
	"sync"
)

// svgNames is the attributes of SVG that have capital letters, by what they are in small ones.
var svgNames = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, s := range strings.Fields(`attributeName attributeType baseFrequency baseProfile calcMode clipPathUnits
		contentScriptType contentStyleType diffuseConstant edgeMode externalResourcesRequired filterRes filterUnits
		glyphRef gradientTransform gradientUnits kernelMatrix kernelUnitLength keyPoints keySplines keyTimes lengthAdjust
		limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits numOctaves pathLength
		patternContentUnits patternTransform patternUnits pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio
		primitiveUnits refX refY repeatCount repeatDur requiredExtensions requiredFeatures specularConstant
		specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale systemLanguage tableValues
		targetX targetY textLength viewBox viewTarget xChannelSelector yChannelSelector zoomAndPan`) {
		m[strings.ToLower(s)] = s
	}
	return m
})

// svgRefers: where SVG may refer to something; only things of the same page are let through.
func svgRefers(name string) bool {
	switch name {
	case "clip-path", "color-profile", "cursor", "fill", "filter", "marker", "marker-start", "marker-mid", "marker-end", "mask", "stroke":
		return true
	}
	return false
}

// svgLocalOnly is the elements of which href may only name something of the same page.
func svgLocalOnly(name string) bool {
	switch name {
	case "altGlyph", "animate", "animateColor", "animateMotion", "animateTransform", "cursor", "feImage", "filter", "linearGradient",
		"pattern", "radialGradient", "textpath", "tref", "set", "use":
		return true
	}
	return false
}
