// Package reachability holds the rules about paths of traffic that are open or
// broken.
package reachability
