package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

// policyKind is a kind of network policy besides NetworkPolicy, with a document
// of it and a value in that document.
type policyKind struct {
	apiVersion, kind string
	// head is metadata.
	head string
	spec string
	// path leads to a value whose text is value.
	path  string
	value string
}

func (k policyKind) text(apiVersion, spec string) string {
	return "apiVersion: " + apiVersion + "\nkind: " + k.kind + "\nmetadata: " + k.head + "\nspec:\n" + spec
}

const (
	clusterSpec = `  tier: Admin
  priority: 7
  subject: {namespaces: {}}
  egress:
  - action: Deny
    to:
    - networks: [192.0.2.0/24]
`
	applicationSpec = `  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to:
    - domainNames: [api.example.com]
`
	ciliumSpec = `  endpointSelector: {}
  egress:
  - toFQDNs:
    - matchName: api.example.com
`
)

func policyKinds() []policyKind {
	const (
		wide   = "{name: p}"
		narrow = "{name: p, namespace: shop}"
		action = "spec.egress.0.action"
		domain = "api.example.com"
		name   = "spec.egress.0.toFQDNs.0.matchName"
	)
	return []policyKind{
		{"policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", wide, clusterSpec, action, "Deny"},
		{"policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", wide, clusterSpec, action, "Deny"},
		{"policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", wide, clusterSpec, "spec.priority", "7"},
		{"networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy", wide, clusterSpec, "spec.egress.0.to.0.networks.0", "192.0.2.0/24"},
		{"networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy", narrow, applicationSpec, "spec.egress.0.to.0.domainNames.0", domain},
		{"cilium.io/v2", "CiliumNetworkPolicy", narrow, ciliumSpec, name, domain},
		{"cilium.io/v2", "CiliumClusterwideNetworkPolicy", wide, ciliumSpec, name, domain},
	}
}

// TestPolicyKindsDecode: a document gives one resource of the Go type, with
// spans, and nothing to complain about.
func TestPolicyKindsDecode(t *testing.T) {
	t.Parallel()
	seen := map[model.GroupKind]bool{model.KindNetworkPolicy: true}
	for _, k := range policyKinds() {
		seen[typeID{k.apiVersion, k.kind}.groupKind()] = true
		t.Run(k.apiVersion+" "+k.kind, func(t *testing.T) {
			t.Parallel()
			text := k.text(k.apiVersion, k.spec)
			p := readAll("p.yaml", text)
			if len(p.Resources) != 1 || len(p.Problems)+len(p.Notes)+len(p.Opaque) > 0 {
				t.Fatalf("got %q", lines(p, text))
			}
			r := p.Resources[0]
			if r.Ref.GroupKind() != (typeID{k.apiVersion, k.kind}).groupKind() || len(r.Unknown)+len(r.Defects) > 0 {
				t.Errorf("got %q", lines(p, text))
			}
			span := r.Locate(strings.Split(k.path, "."), model.PartValue)
			if got := text[span.Start:span.End]; got != k.value {
				t.Errorf("%s covers %q, want %q", k.path, got, k.value)
			}
			if got := firstPeer(r); got != map[bool]string{true: "192.0.2.0/24", false: "api.example.com"}[k.spec == clusterSpec] {
				t.Errorf("the first peer for egress is %q", got)
			}
		})
	}
	for _, gk := range model.PolicyKinds() {
		if !seen[gk] {
			t.Errorf("%v has no row", gk)
		}
	}
}

// firstPeer is what the first egress rule names first.
func firstPeer(r *model.Resource) string {
	switch o := r.Object.(type) {
	case *model.ClusterNetworkPolicy:
		return o.Spec.Egress[0].To[0].Networks[0]
	case *model.ApplicationNetworkPolicy:
		return o.Spec.Egress[0].To[0].DomainNames[0]
	case *model.CiliumNetworkPolicy:
		return o.Spec.Egress[0].ToFQDNs[0].MatchName
	default:
		return ""
	}
}

// TestPolicyKindsInPart: what cannot be read in such a document is a problem at
// its line, a field that the Go type lacks is none, and a version that is not
// decoded leaves the policies of every namespace unknown.
func TestPolicyKindsInPart(t *testing.T) {
	t.Parallel()
	for _, k := range policyKinds() {
		t.Run(k.apiVersion+" "+k.kind, func(t *testing.T) {
			t.Parallel()
			ref := model.Ref{Kind: k.kind, Namespace: namespaceOf(k), Name: "p"}.String()
			id := typeID{k.apiVersion, k.kind}
			for name, test := range map[string]struct {
				apiVersion, spec string
				want             []string
			}{
				"wrong type": {k.apiVersion, "  egress: nothing\n", []string{
					"resource " + id.version() + " " + ref, "  unknown spec.egress", "problem spec.egress: want a list, found \"nothing\" @ nothing",
				}},
				"unknown field": {k.apiVersion, k.spec + "  appliedTo: {}\n", []string{"resource " + id.version() + " " + ref}},
				"another version": {id.group() + "/v9", k.spec, []string{
					"note " + id.group() + "/v9 " + k.kind + " is not read: this API version is not known",
					"opaque policies in *: a " + k.kind + " of " + id.group() + "/v9 is not read",
				}},
			} {
				text := k.text(test.apiVersion, test.spec)
				if diff := cmp.Diff(test.want, lines(readAll("p.yaml", text), text)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func namespaceOf(k policyKind) string {
	if strings.Contains(k.head, "shop") {
		return "shop"
	}
	return ""
}
