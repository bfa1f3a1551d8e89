package ipam

import (
	"regexp"
	"strconv"

	"github.com/aws/amazon-vpc-resource-controller-k8s/pkg/aws/vpc"
)

// Limits are those of an instance type:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html
type Limits struct {
	// Interfaces is the number of network interfaces of the default network card,
	// the only one whose addresses pods get.
	Interfaces int
	// AddressesPerInterface is the number of IPv4 addresses of one, its primary
	// address included.
	AddressesPerInterface int
	// BranchInterfaces is the number of pods that can have security groups of
	// their own; 0 where the type has no trunk interface.
	BranchInterfaces int
	// Prefixes is set where interfaces can hold prefixes: on Nitro and on bare metal.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
	Prefixes bool
	// RecommendedPods is the number of pods that EKS lets a managed node have at
	// most: 110, or 250 where the type has 30 vCPUs or more; 0 where the name of the
	// type does not tell.
	// https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
	RecommendedPods int
}

// LimitsOf returns the limits of an instance type such as m5.large, and whether
// it is known.
func LimitsOf(instanceType string) (Limits, bool) {
	l, ok := vpc.Limits[instanceType]
	if !ok {
		return Limits{}, false
	}
	out := Limits{
		Interfaces: l.Interface, AddressesPerInterface: l.IPv4PerInterface,
		Prefixes: l.Hypervisor == "nitro" || l.IsBareMetal, RecommendedPods: recommended(instanceType),
	}
	for _, card := range l.NetworkCards {
		if card.NetworkCardIndex == int64(l.DefaultNetworkCardIndex) {
			out.Interfaces = int(card.MaximumNetworkInterfaces)
		}
	}
	if l.IsTrunkingCompatible {
		out.BranchInterfaces = l.BranchInterface
	}
	return out, true
}

// size is that of an instance type, as in m5.2xlarge. Instances for high
// performance computing have one thread a core, and so other numbers of vCPUs.
var size = regexp.MustCompile(`^(hpc)?[^.]*\.(nano|micro|small|medium|large|(\d*)xlarge)$`)

// recommended goes by the size: an xlarge has four vCPUs, and n of them have n
// times as many.
func recommended(instanceType string) int {
	m := size.FindStringSubmatch(instanceType)
	if m == nil || m[1] != "" {
		return 0
	}
	if n, err := strconv.Atoi(m[3]); err == nil && 4*n >= 30 {
		return 250
	}
	return 110
}
