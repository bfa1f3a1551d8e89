package netset

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Protocol is a transport protocol that policies can name.
type Protocol uint8

// The protocols that have ports.
const (
	TCP Protocol = iota
	UDP
	SCTP
	protocols // how many there are
)

var protocolNames = [protocols]string{"TCP", "UDP", "SCTP"}

// String is the name as Kubernetes spells it.
func (p Protocol) String() string { return protocolNames[p] }

// ParseProtocol reads a name as Kubernetes spells it, in any case.
func ParseProtocol(name string) (Protocol, bool) {
	for p, n := range protocolNames {
		if strings.EqualFold(n, name) {
			return Protocol(p), true
		}
	}
	return 0, false
}

// Protocols returns the protocols that have ports, in the order of their names.
func Protocols() []Protocol { return []Protocol{SCTP, TCP, UDP} }

// The ports that a connection can go to.
const (
	FirstPort uint16 = 1
	LastPort  uint16 = 65535
)

// Interval is a range of ports with both ends in it.
type Interval struct{ First, Last uint16 }

// Ports is a set of ports by protocol and, as one more element, every protocol
// without ports, such as ICMP. The zero value is empty.
type Ports struct {
	// sets hold, by protocol, sorted intervals that do not touch each other.
	sets  [protocols][]Interval
	other bool
}

// AllPorts holds every port of every protocol, and the protocols without ports.
func AllPorts() Ports {
	out := Ports{other: true}
	for p := range out.sets {
		out.sets[p] = []Interval{{FirstPort, LastPort}}
	}
	return out
}

// PortRange holds the ports of one protocol from first to last. It is empty
// when last is less than first. Port 0 is not a port.
func PortRange(p Protocol, first, last uint16) Ports {
	var out Ports
	if first = max(first, FirstPort); first <= last {
		out.sets[p] = []Interval{{first, last}}
	}
	return out
}

// Intervals returns the ports of a protocol in ascending order. The slice is
// shared and must not be changed.
func (s Ports) Intervals(p Protocol) []Interval { return s.sets[p] }

// Other reports whether the protocols without ports are in the set.
func (s Ports) Other() bool { return s.other }

// IsEmpty reports whether nothing is in the set.
func (s Ports) IsEmpty() bool {
	return !s.other && !slices.ContainsFunc(s.sets[:], func(set []Interval) bool { return len(set) > 0 })
}

// IsAllTransport reports whether every port of every protocol is in the set.
func (s Ports) IsAllTransport() bool {
	return !slices.ContainsFunc(s.sets[:], func(set []Interval) bool {
		return len(set) != 1 || set[0] != Interval{FirstPort, LastPort}
	})
}

// Contains reports whether the port is in the set.
func (s Ports) Contains(p Protocol, port uint16) bool {
	_, found := slices.BinarySearchFunc(s.sets[p], port, func(i Interval, port uint16) int {
		switch {
		case i.Last < port:
			return -1
		case i.First > port:
			return 1
		default:
			return 0
		}
	})
	return found
}

// Equal reports whether both sets hold the same.
func (s Ports) Equal(o Ports) bool {
	for p := range s.sets {
		if !slices.Equal(s.sets[p], o.sets[p]) {
			return false
		}
	}
	return s.other == o.other
}

// Union holds what is in either set.
func (s Ports) Union(o Ports) Ports {
	out := Ports{other: s.other || o.other}
	for p := range s.sets {
		out.sets[p] = unite(s.sets[p], o.sets[p])
	}
	return out
}

// Intersect holds what is in both sets.
func (s Ports) Intersect(o Ports) Ports {
	out := Ports{other: s.other && o.other}
	for p := range s.sets {
		out.sets[p] = intersect(s.sets[p], o.sets[p])
	}
	return out
}

// Subtract holds what is in s and not in o.
func (s Ports) Subtract(o Ports) Ports {
	out := Ports{other: s.other && !o.other}
	for p := range s.sets {
		out.sets[p] = intersect(s.sets[p], complement(o.sets[p]))
	}
	return out
}

// String lists the protocols by name with their ports: TCP 80,90-100,UDP 53.
// Protocols without ports are "other", as the last element.
func (s Ports) String() string {
	var out strings.Builder
	for _, p := range Protocols() {
		for n, i := range s.sets[p] {
			if out.Len() > 0 {
				out.WriteByte(',')
			}
			if n == 0 {
				out.WriteString(p.String() + " ")
			}
			out.WriteString(strconv.Itoa(int(i.First)))
			if i.Last > i.First {
				out.WriteString("-" + strconv.Itoa(int(i.Last)))
			}
		}
	}
	if s.other {
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.WriteString("other")
	}
	return out.String()
}

// unite merges two sorted lists and joins what overlaps or touches.
func unite(a, b []Interval) []Interval {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y Interval) int { return cmp.Compare(x.First, y.First) })
	out := all[:1]
	for _, i := range all[1:] {
		last := &out[len(out)-1]
		if last.Last == LastPort || i.First <= last.Last+1 {
			last.Last = max(last.Last, i.Last)
			continue
		}
		out = append(out, i)
	}
	return slices.Clip(out)
}

func intersect(a, b []Interval) []Interval {
	var out []Interval
	for len(a) > 0 && len(b) > 0 {
		first, last := max(a[0].First, b[0].First), min(a[0].Last, b[0].Last)
		if first <= last {
			out = append(out, Interval{first, last})
		}
		if a[0].Last < b[0].Last {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

func complement(set []Interval) []Interval {
	var out []Interval
	next := FirstPort
	for _, i := range set {
		if i.First > next {
			out = append(out, Interval{next, i.First - 1})
		}
		if i.Last == LastPort {
			return out
		}
		next = i.Last + 1
	}
	return append(out, Interval{next, LastPort})
}
