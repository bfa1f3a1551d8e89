// Package cluster holds rules about the control plane.
package cluster
