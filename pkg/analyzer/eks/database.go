package eks

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/pkg/analyzer/netset"
	"github.com/ekslint/ekslint/pkg/analyzer/vpc"
	"github.com/ekslint/ekslint/pkg/model"
)

// DatabaseSides are the interfaces that a database may have in the VPC of the cluster,
// one for each subnet of its group. Where none of the subnets is known it is one whose
// subnet nobody knows. Unknown says why there may be others.
func (c *Cluster) DatabaseSides(db *model.Database) (out []vpc.Side, unknown string) {
	name := "database " + cmp.Or(db.Name, db.AWSMeta.Title())
	groups := c.writtenGroups(name, db.SecurityGroups, db.Origin)
	subnets, unknown := c.Network.SubnetsOf(db.Subnets, db.Origin)
	if slices.ContainsFunc(subnets, func(s *vpc.Subnet) bool { return s.VPC != c.VPC }) {
		return nil, name + " does not lie in the VPC of the cluster"
	}
	if len(subnets) > 0 {
		return sidesIn(subnets, name, groups), cmp.Or(unknown, db.Conditional)
	}
	return []vpc.Side{{Name: name, Addresses: c.addressesOfVPC(), Groups: groups}}, db.Conditional
}

// addressesOfVPC are the IPv4 addresses of the VPC, or all where they are not known.
func (c *Cluster) addressesOfVPC() netset.Ranges {
	if c.VPC == nil {
		return netset.IPv4()
	}
	own, known := c.VPC.Ranges()
	if own = own.Intersect(netset.IPv4()); !known || len(own) == 0 {
		return netset.IPv4()
	}
	return own
}

// Databases are those of the input with a name: the one that AWS or its origin gives
// it, or the last part of that.
func (c *Cluster) Databases(name string) []*model.Database {
	var out []*model.Database
	for _, db := range c.Network.AWS().Databases {
		if db.ID == name || db.Name == name || db.Address == name || lastLabel(db.Address) == name {
			out = append(out, db)
		}
	}
	return out
}

// lastLabel is the name of a resource of Terraform in its module: orders of
// module.shop.aws_db_instance.orders[0].
func lastLabel(address string) string {
	label := address[strings.LastIndexByte(address, '.')+1:]
	label, _, _ = strings.Cut(label, "[")
	return label
}
