package capacityreport

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// open stands in tables for what is not known.
const open = "?"

// Text writes it for people: a table of node groups, one of subnets, how far the
// groups can grow, and the pods.
func Text(w io.Writer, c Capacity) error {
	var b strings.Builder
	c.nodeGroups(&b)
	c.subnets(&b)
	c.forecast(&b)
	c.pods(&b)
	c.notes(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// table writes rows in columns, the first of which are headings; nothing when there
// are no others. An empty line stands between tables.
func table(b *strings.Builder, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		_, _ = fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	_ = t.Flush() // a strings.Builder takes everything
}

func (c Capacity) nodeGroups(b *strings.Builder) {
	rows := [][]string{{"NODE GROUP", "TYPE", "PODS A NODE", "ADDRESSES A NODE", "DESIRED", "MAX", "IN AN UPDATE"}}
	for _, g := range c.NodeGroups {
		addresses := shown(g.Addresses)
		if g.PodAddresses != nil {
			addresses += ", pods " + g.PodAddresses.String()
		}
		types := strings.Join(g.InstanceTypes, ", ")
		if types == "" {
			types = open
		}
		rows = append(rows, []string{g.Name, types, shown(g.Pods), addresses, count(g.Desired), count(g.Max), count(g.Update)})
	}
	table(b, rows)
	for _, g := range c.NodeGroups {
		if g.Unknown != "" {
			fmt.Fprintf(b, "%s: not known: %s\n", g.Name, g.Unknown)
		}
	}
}

func (c Capacity) subnets(b *strings.Builder) {
	rows := [][]string{{"SUBNET", "ZONE", "ADDRESSES", "FREE", "NEEDED AT DESIRED", "AT MAX", "IN AN UPDATE", "STATE"}}
	for _, s := range c.Subnets {
		free := "-"
		if s.Free != nil {
			free = count(s.Free)
		}
		zone := s.Zone
		if zone == "" {
			zone = open
		}
		rows = append(rows, []string{s.Name, zone, count(s.Addresses), free, shown(s.Desired), shown(s.Max), shown(s.Update), s.State})
	}
	table(b, rows)
	for _, s := range c.Subnets {
		for _, u := range s.Others {
			fmt.Fprintf(b, "%s: %s for %s\n", s.Name, u.Addresses, u.Name)
		}
		if s.Unknown != "" {
			fmt.Fprintf(b, "%s: not known: %s\n", s.Name, s.Unknown)
		}
	}
}

func (c Capacity) forecast(b *strings.Builder) {
	rows := [][]string{{"FULL WITH", "NODES", "OF NODE GROUP", "AND PODS"}}
	for _, s := range c.Subnets {
		for _, f := range s.Forecasts {
			nodes := fmt.Sprint(f.Nodes)
			if s.Free != nil {
				nodes += " more"
			}
			rows = append(rows, []string{s.Name, nodes, f.NodeGroup, f.Pods.String()})
		}
	}
	table(b, rows)
}

func (c Capacity) pods(b *strings.Builder) {
	rows := [][]string{{"PODS", "OF WORKLOADS", "FOR NODE GROUPS", "ROOM AT DESIRED", "AT MAX"}}
	for _, p := range c.Pods {
		rows = append(rows, []string{p.Pods.String(), fmt.Sprint(p.Workloads), strings.Join(p.NodeGroups, ", "), shown(p.Desired), shown(p.Max)})
	}
	table(b, rows)
	for _, p := range c.Pods {
		if n := len(p.NotCounted); n > 0 {
			fmt.Fprintf(b, "not counted, as their number of pods is not known: %s\n", strings.Join(p.NotCounted, ", "))
		}
	}
}

func (c Capacity) notes(b *strings.Builder) {
	var notes []string
	if c.Assumed && len(c.NodeGroups) > 0 {
		notes = append(notes, "The input does not show the VPC CNI; its settings are taken to be those with which EKS installs it.")
	}
	if slices.ContainsFunc(c.Subnets, func(s Subnet) bool { return s.Free != nil }) {
		notes = append(notes, "Where FREE is given, what is needed comes on top of the addresses that are taken.")
	}
	for _, u := range c.Uncounted {
		notes = append(notes, "Not counted: "+u+".")
	}
	if len(notes) > 0 {
		fmt.Fprintf(b, "\n%s\n", strings.Join(notes, "\n"))
	}
}

func shown(b *Bounds) string {
	if b == nil {
		return open
	}
	return b.String()
}

func count(n *int) string {
	if n == nil {
		return open
	}
	return fmt.Sprint(*n)
}
