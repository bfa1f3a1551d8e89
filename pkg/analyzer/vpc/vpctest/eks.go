package vpctest

import (
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

func (r *reader) cluster(m model.AWSMeta, settings []setting) {
	out := &model.EKSCluster{AWSMeta: m, ClusterName: model.Known(m.ID, r.at), AutoMode: model.Known(false, r.at)}
	for _, s := range settings {
		switch s.key {
		case "vpc":
			out.VPC = r.link(s.value)
		case "group":
			out.ClusterSecurityGroup = r.link(s.value)
		case "subnets":
			out.Subnets = r.links(s.value)
		case "family":
			out.IPFamily = known(r, s.value)
		case "auto":
			out.AutoMode = model.Known(true, r.at)
		case "own": // NodePools alone
			out.BuiltInPools = model.Known(false, r.at)
		}
	}
	r.aws.Clusters = append(r.aws.Clusters, out)
}

func (r *reader) nodeGroup(m model.AWSMeta, settings []setting) {
	out := &model.NodeGroup{AWSMeta: m, Labels: model.Tags{Values: map[string]model.Value[string]{}}, AMIType: model.Known("AL2023_x86_64_STANDARD", r.at)}
	for _, s := range settings {
		switch s.key {
		case "cluster":
			out.Cluster = known(r, s.value)
		case "subnets":
			out.Subnets = r.links(s.value)
		case "template":
			l := r.link(s.value)
			out.LaunchTemplate, out.LaunchTemplateVersion = &l, model.Known("1", r.at)
		case "taint":
			parts := strings.Split(s.value, ":")
			out.Taints = append(out.Taints, model.NodeTaint{Key: known(r, parts[0]), Value: known(r, parts[1]), Effect: known(r, parts[2])})
		}
		if name, ok := strings.CutPrefix(s.key, "label:"); ok {
			out.Labels.Values[name] = known(r, s.value)
		}
		r.nodes(out, s)
	}
	r.aws.NodeGroups = append(r.aws.NodeGroups, out)
}

// nodes reads what a node group says of its nodes.
func (r *reader) nodes(out *model.NodeGroup, s setting) {
	switch s.key {
	case "type":
		out.InstanceTypes = append(out.InstanceTypes, known(r, s.value))
	case "nodes":
		parts := strings.Split(s.value, "/")
		out.Min, out.Desired, out.Max = r.number(parts[0]), r.number(parts[1]), r.number(parts[2])
	case "unavailable":
		if percent, ok := strings.CutSuffix(s.value, "%"); ok {
			out.MaxUnavailablePercentage = r.number(percent)
		} else {
			out.MaxUnavailable = r.number(s.value)
		}
	case "selfmanaged":
		out.SelfManaged = true
	}
}

func (r *reader) template(m model.AWSMeta, settings []setting) {
	out := &model.LaunchTemplate{AWSMeta: m, Version: model.Known(1, r.at), UserData: model.Known("", r.at)}
	out.ImageID = model.Known("", r.at)
	for _, s := range settings {
		switch s.key {
		case "groups":
			out.SecurityGroups = r.links(s.value)
		case "type":
			out.InstanceType = known(r, s.value)
		case "image":
			out.ImageID = known(r, s.value)
		case "script":
			out.UserData = known(r, s.value)
		case "public", "private":
			out.PublicIP = model.Known(s.key == "public", r.at)
		}
	}
	r.aws.LaunchTemplates = append(r.aws.LaunchTemplates, out)
}

func (r *reader) addon(m model.AWSMeta, settings []setting) {
	out := &model.EKSAddon{AWSMeta: m, AddonName: known(r, m.ID)}
	for _, s := range settings {
		switch s.key {
		case "cluster":
			out.Cluster = known(r, s.value)
		case "version":
			out.Version = known(r, s.value)
		case "config":
			out.Configuration = known(r, s.value)
		}
	}
	r.aws.Addons = append(r.aws.Addons, out)
}

func (r *reader) fargate(m model.AWSMeta, settings []setting) {
	out := &model.FargateProfile{AWSMeta: m}
	selector := model.FargateSelector{Labels: model.Tags{Values: map[string]model.Value[string]{}}, At: r.at}
	for _, s := range settings {
		switch s.key {
		case "cluster":
			out.Cluster = known(r, s.value)
		case "subnets":
			out.Subnets = r.links(s.value)
		case "namespace":
			selector.Namespace = known(r, s.value)
		}
		if name, ok := strings.CutPrefix(s.key, "label:"); ok {
			selector.Labels.Values[name] = known(r, s.value)
		}
	}
	out.Selectors = []model.FargateSelector{selector}
	r.aws.FargateProfiles = append(r.aws.FargateProfiles, out)
}
