// Package networkpolicy holds the rules about NetworkPolicies and the pods that
// they isolate.
package networkpolicy
