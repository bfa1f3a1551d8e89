// Package gitops reads the objects of Argo CD and Flux, and says which folders
// of the same repository they install, and with what options.
//
// It renders nothing. A Delivery names a folder, what has to be built there
// (a chart, a kustomization, plain files), and the text of files that Argo CD
// or Flux would have changed before. What cannot be told for certain is a Gap,
// with the reason: an Application that may install something is worth as much
// as one that does, because absences in its cluster are then not proven.
package gitops
