// Package path gives one verdict over every layer that a connection passes: the
// listener of a load balancer, routes, network ACLs, security groups, Services and
// network policies, hop by hop and with the way back. Where it matters on which
// node, or in which subnet, something runs, each place is judged by itself.
package path
