package awscli

import (
	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// cluster reads https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html
func (x *reading) cluster(v *attr.Value) {
	network, kubernetes := v.Get("resourcesVpcConfig"), v.Get("kubernetesNetworkConfig")
	out := &model.EKSCluster{
		AWSMeta: x.eksMeta(v, "name"), ClusterName: x.str(v, "name"), Version: x.str(v, "version"),
		VPC: x.link(network, "vpcId"), Subnets: x.links(network, "subnetIds"),
		SecurityGroups: x.links(network, "securityGroupIds"), ClusterSecurityGroup: x.link(network, "clusterSecurityGroupId"),
		PublicAccess: x.boolean(network, "endpointPublicAccess"), PrivateAccess: x.boolean(network, "endpointPrivateAccess"),
		PublicCIDRs:  x.Prefixes(network.Get("publicAccessCidrs"), "publicAccessCidrs"),
		IPFamily:     x.str(kubernetes, "ipFamily"),
		AutoMode:     x.Bool(v.Get("computeConfig").Get("enabled"), "enabled", model.Known(false, v.At)),
		Local:        v.Get("outpostConfig").IsSet(),
		BuiltInPools: x.HasItems(v.Get("computeConfig").Get("nodePools"), "nodePools", model.Value[bool]{}),
	}
	out.ServiceCIDR = x.prefix(kubernetes, "serviceIpv4Cidr")
	if kubernetes.Get("serviceIpv6Cidr").IsSet() {
		out.ServiceCIDR = x.prefix(kubernetes, "serviceIpv6Cidr")
	}
	x.out.Clusters = append(x.out.Clusters, out)
}

// eksMeta names a resource of EKS, whose names are unique in their cluster.
func (x *reading) eksMeta(v *attr.Value, name string) model.AWSMeta {
	m := x.meta(v, name)
	m.Name = m.ID
	if cluster, known := x.str(v, "clusterName").Get(); known {
		m.ID = cluster + "/" + m.ID
	}
	m.Address = m.ID
	m.Tags = x.tags(v.Get("tags"))
	return m
}

// nodeGroup reads https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
func (x *reading) nodeGroup(v *attr.Value) {
	scaling, update := v.Get("scalingConfig"), v.Get("updateConfig")
	out := &model.NodeGroup{
		AWSMeta: x.eksMeta(v, "nodegroupName"), Cluster: x.str(v, "clusterName"), Subnets: x.links(v, "subnets"),
		InstanceTypes: x.Strings(v.Get("instanceTypes"), "instanceTypes"), AMIType: x.str(v, "amiType"),
		Min: x.number(scaling, "minSize"), Max: x.number(scaling, "maxSize"), Desired: x.number(scaling, "desiredSize"),
		MaxUnavailable: x.number(update, "maxUnavailable"), MaxUnavailablePercentage: x.number(update, "maxUnavailablePercentage"),
		Labels:             x.tags(v.Get("labels")),
		RemoteAccess:       model.Known(v.Get("remoteAccess").Get("ec2SshKey").IsSet(), v.Get("remoteAccess").Span()),
		RemoteAccessGroups: x.links(v.Get("remoteAccess"), "sourceSecurityGroups"),
	}
	if template := v.Get("launchTemplate"); template.IsSet() {
		link := x.link(template, "id")
		out.LaunchTemplate, out.LaunchTemplateVersion = &link, x.str(template, "version")
	}
	for _, item := range x.Objects(v.Get("taints"), "taints") {
		out.Taints = append(out.Taints, model.NodeTaint{
			Key: x.str(item, "key"), Value: x.String(item.Get("value"), "value", model.Known("", item.At)),
			Effect: model.TaintEffect(x.str(item, "effect")), At: item.At,
		})
	}
	x.out.NodeGroups = append(x.out.NodeGroups, out)
}

// fargateProfile reads https://docs.aws.amazon.com/eks/latest/APIReference/API_FargateProfile.html
func (x *reading) fargateProfile(v *attr.Value) {
	out := &model.FargateProfile{
		AWSMeta: x.eksMeta(v, "fargateProfileName"), Cluster: x.str(v, "clusterName"), Subnets: x.links(v, "subnets"),
	}
	for _, item := range x.Objects(v.Get("selectors"), "selectors") {
		out.Selectors = append(out.Selectors, model.FargateSelector{
			Namespace: x.str(item, "namespace"), Labels: x.tags(item.Get("labels")), At: item.At,
		})
	}
	x.out.FargateProfiles = append(x.out.FargateProfiles, out)
}

func (x *reading) addon(v *attr.Value) {
	x.out.Addons = append(x.out.Addons, &model.EKSAddon{
		AWSMeta: x.eksMeta(v, "addonName"), Cluster: x.str(v, "clusterName"), AddonName: x.str(v, "addonName"),
		Version:       x.str(v, "addonVersion"),
		Configuration: x.String(v.Get("configurationValues"), "configurationValues", model.Known("", v.At)),
	})
}
