package eks

import "regexp"

// zoneOfRegion is the name of an availability zone, which begins with that of its
// region, also in a local zone: eu-central-1a, us-west-2-lax-1a.
var zoneOfRegion = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]+)+?-\d+)(?:[a-z]|-.+)$`)

// Region is the region of the VPC, as the zones of its subnets tell; empty when none
// is known.
func (c *Cluster) Region() string {
	if c.VPC == nil {
		return ""
	}
	for _, s := range c.VPC.Subnets {
		zone, _ := s.AvailabilityZone.Get()
		if m := zoneOfRegion.FindStringSubmatch(zone); m != nil {
			return m[1]
		}
	}
	return ""
}
