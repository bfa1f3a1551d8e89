package tfplan

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// lookup returns the value of an attribute, or how it is configured when it is
// not known.
func (of *instance) lookup(path string) (value *syntax.Node, from source, isKnown bool) {
	value, unknown := of.after, of.unknown
	from = of.source()
	below := func(step func(*syntax.Node) *syntax.Node) {
		value = step(value)
		if !isTrue(unknown) {
			unknown = step(unknown)
		}
	}
	for rest := path; rest != ""; {
		var name, key string
		if name, rest = cutName(strings.TrimPrefix(rest, ".")); name != "" {
			below(func(n *syntax.Node) *syntax.Node { return get(n, name) })
			from = from.field(name)
			continue
		}
		key, rest = cutKey(rest)
		n := len(items(value))
		below(func(n *syntax.Node) *syntax.Node { return child(n, key) })
		from = from.element(value, n)
	}
	return value, from, value != nil && !holdsTrue(unknown)
}

// child returns an element of a list or map.
func child(n *syntax.Node, key string) *syntax.Node {
	if name, err := strconv.Unquote(key); err == nil {
		return get(n, name)
	}
	return n.Find([]string{key})
}

// has reports whether an instance has an attribute, known or not.
func (of *instance) has(name string) bool {
	return get(of.after, name) != nil || get(of.unknown, name) != nil
}

// names reports whether an attribute names its resource, or what AWS makes beside
// it. A provider such as random makes parts of texts.
func names(of *instance, path string) bool {
	if terraform.LinkTo(of.address, of.typ, path, model.Span{}).Address != of.address {
		return true
	}
	provider, _, _ := strings.Cut(of.typ, "_")
	isMaker := slices.Contains([]string{"random", "time", "null", "tls"}, provider)
	return !isMaker && slices.Contains([]string{"id", "arn", "name"}, path)
}

// suits reports whether a resource may be what an attribute is the identifier of,
// as far as its name tells. A cluster has identifiers of security groups.
func suits(typ, leaf string) bool {
	stem := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(leaf, "s"), "_id"), "s")
	for _, kind := range []string{"vpc", "subnet", "security_group", "route_table"} {
		if stem == kind || strings.HasSuffix(stem, "_"+kind) {
			return strings.HasSuffix(typ, "_"+kind)
		}
	}
	return true
}

// identifier matches those of EC2 and ARNs:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
var identifier = regexp.MustCompile(`^(arn:.*|[a-z]+-[0-9a-f]{8}|[a-z]+-[0-9a-f]{17})$`)

func isIdentifier(text string) bool { return identifier.MatchString(text) }

// links returns what an unknown value refers to. A list that is unknown as a
// whole may also hold identifiers that are known.
func (f *found) links(leaf string, at model.Span) []model.Link {
	if len(f.targets) == 0 || isBlock(leaf) {
		return nil
	}
	var out []model.Link
	for _, t := range f.targets {
		link := t.link(at)
		if len(f.targets) > 1 || len(f.dead) > 0 {
			link.Certainty = model.LinkMay
		}
		out = append(out, link)
	}
	if strings.HasSuffix(leaf, "s") || leaf == "vpc_zone_identifier" {
		for _, id := range f.ids {
			out = append(out, model.Link{ID: id, Certainty: model.LinkMay, At: at})
		}
	}
	if len(f.dead) > 0 {
		out = append(out, model.Link{Why: enumerate(f.dead), At: at})
	}
	return out
}

// isBlock reports whether a list of objects may be written as blocks, so that its
// one expression holds the references of all of their attributes:
// https://developer.hashicorp.com/terraform/language/attr-as-blocks
func isBlock(leaf string) bool { return leaf == "ingress" || leaf == "egress" || leaf == "route" }

// why names what cannot be followed, else what is not known before the apply.
func (f *found) why(p place) string {
	if len(f.dead) > 0 {
		return enumerate(f.dead)
	}
	var names []string
	for _, t := range f.targets {
		names = append(names, t.of.address+"."+t.path)
	}
	if len(names) == 0 {
		names = []string{p.address()}
	}
	return enumerate(names) + " before apply"
}

// enumerate names the first of several.
func enumerate(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
