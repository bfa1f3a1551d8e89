// Package capacityreport writes the capacity of a cluster for people and for
// programs.
package capacityreport

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/pkg/analyzer/capacity"
	"github.com/ekslint/ekslint/pkg/model"
)

// Capacity is what the command prints. Numbers that the input does not fix are
// bounds; those that it leaves open are absent, and Unknown says why.
type Capacity struct {
	// Assumed is true when the input does not show the VPC CNI, so that the settings
	// with which EKS installs it are taken.
	Assumed    bool        `json:"vpcCNIAssumed"`
	NodeGroups []NodeGroup `json:"nodeGroups"`
	Subnets    []Subnet    `json:"subnets"`
	Pods       []Pods      `json:"pods"`
	// Uncounted says which nodes the numbers leave out.
	Uncounted []string `json:"uncounted"`
}

// Bounds are the least and the most that a number may be.
type Bounds struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

// NodeGroup is what the nodes of a group hold and take.
type NodeGroup struct {
	Name          string   `json:"name"`
	InstanceTypes []string `json:"instanceTypes"`
	// Pods is how many pods a node takes.
	Pods *Bounds `json:"podsPerNode,omitempty"`
	// Addresses is how many addresses a node takes of its subnet, PodAddresses how
	// many of the subnet of its ENIConfig.
	Addresses    *Bounds `json:"addressesPerNode,omitempty"`
	PodAddresses *Bounds `json:"podAddressesPerNode,omitempty"`
	// Desired, Max and Update are numbers of nodes; Update is Max with the nodes that
	// an update adds.
	Desired *int   `json:"desired,omitempty"`
	Max     *int   `json:"max,omitempty"`
	Update  *int   `json:"update,omitempty"`
	Unknown string `json:"unknown,omitempty"`
}

// Subnet is what is asked of a subnet.
type Subnet struct {
	Name string `json:"name"`
	Zone string `json:"availabilityZone,omitempty"`
	CIDR string `json:"cidr,omitempty"`
	// Addresses is how many the subnet has for use, and Free how many of these are
	// free where AWS was asked.
	Addresses *int `json:"addresses,omitempty"`
	Free      *int `json:"free,omitempty"`
	// Others take addresses besides nodes and pods.
	Others []Use `json:"others,omitempty"`
	// Desired, Max and Update are the addresses that are needed at those sizes; of
	// those that are free where AWS was asked, and else of all.
	Desired   *Bounds    `json:"desired,omitempty"`
	Max       *Bounds    `json:"max,omitempty"`
	Update    *Bounds    `json:"update,omitempty"`
	State     string     `json:"state,omitempty"`
	Forecasts []Forecast `json:"forecasts,omitempty"`
	Unknown   string     `json:"unknown,omitempty"`
}

// Use is something that takes addresses.
type Use struct {
	Name      string `json:"name"`
	Addresses Bounds `json:"addresses"`
}

// Forecast is how many nodes of a group fit into a subnet, full of pods, while
// other groups keep their size. Where AWS was asked they come on top of those that
// there are.
type Forecast struct {
	NodeGroup string `json:"nodeGroup"`
	Nodes     int    `json:"nodes"`
	Pods      Bounds `json:"pods"`
}

// Pods are those that no other node groups may take, and the room that there is
// for them at two sizes.
type Pods struct {
	NodeGroups []string `json:"nodeGroups"`
	Workloads  int      `json:"workloads"`
	Pods       Bounds   `json:"pods"`
	// NotCounted are workloads whose number of pods is not known.
	NotCounted []string `json:"notCounted,omitempty"`
	Desired    *Bounds  `json:"desired,omitempty"`
	Max        *Bounds  `json:"max,omitempty"`
	Unknown    string   `json:"unknown,omitempty"`
}

// Of takes down a report.
func Of(r *capacity.Report) Capacity {
	out := Capacity{Assumed: r.Settings.Assumed, NodeGroups: []NodeGroup{}, Subnets: []Subnet{}, Pods: []Pods{}, Uncounted: []string{}}
	for _, g := range r.Groups {
		out.NodeGroups = append(out.NodeGroups, nodeGroup(g))
	}
	for _, s := range r.Subnets {
		out.Subnets = append(out.Subnets, subnet(s))
	}
	for _, d := range r.Demands() {
		out.Pods = append(out.Pods, pods(d))
	}
	for _, u := range r.Uncounted {
		out.Uncounted = append(out.Uncounted, report.Printable(u))
	}
	return out
}

// JSON writes it for programs.
func JSON(w io.Writer, c Capacity) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(c)
}

func nodeGroup(g *capacity.Group) NodeGroup {
	out := NodeGroup{
		Name: nameOf(g), InstanceTypes: []string{}, Unknown: report.Printable(g.Unknown),
		Desired: number(g.Nodes[capacity.Desired]), Max: number(g.Nodes[capacity.Max]), Update: number(g.Nodes[capacity.Update]),
	}
	for _, t := range g.Types {
		if t != "" {
			out.InstanceTypes = append(out.InstanceTypes, report.Printable(t))
		}
	}
	if g.Unknown == "" {
		out.Pods, out.Addresses = bounds(g.Pods), bounds(g.OwnSubnet)
		if g.PodSubnet.High > 0 {
			out.PodAddresses = bounds(g.PodSubnet)
		}
	}
	return out
}

func subnet(s *capacity.Subnet) Subnet {
	out := Subnet{Name: report.Printable(s.Title()), Addresses: number(s.Usable), Unknown: report.Printable(s.Unknown)}
	if zone, known := s.AvailabilityZone.Get(); known {
		out.Zone = report.Printable(zone)
	}
	if block, known := s.CIDR.Get(); known && block.IsValid() {
		out.CIDR = block.String()
	}
	if s.Asked {
		out.Free = number(s.Room)
	}
	for _, u := range s.Others {
		out.Others = append(out.Others, Use{report.Printable(u.Name), *bounds(u.Addresses)})
	}
	if s.Unknown != "" {
		return out
	}
	out.Desired, out.Max, out.Update = bounds(s.Needs[capacity.Desired]), bounds(s.Needs[capacity.Max]), bounds(s.Needs[capacity.Update])
	out.State = state(s)
	for _, f := range s.Forecasts {
		out.Forecasts = append(out.Forecasts, Forecast{nameOf(f.Group), f.Nodes, *bounds(f.Pods)})
	}
	return out
}

// state says at which size a subnet does not hold what it has to.
func state(s *capacity.Subnet) string {
	room, known := s.Room.Get()
	if !known {
		return ""
	}
	names := [...]string{capacity.Desired: "at desired size", capacity.Max: "at max size", capacity.Update: "in an update"}
	for size, name := range names {
		switch need := s.Needs[size]; {
		case need.Low > room:
			return "too small " + name
		case need.High > room:
			return "may fill up " + name
		}
	}
	return "fits"
}

func pods(d capacity.Demand) Pods {
	out := Pods{Workloads: len(d.Workloads), Pods: *bounds(d.Pods), Unknown: report.Printable(d.Unknown)}
	for _, g := range d.Groups {
		out.NodeGroups = append(out.NodeGroups, nameOf(g))
	}
	for _, w := range d.Open {
		out.NotCounted = append(out.NotCounted, report.Printable(w.Ref().String()))
	}
	if d.Unknown == "" {
		out.Desired, out.Max = bounds(d.Room[capacity.Desired]), bounds(d.Room[capacity.Max])
	}
	return out
}

func nameOf(g *capacity.Group) string {
	if g.Name != "" {
		return report.Printable(g.Name)
	}
	return report.Printable(g.AWSMeta.Title())
}

func number(v model.Value[int]) *int {
	if n, known := v.Get(); known {
		return &n
	}
	return nil
}

func bounds(r capacity.Range) *Bounds { return &Bounds{r.Low, r.High} }

// String is "10" or "10 to 30".
func (b Bounds) String() string {
	if b.Low == b.High {
		return fmt.Sprint(b.Low)
	}
	return fmt.Sprintf("%d to %d", b.Low, b.High)
}
