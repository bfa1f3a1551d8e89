package awscli

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// reservation reads the interfaces of the instances that run.
func (x *reading) reservation(v *attr.Value) {
	for _, instance := range x.Objects(v.Get("Instances"), "Instances") {
		if x.is(instance.Get("State"), "Name", "terminated", "shutting-down") {
			continue
		}
		about := x.meta(instance, "InstanceId")
		for _, item := range x.Objects(instance.Get("NetworkInterfaces"), "NetworkInterfaces") {
			out := x.readInterface(item)
			out.Name, out.Instance = about.Name, about.ID
			out.Tags.Missing = "describe-instances does not print the tags of an interface"
			x.out.Interfaces = append(x.out.Interfaces, out)
		}
	}
}

func (x *reading) networkInterface(v *attr.Value) {
	out := x.readInterface(v)
	out.Tags = x.tags(v.Get("TagSet")) // only here they are called so
	if name, found := out.Tags.Get("Name"); found == model.Yes {
		out.Name, _ = name.Get()
	}
	out.Instance, _ = x.str(v.Get("Attachment"), "InstanceId").Get()
	x.out.Interfaces = append(x.out.Interfaces, out)
}

func (x *reading) readInterface(v *attr.Value) *model.NetworkInterface {
	out := &model.NetworkInterface{
		AWSMeta: x.meta(v, "NetworkInterfaceId"),
		Subnet:  x.link(v, "SubnetId"), SecurityGroups: x.linksIn(v, "Groups", "GroupId"),
	}
	out.Type, _ = x.str(v, "InterfaceType").Get()
	out.Description, _ = x.str(v, "Description").Get()
	out.DeviceIndex, _ = x.number(v.Get("Attachment"), "DeviceIndex").Get()
	out.Addresses = append(
		x.addresses(v, "PrivateIpAddresses", "PrivateIpAddress"), x.addresses(v, "Ipv6Addresses", "Ipv6Address")...,
	)
	if public, ok := x.address(v.Get("Association"), "PublicIp"); ok {
		out.PublicAddress = public
	}
	for _, list := range []struct{ list, name string }{{"Ipv4Prefixes", "Ipv4Prefix"}, {"Ipv6Prefixes", "Ipv6Prefix"}} {
		for _, item := range x.Objects(v.Get(list.list), list.list) {
			if block, known := x.prefix(item, list.name).Get(); known {
				out.Prefixes = append(out.Prefixes, block)
			}
		}
	}
	return out
}

func (x *reading) addresses(v *attr.Value, list, name string) []netip.Addr {
	var out []netip.Addr
	for _, item := range x.Objects(v.Get(list), list) {
		if a, ok := x.address(item, name); ok {
			out = append(out, a)
		}
	}
	return out
}

func (x *reading) address(v *attr.Value, name string) (netip.Addr, bool) {
	text, known := x.str(v, name).Get()
	if !known || text == "" {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		x.Refuse(v.Get(name).Span(), "%s: want an address, got %q", name, text)
	}
	return a, err == nil
}

// launchTemplate reads one version of a template:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html
func (x *reading) launchTemplate(v *attr.Value) {
	data := v.Get("LaunchTemplateData")
	options := data.Get("MetadataOptions")
	out := &model.LaunchTemplate{
		AWSMeta: x.meta(v, "LaunchTemplateId"), Version: x.number(v, "VersionNumber"),
		InstanceType: x.str(data, "InstanceType"), ImageID: x.str(data, "ImageId"),
		SecurityGroups: x.links(data, "SecurityGroupIds"),
		HopLimit:       x.number(options, "HttpPutResponseHopLimit"),
		Tokens:         x.str(options, "HttpTokens"), Endpoint: x.str(options, "HttpEndpoint"),
		UserData: model.Known("", v.At),
	}
	out.Name, _ = x.str(v, "LaunchTemplateName").Get()
	out.Tags.Missing = "describe-launch-template-versions does not print tags"
	out.IsDefault, _ = x.boolean(v, "DefaultVersion").Get()
	for _, item := range x.Objects(data.Get("NetworkInterfaces"), "NetworkInterfaces") {
		if index, known := x.number(item, "DeviceIndex").Get(); !known || index == 0 {
			out.SecurityGroups = append(out.SecurityGroups, x.links(item, "Groups")...)
			out.PublicIP = x.Bool(item.Get("AssociatePublicIpAddress"), "AssociatePublicIpAddress", out.PublicIP)
		}
	}
	if names := data.Get("SecurityGroups"); names.IsSet() && len(out.SecurityGroups) == 0 {
		out.SecurityGroups = []model.Link{{Why: "the launch template gives its security groups by name", At: names.At}}
	}
	if script := x.str(data, "UserData"); script.Span() != (model.Span{}) {
		out.UserData = attr.UserData(script)
	}
	x.out.LaunchTemplates = append(x.out.LaunchTemplates, out)
}

const noTags = "describe-load-balancers does not print tags"

// loadBalancer reads one of elbv2.
func (x *reading) loadBalancer(v *attr.Value) {
	out := &model.LoadBalancer{
		AWSMeta: x.meta(v, "LoadBalancerArn"), Type: x.str(v, "Type"), Scheme: x.str(v, "Scheme"), VPC: x.link(v, "VpcId"),
		Subnets: x.linksIn(v, "AvailabilityZones", "SubnetId"), SecurityGroups: x.links(v, "SecurityGroups"),
	}
	out.Name, _ = x.str(v, "LoadBalancerName").Get()
	out.Tags.Missing = noTags
	out.DNSName, _ = x.str(v, "DNSName").Get()
	x.out.LoadBalancers = append(x.out.LoadBalancers, out)
}

func (x *reading) classicLoadBalancer(v *attr.Value) {
	out := &model.LoadBalancer{
		AWSMeta: x.meta(v, "LoadBalancerName"), Type: model.Known("classic", v.At), Scheme: x.str(v, "Scheme"),
		VPC: x.link(v, "VPCId"), Subnets: x.links(v, "Subnets"), SecurityGroups: x.links(v, "SecurityGroups"),
	}
	out.Name = out.ID
	out.Tags.Missing = noTags
	out.DNSName, _ = x.str(v, "DNSName").Get()
	x.out.LoadBalancers = append(x.out.LoadBalancers, out)
}
