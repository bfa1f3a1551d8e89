// Package dns holds the rules about how pods resolve names: CoreDNS, its
// Corefile, and the pods' own settings.
package dns
