package vpctest

import (
	"net/netip"

	"github.com/ekslint/ekslint/pkg/model"
)

func (r *reader) networkInterface(m model.AWSMeta, settings []setting) {
	out := &model.NetworkInterface{AWSMeta: m}
	for _, s := range settings {
		switch s.key {
		case "subnet":
			out.Subnet = r.link(s.value)
		case "groups":
			out.SecurityGroups = r.links(s.value)
		case "address":
			out.Addresses = append(out.Addresses, netip.MustParseAddr(s.value))
		}
	}
	r.aws.Interfaces = append(r.aws.Interfaces, out)
}

func (r *reader) database(m model.AWSMeta, settings []setting) {
	out := &model.Database{AWSMeta: m}
	for _, s := range settings {
		switch s.key {
		case "subnets":
			out.Subnets = r.links(s.value)
		case "groups":
			out.SecurityGroups = r.links(s.value)
		case "port":
			out.Port = r.number(s.value)
		}
	}
	r.aws.Databases = append(r.aws.Databases, out)
}
