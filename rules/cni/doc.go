// Package cni holds the rules on the Amazon VPC CNI.
package cni
