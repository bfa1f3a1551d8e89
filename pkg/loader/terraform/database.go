package terraform

import (
	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// database reads
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance
// and its like, in which the same has several names.
func (x *reading) database(r Resource) {
	v := r.Attributes
	out := &model.Database{AWSMeta: x.meta(r), Port: x.Int(given(v.Get("port")), "port", x.databasePort(r))}
	for _, name := range []string{"vpc_security_group_ids", "security_group_ids"} {
		out.SecurityGroups = append(out.SecurityGroups, x.links(v, name)...)
	}
	for _, name := range []string{"identifier", "cluster_identifier", "cluster_id", "replication_group_id", "name"} {
		if given := v.Get(name); out.Name == "" && given.IsSet() && given.Kind == attr.String {
			out.Name = given.Text
		}
	}
	out.Subnets = x.links(v, "subnet_ids")
	for _, name := range []string{"db_subnet_group_name", "neptune_subnet_group_name", "subnet_group_name"} {
		if group := given(v.Get(name)); group != nil {
			out.Subnets = append(out.Subnets, x.subnetsOfGroup(group)...)
		}
	}
	x.out.Databases = append(x.out.Databases, out)
}

func (x *reading) databasePort(r Resource) model.Value[int] {
	engine, known := map[string]string{
		"aws_docdb_cluster": "docdb", "aws_neptune_cluster": "neptune",
	}[r.Type]
	if known {
		return model.DatabasePort(model.Known(engine, r.At))
	}
	return model.DatabasePort(x.str(r.Attributes, "engine"))
}

// subnetsOfGroup are the subnets of a group of them, which is named by its name.
func (x *reading) subnetsOfGroup(group *attr.Value) []model.Link {
	if group.Kind == attr.String {
		if subnets, found := x.subnetGroups[group.Text]; found {
			return subnets
		}
	}
	for _, l := range group.Links {
		if subnets, found := x.subnetGroups[l.Address]; found && l.Certainty == model.LinkKnown && len(group.Links) == 1 {
			return subnets
		}
	}
	return []model.Link{{Why: "the subnets of its subnet group are not known", At: group.At}}
}
