package cloudformation

import (
	"net/netip"
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

const (
	eksCluster = "AWS::EKS::Cluster"
	// The custom resources of the AWS CDK take what the EKS API takes:
	// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks-readme.html
	cdkCluster        = "Custom::AWSCDK-EKS-Cluster"
	cdkFargateProfile = "Custom::AWSCDK-EKS-FargateProfile"
)

// clusterName is the name of a cluster, which is what a reference to it is; nil
// for another resource.
func (t *template) clusterName(r *resource) *attr.Value {
	switch r.typ {
	case eksCluster:
		return t.of(r).Get("Name")
	case cdkCluster:
		return t.of(r).Get("Config").Get("name")
	default:
		return nil
	}
}

// eksMeta names a resource of EKS, whose names are unique in their cluster.
func (x *reading) eksMeta(r *resource, v *attr.Value, name, cluster model.Value[string]) model.AWSMeta {
	m := x.meta(r, v)
	own, ownKnown := name.Get()
	owner, ownerKnown := cluster.Get()
	if ownKnown {
		m.Name = own
	}
	if ownKnown && ownerKnown {
		m.ID = owner + "/" + own
	}
	return m
}

// cluster reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-cluster.html
func (x *reading) cluster(r *resource, v *attr.Value) {
	network, kubernetes := v.Get("ResourcesVpcConfig"), v.Get("KubernetesNetworkConfig")
	out := &model.EKSCluster{
		AWSMeta:     x.meta(r, v),
		ClusterName: x.strOr(v, "Name", model.Open[string]("CloudFormation chooses it", r.at)),
		Version:     x.strOr(v, "Version", model.Open[string]("EKS chooses it", r.at)),
		Subnets:     x.links(network, "SubnetIds"), SecurityGroups: x.links(network, "SecurityGroupIds"),
		ClusterSecurityGroup: model.Link{Address: r.id + model.ClusterGroupSuffix, Certainty: model.LinkKnown, At: r.at},
		PublicAccess:         x.boolean(network, "EndpointPublicAccess", defaultOf(true, r)),
		PrivateAccess:        x.boolean(network, "EndpointPrivateAccess", defaultOf(false, r)),
		ServiceCIDR:          x.Prefix(kubernetes.Get("ServiceIpv4Cidr"), "ServiceIpv4Cidr", model.Open[netip.Prefix]("EKS chooses it", r.at)),
		IPFamily:             x.strOr(kubernetes, "IpFamily", defaultOf("ipv4", r)),
		AutoMode:             x.boolean(v.Get("ComputeConfig"), "Enabled", defaultOf(false, r)),
		Local:                v.Get("OutpostConfig").IsSet(),
		BuiltInPools:         x.HasItems(v.Get("ComputeConfig").Get("NodePools"), "NodePools", model.Value[bool]{}),
	}
	if name, known := out.ClusterName.Get(); known {
		out.ID, out.Name = name, name
	}
	family, _ := out.IPFamily.Get()
	if family != "ipv4" && !kubernetes.Get("ServiceIpv4Cidr").IsSet() || family == "ipv6" {
		out.ServiceCIDR = model.Open[netip.Prefix]("EKS chooses it", r.at)
	}
	out.PublicCIDRs = x.publicCIDRs(r, network, family)
	x.out.Clusters = append(x.out.Clusters, out)
}

// publicCIDRs are all addresses where none are written; which of IPv6 depends on
// the age of the cluster:
// https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
func (x *reading) publicCIDRs(r *resource, network *attr.Value, family string) []model.Value[netip.Prefix] {
	list := network.Get("PublicAccessCidrs")
	if list.IsSet() && (list.Kind != attr.List || len(list.Items) > 0) {
		return x.Prefixes(list, "PublicAccessCidrs")
	}
	out := []model.Value[netip.Prefix]{defaultOf(netip.PrefixFrom(netip.IPv4Unspecified(), 0), r)}
	if family != "ipv4" {
		out = append(out, model.Open[netip.Prefix]("EKS chooses the blocks of IPv6", r.at))
	}
	return out
}

// fargateProfile reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-fargateprofile.html
func (x *reading) fargateProfile(r *resource, v *attr.Value) {
	cluster := x.str(v, "ClusterName")
	out := &model.FargateProfile{
		AWSMeta: x.eksMeta(r, v, x.str(v, "FargateProfileName"), cluster), Cluster: cluster, Subnets: x.links(v, "Subnets"),
	}
	for _, item := range x.Objects(v.Get("Selectors"), "Selectors") {
		if item.Kind == attr.Open {
			out.Missing = item.Why
			continue
		}
		out.Selectors = append(out.Selectors, model.FargateSelector{
			Namespace: x.str(item, "Namespace"), Labels: x.tags(item, "Labels"), At: item.At,
		})
	}
	x.out.FargateProfiles = append(x.out.FargateProfiles, out)
}

func (x *reading) addon(r *resource, v *attr.Value) {
	cluster, name := x.str(v, "ClusterName"), x.str(v, "AddonName")
	x.out.Addons = append(x.out.Addons, &model.EKSAddon{
		AWSMeta: x.eksMeta(r, v, name, cluster), Cluster: cluster, AddonName: name,
		Version:       x.strOr(v, "AddonVersion", model.Open[string]("EKS chooses it", r.at)),
		Configuration: x.strOr(v, "ConfigurationValues", defaultOf("", r)),
	})
}

// madeByCDK reads a custom resource of the AWS CDK as the type it stands for.
func (x *reading) madeByCDK(r *resource, v *attr.Value) {
	config := capitalised(v.Get("Config"))
	if r.typ == cdkCluster {
		x.cluster(r, config)
	} else {
		x.fargateProfile(r, config)
	}
}

// capitalised has the names of properties as CloudFormation writes them, where
// the EKS API begins them with a small letter. Labels and tags keep theirs.
func capitalised(v *attr.Value) *attr.Value {
	if v == nil || v.Kind != attr.List && v.Kind != attr.Object {
		return v
	}
	out := &attr.Value{Kind: v.Kind, At: v.At}
	for _, item := range v.Items {
		out.Items = append(out.Items, capitalised(item))
	}
	for _, f := range v.Fields {
		value := f.Value
		if f.Name != "labels" && f.Name != "tags" {
			value = capitalised(value)
		}
		name := f.Name
		if name != "" {
			name = strings.ToUpper(name[:1]) + name[1:]
		}
		out.Fields = append(out.Fields, attr.Field{Name: name, Value: value})
	}
	return out
}
