// Package securitygroup holds rules about security groups.
package securitygroup
