package graph

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// Add-ons of EKS by their names:
// https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
const (
	addonCoreDNS = "coredns"
	addonVPCCNI  = "vpc-cni"
)

// addon is an add-on of the cluster with its configuration.
type addon struct {
	model.Addon
	resource *model.Resource
	// at leads to the configuration.
	at model.Path
}

// addon returns the add-on of that name, as eksctl describes the cluster or else
// the AWS side. There is none where the input holds several descriptions of
// clusters: which of them is this one is not known.
func (g *Graph) addon(name string) (addon, bool) {
	config, r := g.clusterConfig()
	if config == nil {
		return awsAddon(g.snapshot.AWS(), name)
	}
	for i, a := range config.Addons {
		if a.Name == name {
			return addon{a, r, model.Path{"addons", strconv.Itoa(i), "configurationValues"}}, true
		}
	}
	return addon{}, false
}

// awsAddon returns an add-on of the AWS side. Its resource stands for it in places.
func awsAddon(aws *model.AWS, name string) (addon, bool) {
	var found []*model.EKSAddon
	for _, a := range aws.Addons {
		if got, known := a.AddonName.Get(); known && got == name {
			found = append(found, a)
		}
	}
	if len(found) != 1 || len(aws.Clusters) > 1 {
		return addon{}, false
	}
	at := model.Path{"configurationValues"}
	r := &model.Resource{Ref: model.Ref{Group: model.GroupDerived, Kind: "EKSAddon", Name: found[0].Name}, Source: spot{found[0].Configuration.Span()}}
	text, known := found[0].Configuration.Get()
	if !known {
		r.Unknown = []model.Path{at}
	}
	version, _ := found[0].Version.Get()
	return addon{model.Addon{Name: name, Version: version, ConfigurationValues: text}, r, at}, true
}

// spot is the source of something that is written in one place.
type spot struct{ at model.Span }

// File implements model.Source.
func (s spot) File() string { return s.at.File }

// Locate implements model.Source: every path leads to the place.
func (s spot) Locate(model.Path, model.Part) (model.Span, bool) { return s.at, true }

// Extent implements model.Source.
func (s spot) Extent() model.Span { return s.at }

// object is what shows the add-on in answers.
func (a addon) object(g *Graph) Object {
	if o := g.Lookup(a.resource.Ref); o != nil {
		return o
	}
	return &Plain{resource: a.resource}
}

// clusterConfig is eksctl's description of the cluster, or nil.
func (g *Graph) clusterConfig() (*model.ClusterConfig, *model.Resource) {
	return clusterConfigOf(g.snapshot)
}

func clusterConfigOf(s *model.Snapshot) (*model.ClusterConfig, *model.Resource) {
	all := s.All(model.KindClusterConfig)
	if len(all) != 1 {
		return nil, nil
	}
	config, ok := all[0].Object.(*model.ClusterConfig)
	if !ok {
		return nil, nil
	}
	return config, all[0]
}

// values decodes the configuration into a value with the fields of its schema
// that matter. It reports false when it cannot be read or is not fixed.
func (a addon) values(into any) bool {
	if placeholder.In(a.ConfigurationValues) || a.resource.IsUnknown(a.at...) {
		return false
	}
	return yaml.Unmarshal([]byte(a.ConfigurationValues), into) == nil
}

// block finds the key of a text that is written line by line in a configuration.
var block = regexp.MustCompile(`^corefile:\s*\|[-+]?\s*$`)

// corefileLine is the line of the configuration after which the Corefile begins;
// -1 when it is not written line by line.
func (a addon) corefileLine() int {
	for i, line := range strings.Split(a.ConfigurationValues, "\n") {
		if block.MatchString(line) {
			return i + 1
		}
	}
	return -1
}

// addonEnforcement reads the configuration of the add-on VPC CNI. What it does
// not say of network policies may be set elsewhere. Who switches them off may
// have another engine, which only a complete input shows.
// https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
func (g *Graph) addonEnforcement() (Enforcement, bool) {
	a, ok := g.addon(addonVPCCNI)
	var values struct {
		EnableNetworkPolicy any `json:"enableNetworkPolicy"`
	}
	if !ok || !a.values(&values) || values.EnableNetworkPolicy == nil {
		return Enforcement{}, false
	}
	on, err := strconv.ParseBool(fmt.Sprint(values.EnableNetworkPolicy))
	if err != nil || !on && !g.snapshot.Scope().Complete {
		return Enforcement{}, false
	}
	out := Enforcement{
		Engine: EngineVPCCNI, Enforced: model.TriOf(on), Agent: a.object(g), At: a.at,
		IPv4: g.ipv4(), ClusterPolicies: readsClusterPolicies(a.Version),
	}
	out.cni = g.addonCNI()
	out.strict, out.strictAt = out.strictMode()
	return out, true
}

// IPv4 answers whether pods have IPv4 addresses, and not those of IPv6: by what the
// agent of the VPC CNI says, or else the cluster.
func (g *Graph) IPv4() model.Tri {
	if says := g.Enforcement().IPv4; says != model.Unknown {
		return says
	}
	return g.ipv4()
}

// ipv4 answers whether eksctl makes a cluster of IPv4, its default, or the AWS side
// shows one.
func (g *Graph) ipv4() model.Tri {
	config, r := g.clusterConfig()
	switch clusters := g.snapshot.AWS().Clusters; {
	case config == nil && len(clusters) == 1:
		return clusters[0].IPFamily.Is(func(family string) bool { return strings.EqualFold(family, "ipv4") })
	case config == nil:
		return model.Unknown
	case r.IsUnknown("kubernetesNetworkConfig"):
		return model.Unknown
	case config.KubernetesNetworkConfig == nil:
		return model.Yes
	default:
		return model.TriOf(!strings.EqualFold(config.KubernetesNetworkConfig.IPFamily, "IPv6"))
	}
}
