package capacity

import (
	"cmp"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/eks"
	"github.com/ekslint/ekslint/pkg/analyzer/graph"
	"github.com/ekslint/ekslint/pkg/analyzer/ipam"
	"github.com/ekslint/ekslint/pkg/model"
)

// Settings are those by which pods get addresses.
type Settings struct {
	ipam.Settings
	// IPv6 is set when pods have addresses of IPv6 alone; nodes then take one of
	// IPv4 each.
	IPv6 bool
	// Assumed is set when the input does not show the VPC CNI: the settings are
	// then those with which EKS installs it.
	Assumed bool
	// Unknown says why the addresses of pods cannot be counted.
	Unknown string
}

func settings(c *eks.Cluster) Settings {
	out := Settings{IPv6: isIPv6(c)}
	cni := c.Graph.CNI()
	switch engine := c.Graph.Enforcement().Engine; {
	case cni.Agent == nil && engine != graph.EngineUnknown && engine != graph.EngineVPCCNI:
		out.Unknown = string(engine) + " may give pods addresses that are not of the VPC"
		return out
	case cni.Agent == nil:
		out.Settings, out.Assumed = ipam.Defaults(), true
		return out
	}
	out.read(cni)
	return out
}

func isIPv6(c *eks.Cluster) bool {
	return c.Config != nil && c.Config.IPFamily.Is(func(family string) bool { return strings.EqualFold(family, "ipv6") }) == model.Yes
}

// read fills in what ipamd takes where nothing is set:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/pkg/ipamd/ipamd.go
func (s *Settings) read(cni graph.CNI) {
	for name, into := range map[string]*bool{
		"ENABLE_PREFIX_DELEGATION": &s.Prefixes, "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": &s.CustomNetworking, "ENABLE_POD_ENI": &s.PodENI,
	} {
		on, _ := cni.Switch(name, false)
		if on == model.Unknown {
			s.Unknown = cmp.Or(s.Unknown, "the settings of the VPC CNI are not known")
		}
		*into = on == model.Yes
	}
	for _, n := range []struct {
		name      string
		otherwise int
		into      *int
	}{
		{"WARM_ENI_TARGET", 1, &s.WarmENIs},
		{"WARM_PREFIX_TARGET", 0, &s.WarmPrefixes},
		{"WARM_IP_TARGET", 0, &s.WarmIPs},
		{"MINIMUM_IP_TARGET", 0, &s.MinimumIPs},
		{"MAX_ENI", 0, &s.MaxENIs},
	} {
		value := cni.Number(n.name, n.otherwise)
		s.Unknown = cmp.Or(s.Unknown, value.Why())
		if *n.into, _ = value.Get(); *n.into < 0 {
			*n.into = n.otherwise
		}
	}
}
