package cni

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"

	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// settings are those of the VPC CNI where o is what findings on them are told of:
// the DaemonSet or, where an add-on shows them, the cluster.
func settings(p *rule.Pass, o graph.Object) (cni graph.CNI, here bool) {
	cni = p.Graph.CNI()
	_, isDaemonSet := cni.Agent.(*graph.Workload)
	return cni, cni.Agent != nil && isDaemonSet == (cni.Agent == o)
}

// place is where the input writes a variable, when it does.
func place(cni graph.CNI, name string) (rule.Place, bool) {
	for _, v := range slices.Backward(cni.Written()) { // the last one counts
		if v.Name == name {
			return rule.SpanAt(v.ValueAt), true
		}
	}
	return rule.Place{}, false
}

// variable says how the VPC CNI reads one of its variables.
type variable struct {
	kind kind
	// on is what a switch is where its value is none.
	on bool
	// words are all that a choice takes; folded means in any case.
	words  []string
	folded bool
}

type kind uint8

const (
	text kind = iota
	toggle
	number
	choice
)

// variables are those that the VPC CNI reads, with those that its manifest gives it
// for other ends. A log level that is none is read as the default, and is a text here.
// https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#cni-configuration-variables
// https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go
// https://github.com/aws/amazon-vpc-cni-k8s/blob/master/cmd/aws-vpc-cni/main.go
func variables() map[string]variable {
	out := map[string]variable{
		"AWS_VPC_K8S_CNI_RANDOMIZESNAT":     {kind: choice, words: []string{"hashrandom", "none", "prng"}},
		"NETWORK_POLICY_ENFORCING_MODE":     {kind: choice, words: []string{"none", "standard", "strict"}, folded: true},
		"POD_SECURITY_GROUP_ENFORCING_MODE": {kind: choice, words: []string{"standard", "strict"}},
	}
	add := func(v variable, names ...string) {
		for _, name := range names {
			out[name] = v
		}
	}
	add(
		variable{kind: number},
		"AWS_VPC_ENI_MTU", "IP_COOLDOWN_PERIOD", "MAX_ENI", "MINIMUM_IP_TARGET", "POD_MTU", "WARM_ENI_TARGET", "WARM_IP_TARGET", "WARM_PREFIX_TARGET",
	)
	add(
		variable{kind: toggle, on: true},
		"AWS_VPC_CNI_NODE_PORT_SUPPORT", "ENABLE_SUBNET_DISCOVERY", "ENABLE_V4_EGRESS", "MANAGE_UNTAGGED_ENI",
	)
	add(
		variable{kind: toggle},
		"ANNOTATE_POD_IP", "AWS_MANAGE_ENIS_NON_SCHEDULABLE", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "AWS_VPC_K8S_CNI_EXTERNALSNAT",
		"DISABLE_INTROSPECTION", "DISABLE_LEAKED_ENI_CLEANUP", "DISABLE_METRICS", "DISABLE_NETWORK_RESOURCE_PROVISIONING", "DISABLE_POD_V6",
		"ENABLE_BANDWIDTH_PLUGIN", "ENABLE_IMDS_ONLY_MODE", "ENABLE_IPv4", "ENABLE_IPv6", "ENABLE_MULTI_NIC", "ENABLE_POD_ENI",
		"ENABLE_PREFIX_DELEGATION", "ENABLE_V6_EGRESS",
	)
	add(
		variable{},
		"ADDITIONAL_ENI_TAGS", "AGENT_LOG_PATH", "AWS_EC2_ENDPOINT", "AWS_EXTERNAL_SERVICE_CIDRS", "AWS_VPC_K8S_CNI_BACKING_STORE",
		"AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER", "AWS_VPC_K8S_CNI_CONNMARK", "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", "AWS_VPC_K8S_CNI_LOGLEVEL",
		"AWS_VPC_K8S_CNI_LOG_FILE", "AWS_VPC_K8S_CNI_VETHPREFIX", "AWS_VPC_K8S_EGRESS_V4_PLUGIN_LOG_FILE", "AWS_VPC_K8S_EGRESS_V6_PLUGIN_LOG_FILE",
		"AWS_VPC_K8S_PLUGIN_LOG_FILE", "AWS_VPC_K8S_PLUGIN_LOG_LEVEL", "CLUSTER_ENDPOINT", "CLUSTER_NAME", "DISABLE_TCP_EARLY_DEMUX",
		"ENABLE_NFTABLES", "ENI_CONFIG_ANNOTATION_DEF", "ENI_CONFIG_LABEL_DEF", "HOST_CNI_BIN_PATH", "HOST_CNI_CONFDIR_PATH",
		"INTROSPECTION_BIND_ADDRESS", "MY_NODE_NAME", "MY_POD_NAME", "VPC_CNI_VERSION", "VPC_ID", "WATCH_NAMESPACE",
	)
	return out
}

// Names shorter than short are near at one edit, others at two.
const short = 12

// near is the variable for which a name is most likely meant: all but equal, and
// with the same digits, which tell variables apart. It is empty when there is none.
func near(name string, known map[string]variable) string {
	best, least := "", 3
	if len(name) < short {
		least = 2
	}
	for _, k := range slices.Sorted(maps.Keys(known)) {
		d := levenshtein.ComputeDistance(strings.ToUpper(name), strings.ToUpper(k))
		if d < least && digits(name) == digits(k) {
			best, least = k, d
		}
	}
	return best
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
