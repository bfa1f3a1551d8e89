// Package podsecuritygroup holds the rules on security groups for pods.
package podsecuritygroup
