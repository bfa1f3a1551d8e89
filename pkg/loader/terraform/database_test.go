package terraform_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
	"github.com/ekslint/ekslint/pkg/model"
)

// TestSubnetGroup: a database lies in the subnets of its group where it certainly has
// that group.
func TestSubnetGroup(t *testing.T) {
	t.Parallel()
	link := func(address string, c model.Certainty) model.Link { return model.Link{Address: address, Certainty: c} }
	group := func(address, name string) terraform.Resource {
		r := read(t, "aws_db_subnet_group", `{"name": "`+name+`", "subnet_ids": ["subnet-`+name+`"]}`)
		r.Address = address
		return r
	}
	for name, tt := range map[string]struct {
		links []model.Link
		want  string
	}{
		"one group":       {[]model.Link{link("aws_db_subnet_group.a", model.LinkKnown)}, "subnet-a"},
		"perhaps a group": {[]model.Link{link("aws_db_subnet_group.a", model.LinkMay)}, ""},
		"one of two":      {[]model.Link{link("aws_db_subnet_group.a", model.LinkKnown), link("aws_db_subnet_group.b", model.LinkKnown)}, ""},
		"nothing known":   {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := read(t, "aws_db_instance", `{"engine": "mysql"}`)
			db.Attributes.Fields = append(db.Attributes.Fields, attr.Field{Name: "db_subnet_group_name", Value: &attr.Value{Kind: attr.Open, Links: tt.links}})
			aws, _ := terraform.Load("f.json", []terraform.Resource{db, group("aws_db_subnet_group.a", "a"), group("aws_db_subnet_group.b", "b")})
			got := ""
			for _, l := range aws.Databases[0].Subnets {
				got += l.ID
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
