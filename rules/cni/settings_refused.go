package cni

import (
	"fmt"
	"slices"

	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// SettingsRefused is CNI-007.
func SettingsRefused() rule.Rule {
	return rule.Rule{
		Meta: rule.Meta{
			ID:       "CNI-007",
			Title:    "Settings that the VPC CNI refuses",
			Category: "cni",
			Description: `Fires where the VPC CNI has IPv4 and IPv6 both switched on or both off; IPv6 with custom networking or without prefixes;
prefixes and no warm target above 0; an MTU outside 576 to 9001, or below 1280 with IPv6; a prefix for its interfaces
that is reserved or longer than four characters; a negative IP_COOLDOWN_PERIOD; or stdout for the log of the plugin. It
is silent where a setting that decides is not written or not known. Security groups of pods go with IPv6 since 1.16,
and a cooldown of 0 is taken, so that it says nothing of them.`,
			Rationale: `The agent of the VPC CNI ends when it starts, and the node never becomes ready; an older one takes another MTU than what is
written.`,
			Remediation: `Change one of the settings that the message names.`,
			Severity:    rule.Error,
			Kinds:       []string{"DaemonSet", eks.KindCluster},
			Reads:       capacity.PodKinds(),
			Refs: []string{
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/cmd/aws-vpc-cni/main.go",
				"https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go",
				"https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html",
			},
			Since: "0.1.0",
		},
		Run: settingsRefused,
	}
}

func settingsRefused(p *rule.Pass, o graph.Object) {
	cni, here := settings(p, o)
	if !here {
		return
	}
	checks := []func(*rule.Pass, graph.CNI) (variable, text string){
		families, customNetworkingOfIPv6, ipv6WithoutPrefixes, noWarmTarget, mtu("AWS_VPC_ENI_MTU"), mtu("POD_MTU"), vethPrefix, cooldown, pluginLog,
	}
	for _, check := range checks {
		name, text := check(p, cni)
		if at, written := place(cni, name); written {
			p.Report(rule.Finding{Message: "The VPC CNI refuses " + text, At: at, Key: name + text})
		}
	}
}

// on is what a switch is that is written, and else unknown: EKS chooses the family
// of an add-on, and with it prefixes, and a manifest without it may be a patch.
func on(cni graph.CNI, name string) model.Tri {
	if text, _ := cni.Text(name, ""); text == "" {
		return model.Unknown
	}
	out, _ := cni.Switch(name, false)
	return out
}

// ofIPv6 reports whether pods have addresses of IPv6 for certain.
func ofIPv6(p *rule.Pass, cni graph.CNI) bool {
	_, isDaemonSet := cni.Agent.(*graph.Workload)
	return on(cni, "ENABLE_IPv6") == model.Yes || !isDaemonSet && p.Capacity().Settings.IPv6
}

func families(_ *rule.Pass, cni graph.CNI) (variable, text string) {
	v4, v6 := on(cni, "ENABLE_IPv4"), on(cni, "ENABLE_IPv6")
	switch {
	case v4 == model.Yes && v6 == model.Yes:
		return "ENABLE_IPv6", "ENABLE_IPv6 beside ENABLE_IPv4"
	case v4 == model.No && v6 == model.No:
		return "ENABLE_IPv4", "to have both ENABLE_IPv4 and ENABLE_IPv6 switched off"
	default:
		return "", ""
	}
}

func customNetworkingOfIPv6(p *rule.Pass, cni graph.CNI) (variable, text string) {
	const name = "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"
	if ofIPv6(p, cni) && on(cni, name) == model.Yes {
		return name, "custom networking (" + name + ") with IPv6"
	}
	return "", ""
}

func ipv6WithoutPrefixes(p *rule.Pass, cni graph.CNI) (variable, text string) {
	const name = "ENABLE_PREFIX_DELEGATION"
	if ofIPv6(p, cni) && on(cni, name) == model.No {
		return name, "IPv6 without " + name
	}
	return "", ""
}

// noWarmTarget compares texts, as the VPC CNI does. A manifest that does not write the
// first of them is not all of it: that of the VPC CNI does.
func noWarmTarget(p *rule.Pass, cni graph.CNI) (variable, text string) {
	const first = "WARM_PREFIX_TARGET"
	if target, _ := cni.Text(first, ""); target == "" || on(cni, "ENABLE_PREFIX_DELEGATION") != model.Yes || ofIPv6(p, cni) {
		return "", ""
	}
	for _, name := range []string{first, "WARM_IP_TARGET", "MINIMUM_IP_TARGET"} {
		if target, known := cni.Text(name, "0"); !known || target > "0" {
			return "", ""
		}
	}
	return first, "ENABLE_PREFIX_DELEGATION with none of WARM_PREFIX_TARGET, WARM_IP_TARGET and MINIMUM_IP_TARGET above 0"
}

func mtu(name string) func(*rule.Pass, graph.CNI) (variable, text string) {
	const least, leastIPv6, most = 576, 1280, 9001
	return func(p *rule.Pass, cni graph.CNI) (variable, text string) {
		size, known := cni.Number(name, most).Get()
		switch {
		case !known:
			return "", ""
		case size < least || size > most:
			return name, fmt.Sprintf("%s %d, which is not between %d and %d", name, size, least, most)
		case size < leastIPv6 && ofIPv6(p, cni):
			return name, fmt.Sprintf("%s %d, which is below the %d of IPv6", name, size, leastIPv6)
		default:
			return "", ""
		}
	}
}

func vethPrefix(_ *rule.Pass, cni graph.CNI) (variable, text string) {
	const name, longest = "AWS_VPC_K8S_CNI_VETHPREFIX", 4
	prefix, known := cni.Text(name, "eni")
	switch {
	case !known:
		return "", ""
	case len(prefix) > longest:
		return name, fmt.Sprintf("%s %q, which is longer than %d characters", name, prefix, longest)
	case slices.Contains([]string{"eth", "lo", "vlan"}, prefix):
		return name, fmt.Sprintf("%s %q, which is reserved", name, prefix)
	default:
		return "", ""
	}
}

func cooldown(_ *rule.Pass, cni graph.CNI) (variable, text string) {
	const name = "IP_COOLDOWN_PERIOD"
	if seconds, known := cni.Number(name, 0).Get(); known && seconds < 0 {
		return name, fmt.Sprintf("%s %d, which is negative", name, seconds)
	}
	return "", ""
}

func pluginLog(_ *rule.Pass, cni graph.CNI) (variable, text string) {
	const name = "AWS_VPC_K8S_PLUGIN_LOG_FILE"
	if file, known := cni.Text(name, ""); known && file == "stdout" {
		return name, name + " stdout"
	}
	return "", ""
}
