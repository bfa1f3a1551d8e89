// Package lbc holds the vocabulary of the AWS Load Balancer Controller: its
// annotations, the syntax of their values, and what the controller makes of
// them.
//
// Everything here is a pure function over strings. The package knows one
// annotation at a time: whether another annotation, IngressClassParams or a
// Service overrides it, and whether the object is managed by the controller at
// all, is for the caller to settle first. So is the question whether a value is
// a placeholder, about which nothing may be said.
//
// The facts are those of controller 3.5.0. Its parser decides what a value is:
// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/annotations/parser.go
package lbc

// Version is the release of the controller whose annotations the package knows.
const Version = "3.5.0"
