// Package cloudformation reads AWS CloudFormation templates, in YAML with the
// short forms of functions or in JSON, as they are written or as the AWS CDK
// makes them: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-guide.html
//
// A parameter has its default. What only a deployment can tell, such as the
// identifier of a resource or a parameter without a default, is open and names
// its expression; the identifier of a resource of the template links to it.
package cloudformation

import (
	"errors"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/syntax"
	"github.com/ekslint/ekslint/pkg/model"
)

// Load reads the text of a file.
func Load(name string, text []byte) model.Fragment {
	root, err := parse(text)
	var bad *syntax.Error
	if errors.As(err, &bad) {
		at := model.Span{File: name, Start: bad.Offset, End: min(bad.Offset+1, len(text))}
		return model.Fragment{AWS: &model.AWS{}, Problems: []model.Problem{{At: at, Message: "not a template: " + bad.Message}}}
	}
	if root == nil {
		return model.Fragment{AWS: &model.AWS{}}
	}
	x := &reading{template: newTemplate(name, text, root), out: &model.AWS{}}
	x.transforms(root.Find([]string{"Transform"}))
	x.resourcesIn(root.Find([]string{resourcesKey}))
	x.finish()
	return model.Fragment{AWS: x.out, Problems: x.Problems, Notes: x.notes}
}

func parse(text []byte) (*syntax.Node, error) {
	if isJSON(text) {
		return syntax.ParseJSON(text)
	}
	return syntax.ParseYAML(text)
}

// reading is the state of reading one template.
type reading struct {
	*template
	out *model.AWS
	// What adds to resources that may be declared behind it.
	vpcBlocks, subnetBlocks []block
	attachments             []attachment
	// impliedEgress are the groups that may keep the egress rules of AWS.
	impliedEgress []*model.SecurityGroup
}

// readers read the properties of a type of resource.
var readers = map[string]func(*reading, *resource, *attr.Value){
	"AWS::EC2::VPC":                             (*reading).vpc,
	"AWS::EC2::VPCCidrBlock":                    (*reading).vpcBlock,
	"AWS::EC2::Subnet":                          (*reading).subnet,
	"AWS::EC2::SubnetCidrBlock":                 (*reading).subnetBlock,
	"AWS::EC2::InternetGateway":                 (*reading).internetGateway,
	"AWS::EC2::VPCGatewayAttachment":            (*reading).gatewayAttachment,
	"AWS::EC2::NatGateway":                      (*reading).natGateway,
	"AWS::EC2::RouteTable":                      (*reading).routeTable,
	"AWS::EC2::Route":                           (*reading).route,
	"AWS::EC2::VPNGatewayRoutePropagation":      (*reading).propagation,
	"AWS::EC2::SubnetRouteTableAssociation":     (*reading).routeTableAssociation,
	"AWS::EC2::SecurityGroup":                   (*reading).securityGroup,
	"AWS::EC2::SecurityGroupIngress":            (*reading).ingress,
	"AWS::EC2::SecurityGroupEgress":             (*reading).egress,
	"AWS::EC2::NetworkAcl":                      (*reading).networkACL,
	"AWS::EC2::NetworkAclEntry":                 (*reading).networkACLEntry,
	"AWS::EC2::SubnetNetworkAclAssociation":     (*reading).networkACLAssociation,
	"AWS::EC2::VPCEndpoint":                     (*reading).endpoint,
	"AWS::EC2::FlowLog":                         (*reading).flowLog,
	"AWS::EC2::PrefixList":                      (*reading).prefixList,
	"AWS::EC2::NetworkInterface":                (*reading).networkInterface,
	"AWS::EC2::LaunchTemplate":                  (*reading).launchTemplate,
	eksCluster:                                  (*reading).cluster,
	"AWS::EKS::Nodegroup":                       (*reading).nodeGroup,
	"AWS::EKS::FargateProfile":                  (*reading).fargateProfile,
	"AWS::EKS::Addon":                           (*reading).addon,
	"AWS::AutoScaling::AutoScalingGroup":        (*reading).autoScalingGroup,
	"AWS::AutoScaling::LaunchConfiguration":     (*reading).launchConfiguration,
	"AWS::ElasticLoadBalancingV2::LoadBalancer": (*reading).loadBalancer,
	"AWS::ElasticLoadBalancing::LoadBalancer":   (*reading).classicLoadBalancer,
	"AWS::RDS::DBInstance":                      (*reading).database,
	"AWS::RDS::DBCluster":                       (*reading).database,
	"AWS::ElastiCache::CacheCluster":            (*reading).database,
	"AWS::ElastiCache::ReplicationGroup":        (*reading).database,
	"AWS::CloudFormation::Stack":                (*reading).nestedStack,
	cdkCluster:                                  (*reading).madeByCDK,
	cdkFargateProfile:                           (*reading).madeByCDK,
}

// resourcesIn reads the section Resources.
func (x *reading) resourcesIn(body *syntax.Node) {
	if body == nil {
		return
	}
	if body.Kind != syntax.Mapping {
		x.Refuse(x.span(body), "Resources: want an object")
		return
	}
	for _, f := range entries(body) {
		if isExpanded(f) {
			x.notExpanded(f)
		} else {
			x.declare(f)
		}
	}
	x.decide()
	for _, r := range x.resources {
		if read := readers[r.typ]; read != nil && r.made != model.No {
			read(x, r, x.of(r))
		}
	}
}

// finish joins what stands in several resources.
func (x *reading) finish() {
	x.addBlocks()
	x.attachGateways()
	x.implyEgress()
	x.placeInVPC()
}
