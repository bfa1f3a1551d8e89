package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ekslint/ekslint/pkg/model"
	"github.com/ekslint/ekslint/pkg/model/placeholder"
)

// CNI is what the input shows of the settings of the VPC CNI:
// https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables
type CNI struct {
	// Agent is the object that shows them, the DaemonSet aws-node or the add-on;
	// nil when the input shows neither.
	Agent Object
	// variable reads a variable with the place that says so, empty when it is not
	// set; nil when the settings are not known.
	variable func(name string) (text string, at model.Path, known bool)
	// written are the variables that the agent names.
	written []Variable
}

// Variable is a variable of the VPC CNI as the input writes it.
type Variable struct {
	Name, Value string
	// NameAt and ValueAt are the places of the two.
	NameAt, ValueAt model.Span
	// Known is unset when another object gives the value, or it is a placeholder.
	Known bool
}

// CNI reads the settings of the VPC CNI.
func (g *Graph) CNI() CNI { return g.cni() }

func (g *Graph) readCNI() CNI {
	ref := model.Ref{Group: model.KindDaemonSet.Group, Kind: model.KindDaemonSet.Kind, Namespace: policyEngineSpace, Name: vpcCNI}
	if w, ok := g.Lookup(ref).(*Workload); ok && isVPCCNI(w) {
		return cniOf(w)
	}
	return g.addonCNI()
}

func isVPCCNI(w *Workload) bool {
	ref := w.Ref()
	return ref.GroupKind() == model.KindDaemonSet && ref.Namespace == policyEngineSpace && ref.Name == vpcCNI && w.PodSpec() != nil
}

// cniOf reads the container of the VPC CNI.
func cniOf(w *Workload) CNI {
	out := CNI{Agent: w}
	for i, c := range w.PodSpec().Containers {
		if c.Name == vpcCNI {
			at := w.PathTo("spec", "containers", strconv.Itoa(i))
			all := !w.Holder().Hides(at.Child("env")...)
			out.variable = func(name string) (string, model.Path, bool) { return variable(c, at, name, all) }
			out.written = writtenIn(w.Holder(), c, at)
		}
	}
	return out
}

// writtenIn are the variables of a container whose names are fixed.
func writtenIn(r *model.Resource, c corev1.Container, at model.Path) []Variable {
	var out []Variable
	for i, e := range c.Env {
		entry := at.Child("env", strconv.Itoa(i))
		if e.Name == "" || placeholder.In(e.Name) || r.IsUnknown(entry.Child("name")...) {
			continue
		}
		out = append(out, Variable{
			Name: e.Name, Value: e.Value,
			NameAt: r.Locate(entry.Child("name"), model.PartValue), ValueAt: r.Locate(entry.Child("value"), model.PartValue),
			Known: e.ValueFrom == nil && !placeholder.In(e.Value) && !r.IsUnknown(entry.Child("value")...),
		})
	}
	return out
}

// installed are the variables that the add-on sets unless its configuration does:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/charts/aws-vpc-cni/values.yaml
var installed = map[string]string{"WARM_ENI_TARGET": "1", "WARM_PREFIX_TARGET": "1"}

// addonCNI reads the configuration of the add-on.
func (g *Graph) addonCNI() CNI {
	a, ok := g.addon(addonVPCCNI)
	if !ok {
		return CNI{}
	}
	out := CNI{Agent: a.object(g)}
	var values struct {
		Env map[string]any `json:"env"`
	}
	if a.values(&values) {
		out.variable = func(name string) (string, model.Path, bool) {
			if value, ok := values.Env[name]; ok {
				return fmt.Sprint(value), a.variableAt(name), true
			}
			return installed[name], a.at, true
		}
		for _, name := range slices.Sorted(maps.Keys(values.Env)) {
			place := a.resource.Locate(a.variableAt(name), model.PartValue)
			out.written = append(out.written, Variable{name, fmt.Sprint(values.Env[name]), place, place, true})
		}
	}
	return out
}

// variableAt leads to the line of a configuration that gives a variable its value.
func (a addon) variableAt(name string) model.Path {
	for i, line := range strings.Split(a.ConfigurationValues, "\n") {
		if key, _, found := strings.Cut(line, ":"); found && strings.Trim(key, " \t\"'") == name {
			return a.at.Child(model.Line(i + 1))
		}
	}
	return a.at
}

// Written are the variables that the agent names, in their order. The slice is
// shared. Those that it takes from other objects as a whole are not among them.
func (c CNI) Written() []Variable { return c.written }

// Switch reads a switch, with what it is where nothing sets it, and the place
// that says so.
func (c CNI) Switch(name string, otherwise bool) (model.Tri, model.Path) {
	text, at, known := c.read(name)
	if !known {
		return model.Unknown, at
	}
	on, err := strconv.ParseBool(cmp.Or(text, strconv.FormatBool(otherwise)))
	if err != nil {
		return model.Unknown, at
	}
	return model.TriOf(on), at
}

// Number reads a number, with what it is where nothing sets it.
func (c CNI) Number(name string, otherwise int) model.Value[int] {
	text, at, known := c.read(name)
	place := model.Span{}
	if c.Agent != nil {
		place = Holder(c.Agent).Locate(at, model.PartValue)
	}
	n, err := strconv.Atoi(cmp.Or(text, strconv.Itoa(otherwise)))
	if !known || err != nil {
		return model.Open[int](name+" of the VPC CNI is not known", place)
	}
	return model.Known(n, place)
}

// Text reads a text, with what it is where nothing sets it.
func (c CNI) Text(name, otherwise string) (text string, known bool) {
	text, _, known = c.read(name)
	return cmp.Or(text, otherwise), known
}

// StrictPodGroups answers whether the interface of a pod with security groups of its own
// carries all that it sends and gets. In mode standard it does not carry what stays on
// the node, and leaves the VPC as that of other pods does:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.0/README.md#pod_security_group_enforcing_mode-v1110
func (c CNI) StrictPodGroups() model.Tri {
	mode, known := c.Text("POD_SECURITY_GROUP_ENFORCING_MODE", "strict")
	if !known {
		return model.Unknown
	}
	return model.TriOf(mode != "standard")
}

func (c CNI) read(name string) (text string, at model.Path, known bool) {
	if c.variable == nil {
		return "", nil, false
	}
	return c.variable(name)
}

// variable reads a variable of a container, which is not known when another
// object gives it. all is set when the container's own list is what it will be.
func variable(c corev1.Container, at model.Path, name string, all bool) (value string, place model.Path, known bool) {
	for i, e := range slices.Backward(c.Env) { // the last one counts
		if e.Name == name {
			return e.Value, at.Child("env", strconv.Itoa(i)), all && e.ValueFrom == nil && !placeholder.In(e.Value)
		}
	}
	mayBe := func(e corev1.EnvVar) bool { return placeholder.In(e.Name) }
	return "", at, all && len(c.EnvFrom) == 0 && !slices.ContainsFunc(c.Env, mayBe)
}
