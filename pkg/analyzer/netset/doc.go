// Package netset holds sets of network values: ports by protocol and address
// ranges. All values are immutable, so they may be shared.
package netset
