// Package vpc answers what security groups, network ACLs and routes of a VPC do
// to a connection. Every answer has two sides, what certainly passes and what
// may, which differ where the input does not say enough, and names the lines
// that decide.
//
// Security groups are stateful and add up; network ACLs are stateless, and the
// lowest number that matches decides:
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
package vpc
