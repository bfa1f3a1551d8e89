package lbc

import (
	"strconv"
	"strings"
)

// SplitKey tells family and suffix of a full annotation key. It reports false
// for a key of neither family.
func SplitKey(key string) (Family, string, bool) {
	for _, f := range []Family{Ingress, Service} {
		if suffix, ok := strings.CutPrefix(key, f.Prefix()); ok {
			return f, suffix, true
		}
	}
	return 0, "", false
}

// Lookup finds the annotation a suffix stands for. Suffixes are compared exactly,
// as the controller does. For a templated annotation the row of the template is
// returned; Argument tells what stands in its place.
func Lookup(f Family, suffix string) (Annotation, bool) {
	for _, a := range table(f) {
		if a.Templated {
			if _, ok := a.Argument(suffix); ok {
				return a, true
			}
			continue
		}
		if a.Suffix == suffix || f == Service && isPerPortForm(a, suffix) {
			return a, true
		}
	}
	return Annotation{}, false
}

// isPerPortForm reports whether suffix is the target group attributes of one
// port, a form that exists besides the plain one.
func isPerPortForm(a Annotation, suffix string) bool {
	port, ok := strings.CutPrefix(suffix, a.Suffix+".")
	return ok && a.Suffix == "aws-load-balancer-target-group-attributes" && isPort(port)
}

// Argument is the variable part of a key with the annotation's template:
// "web" for actions.web, "HTTPS-443" for listener-attributes.HTTPS-443. It
// reports false when suffix does not have the template, or has a variable part
// that the controller never asks for.
func (a Annotation) Argument(suffix string) (string, bool) {
	arg, ok := strings.CutPrefix(suffix, a.stem())
	if !ok || !a.Templated || arg == "" {
		return "", false
	}
	variable := strings.TrimPrefix(a.Suffix, a.stem())
	switch {
	case variable == "${serviceName}.${servicePort}":
		ok = isServiceAndPort(arg)
	case strings.EqualFold(variable, "${protocol}-${port}"):
		ok = a.isListener(arg)
	}
	if !ok {
		return "", false
	}
	return arg, true
}

// stem is the fixed beginning of a suffix, with the dot: "actions.".
func (a Annotation) stem() string {
	stem, _, _ := strings.Cut(a.Suffix, "${")
	return stem
}

// isServiceAndPort reports whether arg is service.port. A Service name holds no
// dot.
func isServiceAndPort(arg string) bool {
	name, port, ok := strings.Cut(arg, ".")
	return ok && name != "" && port != "" && !strings.Contains(port, ".")
}

// isListener reports whether arg is PROTOCOL-port as the controller spells it.
func (a Annotation) isListener(arg string) bool {
	protocol, port, _ := strings.Cut(arg, "-")
	if !isPort(port) {
		return false
	}
	switch protocol {
	case "HTTP", "HTTPS":
		return a.Family == Ingress
	case "TCP", "UDP", "TCP_UDP", "TLS", "QUIC", "TCP_QUIC":
		return a.Family == Service
	default:
		return false
	}
}

// isPort reports whether text is a port number in its one usual spelling.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && strconv.FormatUint(n, 10) == text
}

// Suggest finds the known suffix an unknown one most likely stands for, with the
// number of edits between them, at most two. A difference in case alone is one
// edit. It returns "" when nothing is near, and for a suffix that is known, also
// to another controller.
func Suggest(f Family, suffix string) (string, int) {
	if _, known := Lookup(f, suffix); known || f == Service && IsLegacy(suffix) {
		return "", 0
	}
	var candidates []string
	for _, a := range table(f) {
		if a.Deprecated != "" {
			continue
		}
		if !a.Templated {
			candidates = append(candidates, a.Suffix)
			continue
		}
		candidates = append(candidates, a.respell(suffix)...)
	}
	return nearest(suffix, candidates)
}

// respell puts the variable part of suffix into the annotation's template, where
// that makes a valid key.
func (a Annotation) respell(suffix string) []string {
	_, arg, ok := strings.Cut(suffix, ".")
	if !ok {
		return nil
	}
	var keys []string
	for _, arg := range []string{arg, strings.ToUpper(arg)} {
		if _, ok := a.Argument(a.stem() + arg); ok {
			keys = append(keys, a.stem()+arg)
		}
	}
	return keys
}
