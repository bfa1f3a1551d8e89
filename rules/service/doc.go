// Package service holds the rules on Services.
package service
