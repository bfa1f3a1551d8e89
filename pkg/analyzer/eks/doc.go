// Package eks joins the Kubernetes graph of a cluster with the AWS network it
// runs in: which nodes a pod may run on, and so which subnet and security groups
// it has, and which load balancer a controller makes of an Ingress or a Service.
package eks
