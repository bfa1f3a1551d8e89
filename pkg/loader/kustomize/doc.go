// Package kustomize builds kustomizations: it turns the kustomization of a folder,
// with its bases, components, patches and generators, into the objects that
// `kustomize build` prints, each of which knows where its parts were written.
//
// A build reads the tree that it is given and nothing else. Before the library of
// kustomize sees a kustomization, plan reads everything that it refers to, and
// writes it anew: without what lies on the network and without what would run a
// program, and with the name of each file such that it can be taken neither for an
// address nor for a repository. The library then works on these texts alone.
package kustomize
