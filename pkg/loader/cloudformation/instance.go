package cloudformation

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// networkInterface reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkinterface.html
func (x *reading) networkInterface(r *resource, v *attr.Value) {
	out := &model.NetworkInterface{
		AWSMeta: x.meta(r, v), Subnet: x.link(v, "SubnetId"), SecurityGroups: groupOfVPC(r),
		Addresses: append(x.addresses(v, "PrivateIpAddresses", "PrivateIpAddress"), x.addresses(v, "Ipv6Addresses", "Ipv6Address")...),
	}
	if v.Get("GroupSet").IsSet() {
		out.SecurityGroups = x.links(v, "GroupSet")
	}
	if len(out.Addresses) == 0 {
		out.Addresses = x.address(v, "PrivateIpAddress")
	}
	for _, list := range []struct{ list, name string }{{"Ipv4Prefixes", "Ipv4Prefix"}, {"Ipv6Prefixes", "Ipv6Prefix"}} {
		for _, item := range x.Objects(v.Get(list.list), list.list) {
			if block, known := x.prefix(item, list.name).Get(); known {
				out.Prefixes = append(out.Prefixes, block)
			}
		}
	}
	kind, known := x.strOr(v, "InterfaceType", defaultOf("interface", r)).Get()
	if known {
		out.Type = kind
	}
	out.Description, _ = x.str(v, "Description").Get()
	x.out.Interfaces = append(x.out.Interfaces, out)
}

func (x *reading) addresses(v *attr.Value, list, name string) []netip.Addr {
	var out []netip.Addr
	for _, item := range x.Objects(v.Get(list), list) {
		out = append(out, x.address(item, name)...)
	}
	return out
}

// address reads an address; one that is not known yet is left out.
func (x *reading) address(v *attr.Value, name string) []netip.Addr {
	text, known := x.str(v, name).Get()
	if !known {
		return nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		x.Refuse(v.Get(name).Span(), "%s: want an address, got %q", name, text)
		return nil
	}
	return []netip.Addr{a}
}

// launchTemplate reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-launchtemplate.html
func (x *reading) launchTemplate(r *resource, v *attr.Value) {
	data := v.Get("LaunchTemplateData")
	out := x.instanceData(r, v, data)
	if name, known := x.str(v, "LaunchTemplateName").Get(); known {
		out.Name = name
	}
	out.SecurityGroups = x.links(data, "SecurityGroupIds")
	for _, item := range x.Objects(data.Get("NetworkInterfaces"), "NetworkInterfaces") {
		if index, known := x.number(item, "DeviceIndex").Get(); !known || index == 0 {
			out.SecurityGroups = append(out.SecurityGroups, x.links(item, "Groups")...)
			out.PublicIP = x.boolean(item, "AssociatePublicIpAddress", out.PublicIP)
		}
	}
	if names := data.Get("SecurityGroups"); names.IsSet() && len(out.SecurityGroups) == 0 {
		out.SecurityGroups = []model.Link{{Why: "the launch template gives its security groups by name", At: names.At}}
	}
	x.out.LaunchTemplates = append(x.out.LaunchTemplates, out)
}

// launchConfiguration reads what came before launch templates:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-launchconfiguration.html
func (x *reading) launchConfiguration(r *resource, v *attr.Value) {
	out := x.instanceData(r, v, v)
	if name, known := x.str(v, "LaunchConfigurationName").Get(); known {
		out.Name = name
	}
	out.SecurityGroups = x.links(v, "SecurityGroups")
	out.PublicIP = x.boolean(v, "AssociatePublicIpAddress", model.Value[bool]{})
	x.out.LaunchTemplates = append(x.out.LaunchTemplates, out)
}

// instanceData reads what launch templates and launch configurations have in common.
func (x *reading) instanceData(r *resource, v, data *attr.Value) *model.LaunchTemplate {
	options := data.Get("MetadataOptions")
	return &model.LaunchTemplate{
		AWSMeta: x.meta(r, v), InstanceType: x.str(data, "InstanceType"), ImageID: x.str(data, "ImageId"),
		HopLimit: x.number(options, "HttpPutResponseHopLimit"),
		Tokens:   x.str(options, "HttpTokens"), Endpoint: x.str(options, "HttpEndpoint"),
		UserData: attr.UserData(x.strOr(data, "UserData", defaultOf("", r))),
		Version:  model.Open[int]("AWS counts the versions", r.at),
	}
}

// loadBalancer reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
func (x *reading) loadBalancer(r *resource, v *attr.Value) {
	out := &model.LoadBalancer{
		AWSMeta: x.meta(r, v), Type: x.strOr(v, "Type", defaultOf("application", r)),
		Scheme:  x.strOr(v, "Scheme", defaultOf("internet-facing", r)),
		Subnets: append(x.links(v, "Subnets"), x.linksOf(v, "SubnetMappings", "SubnetId")...), SecurityGroups: x.links(v, "SecurityGroups"),
	}
	if name, known := x.str(v, "Name").Get(); known {
		out.Name = name
	}
	if kind, _ := out.Type.Get(); kind == "application" && !v.Get("SecurityGroups").IsSet() {
		out.SecurityGroups = groupOfVPC(r)
	}
	x.out.LoadBalancers = append(x.out.LoadBalancers, out)
}

// classicLoadBalancer reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancing-loadbalancer.html
func (x *reading) classicLoadBalancer(r *resource, v *attr.Value) {
	out := &model.LoadBalancer{
		AWSMeta: x.meta(r, v), Type: defaultOf("classic", r), Scheme: x.strOr(v, "Scheme", defaultOf("internet-facing", r)),
		Subnets: x.links(v, "Subnets"), SecurityGroups: groupOfVPC(r),
	}
	if v.Get("SecurityGroups").IsSet() {
		out.SecurityGroups = x.links(v, "SecurityGroups")
	}
	if name, known := x.str(v, "LoadBalancerName").Get(); known {
		out.Name = name
	}
	x.out.LoadBalancers = append(x.out.LoadBalancers, out)
}
