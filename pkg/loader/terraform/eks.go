package terraform

import (
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// eksMeta names a resource of EKS, whose identifier is its name in its cluster.
func (x *reading) eksMeta(r Resource, cluster, name model.Value[string]) model.AWSMeta {
	m := x.meta(r)
	m.ID = ""
	own, ownKnown := name.Get()
	of, ofKnown := cluster.Get()
	if ownKnown {
		m.Name = own
	}
	if ownKnown && ofKnown {
		m.ID = strings.TrimPrefix(of+"/"+own, "/")
	}
	return m
}

// cluster reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster
func (x *reading) cluster(r Resource) {
	v := r.Attributes
	config, network := x.only(v, "vpc_config"), x.only(v, "kubernetes_network_config")
	name := x.str(v, "name")
	out := &model.EKSCluster{
		AWSMeta: x.eksMeta(r, model.Known("", r.At), name), ClusterName: name, Version: x.str(v, "version"),
		VPC: x.link(config, "vpc_id"), Subnets: x.links(config, "subnet_ids"), SecurityGroups: x.links(config, "security_group_ids"),
		PublicAccess: x.boolOr(config, "endpoint_public_access", true), PrivateAccess: x.boolOr(config, "endpoint_private_access", false),
		PublicCIDRs: x.Prefixes(given(config.Get("public_access_cidrs")), "public_access_cidrs"),
		ServiceCIDR: x.prefix(network, "service_ipv4_cidr", chosen(v)), IPFamily: x.strOr(network, "ip_family", "ipv4"),
		AutoMode:     x.boolOr(x.only(v, "compute_config"), "enabled", false),
		Local:        x.only(v, "outpost_config").IsSet(),
		BuiltInPools: x.HasItems(x.only(v, "compute_config").Get("node_pools"), "node_pools", model.Value[bool]{}),
	}
	if given(network.Get("service_ipv6_cidr")) != nil {
		out.ServiceCIDR = x.prefix(network, "service_ipv6_cidr", chosen(v))
	}
	if len(out.PublicCIDRs) == 0 && !r.Exists {
		// https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html
		out.PublicCIDRs = append(out.PublicCIDRs, model.Known(everywhere, config.Span()))
	}
	out.ClusterSecurityGroup = x.link(config, "cluster_security_group_id")
	if out.ClusterSecurityGroup.ID == "" {
		out.ClusterSecurityGroup = LinkTo(r.Address, "aws_eks_cluster", "vpc_config[0].cluster_security_group_id", r.At)
	}
	x.out.Clusters = append(x.out.Clusters, out)
}

// nodeGroup reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group
func (x *reading) nodeGroup(r Resource) {
	v := r.Attributes
	scaling, update, access := x.only(v, "scaling_config"), x.only(v, "update_config"), x.only(v, "remote_access")
	cluster := x.str(v, "cluster_name")
	out := &model.NodeGroup{
		AWSMeta: x.eksMeta(r, cluster, x.str(v, "node_group_name")), Cluster: cluster, Subnets: x.links(v, "subnet_ids"),
		InstanceTypes: x.Strings(given(v.Get("instance_types")), "instance_types"), AMIType: x.str(v, "ami_type"),
		Min: x.number(scaling, "min_size"), Max: x.number(scaling, "max_size"), Desired: x.number(scaling, "desired_size"),
		MaxUnavailable: x.number(update, "max_unavailable"), MaxUnavailablePercentage: x.number(update, "max_unavailable_percentage"),
		Labels:             x.tagsOf(v.Get("labels")),
		RemoteAccess:       model.Known(given(access.Get("ec2_ssh_key")) != nil, access.Span()),
		RemoteAccessGroups: x.links(access, "source_security_group_ids"),
	}
	if update == nil {
		// https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupUpdateConfig.html
		out.MaxUnavailable = model.Known(1, r.At)
	}
	x.addTemplate(out, v)
	x.addTaints(out, v)
	x.out.NodeGroups = append(x.out.NodeGroups, out)
}

func (x *reading) addTemplate(out *model.NodeGroup, v *attr.Value) {
	template := x.only(v, "launch_template")
	switch {
	case template == nil && len(out.InstanceTypes) == 0:
		// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
		out.InstanceTypes = append(out.InstanceTypes, model.Known("t3.medium", v.Span()))
	case template == nil:
	case template.Kind == attr.Open:
		out.LaunchTemplate = &model.Link{Why: template.Why, At: template.At}
	default:
		link := x.template(template)
		out.LaunchTemplate, out.LaunchTemplateVersion = &link, x.strOr(template, "version", "$Default")
	}
}

// template is the launch template that a block names by its identifier or name.
func (x *reading) template(v *attr.Value) model.Link {
	if given(v.Get("id")) != nil || given(v.Get("name")) == nil {
		return x.link(v, "id")
	}
	name := v.Get("name")
	if to, found := x.templates[name.Text]; found && name.Kind == attr.String {
		return model.Link{Address: to, Certainty: model.LinkKnown, At: name.At}
	}
	if len(name.Links) > 0 {
		return x.link(v, "name")
	}
	return model.Link{Why: "the launch template is given by its name", At: name.At}
}

func (x *reading) addTaints(out *model.NodeGroup, v *attr.Value) {
	for _, item := range x.Objects(v.Get("taint"), "taint") {
		if item.Kind == attr.Open {
			out.TaintsMissing = item.Why
			continue
		}
		out.Taints = append(out.Taints, model.NodeTaint{
			Key: x.str(item, "key"), Value: x.strOr(item, "value", ""), Effect: model.TaintEffect(x.str(item, "effect")), At: item.At,
		})
	}
}

// launchTemplate reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/launch_template
func (x *reading) launchTemplate(r Resource) {
	v := r.Attributes
	options := x.only(v, "metadata_options")
	out := &model.LaunchTemplate{
		AWSMeta: x.meta(r), Version: x.number(v, "latest_version"), IsDefault: true, InstanceType: x.str(v, "instance_type"),
		SecurityGroups: x.links(v, "vpc_security_group_ids"), ImageID: x.str(v, "image_id"),
		PublicIP: model.Open[bool]("the subnet decides", v.Span()), HopLimit: x.number(options, "http_put_response_hop_limit"),
		Tokens: x.str(options, "http_tokens"), Endpoint: x.strOr(options, "http_endpoint", "enabled"),
		UserData: attr.UserData(x.strOr(v, "user_data", "")),
	}
	if out.Name == "" {
		out.Name, _ = x.str(v, "name").Get()
	}
	for _, item := range x.Objects(v.Get("network_interfaces"), "network_interfaces") {
		if item.Kind == attr.Open {
			out.SecurityGroups = append(out.SecurityGroups, model.Link{Why: item.Why, At: item.At})
			continue
		}
		if index, known := x.number(item, "device_index").Get(); !known || index == 0 {
			out.SecurityGroups = append(out.SecurityGroups, x.links(item, "security_groups")...)
			out.PublicIP = x.Bool(given(item.Get("associate_public_ip_address")), "associate_public_ip_address", out.PublicIP)
		}
	}
	if names := v.Get("security_group_names"); names != nil && (names.Kind == attr.Open || len(names.Items) > 0) {
		out.SecurityGroups = append(out.SecurityGroups, model.Link{Why: "the launch template gives its security groups by name", At: names.At})
	}
	x.out.LaunchTemplates = append(x.out.LaunchTemplates, out)
}

// autoScalingGroup reads a group of nodes that join a cluster, which its tags
// tell: https://docs.aws.amazon.com/eks/latest/userguide/self-managed-windows.html
func (x *reading) autoScalingGroup(r Resource) {
	v := r.Attributes
	cluster, found := x.clusterOf(v)
	if !found {
		return
	}
	name := x.str(v, "name")
	out := &model.NodeGroup{
		AWSMeta: x.meta(r), Cluster: cluster, SelfManaged: true, Subnets: x.links(v, "vpc_zone_identifier"),
		Min: x.number(v, "min_size"), Max: x.number(v, "max_size"), Desired: x.number(v, "desired_capacity"),
		Labels: model.Tags{Missing: "the nodes register their labels themselves"}, TaintsMissing: "the nodes register their taints themselves",
		RemoteAccess: model.Known(false, v.Span()),
	}
	if out.Name == "" {
		out.Name, _ = name.Get()
	}
	out.LaunchTemplate = &model.Link{Why: "the launch template is not known", At: v.Span()}
	if template := x.only(v, "launch_template"); template != nil && template.Kind != attr.Open {
		link := x.template(template)
		out.LaunchTemplate, out.LaunchTemplateVersion = &link, x.strOr(template, "version", "$Default")
	}
	x.out.NodeGroups = append(x.out.NodeGroups, out)
}

// clusterOf is the cluster that the tags of an Auto Scaling group name.
func (x *reading) clusterOf(v *attr.Value) (model.Value[string], bool) {
	const owned = "kubernetes.io/cluster/"
	for _, item := range x.Objects(v.Get("tag"), "tag") {
		key := x.str(item, "key")
		if name, found := strings.CutPrefix(first(key), owned); found {
			return model.Known(name, key.Span()), true
		}
	}
	return model.Value[string]{}, false
}

func first(v model.Value[string]) string {
	text, _ := v.Get()
	return text
}

// fargateProfile reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_fargate_profile
func (x *reading) fargateProfile(r Resource) {
	v := r.Attributes
	cluster := x.str(v, "cluster_name")
	out := &model.FargateProfile{
		AWSMeta: x.eksMeta(r, cluster, x.str(v, "fargate_profile_name")), Cluster: cluster, Subnets: x.links(v, "subnet_ids"),
	}
	for _, item := range x.Objects(v.Get("selector"), "selector") {
		if item.Kind == attr.Open {
			out.Missing = item.Why
			continue
		}
		out.Selectors = append(out.Selectors, model.FargateSelector{
			Namespace: x.str(item, "namespace"), Labels: x.tagsOf(item.Get("labels")), At: item.At,
		})
	}
	x.out.FargateProfiles = append(x.out.FargateProfiles, out)
}

// addon reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_addon
func (x *reading) addon(r Resource) {
	v := r.Attributes
	cluster, name := x.str(v, "cluster_name"), x.str(v, "addon_name")
	x.out.Addons = append(x.out.Addons, &model.EKSAddon{
		AWSMeta: x.eksMeta(r, cluster, name), Cluster: cluster, AddonName: name, Version: x.str(v, "addon_version"),
		Configuration: x.strOr(v, "configuration_values", ""),
	})
}
