package ipam

// Settings are those of the VPC CNI that decide how many addresses a node takes:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/README.md#cni-configuration-variables
type Settings struct {
	// Prefixes is ENABLE_PREFIX_DELEGATION: pods get the addresses of blocks of
	// PrefixSize in place of secondary addresses.
	Prefixes bool
	// CustomNetworking is AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: the primary interface
	// has no pods, and the others lie in the subnet of an ENIConfig.
	CustomNetworking bool
	// PodENI is ENABLE_POD_ENI: one interface is the trunk of those that pods have
	// of their own.
	PodENI bool
	// The warm targets; WarmIPs and MinimumIPs are 0 where they are not set.
	WarmENIs, WarmPrefixes, WarmIPs, MinimumIPs int
	// MaxENIs is MAX_ENI, 0 where it is not set.
	MaxENIs int
}

// Defaults are the settings of the VPC CNI as EKS installs it:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/config/master/aws-k8s-cni.yaml
func Defaults() Settings { return Settings{WarmENIs: 1, WarmPrefixes: 1} }

// PrefixSize is the number of addresses of a prefix.
const PrefixSize = 16

// NodeNetworkPods is the number of pods of EKS itself that use the address of the
// node: aws-node and kube-proxy.
const NodeNetworkPods = 2

// Node is an instance under the settings of the VPC CNI.
type Node struct {
	Limits
	Settings
	// MaxPods is the limit of the kubelet, at which the CNI stops taking addresses.
	MaxPods int
}

// PodAddresses is the number of addresses that pods can get, without MaxPods.
func (n Node) PodAddresses() int { return n.podInterfaces() * n.perInterface() }

// Holds is the number of pods that the instance can hold, those on the network of
// the node included:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/README.md#eni-allocation
func (n Node) Holds() int { return n.PodAddresses() + NodeNetworkPods }

// interfaces is how many the CNI may have on the instance.
func (n Node) interfaces() int {
	if n.MaxENIs >= 1 {
		return min(n.MaxENIs, n.Interfaces)
	}
	return n.Interfaces
}

// trunk is 1 where an interface is set apart for pods with security groups.
func (n Node) trunk() int {
	if n.PodENI && n.BranchInterfaces > 0 {
		return 1
	}
	return 0
}

// podInterfaces is how many interfaces can hold addresses of pods.
func (n Node) podInterfaces() int {
	out := n.interfaces() - n.trunk()
	if n.CustomNetworking {
		out--
	}
	return max(out, 0)
}

// slots is how many secondary addresses or prefixes an interface has.
func (n Node) slots() int { return max(n.AddressesPerInterface-1, 0) }

// unit is how many addresses a slot holds.
func (n Node) unit() int {
	if n.Settings.Prefixes && n.Limits.Prefixes {
		return PrefixSize
	}
	return 1
}

func (n Node) perInterface() int { return n.slots() * n.unit() }

// Taken is what a node holds of its subnets.
type Taken struct {
	// Interfaces is the number of interfaces with addresses of pods, Addresses how
	// many these have for pods.
	Interfaces, Addresses int
	// Node is how many addresses the node takes of its own subnet, Pods how many
	// of the subnet of its ENIConfig: 0 without custom networking.
	Node, Pods int
}

// Take returns what a node holds when so many of its pods want addresses of the
// VPC. The CNI takes more than that, so that the next pods need not wait:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/docs/eni-and-ip-target.md
func (n Node) Take(pods int) Taken {
	p := pool{Node: n}
	for p.assigned = 0; ; p.assigned++ {
		for p.isLow() && p.grow() {
			continue
		}
		if p.assigned >= min(pods, p.slotsUsed*n.unit()) {
			break
		}
	}
	return n.taken(p.slotsUsed)
}

func (n Node) taken(slots int) Taken {
	out := Taken{Addresses: slots * n.unit()}
	if n.slots() > 0 {
		out.Interfaces = (slots + n.slots() - 1) / n.slots()
	}
	if n.CustomNetworking {
		out.Node, out.Pods = 1, out.Addresses+out.Interfaces+n.trunk()
		return out
	}
	out.Interfaces = max(out.Interfaces, 1)
	out.Node = out.Addresses + out.Interfaces + n.trunk()
	return out
}

// pool is what the CNI has on a node: it grows by whole steps while it is low.
type pool struct {
	Node
	// slotsUsed is how many slots hold addresses, assigned how many of these
	// addresses pods have.
	slotsUsed, assigned int
}

// isLow follows isDatastorePoolTooLow:
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.20.4/pkg/ipamd/ipamd.go
func (p pool) isLow() bool {
	total := p.slotsUsed * p.unit()
	switch available := total - p.assigned; {
	case total >= p.MaxPods:
		return false
	case p.byAddress():
		return p.short() > 0
	case p.unit() == PrefixSize:
		return available < p.WarmPrefixes*PrefixSize || p.WarmPrefixes == 0 && available == 0
	default:
		return available < p.WarmENIs*p.slots() || p.WarmENIs == 0 && available == 0
	}
}

// byAddress reports whether the targets count addresses.
func (p pool) byAddress() bool { return p.WarmIPs > 0 || p.MinimumIPs > 0 }

// short is how many addresses are missing to the targets.
func (p pool) short() int {
	total := p.slotsUsed * p.unit()
	return max(p.WarmIPs-(total-p.assigned), p.MinimumIPs-total, 0)
}

// grow fills up one interface, an existing one first, as far as the targets ask;
// it reports whether there was room.
func (p *pool) grow() bool {
	room := p.podInterfaces()*p.slots() - p.slotsUsed
	if room <= 0 {
		return false
	}
	wanted := p.slots()
	switch {
	case p.byAddress():
		wanted = (p.short() + p.unit() - 1) / p.unit()
	case p.unit() == PrefixSize:
		free := p.slotsUsed - (p.assigned+PrefixSize-1)/PrefixSize
		wanted = max(p.WarmPrefixes-free, 1)
	}
	p.slotsUsed += min(wanted, p.slots()-p.slotsUsed%p.slots())
	return true
}
