package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer"
	"github.com/ekslint/ekslint/pkg/model"
)

// maxReasons limits how many reasons a line about skipped rules names.
const maxReasons = 2

// scope is a namespace of a cluster.
type scope struct{ cluster, namespace string }

// skipGroup is everything that one rule left undecided for want of one domain.
type skipGroup struct {
	rules  []string
	domain model.Domain
	scopes []scope
	whys   []string
}

// groupSkips collects the skips of each rule and domain, sorted by both.
func groupSkips(skips []analyzer.Skip) []skipGroup {
	type key struct {
		rule   string
		domain model.Domain
	}
	index := map[key]int{}
	var groups []skipGroup
	for _, s := range skips {
		k := key{s.RuleID, s.Domain}
		i, seen := index[k]
		if !seen {
			i = len(groups)
			index[k] = i
			groups = append(groups, skipGroup{rules: []string{s.RuleID}, domain: s.Domain})
		}
		groups[i].scopes = append(groups[i].scopes, scope{s.Cluster, s.Namespace})
		groups[i].whys = append(groups[i].whys, s.Why)
	}
	for i := range groups {
		groups[i].normalise()
	}
	slices.SortFunc(groups, func(a, b skipGroup) int {
		return cmp.Or(cmp.Compare(a.rules[0], b.rules[0]), cmp.Compare(a.domain, b.domain))
	})
	return groups
}

// normalise sorts the lists of the group and drops what stands twice.
func (g *skipGroup) normalise() {
	slices.SortFunc(g.scopes, func(a, b scope) int {
		return cmp.Or(cmp.Compare(a.cluster, b.cluster), cmp.Compare(a.namespace, b.namespace))
	})
	g.scopes = slices.Compact(g.scopes)
	slices.Sort(g.whys)
	g.whys = slices.Compact(g.whys)
}

// mergeSkips joins the groups of rules that were skipped at the same places
// for the same reasons.
func mergeSkips(groups []skipGroup) []skipGroup {
	var merged []skipGroup
	for _, g := range groups {
		i := slices.IndexFunc(merged, func(m skipGroup) bool {
			return m.domain == g.domain && slices.Equal(m.scopes, g.scopes) && slices.Equal(m.whys, g.whys)
		})
		if i < 0 {
			merged = append(merged, g)
			continue
		}
		merged[i].rules = slices.Concat(merged[i].rules, g.rules)
	}
	return merged
}

// String says which rules were skipped, where and why.
func (g skipGroup) String() string {
	what := domainWords(g.domain)
	text := strings.Join(g.rules, ", ") + " skipped" + g.where() + ": " + what + " not known"
	if slices.Equal(g.whys, []string{""}) {
		return text + " (no " + what + " in the input)"
	}
	reasons := slices.Clone(g.whys)
	if reasons[0] == "" {
		reasons = append(reasons[1:], "none in the input")
	}
	more := len(reasons) - maxReasons
	if more > 0 {
		reasons = append(reasons[:maxReasons], plural(more, "more reason", "more reasons"))
	}
	return text + " (" + strings.Join(reasons, "; ") + ")"
}

// where names the one namespace, or counts them. Cluster-wide domains have none.
func (g skipGroup) where() string {
	clusterWide := model.Namespaces | model.IngressClasses
	clusters := map[string]bool{}
	for _, s := range g.scopes {
		clusters[s.cluster] = true
	}
	switch {
	case g.domain&^clusterWide == 0 && len(clusters) > 1:
		return fmt.Sprintf(" in %d clusters", len(clusters))
	case g.domain&^clusterWide == 0:
		return ""
	case len(g.scopes) > 1 && len(clusters) > 1:
		return fmt.Sprintf(" in %d namespaces of %d clusters", len(g.scopes), len(clusters))
	case len(g.scopes) > 1:
		return fmt.Sprintf(" in %d namespaces", len(g.scopes))
	case g.scopes[0].namespace == "":
		return " for objects without a namespace"
	default:
		return " in namespace " + g.scopes[0].namespace
	}
}

// domainWords names the domains as prose does.
func domainWords(d model.Domain) string {
	var words []string
	d.Each(func(one model.Domain) {
		switch one {
		case model.Services:
			words = append(words, "Services")
		case model.Policies:
			words = append(words, "network policies")
		case model.Namespaces:
			words = append(words, "Namespace objects")
		case model.IngressClasses:
			words = append(words, "IngressClasses")
		default:
			words = append(words, one.String())
		}
	})
	return strings.Join(words, " or ")
}

// plural writes a count with the word that fits it.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// some joins at most limit names and counts the rest.
func some(names []string, limit int) string {
	if len(names) <= limit {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:limit], ", "), len(names)-limit)
}
