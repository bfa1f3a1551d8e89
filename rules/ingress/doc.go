// Package ingress holds the rules about Ingresses that become Application Load
// Balancers.
package ingress
