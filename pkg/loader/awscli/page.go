package awscli

import (
	"fmt"
	"path"
	"slices"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/model"
)

// Page is a list of an answer, which may be one page of several. The AWS CLI asks
// for all of them unless it is told otherwise, by --max-items or --no-paginate:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
type Page struct {
	// File holds the list under Key, such as Subnets.
	File, Key string
	// Token is the field beside the list that says that there are more; empty in
	// the last page.
	Token string
}

// tokenOf is the field of an answer that asks for the next page.
func tokenOf(v *attr.Value) string {
	for _, name := range []string{"NextToken", "nextToken", "NextMarker", "Marker"} {
		if token := v.Get(name); token.IsSet() && token.Text != "" {
			return name
		}
	}
	return ""
}

// Unfinished returns the pages behind which the list goes on and that nothing
// continues: no file of their folder has the end of such a list.
func Unfinished(pages []Page) []Page {
	return slices.DeleteFunc(slices.Clone(pages), func(p Page) bool {
		return p.Token == "" || slices.ContainsFunc(pages, func(last Page) bool {
			return last.Token == "" && last.Key == p.Key && path.Dir(last.File) == path.Dir(p.File)
		})
	})
}

// Note tells of the page.
func (p Page) Note() model.Note {
	return model.Note{File: p.File, Message: fmt.Sprintf("one page of several: by its %s there are more %s, which are not known", p.Token, p.Key)}
}

// Unseen returns what may stand on a later page, where something rests on the
// absence of it: a subnet may have another route table or network ACL than the rest
// of its VPC, and a VPC more subnets, endpoints, flow logs and security groups.
// Whatever else a list lacks is known by the links that lead to it.
func (p Page) Unseen() *model.AWS {
	why := p.File + " is one page of several"
	meta := model.AWSMeta{
		Address: "on a later page of " + p.File, Origin: p.File, Observed: true, Conditional: why, Tags: model.Tags{Missing: why},
	}
	link := model.Link{Why: why}
	links := []model.Link{link}
	switch p.Key {
	case "Subnets":
		return &model.AWS{Subnets: []*model.Subnet{{AWSMeta: meta, VPC: link}}}
	case "RouteTables":
		return &model.AWS{RouteTables: []*model.RouteTable{{AWSMeta: meta, VPC: link, Subnets: links, Missing: why}}}
	case "NetworkAcls":
		return &model.AWS{NetworkACLs: []*model.NetworkACL{{AWSMeta: meta, VPC: link, Subnets: links, Missing: why}}}
	case "VpcEndpoints":
		return &model.AWS{Endpoints: []*model.VPCEndpoint{{AWSMeta: meta, VPC: link}}}
	case "FlowLogs":
		return &model.AWS{FlowLogs: []*model.FlowLog{{AWSMeta: meta, VPC: &link}}}
	case "SecurityGroups":
		return &model.AWS{SecurityGroups: []*model.SecurityGroup{{AWSMeta: meta, VPC: link, MissingIngress: why, MissingEgress: why}}}
	default:
		return &model.AWS{}
	}
}
