package cloudformation

import (
	"strings"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// nodeGroup reads
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup.html
func (x *reading) nodeGroup(r *resource, v *attr.Value) {
	cluster := x.str(v, "ClusterName")
	scaling, update, remote := v.Get("ScalingConfig"), v.Get("UpdateConfig"), v.Get("RemoteAccess")
	out := &model.NodeGroup{
		AWSMeta: x.eksMeta(r, v, x.str(v, "NodegroupName"), cluster), Cluster: cluster, Subnets: x.links(v, "Subnets"),
		InstanceTypes: x.instanceTypes(r, v), AMIType: x.strOr(v, "AmiType", model.Open[string]("EKS chooses it", r.at)),
		Min: x.number(scaling, "MinSize"), Max: x.number(scaling, "MaxSize"), Desired: x.number(scaling, "DesiredSize"),
		MaxUnavailable: x.number(update, "MaxUnavailable"), MaxUnavailablePercentage: x.number(update, "MaxUnavailablePercentage"),
		Labels:             x.tags(v, "Labels"),
		RemoteAccess:       x.remoteAccess(r, remote),
		RemoteAccessGroups: x.links(remote, "SourceSecurityGroups"),
	}
	if template := v.Get("LaunchTemplate"); template.IsSet() {
		out.LaunchTemplate = x.templateLink(template, "Id", "Name")
		out.LaunchTemplateVersion = x.strOr(template, "Version", defaultOf("$Default", r))
	}
	for _, item := range x.Objects(v.Get("Taints"), "Taints") {
		if item.Kind == attr.Open {
			out.TaintsMissing = item.Why
			continue
		}
		out.Taints = append(out.Taints, model.NodeTaint{
			Key: x.str(item, "Key"), Value: x.strOr(item, "Value", model.Known("", item.At)),
			Effect: model.TaintEffect(x.str(item, "Effect")), At: item.At,
		})
	}
	x.out.NodeGroups = append(x.out.NodeGroups, out)
}

// instanceTypes are t3.medium where neither the group nor a launch template nor
// a special AMI says otherwise:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
func (x *reading) instanceTypes(r *resource, v *attr.Value) []model.Value[string] {
	for _, name := range []string{"InstanceTypes", "LaunchTemplate", "AmiType"} {
		if v.Get(name).IsSet() {
			return x.Strings(v.Get("InstanceTypes"), "InstanceTypes")
		}
	}
	return []model.Value[string]{defaultOf("t3.medium", r)}
}

// remoteAccess answers whether SSH keys are given. A reference gives one, also
// when it is not known which.
func (x *reading) remoteAccess(r *resource, v *attr.Value) model.Value[bool] {
	key := v.Get("Ec2SshKey")
	switch {
	case !key.IsSet():
		return defaultOf(false, r)
	case key.Kind == attr.Open && (v.Kind == attr.Open || !strings.HasPrefix(key.Why, "!Ref ")):
		return model.Open[bool](key.Why, key.At)
	default:
		return model.Known(true, key.At)
	}
}

// templateLink leads to a launch template by its identifier or name. A name in a
// text names no resource of the template for certain.
func (x *reading) templateLink(v *attr.Value, id, name string) *model.Link {
	link := model.Link{Why: "the input does not tell which launch template it is", At: v.At}
	switch {
	case v.Get(id).IsSet():
		link = x.link(v, id)
	case v.Get(name).IsSet():
		link = x.templateNamed(v.Get(name), name)
	}
	return &link
}

// templateNamed finds the launch template of the template that has a name.
func (x *reading) templateNamed(v *attr.Value, name string) model.Link {
	text, known := x.text(v, name).Get()
	if !known {
		return x.Link(v, name)
	}
	for _, r := range x.resources {
		if r.typ != "AWS::EC2::LaunchTemplate" || r.made == model.No {
			continue
		}
		if own := x.of(r).Get("LaunchTemplateName"); isText(own) && own.Text == text {
			return model.Link{Address: r.id, Certainty: model.LinkKnown, At: v.At}
		}
	}
	return model.Link{Why: "the launch template is given by its name " + text, At: v.At}
}

// clusterTag marks the nodes that a cluster owns or shares:
// https://docs.aws.amazon.com/eks/latest/userguide/launch-workers.html
const clusterTag = "kubernetes.io/cluster/"

// autoScalingGroup reads a group whose tags say that its instances are nodes.
func (x *reading) autoScalingGroup(r *resource, v *attr.Value) {
	cluster, ok := x.taggedCluster(v)
	if !ok {
		return
	}
	const byUserData = "the user data of the nodes gives them"
	out := &model.NodeGroup{
		AWSMeta: x.eksMeta(r, v, x.str(v, "AutoScalingGroupName"), cluster), Cluster: cluster, SelfManaged: true,
		Subnets: x.links(v, "VPCZoneIdentifier"),
		Min:     x.number(v, "MinSize"), Max: x.number(v, "MaxSize"), Desired: x.number(v, "DesiredCapacity"),
		Labels: model.Tags{Missing: byUserData}, TaintsMissing: byUserData,
	}
	mixed := v.Get("MixedInstancesPolicy").Get("LaunchTemplate")
	template := v.Get("LaunchTemplate")
	if !template.IsSet() {
		template = mixed.Get("LaunchTemplateSpecification")
	}
	if template.IsSet() {
		out.LaunchTemplate = x.templateLink(template, "LaunchTemplateId", "LaunchTemplateName")
		out.LaunchTemplateVersion = x.str(template, "Version")
	} else if v.Get("LaunchConfigurationName").IsSet() {
		link := x.link(v, "LaunchConfigurationName")
		out.LaunchTemplate = &link
	}
	for _, item := range x.Objects(mixed.Get("Overrides"), "Overrides") {
		if item.Get("InstanceType").IsSet() {
			out.InstanceTypes = append(out.InstanceTypes, x.str(item, "InstanceType"))
		}
	}
	x.out.NodeGroups = append(x.out.NodeGroups, out)
}

// taggedCluster is the name in the tag of a cluster. When the name is not known,
// the text of the key still shows the tag.
func (x *reading) taggedCluster(v *attr.Value) (name model.Value[string], found bool) {
	for _, item := range x.Objects(v.Get("Tags"), "Tags") {
		key := x.str(item, "Key")
		text, known := key.Get()
		after, isTag := strings.CutPrefix(text, clusterTag)
		switch {
		case known && isTag:
			return model.Known(after, key.Span()), true
		case !known && strings.Contains(x.source(item.At), clusterTag):
			return model.Open[string](key.Why(), item.At), true
		}
	}
	return name, false
}
