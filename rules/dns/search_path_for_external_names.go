package dns

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// SearchPathForExternalNames is DNS-005.
func SearchPathForExternalNames() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-005",
			Title:    "External names go through the search path",
			Category: "dns",
			Description: `Fires on pods that ask the cluster's DNS with the ndots of Kubernetes, which is 5, when their command,
arguments or environment name a server outside the cluster with fewer dots, in a URL or with a port. It is silent
about names that end in a dot, where dnsConfig sets ndots, on Windows, and where the input does not fix
dnsConfig. It has to be enabled, as most clusters bear it well.`,
			Rationale: `The resolver tries each search domain first: three to five names that do not exist, each for IPv4
and IPv6, before the one that was meant. The DNS of the cluster answers many times as often.`,
			Remediation: `Set the option ndots to 2 in dnsConfig, or end the name in a dot.`,
			Severity:    rule.Note,
			OptIn:       true,
			Kinds:       []string{graph.KindWorkload},
			Refs: []string{
				"https://github.com/aws/aws-eks-best-practices/blob/dc0243a/latest/bpg/scalability/cluster-services.adoc",
				"https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config",
			},
			Since: "0.1.0",
		},
		Run: rule.On(searchPathForExternalNames),
	}
}

// ndots is that of a pod which sets none:
// https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/network/dns/dns.go
const ndots = 5

func searchPathForExternalNames(p *rule.Pass, w *graph.Workload) {
	if !searches(w) {
		return
	}
	hosts := slices.DeleteFunc(w.ExternalHosts(), func(h graph.ExternalHost) bool {
		return strings.HasSuffix(h.Name, ".") || strings.Count(h.Name, ".") >= ndots
	})
	if len(hosts) == 0 {
		return
	}
	others := ""
	if n := len(hosts) - 1; n > 0 {
		others = fmt.Sprintf(" and %d more", n)
	}
	p.Report(rule.Finding{
		Message: fmt.Sprintf("%s %q looks %q%s up in every search domain first, as ndots is %d", w.Ref().Kind, w.Ref().Name, hosts[0].Name, others, ndots),
		At:      rule.ValueAt(w.Holder(), hosts[0].At...),
	})
}

// searches reports whether the pods certainly use the search path of the cluster
// with Kubernetes' ndots.
func searches(w *graph.Workload) bool {
	spec := w.PodSpec()
	if spec == nil || w.Windows() || w.Holder().IsUnknown(w.PathTo("spec", "dnsPolicy")...) || w.Holder().IsUnknown(w.PathTo("spec", "dnsConfig")...) {
		return false
	}
	if policy := w.DNSPolicy(); policy != corev1.DNSClusterFirst && policy != corev1.DNSClusterFirstWithHostNet {
		return false
	}
	return spec.DNSConfig == nil || !slices.ContainsFunc(spec.DNSConfig.Options, func(o corev1.PodDNSConfigOption) bool { return o.Name == "ndots" })
}
