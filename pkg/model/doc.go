// Package model is the vocabulary that every other package speaks: references,
// source positions, three-valued answers, resources and the immutable snapshot
// of one cluster. It is a leaf: it imports nothing of this module.
package model
