package dns

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ekslint/ekslint/pkg/analyzer/corefile"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// ReadinessProbe is DNS-004.
func ReadinessProbe() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "DNS-004",
			Title:    "CoreDNS is asked before it is ready, or is never ready",
			Category: "dns",
			Description: `Fires on the container of the pods behind kube-system/kube-dns whose readinessProbe asks another path
or port than /ready on 8181, and on one that asks it while the Corefile of the input has no ready plugin.
It is silent on pods that are not CoreDNS, and where the Corefile imports files, which are not read.`,
			Rationale: `/health answers as soon as the process runs. Queries then arrive before CoreDNS has read the Services of
the cluster, and names that exist get no answer.`,
			Remediation: `Probe /ready on port 8181, and keep the ready plugin in the Corefile.`,
			Severity:    rule.Error,
			Kinds:       []string{graph.KindWorkload},
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/best-practices/scale-cluster-services.html",
				"https://coredns.io/plugins/ready/",
			},
			Since: "0.1.0",
		},
		Run: rule.On(readinessProbe),
	}
}

const readyPort = 8181

func readinessProbe(p *rule.Pass, w *graph.Workload) {
	if !p.Graph.IsClusterDNS(w) {
		return
	}
	for i, c := range w.PodSpec().Containers {
		if !strings.Contains(c.Image, "coredns") || c.ReadinessProbe == nil || c.ReadinessProbe.HTTPGet == nil {
			continue
		}
		get := c.ReadinessProbe.HTTPGet
		at := w.PathTo("spec", "containers", strconv.Itoa(i), "readinessProbe", "httpGet")
		port := probedPort(c, get.Port)
		switch {
		case get.Path != "/ready" || port != 0 && port != readyPort:
			field := "path"
			if get.Path == "/ready" {
				field = "port"
			}
			p.Report(rule.Finding{
				Severity: rule.Warning,
				Message:  fmt.Sprintf("the readiness of CoreDNS is asked at %s on port %s, which does not tell it", get.Path, get.Port.String()),
				At:       rule.ValueAt(w.Holder(), at.Child(field)...), Key: "probe",
			})
		case lacksReady(p.Graph):
			p.Report(rule.Finding{
				Message: "the readiness of CoreDNS is asked of the ready plugin, which the Corefile does not have",
				At:      rule.ValueAt(w.Holder(), at.Child("path")...), Key: "plugin",
			})
		}
	}
}

// probedPort is the number of the port; 0 when a name stands for none.
func probedPort(c corev1.Container, port intstr.IntOrString) int32 {
	if port.Type == intstr.Int {
		return port.IntVal
	}
	for _, x := range c.Ports {
		if x.Name == port.StrVal {
			return x.ContainerPort
		}
	}
	return 0
}

func lacksReady(g *graph.Graph) bool {
	for _, o := range g.Objects(graph.KindCorefile) {
		c, ok := o.(*graph.Corefile)
		if !ok || !c.Present || c.Err != nil {
			continue
		}
		return !slices.ContainsFunc(c.File.Blocks, func(b corefile.Block) bool { return b.Incomplete || len(b.All("ready")) > 0 })
	}
	return false
}
