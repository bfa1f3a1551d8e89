// Package networkacl holds the rules on network ACLs.
package networkacl
