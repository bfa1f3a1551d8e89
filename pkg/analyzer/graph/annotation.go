package graph

import (
	"maps"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/lbc"
	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// Annotation is one load-balancer annotation of an object, looked up in the
// controller's vocabulary.
type Annotation struct {
	Key string `json:"key"`
	// Suffix is the key without the prefix.
	Suffix string `json:"suffix"`
	// Known is set when the controller reads the key from this kind of object;
	// Elsewhere when it reads the key, but only from another kind.
	Known     bool `json:"known"`
	Elsewhere bool `json:"elsewhere"`
	// Suggestion is the known suffix nearest to an unknown one, with the
	// number of edits between them.
	Suggestion string `json:"suggestion,omitempty"`
	Distance   int    `json:"distance,omitempty"`
	// Effective is unset when IngressClassParams or the Services set the same
	// item, so that the annotation is not read.
	Effective bool `json:"effective"`
	// Issues are the flaws of the value. A value that is not known has none.
	Issues []Issue `json:"issues"`
	// Unapplied is set for conditions and transforms of a backend that the
	// Ingress does not have, and for actions that no backend uses.
	Unapplied bool `json:"unapplied"`
}

// Issue is a flaw of an annotation's value, in the form that rules report.
type Issue struct {
	Message string `json:"message"`
	// By is who refuses the value: "controller", "API server" or "AWS".
	By string `json:"by"`
	// Soft is set when the controller accepts the value.
	Soft bool `json:"soft"`
	// Widens is set when the flaw lets more traffic in than the value reads.
	Widens bool `json:"widens"`
	// Path leads to the flaw inside a JSON value.
	Path string `json:"path,omitempty"`
}

func issuesOf(in []lbc.Issue) []Issue {
	out := make([]Issue, 0, len(in))
	for _, x := range in {
		out = append(out, Issue{Message: x.Message, By: x.By.String(), Soft: x.Soft, Widens: x.Widens, Path: x.Path})
	}
	return out
}

// Annotations returns the load-balancer annotations of an Ingress, sorted by key.
func (g *Graph) Annotations(i *Ingress) []Annotation {
	return annotations(i.resource, func(a lbc.Annotation) bool { return a.OnIngress }, func(a *Annotation, entry lbc.Annotation) {
		a.Effective = g.effective(i, entry.Suffix)
		a.Unapplied = i.unapplied(entry, a.Suffix)
	})
}

// ServiceAnnotations returns the annotations of a Service that concern the
// target groups of the Ingresses that use it, sorted by key.
func (g *Graph) ServiceAnnotations(s *Service) []Annotation {
	return annotations(s.resource, func(a lbc.Annotation) bool { return a.OnService }, func(a *Annotation, _ lbc.Annotation) {
		a.Effective = true
	})
}

func annotations(r *model.Resource, read func(lbc.Annotation) bool, complete func(*Annotation, lbc.Annotation)) []Annotation {
	out := []Annotation{}
	written := r.Object.GetAnnotations()
	for _, key := range slices.Sorted(maps.Keys(written)) {
		family, suffix, ok := lbc.SplitKey(key)
		if !ok || family != lbc.Ingress {
			continue
		}
		a := Annotation{Key: key, Suffix: suffix, Issues: []Issue{}}
		entry, found := lbc.Lookup(family, suffix)
		a.Known = found && read(entry)
		a.Elsewhere = found && !a.Known
		if !found {
			a.Suggestion, a.Distance = lbc.Suggest(family, suffix)
		}
		if a.Known {
			complete(&a, entry)
			if s, _ := annotation(OriginIngress, r, key); s.Known {
				a.Issues = issuesOf(valueIssues(entry, &a, written[key]))
			}
		}
		out = append(out, a)
	}
	return out
}

// valueIssues holds a value against its syntax. What the controller never
// parses has no issues.
func valueIssues(entry lbc.Annotation, a *Annotation, value string) []lbc.Issue {
	if a.Unapplied || !a.Effective {
		return nil
	}
	var issues []lbc.Issue
	switch entry.Suffix {
	case "listen-ports":
		_, issues = lbc.ListenPorts(value)
	case "jwt-validation":
		_, issues = lbc.ParseJWTValidation(value)
	case "actions.${action-name}":
		_, issues = lbc.ParseAction(value)
	case "conditions.${conditions-name}":
		_, issues = lbc.ParseConditions(value)
	case "transforms.${transforms-name}":
		_, issues = lbc.ParseTransforms(value)
	default:
		issues = lbc.Check(entry, value)
	}
	return issues
}

// effective reports whether the annotation of an Ingress is read at all.
func (g *Graph) effective(i *Ingress, suffix string) bool {
	if _, ok := i.paramsSetting(suffix); ok {
		return false
	}
	entry, ok := lbc.Lookup(lbc.Ingress, suffix)
	switch {
	case !ok, !entry.OnService, suffix == "tags": // which the load balancer has too
		return true
	case strings.HasPrefix(suffix, "auth-"): // which rules without a Service have too
		return !i.everyServiceSets(suffix)
	default:
		return i.makesTargets() && !i.everyServiceSets(suffix)
	}
}

// makesTargets reports whether the controller may make a target group for the
// Ingress: what describes target groups is read for no other.
func (i *Ingress) makesTargets() bool {
	return slices.ContainsFunc(i.Backends, func(b *Backend) bool {
		return len(b.Targets) > 0 || b.Kind == BackendAction && b.Action == nil && b.HasAction != model.No
	})
}

// everyServiceSets reports whether each Service behind the Ingress is in the
// input and has its own annotation of that suffix, which then wins.
func (i *Ingress) everyServiceSets(suffix string) bool {
	any := false
	for _, b := range i.Backends {
		for _, t := range b.Targets {
			if t.Service == nil {
				return false
			}
			if _, ok := t.Service.resource.Object.GetAnnotations()[ingressPrefix+suffix]; !ok {
				return false
			}
			any = true
		}
	}
	return any
}

func (i *Ingress) unapplied(entry lbc.Annotation, suffix string) bool {
	name, ok := entry.Argument(suffix)
	if !ok || i.resource.IsUnknown("spec") {
		return false
	}
	if slices.ContainsFunc(i.Backends, func(b *Backend) bool { return placeholder.In(b.Name) }) {
		return false // it may be any name
	}
	switch entry.Suffix {
	case "actions.${action-name}":
		return !slices.ContainsFunc(i.Backends, func(b *Backend) bool { return b.Kind == BackendAction && b.Name == name })
	case "conditions.${conditions-name}", "transforms.${transforms-name}":
		return !slices.ContainsFunc(i.Backends, func(b *Backend) bool { return b.Name == name })
	default:
		return false
	}
}
