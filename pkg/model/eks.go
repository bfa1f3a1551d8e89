package model

import "net/netip"

// EKSCluster is the control plane of a cluster:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html
type EKSCluster struct {
	AWSMeta
	ClusterName Value[string]
	Version     Value[string]
	VPC         Link
	// Subnets hold the interfaces of the control plane.
	Subnets []Link
	// SecurityGroups are those that are given besides the cluster security
	// group. They are on the interfaces of the control plane and not on nodes.
	SecurityGroups []Link
	// ClusterSecurityGroup is the group that EKS makes. Before it is made it
	// has the address of the cluster with ClusterGroupSuffix.
	ClusterSecurityGroup        Link
	PublicAccess, PrivateAccess Value[bool]
	PublicCIDRs                 []Value[netip.Prefix]
	ServiceCIDR                 Value[netip.Prefix]
	// IPFamily is ipv4 or ipv6.
	IPFamily Value[string]
	AutoMode Value[bool]
	// Local is set for a cluster whose control plane runs on AWS Outposts: in one zone,
	// and with a private endpoint.
	// https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts-local-cluster-create.html
	Local bool
	// BuiltInPools says whether EKS Auto Mode makes NodePools of its own.
	BuiltInPools Value[bool]
}

// NodeGroup is a managed node group, or an Auto Scaling group of nodes:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
type NodeGroup struct {
	AWSMeta
	Cluster Value[string]
	// SelfManaged is set for an Auto Scaling group.
	SelfManaged bool
	Subnets     []Link
	// LaunchTemplate is nil when there is none. Its version is a number,
	// $Latest or $Default.
	LaunchTemplate        *Link
	LaunchTemplateVersion Value[string]
	InstanceTypes         []Value[string]
	AMIType               Value[string]
	// Sizes of the group, in nodes.
	Min, Max, Desired Value[int]
	// MaxUnavailable and MaxUnavailablePercentage bound an update; one of them
	// is known.
	MaxUnavailable, MaxUnavailablePercentage Value[int]
	Labels                                   Tags
	Taints                                   []NodeTaint
	TaintsMissing                            string
	// RemoteAccess is set when SSH keys are given, and RemoteAccessGroups are
	// the groups that may then connect.
	RemoteAccess       Value[bool]
	RemoteAccessGroups []Link
}

// NodeTaint keeps pods that do not tolerate it off the nodes.
type NodeTaint struct {
	Key, Value Value[string]
	// Effect is that of Kubernetes: NoSchedule, NoExecute or PreferNoSchedule.
	Effect Value[string]
	At     Span
}

// LaunchTemplate is what instances are made from, in one of its versions.
type LaunchTemplate struct {
	AWSMeta
	// Version is its number, not known before AWS has made it.
	Version Value[int]
	// IsDefault is set for the version that AWS calls the default one.
	IsDefault    bool
	InstanceType Value[string]
	// SecurityGroups are those of the instance or of its primary interface.
	SecurityGroups []Link
	// PublicIP says whether instances ask for a public IPv4 address, whatever
	// their subnet says; open where it is the subnet that decides.
	PublicIP Value[bool]
	// HopLimit, Tokens and Endpoint are the metadata options.
	HopLimit         Value[int]
	Tokens, Endpoint Value[string]
	// UserData is the decoded text.
	UserData Value[string]
	ImageID  Value[string]
}

// FargateProfile says which pods run on Fargate:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_FargateProfile.html
type FargateProfile struct {
	AWSMeta
	Cluster   Value[string]
	Subnets   []Link
	Selectors []FargateSelector
	// Missing says why there may be more selectors; empty when these are all.
	Missing string
}

// FargateSelector matches pods of a namespace that carry all labels.
type FargateSelector struct {
	Namespace Value[string]
	Labels    Tags
	At        Span
}

// EKSAddon is an add-on of a cluster:
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Addon.html
type EKSAddon struct {
	AWSMeta
	Cluster   Value[string]
	AddonName Value[string]
	Version   Value[string]
	// Configuration is JSON or YAML whose schema is that of the add-on; empty
	// when there is none.
	Configuration Value[string]
}

// TaintEffect turns the effect that the EKS API writes, such as NO_SCHEDULE, into
// that of Kubernetes.
func TaintEffect(v Value[string]) Value[string] {
	text, known := v.Get()
	if !known {
		return v
	}
	switch text {
	case "NO_SCHEDULE":
		text = "NoSchedule"
	case "NO_EXECUTE":
		text = "NoExecute"
	case "PREFER_NO_SCHEDULE":
		text = "PreferNoSchedule"
	}
	return Known(text, v.Span())
}
