//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

type object = map[string]any

// The size of the account to measure with.
const (
	accountGroups   = 500
	accountSubnets  = 200
	accountNodes    = 20 // node groups
	accountTables   = 20
	accountACLs     = 10
	rulesOfAGroup   = 20
	entriesOfAnACL  = 10
	subnetsOfNodes  = 3
	placesOfASubnet = accountSubnets / accountTables
)

// account writes the answers of the AWS CLI for an account with a cluster.
func account(dir string) (string, error) {
	out := object{
		"Vpcs": []object{{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/8", "CidrBlockAssociationSet": []object{{"CidrBlock": "10.0.0.0/8"}}}},
		"cluster": object{"name": "bench", "resourcesVpcConfig": object{
			"vpcId": "vpc-1", "clusterSecurityGroupId": "sg-0", "subnetIds": []string{subnetID(0), subnetID(1), subnetID(2)},
		}},
	}
	var subnets, tables, acls, groups, nodes, templates []object
	for i := range accountSubnets {
		subnets = append(subnets, object{
			"SubnetId": subnetID(i), "VpcId": "vpc-1", "CidrBlock": fmt.Sprintf("10.%d.0.0/20", i),
			"AvailabilityZone": string("abc"[i%3]), "MapPublicIpOnLaunch": false, "AvailableIpAddressCount": 4000, "Tags": []object{},
		})
	}
	for i := range accountTables {
		tables = append(tables, object{
			"RouteTableId": fmt.Sprint("rtb-", i), "VpcId": "vpc-1", "Associations": associations(i*placesOfASubnet, placesOfASubnet),
			"Routes": []object{{"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "local"}, {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}},
		})
	}
	for i := range accountACLs {
		acls = append(acls, object{
			"NetworkAclId": fmt.Sprint("acl-", i), "VpcId": "vpc-1", "IsDefault": false,
			"Associations": associations(i*accountSubnets/accountACLs, accountSubnets/accountACLs), "Entries": entries(),
		})
	}
	for i := range accountGroups {
		groups = append(groups, object{
			"GroupId": fmt.Sprint("sg-", i), "GroupName": fmt.Sprint("group-", i), "VpcId": "vpc-1",
			"IpPermissions": permissions(i), "IpPermissionsEgress": permissions(i + 1), "Tags": []object{},
		})
	}
	for i := range accountNodes {
		nodes = append(nodes, object{
			"nodegroupName": fmt.Sprint("nodes-", i), "clusterName": "bench", "amiType": "AL2023_x86_64_STANDARD",
			"subnets":        []string{subnetID(i * subnetsOfNodes), subnetID(i*subnetsOfNodes + 1), subnetID(i*subnetsOfNodes + 2)},
			"launchTemplate": object{"id": fmt.Sprint("lt-", i), "version": "1"},
		})
		templates = append(templates, object{
			"LaunchTemplateId": fmt.Sprint("lt-", i), "VersionNumber": 1, "LaunchTemplateData": object{"SecurityGroupIds": []string{fmt.Sprint("sg-", i)}},
		})
	}
	out["Subnets"], out["RouteTables"], out["NetworkAcls"], out["SecurityGroups"] = subnets, tables, acls, groups
	out["nodegroup"], out["LaunchTemplateVersions"] = nodes, templates
	text, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "account.json")
	return name, os.WriteFile(name, text, 0o600)
}

func subnetID(i int) string { return fmt.Sprint("subnet-", i) }

func associations(first, count int) []object {
	var out []object
	for i := range count {
		out = append(out, object{"SubnetId": subnetID(first + i)})
	}
	return out
}

func entries() []object {
	var out []object
	for i := range entriesOfAnACL {
		for _, egress := range []bool{false, true} {
			out = append(out, object{
				"RuleNumber": 10 * (i + 1), "Egress": egress, "RuleAction": "allow", "Protocol": "6",
				"CidrBlock": fmt.Sprintf("10.%d.0.0/16", i), "PortRange": object{"From": 1000 * i, "To": 65535},
			})
		}
	}
	return out
}

func permissions(group int) []object {
	var out []object
	for i := range rulesOfAGroup {
		out = append(out, object{
			"IpProtocol": "tcp", "FromPort": 100 * i, "ToPort": 100*i + 50,
			"IpRanges":         []object{{"CidrIp": fmt.Sprintf("10.%d.%d.0/24", i, group%250)}},
			"UserIdGroupPairs": []object{{"GroupId": fmt.Sprint("sg-", (group+i)%accountGroups)}},
		})
	}
	return out
}
