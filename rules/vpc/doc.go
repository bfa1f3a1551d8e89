// Package vpc holds rules about subnets, routes and endpoints.
package vpc
