package graph

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// Rule is a backend in the order in which a listener asks its rules.
type Rule struct {
	Ingress *Ingress
	Backend *Backend
}

// Shadow is a rule that never matches, because an earlier one on every port of
// its Ingress matches everything that it would.
type Shadow struct {
	Rule, By Rule
}

// rules returns the rules of a listener in the order of the controller
// (pkg/ingress/model_build_listener_rules.go): members in group order, the
// entries of spec.rules in file order; within one entry exact paths, then
// prefixes by falling length, then the rest in file order.
func (g *IngressGroup) rules(port int) []Rule {
	var out []Rule
	for _, m := range g.Members {
		if !slices.ContainsFunc(m.Listeners, func(l Listener) bool { return l.Port == port }) {
			continue
		}
		own := make([]Rule, 0, len(m.Backends))
		for _, b := range m.Backends {
			if b.RulePath != nil {
				own = append(own, Rule{Ingress: m, Backend: b})
			}
		}
		slices.SortStableFunc(own, func(a, b Rule) int {
			return cmp.Or(
				cmp.Compare(entry(a.Backend), entry(b.Backend)),
				cmp.Compare(rank(a.Backend), rank(b.Backend)),
				compareLength(a.Backend, b.Backend),
			)
		})
		out = append(out, own...)
	}
	return out
}

// entry is the index of the rule in spec.rules.
func entry(b *Backend) int {
	n, err := strconv.Atoi(b.RulePath[len(b.RulePath)-1])
	if err != nil {
		return 0
	}
	return n
}

func rank(b *Backend) int {
	switch b.PathType {
	case networkingv1.PathTypeExact:
		return 0
	case networkingv1.PathTypePrefix:
		return 1
	default:
		return 2
	}
}

func compareLength(a, b *Backend) int {
	if a.PathType != networkingv1.PathTypePrefix || b.PathType != networkingv1.PathTypePrefix {
		return 0
	}
	return cmp.Compare(len(b.HTTPPath), len(a.HTTPPath))
}

// shadows finds the rules that never match. A rule counts only when it is
// shadowed on each port that its Ingress listens on.
func shadows(g *IngressGroup) []Shadow {
	if !g.PortsKnown {
		return nil
	}
	by := map[*Backend][]Rule{}
	ports := map[*Backend]int{}
	var order []Rule
	for _, p := range g.Ports {
		rules := g.rules(p.Port)
		for n, r := range rules {
			if ports[r.Backend]++; ports[r.Backend] == 1 {
				order = append(order, r)
			}
			for _, earlier := range rules[:n] {
				if earlier.shadows(r, p) {
					by[r.Backend] = append(by[r.Backend], earlier)
					break
				}
			}
		}
	}
	var out []Shadow
	for _, r := range order {
		if hits := by[r.Backend]; len(hits) > 0 && len(hits) == ports[r.Backend] {
			out = append(out, Shadow{Rule: r, By: hits[0]})
		}
	}
	return out
}

func (r Rule) shadows(o Rule, p *Port) bool {
	return r.certain() && o.certain() && r.certainlyBefore(o) &&
		!o.Ingress.widens(o.Backend.Name) &&
		!r.Ingress.hasConditions(r.Backend.Name) &&
		!r.loops(p) &&
		coversHost(r.Backend.Host, o.Backend.Host) &&
		coversPath(r.Backend, o.Backend) &&
		!r.sameAction(o)
}

// certain reports whether host, path and matching mode of the rule are known
// and are not regular expressions.
func (r Rule) certain() bool {
	regex, known := r.Ingress.RegexPath(r.Backend)
	return known && !regex && !r.Ingress.resource.IsUnknown(r.Backend.RulePath...)
}

// certainlyBefore reports whether the order of the two, which the rules of a
// listener stand in, does not hang on a group.order that is not known.
func (r Rule) certainlyBefore(o Rule) bool {
	const order = "group.order"
	return r.Ingress == o.Ingress || r.Ingress.Annotation(order).Known && o.Ingress.Annotation(order).Known
}

// loops reports whether the rule redirects to its own listener; the controller
// drops such a rule (pkg/ingress/rule_optimizer.go).
func (r Rule) loops(p *Port) bool {
	a := r.Backend.Action
	if a == nil || a.Redirect == nil {
		return false
	}
	protocol := protocolHTTP
	if len(p.HTTPS) > 0 {
		protocol = protocolHTTPS
	}
	samePort := a.Redirect.Port == "" || a.Redirect.Port == "#{port}" || a.Redirect.Port == strconv.Itoa(p.Port)
	sameProtocol := a.Redirect.Protocol == "" || a.Redirect.Protocol == "#{protocol}" || a.Redirect.Protocol == protocol
	return samePort && sameProtocol
}

func (r Rule) sameAction(o Rule) bool {
	a, b := r.Backend, o.Backend
	if a.Kind != b.Kind || len(a.Targets) != len(b.Targets) {
		return false
	}
	if a.Kind == BackendAction {
		return r.Ingress.Annotation("actions."+a.Name).Text() == o.Ingress.Annotation("actions."+b.Name).Text()
	}
	for n := range a.Targets {
		x, y := a.Targets[n], b.Targets[n]
		if x.Name != y.Name || x.Number != y.Number || x.PortName != y.PortName ||
			r.Ingress.Ref().Namespace != o.Ingress.Ref().Namespace {
			return false
		}
	}
	return true
}

// coversHost reports whether every host that b matches is matched by a.
func coversHost(a, b string) bool {
	if a == "" || a == b {
		return true
	}
	suffix, wildcard := strings.CutPrefix(a, "*")
	return wildcard && b != "" && strings.HasSuffix(b, suffix) && len(b) > len(suffix)
}

// coversPath reports whether every path that b matches is matched by a. The
// patterns are those that the controller writes into the listener rule: a
// prefix p becomes p and p/*, the prefix / becomes /*, an exact path and an
// implementation-specific one stand as they are, with the wildcards * and ?.
func coversPath(a, b *Backend) bool {
	if a.PathType == b.PathType && a.HTTPPath == b.HTTPPath {
		return true
	}
	outer, inner := patterns(a), patterns(b)
	for _, in := range inner {
		if !slices.ContainsFunc(outer, func(out string) bool { return coversPattern(out, in) }) {
			return false
		}
	}
	return true
}

func patterns(b *Backend) []string {
	switch {
	case b.HTTPPath == "":
		return []string{"/*"}
	case b.PathType == networkingv1.PathTypePrefix:
		p := strings.TrimSuffix(b.HTTPPath, "/")
		if p == "" {
			return []string{"/*"}
		}
		return []string{p, p + "/*"}
	default:
		return []string{b.HTTPPath}
	}
}

// coversPattern decides for outer patterns that are literal or end in their
// only wildcard; other outer patterns cover only themselves.
func coversPattern(outer, inner string) bool {
	if outer == inner {
		return true
	}
	base, trailing := strings.CutSuffix(outer, "*")
	if !trailing || strings.ContainsAny(base, "*?") {
		return false
	}
	literal := inner
	if n := strings.IndexAny(inner, "*?"); n >= 0 {
		literal = inner[:n]
	}
	return strings.HasPrefix(literal, base)
}

// findPlain lists what each HTTP listener forwards to targets without TLS.
func (g *Graph) findPlain(group *IngressGroup) {
	if group.Redirects != model.No || group.RedirectOf != nil {
		return
	}
	for _, p := range group.Ports {
		if len(p.HTTP) == 0 {
			continue
		}
		p.Plain = plainRules(group, p)
	}
}

func plainRules(group *IngressGroup, p *Port) []Rule {
	var out, redirects []Rule
	redirected := func(r Rule) bool {
		return slices.ContainsFunc(redirects, func(earlier Rule) bool {
			return !earlier.Ingress.hasConditions(earlier.Backend.Name) &&
				coversHost(earlier.Backend.Host, r.Backend.Host) && coversPath(earlier.Backend, r.Backend)
		})
	}
	for _, r := range group.rules(p.Port) {
		known := !r.Ingress.resource.IsUnknown(r.Backend.RulePath...)
		switch {
		case r.Backend.redirectsToHTTPS() && !known:
			return nil // it may redirect anything
		case r.Backend.redirectsToHTTPS():
			redirects = append(redirects, r)
			continue
		case !known:
			continue
		}
		if !redirected(r) && len(r.Backend.Targets) > 0 {
			out = append(out, r)
		}
	}
	for _, m := range p.HTTP {
		for _, b := range m.Backends {
			r := Rule{Ingress: m, Backend: b}
			if b.RulePath == nil && len(b.Targets) > 0 && !redirected(r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// redirectsToHTTPS: an action that cannot be read may be a redirect.
func (b *Backend) redirectsToHTTPS() bool {
	if b.Kind != BackendAction {
		return false
	}
	if b.Action == nil {
		return true
	}
	return b.Action.Redirect != nil && (b.Action.Redirect.Protocol == protocolHTTPS || b.Action.Redirect.Port == "443")
}
