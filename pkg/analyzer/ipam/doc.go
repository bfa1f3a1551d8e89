// Package ipam is the arithmetic of pod addresses: how many interfaces and IPv4
// addresses an instance type can hold, how many pods that makes, and how many
// addresses of its subnets a node takes under the settings of the VPC CNI.
package ipam
