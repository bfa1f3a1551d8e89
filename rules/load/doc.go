// Package load holds the rules about how the input is written.
package load
