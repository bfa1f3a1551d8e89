package graph

import (
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
)

// Annotations that decide who may connect to the load balancer of a Service:
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#access-control
const (
	annotationSourceRanges   = servicePrefix + "load-balancer-source-ranges"
	annotationSecurityGroups = servicePrefix + "aws-load-balancer-security-groups"
	annotationPrefixLists    = servicePrefix + "aws-load-balancer-security-group-prefix-lists"
)

// Sources is which addresses the load balancer of a Service lets in.
type Sources struct {
	// Any is Yes when no address is kept out: no ranges are written, or ranges
	// that hold every address. It is Unknown when security groups or prefix
	// lists decide, whose content is not in the manifests.
	Any model.Tri `json:"any"`
	// Path leads to the ranges that count; absent when none are written.
	Path model.Path `json:"path,omitempty"`
}

// Sources follows buildCIDRsFromSourceRanges in the AWS Load Balancer
// Controller's pkg/service/model_build_managed_sg.go: the field first, then the
// annotation, and every address where both are empty.
func (g *Graph) Sources(s *Service) Sources {
	for _, key := range []string{annotationSecurityGroups, annotationPrefixLists} {
		if list, ok := annotation(OriginService, s.resource, key); ok && (!list.Known || len(lbc.StringList(list.Text())) > 0) {
			return Sources{}
		}
	}
	field := model.Path{"spec", "loadBalancerSourceRanges"}
	if s.resource.IsUnknown(field...) {
		return Sources{Path: field}
	}
	if ranges := s.spec.LoadBalancerSourceRanges; len(ranges) > 0 {
		return Sources{Any: model.TriOf(coverEverything(ranges)), Path: field}
	}
	// https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html
	// lists the annotation as not supported by Auto Mode.
	list, ok := annotation(OriginService, s.resource, annotationSourceRanges)
	if !ok || s.Manager == ManagerAutoMode {
		return Sources{Any: model.Yes}
	}
	if !list.Known {
		return Sources{Path: list.Path}
	}
	ranges := lbc.StringList(list.Text())
	if len(ranges) == 0 {
		return Sources{Any: model.Yes}
	}
	return Sources{Any: model.TriOf(coverEverything(ranges)), Path: list.Path}
}

// coverEverything reports whether ranges hold every address of a family, in one
// piece or in two halves.
func coverEverything(ranges []string) bool {
	has := func(cidr string) bool {
		return slices.ContainsFunc(ranges, func(r string) bool { return strings.TrimSpace(r) == cidr })
	}
	return slices.ContainsFunc(ranges, func(r string) bool { return strings.HasSuffix(strings.TrimSpace(r), "/0") }) ||
		has("0.0.0.0/1") && has("128.0.0.0/1") || has("::/1") && has("8000::/1")
}

// NLBTargetType is how the Network Load Balancer of a Service reaches its pods:
// "instance" or "ip" when known.
func (g *Graph) NLBTargetType(s *Service) Setting {
	if target, ok := annotation(OriginService, s.resource, annotationTargetType); ok {
		return target
	}
	if kind, ok := annotation(OriginService, s.resource, annotationType); ok && (!kind.Known || kind.Is("nlb-ip")) {
		ip := "ip"
		if kind.Known {
			kind.Value = &ip
		}
		return kind
	}
	// The default of the flag default-target-type is instance, but a flag
	// outside the input may say otherwise:
	// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/configurations/
	if flag, ok := g.controller.Flag("default-target-type"); ok && s.Manager == ManagerLBC {
		return fixed(OriginFlag, flag)
	}
	return unknownFrom(OriginDefault)
}
