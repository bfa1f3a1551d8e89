package eksctl

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// nodeGroup reads a managed or an unmanaged node group, with the launch template
// that eksctl makes for it:
// https://github.com/eksctl-io/eksctl/blob/main/pkg/cfn/builder/managed_launch_template.go
// https://github.com/eksctl-io/eksctl/blob/main/pkg/cfn/builder/nodegroup.go
func (x *reading) nodeGroup(kind string, i int, v *attr.Value) {
	name, _ := x.str(v, "name").Get()
	address := kind + "/" + orIndex(name, i)
	out := &model.NodeGroup{
		AWSMeta: x.named(address, name, v.At), Cluster: x.name, SelfManaged: kind == selfManaged, Subnets: x.subnetsOf(v),
		InstanceTypes: x.types(v), Labels: x.labels(v, name), RemoteAccess: model.Known(false, v.At),
		MaxUnavailable:           x.Int(v.Get("updateConfig").Get("maxUnavailable"), "maxUnavailable", model.Value[int]{}),
		MaxUnavailablePercentage: x.Int(v.Get("updateConfig").Get("maxUnavailablePercentage"), "maxUnavailablePercentage", model.Value[int]{}),
	}
	if !v.Get("updateConfig").IsSet() {
		// https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupUpdateConfig.html
		out.MaxUnavailable = model.Known(1, v.At)
	}
	out.Min, out.Desired, out.Max = x.sizes(v)
	out.AMIType = x.amiType(v, out.InstanceTypes)
	x.addTaints(out, v.Get("taints"))
	x.addTemplate(out, v)
	if v.Kind == attr.Open {
		out.Labels.Missing, out.TaintsMissing = v.Why, v.Why
	}
	x.out.NodeGroups = append(x.out.NodeGroups, out)
}

// subnetsOf are the subnets of a node group: those that it names, those of its
// zones, or all public ones, private ones where it asks for them.
func (x *reading) subnetsOf(v *attr.Value) []model.Link {
	of := x.public
	isPrivate, known := x.boolOr(v, "privateNetworking", x.isOn(x.config.Get("privateCluster"), "enabled")).Get()
	if isPrivate {
		of = x.private
	}
	switch {
	case !known:
		return []model.Link{{Why: "whether the nodes are private is not known", At: v.At}}
	case v.Get("subnets").IsSet():
		return x.namedSubnets(of, v.Get("subnets"))
	case v.Get("localZones").IsSet():
		return []model.Link{{Why: "the subnets in local zones are not derived", At: v.At}}
	case v.Get("availabilityZones").IsSet():
		return x.zonedSubnets(of, v.Get("availabilityZones"))
	default:
		return of.all(v.At)
	}
}

func (x *reading) namedSubnets(of subnets, v *attr.Value) []model.Link {
	var out []model.Link
	for _, name := range x.Strings(v, "subnets") {
		text, known := name.Get()
		link, found := of.names[text]
		switch {
		case known && found:
			out = append(out, link)
		case known && strings.HasPrefix(text, "subnet-"):
			out = append(out, model.LinkTo(text, name.Span()))
		default:
			out = append(out, model.Link{Why: "the config does not show subnet " + text, At: name.Span()})
		}
	}
	return out
}

func (x *reading) zonedSubnets(of subnets, v *attr.Value) []model.Link {
	var out []model.Link
	for _, zone := range x.Strings(v, "availabilityZones") {
		text, _ := zone.Get()
		if found := of.zones[text]; len(found) > 0 {
			out = append(out, found...)
			continue
		}
		out = append(out, model.Link{Why: "the subnets of zone " + text + " are not known", At: zone.Span()})
	}
	return out
}

// types are the instance types; m5.large unless something says otherwise:
// https://github.com/eksctl-io/eksctl/blob/main/pkg/apis/eksctl.io/v1alpha5/defaults.go
func (x *reading) types(v *attr.Value) []model.Value[string] {
	mixed := v.Get("instancesDistribution").Get("instanceTypes")
	one := v.Get("instanceType")
	switch {
	case v.Get("instanceTypes").IsSet():
		return x.Strings(v.Get("instanceTypes"), "instanceTypes")
	case mixed.IsSet():
		return x.Strings(mixed, "instanceTypes")
	case one.IsSet() && one.Text != "mixed":
		return []model.Value[string]{x.str(v, "instanceType")}
	case v.Get("instanceSelector").IsSet():
		return []model.Value[string]{model.Open[string]("eksctl selects the instance types", v.Get("instanceSelector").At)}
	case v.Get("launchTemplate").IsSet():
		return nil
	default:
		return []model.Value[string]{model.Known("m5.large", v.At)}
	}
}

// sizes are those that are given; each of them follows from the others:
// https://github.com/eksctl-io/eksctl/blob/main/pkg/apis/eksctl.io/v1alpha5/validation.go
func (x *reading) sizes(v *attr.Value) (least, desired, most model.Value[int]) {
	given := func(name string) (model.Value[int], bool) {
		return x.Int(v.Get(name), name, model.Value[int]{}), v.Get(name).IsSet()
	}
	least, hasLeast := given("minSize")
	desired, hasDesired := given("desiredCapacity")
	most, hasMost := given("maxSize")
	if !hasLeast {
		least = model.Known(2, v.At)
		if hasDesired {
			least = desired
		}
	}
	if !hasMost {
		most = least
		if hasDesired {
			most = desired
		}
	}
	if !hasDesired {
		desired = least
	}
	return least, desired, most
}

// labels are those of the config and the two that eksctl adds.
func (x *reading) labels(v *attr.Value, name string) model.Tags {
	out := x.tagsOf(v.Get("labels"))
	out.Values["alpha.eksctl.io/cluster-name"] = x.name
	out.Values["alpha.eksctl.io/nodegroup-name"] = model.Known(name, v.At)
	return out
}

// arm is the family of an instance type with a processor of AWS.
var arm = regexp.MustCompile(`^(a1|[a-z]+\d+g[a-z]*)\.`)

// amiTypes are those of the families, for x86 and for Arm; Amazon Linux 2023 where
// none is given. Images of GPUs have types of their own, which differ in no label.
var amiTypes = map[string][2]string{
	"AmazonLinux2023": {"AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD"},
	"AmazonLinux2":    {"AL2_x86_64", "AL2_ARM_64"},
	"Bottlerocket":    {"BOTTLEROCKET_x86_64", "BOTTLEROCKET_ARM_64"},
}

func (x *reading) amiType(v *attr.Value, types []model.Value[string]) model.Value[string] {
	family, known := x.strOr(v, "amiFamily", "AmazonLinux2023").Get()
	names, listed := amiTypes[family]
	at := v.Get("amiFamily").Span()
	switch {
	case !known:
		return model.Open[string]("the family of the image is not known", at)
	case strings.HasPrefix(family, "Windows"):
		return model.Known("WINDOWS_CORE_2022_x86_64", at)
	case !listed:
		return model.Known("CUSTOM", at)
	}
	isARM := 0
	for _, kind := range types {
		text, known := kind.Get()
		if !known {
			return model.Open[string]("the architecture is that of the instance types", at)
		}
		if arm.MatchString(text) {
			isARM++
		}
	}
	switch isARM {
	case 0:
		return model.Known(names[0], at)
	case len(types):
		return model.Known(names[1], at)
	default:
		return model.Open[string]("the instance types have several architectures", at)
	}
}

// addTaints reads the list of taints, and the mapping that unmanaged groups may
// have.
func (x *reading) addTaints(out *model.NodeGroup, v *attr.Value) {
	if v != nil && v.Kind == attr.Object {
		for _, f := range v.Fields {
			value, effect, _ := strings.Cut(f.Value.Text, ":")
			out.Taints = append(out.Taints, model.NodeTaint{
				Key: model.Known(f.Name, f.Value.At), Value: model.Known(value, f.Value.At), Effect: model.Known(effect, f.Value.At), At: f.Value.At,
			})
		}
		return
	}
	for _, item := range x.Objects(v, "taints") {
		if item.Kind == attr.Open {
			out.TaintsMissing = item.Why
			continue
		}
		out.Taints = append(out.Taints, model.NodeTaint{
			Key: x.str(item, "key"), Value: x.strOr(item, "value", ""), Effect: model.TaintEffect(x.str(item, "effect")), At: item.At,
		})
	}
}

// addTemplate adds the launch template that a group names, or that eksctl makes.
func (x *reading) addTemplate(out *model.NodeGroup, v *attr.Value) {
	if given := v.Get("launchTemplate"); given.IsSet() {
		link := x.Link(given.Get("id"), "the launch template")
		out.LaunchTemplate, out.LaunchTemplateVersion = &link, x.strOr(given, "version", "$Default")
		return
	}
	address := out.Address + "/launch-template"
	link := to(address, v.At)
	out.LaunchTemplate, out.LaunchTemplateVersion = &link, model.Known("1", v.At)
	t := &model.LaunchTemplate{
		AWSMeta: x.meta(address, v.At), Version: model.Known(1, v.At), IsDefault: true, SecurityGroups: x.groupsOf(out, v),
		PublicIP: model.Open[bool]("the subnet decides", v.At), UserData: x.userData(v), ImageID: x.image(v),
		HopLimit: model.Open[int]("eksctl chooses it", v.At), Tokens: model.Open[string]("eksctl chooses it", v.At),
		Endpoint: model.Known("enabled", v.At), InstanceType: model.Open[string]("the node group gives the instance types", v.At),
	}
	if isPrivate, known := x.boolOr(v, "privateNetworking", false).Get(); out.SelfManaged && known {
		t.PublicIP = model.Known(!isPrivate, v.At)
	}
	x.out.LaunchTemplates = append(x.out.LaunchTemplates, t)
}

// image is empty where eksctl or EKS chooses one.
func (x *reading) image(v *attr.Value) model.Value[string] {
	if text := v.Get("ami"); text.IsSet() && (text.Text == "auto" || text.Text == "auto-ssm") {
		return model.Known("", text.At)
	}
	return x.strOr(v, "ami", "")
}

// userData is the part of the script that sets a number of pods. What else eksctl
// and the config write there is not known.
func (x *reading) userData(v *attr.Value) model.Value[string] {
	for _, name := range []string{"preBootstrapCommands", "overrideBootstrapCommand", "kubeletExtraConfig", "bottlerocket"} {
		if v.Get(name).IsSet() {
			return model.Open[string](name+" may give the kubelet arguments", v.Get(name).At)
		}
	}
	if pods, known := x.Int(v.Get("maxPodsPerNode"), "maxPodsPerNode", model.Known(0, v.At)).Get(); pods > 0 || !known {
		if !known {
			return model.Open[string]("the number of pods is not known", v.Get("maxPodsPerNode").At)
		}
		return model.Known(fmt.Sprintf("maxPods: %d", pods), v.Get("maxPodsPerNode").At)
	}
	return model.Known("", v.At)
}

// groupsOf are the security groups of the nodes: managed ones have that of EKS,
// others the one that they share and one of their own.
func (x *reading) groupsOf(out *model.NodeGroup, v *attr.Value) []model.Link {
	given := v.Get("securityGroups")
	links := x.Links(given.Get("attachIDs"), "attachIDs")
	if !out.SelfManaged {
		links = append(links, to(x.clusterGroup(), v.At))
	} else {
		if shared, known := x.boolOr(given, "withShared", true).Get(); shared || !known {
			links = append(links, x.perhaps(x.shared(), known))
		}
		if local, known := x.boolOr(given, "withLocal", true).Get(); local || !known {
			links = append(links, x.perhaps(x.localGroup(out.Address, v.At), known))
		}
	}
	if ssh := x.ssh(out, v); ssh != nil {
		links = append(links, *ssh)
	}
	if on, known := x.boolOr(v, "efaEnabled", false).Get(); on || !known {
		links = append(links, model.Link{Why: "eksctl adds a security group for EFA", At: v.Get("efaEnabled").At})
	}
	return links
}

func (x *reading) perhaps(l model.Link, known bool) model.Link {
	if !known {
		l.Certainty = min(l.Certainty, model.LinkMay)
	}
	return l
}

// localGroup is the group of one unmanaged node group, whose rules eksctl writes.
func (x *reading) localGroup(group string, at model.Span) model.Link {
	address := group + "/security-group"
	const why = "eksctl writes the rules for the control plane"
	x.out.SecurityGroups = append(x.out.SecurityGroups, &model.SecurityGroup{
		AWSMeta: x.tagged(address, at), VPC: x.out.Clusters[0].VPC, MissingIngress: why, Rules: allOut(at),
	})
	return to(address, at)
}

// ssh is the group that admits SSH where it is switched on: from the groups that are
// given, from the VPC for private nodes, and else from everywhere.
func (x *reading) ssh(out *model.NodeGroup, v *attr.Value) *model.Link {
	access := v.Get("ssh")
	keyed := access.Get("publicKeyName").IsSet() || access.Get("publicKeyPath").IsSet() || access.Get("publicKey").IsSet()
	if allow, known := x.boolOr(access, "allow", keyed).Get(); known && !allow {
		return nil
	}
	out.RemoteAccess = model.Known(true, access.Span())
	if _, known := x.boolOr(access, "allow", keyed).Get(); !known || out.SelfManaged {
		return &model.Link{Why: "eksctl adds rules for SSH", At: access.Span()}
	}
	address := out.Address + "/remote-access"
	group := &model.SecurityGroup{AWSMeta: x.tagged(address, access.Span()), VPC: x.out.Clusters[0].VPC, Rules: allOut(access.Span())}
	out.RemoteAccessGroups = x.Links(access.Get("sourceSecurityGroupIds"), "sourceSecurityGroupIds")
	for _, source := range x.sshSources(out, v) {
		group.Rules = append(group.Rules, model.SecurityGroupRule{Traffic: port22(access.Span()), Peer: source, At: access.Span()})
	}
	x.out.SecurityGroups = append(x.out.SecurityGroups, group)
	link := to(address, access.Span())
	return &link
}

func port22(at model.Span) model.Traffic {
	return model.Traffic{Protocol: model.Known(model.ProtocolTCP, at), From: model.Known(22, at), To: model.Known(22, at)}
}

func (x *reading) sshSources(out *model.NodeGroup, v *attr.Value) []model.SecurityGroupPeer {
	var peers []model.SecurityGroupPeer
	for i := range out.RemoteAccessGroups {
		peers = append(peers, model.SecurityGroupPeer{Group: &out.RemoteAccessGroups[i]})
	}
	if len(peers) > 0 {
		return peers
	}
	at := v.Get("ssh").Span()
	isPrivate, known := x.boolOr(v, "privateNetworking", false).Get()
	switch {
	case !known:
		return []model.SecurityGroupPeer{{CIDR: model.Open[netip.Prefix]("whether the nodes are private is not known", at)}}
	case isPrivate && len(x.out.VPCs) > 0:
		return []model.SecurityGroupPeer{{CIDR: x.out.VPCs[0].CIDRs[0]}}
	case isPrivate:
		return []model.SecurityGroupPeer{{CIDR: x.Prefix(x.config.Get("vpc").Get("cidr"), "cidr", model.Open[netip.Prefix]("the block of the VPC is not given", at))}}
	default:
		return []model.SecurityGroupPeer{
			{CIDR: model.Known(everywhere, at)}, {CIDR: model.Known(netip.MustParsePrefix("::/0"), at)},
		}
	}
}
