package graph

import (
	"net/netip"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ekslint/ekslint/pkg/model"
)

// The Service that answers for the names of a cluster, and the label of the
// pods behind it, which every distribution of Kubernetes keeps:
// https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/
const (
	dnsNamespace = "kube-system"
	dnsService   = "kube-dns"
	dnsLabel     = "k8s-app"
)

// ClusterDNS returns the workloads that answer for the names of the cluster:
// the pods behind the Service kube-system/kube-dns, or those with its label.
// It is empty when the input shows neither.
func (g *Graph) ClusterDNS() []*Workload {
	if s := g.DNSService(); s != nil && len(s.Pods()) > 0 {
		return s.Pods()
	}
	labelled, _ := g.Matching(dnsNamespace, SelectorOfMap(map[string]string{dnsLabel: dnsService}))
	return labelled
}

// DNSService is the Service kube-system/kube-dns, or nil.
func (g *Graph) DNSService() *Service { return g.service(dnsNamespace, dnsService) }

// DNSPolicy is how the pods resolve names. ClusterFirst is Kubernetes' default
// for an absent one, and means Default on the node's network:
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
func (w *Workload) DNSPolicy() corev1.DNSPolicy {
	spec := w.PodSpec()
	switch {
	case spec == nil || spec.DNSPolicy == "" && !spec.HostNetwork:
		return corev1.DNSClusterFirst
	case spec.HostNetwork && (spec.DNSPolicy == "" || spec.DNSPolicy == corev1.DNSClusterFirst):
		return corev1.DNSDefault
	default:
		return spec.DNSPolicy
	}
}

// Nameservers are the addresses of the pods' dnsConfig. They are not known when
// it has none, when the input does not fix them, or when one is no address.
func (w *Workload) Nameservers() (addresses []netip.Addr, known bool) {
	spec := w.PodSpec()
	if spec == nil || spec.DNSConfig == nil || w.Holder().IsUnknown(w.PathTo("spec", "dnsConfig")...) {
		return nil, false
	}
	for _, text := range spec.DNSConfig.Nameservers {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, false
		}
		addresses = append(addresses, a.WithZone("").Unmap())
	}
	return addresses, len(addresses) > 0
}

// AssumedNamespace is a namespace that every cluster has, for clusters whose
// input shows nothing in it. Only kubernetes.io/metadata.name is certain of its
// labels. It stands in no graph.
func AssumedNamespace(name string) *Namespace {
	return &Namespace{name: name, labels: map[string]string{corev1.LabelMetadataName: name}}
}

// AssumedDNS is CoreDNS as EKS installs it, for clusters whose input does not
// show it. The label k8s-app and the names of the ports are certain, other
// labels are not known. It stands in no graph.
// https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
func AssumedDNS() *Workload {
	object := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: dnsNamespace, Name: "coredns"}}
	object.Spec.Template = corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{dnsLabel: dnsService}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "coredns", Ports: []corev1.ContainerPort{
			{Name: "dns", ContainerPort: 53, Protocol: corev1.ProtocolUDP},
			{Name: "dns-tcp", ContainerPort: 53, Protocol: corev1.ProtocolTCP},
		}}}},
	}
	path := model.Path{"spec", "template"}
	r := &model.Resource{
		Ref:     model.Ref{Group: model.KindDeployment.Group, Kind: model.KindDeployment.Kind, Namespace: dnsNamespace, Name: object.Name},
		Object:  object,
		Unknown: []model.Path{path.Child("metadata", "labels")},
	}
	return &Workload{resource: r, template: &object.Spec.Template, holder: r, path: path}
}

// IsClusterDNS reports whether a workload is one of ClusterDNS.
func (g *Graph) IsClusterDNS(w *Workload) bool {
	return w.Ref().Namespace == dnsNamespace && slices.Contains(g.ClusterDNS(), w)
}
