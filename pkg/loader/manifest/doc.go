// Package manifest reads Kubernetes manifests: the text of one file becomes
// documents, and each document becomes resources with source positions.
//
// Documents are read one at a time and independently of each other, so that a
// driver may read them on all cores. A document of a kind that nobody wants is
// recognised by its text alone and never parsed. What cannot be read is a
// Problem at its exact place and hides nothing else.
package manifest
