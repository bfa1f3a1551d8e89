package capacity

import (
	"fmt"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// PodsExceedNodes is CAP-003.
func PodsExceedNodes() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CAP-003",
			Title:    "More pods than the node groups hold",
			Category: "capacity",
			Description: `Fires on a node group when the pods that it and some others alone may run are more than these hold at their max
size, DaemonSets set aside: as a warning for the replicas of manifests and the least of a HorizontalPodAutoscaler,
as a note for the most of one. Node selectors, affinity and taints say where pods may run. It is silent when other
nodes may run them, as with Karpenter, EKS Auto Mode and Fargate, where the input does not make the cluster itself
and so may lack node groups, and where sizes, instance types or the settings of the VPC CNI are not known or not
shown.`,
			Rationale:   `Pods stay Pending however far the cluster grows, and a rollout that waits for them does not end.`,
			Remediation: `Raise the max size, take larger instances, or let the VPC CNI assign prefixes.`,
			Severity:    rule.Warning,
			Kinds:       []string{eks.KindNodeGroup},
			Reads:       capacity.PodKinds(),
			Refs: []string{
				"https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html",
			},
			Since: "0.1.0",
		},
		Run: rule.On(podsExceedNodes),
	}
}

func podsExceedNodes(p *rule.Pass, n *eks.NodeGroup) {
	r, config := p.Capacity(), p.Cluster().Config
	if r.Settings.Assumed || len(r.Uncounted) > 0 || config == nil || config.Observed || config.Origin != n.Origin {
		return
	}
	for _, d := range r.Demands() {
		room := d.Room[capacity.Max].High
		if d.Groups[0].NodeGroup != n || d.Unknown != "" {
			continue
		}
		f := rule.Finding{At: rule.SpanAt(n.Max.Span()), Key: groups(d.Groups)}
		switch {
		case d.Pods.Low > room:
			f.Message = fmt.Sprintf("%d pods are for %s, whose nodes at max size hold %d besides those of DaemonSets", d.Pods.Low, groups(d.Groups), room)
		case d.Pods.High > room:
			f.Severity = rule.Note
			f.Message = fmt.Sprintf("Up to %d pods are for %s, whose nodes at max size hold %d besides those of DaemonSets", d.Pods.High, groups(d.Groups), room)
		default:
			continue
		}
		p.Report(f)
	}
}
