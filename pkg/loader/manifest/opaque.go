package manifest

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// everything is what a source of objects that nobody can foresee may add.
const everything = model.Workloads | model.Services | model.Policies | model.Namespaces | model.IngressClasses

// Unforeseen returns the entry of a source that may add any object to any
// namespace.
func Unforeseen(why string) model.Opaque {
	return model.Opaque{Domains: everything, AnyNamespace: true, Why: why}
}

// unread returns the entry of an object of a known type that could not be read.
// Objects that are no part of any domain give none.
func unread(t typeID, namespace, why string) (model.Opaque, bool) {
	gk := t.groupKind()
	if known, ok := knownKind(t); ok {
		gk = known
	}
	domain := DomainOf(gk)
	if domain == 0 {
		return model.Opaque{}, false
	}
	return limited(domain, namespace, why), true
}

// Possible returns the entry of an object that may be in the cluster or not. Objects
// that are no part of any domain give none.
func Possible(ref model.Ref, why string) (model.Opaque, bool) {
	domain := DomainOf(ref.GroupKind())
	return limited(domain, ref.Namespace, why), domain != 0
}

// DomainOf is the domain that objects of the kind belong to, or none.
func DomainOf(gk model.GroupKind) model.Domain {
	switch {
	case gk.IsWorkload():
		return model.Workloads
	case gk == model.KindService:
		return model.Services
	case slices.Contains(model.PolicyKinds(), gk):
		return model.Policies
	case gk == model.KindNamespace:
		return model.Namespaces
	case gk == model.KindIngressClass:
		return model.IngressClasses
	default:
		return 0
	}
}

func limited(domain model.Domain, namespace, why string) model.Opaque {
	return model.Opaque{Domains: domain, Namespace: namespace, AnyNamespace: namespace == "", Why: why}
}

// custom returns the entry of an object whose controller may add others. name
// and namespace may be empty when they are not known.
func custom(t typeID, namespace, name string) (model.Opaque, bool) {
	group := t.group()
	what := subject(t.kind, namespace, name)
	switch {
	case isPolicyKind(t):
		return limited(model.Policies, policyNamespace(t.kind, namespace), what+" is not read"), true
	case group == "kyverno.io" && (t.kind == "Policy" || t.kind == "ClusterPolicy"):
		// A generate rule can make a NetworkPolicy in every namespace:
		// https://kyverno.io/docs/policy-types/cluster-policy/generate/
		return limited(model.Policies, "", what+" may make network policies"), true
	case isDelivery(t):
		return Unforeseen(what + " is not rendered"), true
	case !strings.Contains(group, ".") || isHarmless(t):
		return model.Opaque{}, false
	default:
		return limited(model.Workloads|model.Services, namespace, what+" may make pods"), true
	}
}

// subject names an object of which not everything may be known.
func subject(kind, namespace, name string) string {
	if name == "" {
		return "a " + kind
	}
	return model.Ref{Kind: kind, Namespace: namespace, Name: name}.String()
}

// isPolicyKind reports whether objects of the type are network policies of a
// kind that is not decoded.
func isPolicyKind(t typeID) bool {
	switch t.group() {
	case "cilium.io", "projectcalico.org", "crd.projectcalico.org", "crd.antrea.io",
		"policy.networking.k8s.io", "networking.k8s.aws":
		return strings.HasSuffix(t.kind, "NetworkPolicy")
	default:
		return false
	}
}

// policyNamespace is the namespace that a policy can be limited to.
func policyNamespace(kind, namespace string) string {
	for _, wide := range []string{"Global", "Cluster", "Admin", "BaselineAdmin", "CiliumClusterwide"} {
		if strings.HasPrefix(kind, wide) {
			return ""
		}
	}
	return namespace
}

// isDelivery reports whether objects of the type bring whole applications.
func isDelivery(t typeID) bool {
	switch t.groupKind() {
	case model.GroupKind{Group: "argoproj.io", Kind: "Application"},
		model.GroupKind{Group: "argoproj.io", Kind: "ApplicationSet"},
		model.GroupKind{Group: "helm.toolkit.fluxcd.io", Kind: "HelmRelease"},
		model.GroupKind{Group: "kustomize.toolkit.fluxcd.io", Kind: "Kustomization"},
		model.GroupKind{Group: "helm.cattle.io", Kind: "HelmChart"}:
		return true
	default:
		return false
	}
}

// isHarmless reports whether the controllers of the type are known to make no
// pods and no Services, or the type is no object of a cluster at all.
func isHarmless(t typeID) bool {
	group := t.group()
	if slices.Contains(harmlessGroups(), group) {
		return t.kind != "ScaledJob"
	}
	for _, suffix := range []string{
		".k8s.io", ".services.k8s.aws", ".crossplane.io", ".upbound.io", ".gatekeeper.sh", ".openshift.io",
	} {
		if strings.HasSuffix(group, suffix) {
			return true
		}
	}
	switch group {
	case "monitoring.coreos.com":
		return slices.Contains([]string{
			"ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig", "AlertmanagerConfig",
		}, t.kind)
	case "argoproj.io":
		return t.kind == "AppProject"
	case "bitnami.com":
		return t.kind == "SealedSecret"
	default:
		return false
	}
}

func harmlessGroups() []string {
	return []string{
		"apiextensions.k8s.io", "backstage.io", "cert-manager.io", "acme.cert-manager.io", "cilium.io",
		"configuration.konghq.com", "crd.k8s.amazonaws.com", "crd.projectcalico.org", "projectcalico.org",
		"eks.amazonaws.com", "eksctl.io", "elbv2.k8s.aws", "external-secrets.io", "generators.external-secrets.io",
		"gateway.networking.k8s.io", "gateway.k8s.aws", "networking.k8s.aws", "vpcresources.k8s.aws",
		"application-networking.k8s.aws", "karpenter.sh", "karpenter.k8s.aws", "keda.sh", "kind.x-k8s.io",
		"kyverno.io", "policies.kyverno.io", "linkerd.io", "policy.linkerd.io", "metallb.io",
		"networking.istio.io", "security.istio.io", "telemetry.istio.io", "policy.networking.k8s.io",
		"secrets-store.csi.x-k8s.io", "split.smi-spec.io", "traefik.io", "traefik.containo.us", "velero.io",
		"wgpolicyk8s.io", "image.toolkit.fluxcd.io", "notification.toolkit.fluxcd.io", "source.toolkit.fluxcd.io",
	}
}
