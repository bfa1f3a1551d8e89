// Package arch holds the shape of this module: which package may import which,
// and what no source file may contain. It has tests only.
package arch
