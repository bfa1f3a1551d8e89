// Package eksctl derives from a ClusterConfig of eksctl what eksctl makes of it
// in AWS: https://docs.aws.amazon.com/eks/latest/eksctl/schema.html
//
// What eksctl decides without being told, such as the blocks of subnets, is taken
// from its source. What it asks AWS for, such as the subnets of a VPC that exists,
// is open.
package eksctl

import (
	"fmt"
	"net/netip"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// Load reads the tree of a ClusterConfig, which begins at an offset of its file.
// What cannot be read is a problem; the rest counts.
func Load(root *syntax.Node, file string, offset int) (*model.AWS, []model.Problem) {
	config := hide(attr.FromYAML(root, file, offset))
	x := &reading{config: config, origin: fmt.Sprintf("%s:%d", file, offset), out: &model.AWS{}}
	meta := config.Get("metadata")
	x.name, x.region = x.str(meta, "name"), x.str(meta, "region")
	x.network()
	x.cluster()
	for _, kind := range []string{managed, selfManaged} {
		for i, item := range x.Objects(config.Get(kind), kind) {
			x.nodeGroup(kind, i, item)
		}
	}
	for i, item := range x.Objects(config.Get("fargateProfiles"), "fargateProfiles") {
		x.fargateProfile(i, item)
	}
	for i, item := range x.Objects(config.Get("addons"), "addons") {
		x.addon(i, item)
	}
	return x.out, x.Problems
}

// The lists of node groups.
const (
	managed     = "managedNodeGroups"
	selfManaged = "nodeGroups"
)

// reading is one ClusterConfig while it is read.
type reading struct {
	attr.Reader
	config       *attr.Value
	origin       string
	name, region model.Value[string]
	// public and private are the subnets by their names, or why they are not
	// known.
	public, private subnets
	out             *model.AWS
}

// hide opens the values in which a placeholder stands.
func hide(v *attr.Value) *attr.Value {
	if v.Kind == attr.String && placeholder.In(v.Text) {
		return &attr.Value{Kind: attr.Open, Why: v.Text, At: v.At}
	}
	for i, item := range v.Items {
		v.Items[i] = hide(item)
	}
	for i, f := range v.Fields {
		v.Fields[i].Value = hide(f.Value)
	}
	return v
}

func (x *reading) meta(address string, at model.Span) model.AWSMeta {
	return model.AWSMeta{Address: address, Origin: x.origin, At: at, Tags: model.Tags{Values: map[string]model.Value[string]{}}}
}

// named names a resource of EKS by its name in the cluster.
func (x *reading) named(address, name string, at model.Span) model.AWSMeta {
	m := x.meta(address, at)
	m.Name = name
	if cluster, known := x.name.Get(); known && name != "" {
		m.ID = cluster + "/" + name
	}
	return m
}

func (x *reading) str(v *attr.Value, name string) model.Value[string] {
	return x.String(v.Get(name), name, model.Value[string]{})
}

func (x *reading) strOr(v *attr.Value, name, fallback string) model.Value[string] {
	return x.String(v.Get(name), name, model.Known(fallback, v.Span()))
}

func (x *reading) boolOr(v *attr.Value, name string, fallback bool) model.Value[bool] {
	return x.Bool(v.Get(name), name, model.Known(fallback, v.Span()))
}

// isOn reports whether a switch that is off unless it is set is certainly on.
func (x *reading) isOn(v *attr.Value, name string) bool {
	on, known := x.boolOr(v, name, false).Get()
	return on && known
}

// to leads to a resource that eksctl makes.
func to(address string, at model.Span) model.Link {
	return model.Link{Address: address, Certainty: model.LinkKnown, At: at}
}

// tagsOf reads a mapping of names to texts.
func (x *reading) tagsOf(v *attr.Value) model.Tags {
	out := model.Tags{Values: map[string]model.Value[string]{}}
	if v.IsSet() && v.Kind != attr.Object {
		out.Missing = v.Why
		return out
	}
	if v != nil {
		for _, f := range v.Fields {
			out.Values[f.Name] = x.String(f.Value, f.Name, model.Known("", f.Value.At))
		}
	}
	return out
}

var everywhere = netip.MustParsePrefix("0.0.0.0/0")
