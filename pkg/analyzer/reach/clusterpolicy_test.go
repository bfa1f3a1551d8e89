package reach_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/reach"
)

// TestClusterPolicies names what AdminNetworkPolicy, BaselineAdminNetworkPolicy and both
// kinds of ClusterNetworkPolicy mean, row by row.
func TestClusterPolicies(t *testing.T) {
	t.Parallel()
	const (
		everyone  = "subject: {namespaces: {}}"
		isolateDB = "NetworkPolicy/x/db\nspec: {podSelector: {matchLabels: {app: db}}}\n---\n"
		// far stands in a namespace of which the labels are not known.
		farAway = "Pod/z/far\n{}\n---\nNetworkPolicy/z/other\nspec: {podSelector: {matchLabels: {app: other}}}\n---\n"
		teamC   = "{namespaces: {matchLabels: {team: c}}}"
		admitDB = "NetworkPolicy/x/db\nspec: {podSelector: {matchLabels: {app: db}}, ingress: [{}]}\n---\n"
	)
	semantics{
		"an admin Deny is final: no NetworkPolicy admits again": {
			policy: admitDB + "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "x/web x/db 80/TCP": reach.Blocked},
		},
		"no rule for ingress names what is outside the cluster": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"0.0.0.0 x/db 80/TCP": reach.Open},
		},
		"an admin Accept is final: no NetworkPolicy isolates again": {
			policy: isolateDB + "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Accept, from: [{namespaces: {matchLabels: {team: b}}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open, "x/web x/db 80/TCP": reach.Blocked},
		},
		"an Accept on egress leaves the ingress of the other side": {
			policy: isolateDB + "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", egress: [{action: Accept, to: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "y/job x/web 80/TCP": reach.Open},
		},
		"Pass skips the rest of the tier": {
			policy: isolateDB + "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Pass, from: [{namespaces: {}}]}, {action: Accept, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "y/job x/web 80/TCP": reach.Open},
		},
		"the lower priority comes first": {
			policy: "ClusterNetworkPolicy//a\nspec: {tier: Admin, priority: 5, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n---\n" +
				"AdminNetworkPolicy//b\nspec: {priority: 4, " + everyone + ", ingress: [{action: Allow, from: [{namespaces: {}}]}]}\n",
			want: map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open},
		},
		"policies of equal priority that disagree are undecided": {
			policy: "ClusterNetworkPolicy//a\nspec: {tier: Admin, priority: 5, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}]}\n---\n" +
				"ClusterNetworkPolicy//b\nspec: {tier: Admin, priority: 5, " + everyone + ", ingress: [{action: Accept, from: [{namespaces: {}}]}]}\n",
			want: map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown, "y/job x/db 81/TCP": reach.Open},
		},
		"a Deny that may be for the peer, before one that is, denies": {
			policy: farAway + "ClusterNetworkPolicy//a\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [" + teamC + "]}, {action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"z/far x/db 80/TCP": reach.Blocked},
		},
		"so it is when the two are policies": {
			policy: farAway + "ClusterNetworkPolicy//a\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [" + teamC + "]}]}\n---\n" +
				"ClusterNetworkPolicy//b\nspec: {tier: Admin, priority: 2, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want: map[string]reach.Verdict{"z/far x/db 80/TCP": reach.Blocked},
		},
		"an Accept that may be for the peer changes nothing where all is open": {
			policy: farAway + "ClusterNetworkPolicy//a\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Accept, from: [" + teamC + "]}]}\n",
			want:   map[string]reach.Verdict{"z/far x/db 80/TCP": reach.Open},
		},
		"a Pass that may be for the peer leaves the Deny after it in doubt": {
			policy: farAway + "ClusterNetworkPolicy//a\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Pass, from: [" + teamC + "]}, {action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"z/far x/db 80/TCP": reach.NotKnown, "y/job x/db 80/TCP": reach.Blocked},
		},
		"policies of equal priority that agree are decided": {
			policy: "ClusterNetworkPolicy//a\nspec: {tier: Admin, priority: 5, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n---\n" +
				"ClusterNetworkPolicy//b\nspec: {tier: Admin, priority: 5, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want: map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked},
		},
		"Baseline decides where no NetworkPolicy isolates": {
			policy: admitDB + "ClusterNetworkPolicy//p\nspec: {tier: Baseline, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open, "y/job x/web 80/TCP": reach.Blocked},
		},
		"Baseline decides by direction": {
			policy: admitDB + "ClusterNetworkPolicy//p\nspec: {tier: Baseline, priority: 1, " + everyone + ", egress: [{action: Deny, to: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"x/db x/web 80/TCP": reach.Blocked},
		},
		"that of AWS perhaps leaves out a pod that is isolated in the other direction": {
			policy: admitDB + "AWSClusterNetworkPolicy//p\nspec: {tier: Baseline, priority: 1, " + everyone + ", egress: [{action: Deny, to: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"x/db x/web 80/TCP": reach.NotKnown, "x/web x/db 80/TCP": reach.Blocked},
		},
		"the baseline policy of v1alpha1 has one name": {
			policy: "BaselineAdminNetworkPolicy//default\nspec: {" + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked},
		},
		"a baseline policy of another name is refused": {
			policy: "BaselineAdminNetworkPolicy//other\nspec: {" + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"networks hold the pods of the cluster as well": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "y/job 0.0.0.0 80/TCP": reach.Blocked},
		},
		"pods that are passed before networks are not denied": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", egress: [{action: Pass, to: [{namespaces: {}}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open, "y/job 0.0.0.0 80/TCP": reach.Blocked},
		},
		"a named port has no protocol of its own": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{destinationNamedPort: dns}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 53/UDP": reach.Blocked, "y/job x/web 53/TCP": reach.Open},
		},
		"a protocol without a port is all its ports": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{udp: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/web 9/UDP": reach.Blocked, "y/job x/web 9/TCP": reach.Open},
		},
		"a range holds both its ends": {
			policy: "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portRange: {protocol: TCP, start: 80, end: 90}}]}]}\n",
			want: map[string]reach.Verdict{
				"y/job x/web 79/TCP": reach.Open, "y/job x/web 80/TCP": reach.Blocked, "y/job x/web 90/TCP": reach.Blocked, "y/job x/web 91/TCP": reach.Open,
			},
		},
		"an Accept with a peer of no known field admits nothing, or is refused": {
			policy: isolateDB + "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Accept, from: [{}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "y/job x/web 80/TCP": reach.Open},
		},
		"a Deny with a peer of no known field denies everything, or is refused": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{}], protocols: [{udp: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"so does a Pass": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Pass, from: [{}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"a fault in one rule leaves the policy undecided": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}, {action: Drop, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"so does a priority that is too high": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1001, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"a rule without peers is refused, and undecided": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: []}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"a direction without rules is not affected": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: none}}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Open},
		},
		"pods on the node's network are neither subject nor named": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}], egress: [{action: Deny, to: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job y/host 80/TCP": reach.Open, "y/host x/db 80/TCP": reach.Open},
		},
		"which nodes a peer names is not known": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", egress: [{action: Deny, to: [{nodes: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job y/host 80/TCP": reach.NotKnown, "y/job x/db 80/TCP": reach.Open},
		},
		"the addresses behind a name are not known": {
			policy: "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", egress: [{action: Accept, to: [{domainNames: [example.com]}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]}\n",
			want:   map[string]reach.Verdict{"y/job 0.0.0.0 443/TCP": reach.NotKnown, "y/job x/db 80/TCP": reach.Blocked},
		},
		"a word that is no action is undecided": {
			policy: "AWSClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Allow, from: [{namespaces: {}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown, "0.0.0.0 x/db 80/TCP": reach.Open},
		},
		"the selector of namespaces may stand one level deeper": {
			policy: "AdminNetworkPolicy//p\nspec: {priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {namespaceSelector: {matchLabels: {team: b}}}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.Blocked, "x/web x/db 80/TCP": reach.Open},
		},
		"a relation between namespaces is undecided": {
			policy: "AdminNetworkPolicy//p\nspec: {priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {sameLabels: [team]}}]}]}\n",
			want:   map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"a priority that is not fixed leaves the policy undecided": {
			policy:  "ClusterNetworkPolicy//p\nspec: {tier: Admin, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			unknown: []string{"spec.priority"},
			want:    map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"so does an action": {
			policy:  "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{from: [{namespaces: {}}]}]}\n",
			unknown: []string{"spec.ingress.0.action"},
			want:    map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"and a subject": {
			policy:  "ClusterNetworkPolicy//p\nspec: {tier: Admin, priority: 1, " + everyone + ", ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n",
			unknown: []string{"spec.subject.namespaces"},
			want:    map[string]reach.Verdict{"y/job x/db 80/TCP": reach.NotKnown},
		},
		"an ApplicationNetworkPolicy isolates as a NetworkPolicy does": {
			policy: "ApplicationNetworkPolicy/y/p\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{domainNames: [example.com]}], ports: [{port: 443}]}]}\n",
			want: map[string]reach.Verdict{
				"y/job x/db 443/TCP": reach.Blocked, "y/job 0.0.0.0 443/TCP": reach.NotKnown, "y/job 0.0.0.0 80/TCP": reach.Blocked,
			},
		},
	}.check(t)
}
