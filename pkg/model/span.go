package model

import "cmp"

// Span is a range of bytes in one file: Start is the first byte, End the one
// after the last. The zero Span means "no source". Lines and columns are
// computed by whoever prints, because their unit differs by format.
type Span struct {
	File       string
	Start, End int
	// Inexact is set when the text was made from the file, as a template's is, and
	// it is not certain which bytes of it became what the span stands for.
	Inexact bool
}

// IsZero reports whether the span names no source.
func (s Span) IsZero() bool { return s == Span{} }

// Compare orders spans by file, then start, then end.
func (s Span) Compare(o Span) int {
	return cmp.Or(
		cmp.Compare(s.File, o.File),
		cmp.Compare(s.Start, o.Start),
		cmp.Compare(s.End, o.End),
		cmp.Compare(boolRank(s.Inexact), boolRank(o.Inexact)),
	)
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Path leads from the root of an object to a value: mapping keys as they are
// written, list elements by their decimal index.
type Path []string

// Child returns the path of a value below p. It never aliases p.
func (p Path) Child(elems ...string) Path {
	out := make(Path, 0, len(p)+len(elems))
	out = append(out, p...)
	return append(out, elems...)
}

// Covers reports whether o is p or lies below it. The empty path covers all.
func (p Path) Covers(o Path) bool {
	if len(p) > len(o) {
		return false
	}
	for i := range p {
		if p[i] != o[i] {
			return false
		}
	}
	return true
}

// Part says which half of a mapping entry a position is asked for.
type Part uint8

// The parts of a mapping entry.
const (
	// PartValue is the value at a path: a scalar's own text. A mapping or a list
	// is shown by the key that introduces it, which is the line to look at.
	PartValue Part = iota
	// PartKey is the key that introduces the value, or the element itself in a list.
	PartKey
)

// Source knows where the parts of one resource were written. Implementations
// belong to the loaders and are safe for concurrent use.
//
// A source that also implements Printed was made of a template and of values.
type Source interface {
	// File is the slash-separated name of the file that holds the resource.
	File() string
	// Locate returns the span of the value or key at path, as Part says. When
	// the path does not exist, ok is false.
	Locate(path Path, part Part) (span Span, ok bool)
	// Extent is the span of the whole resource.
	Extent() Span
}

// Printed is a Source whose text is printed by a template, from values that stand
// elsewhere.
type Printed interface {
	// Given returns where the one value is given that the value at path comes from; ok is
	// false when there is none, several, or it is not known. Finding it may take a
	// rendering for each candidate.
	Given(path Path, part Part) (span Span, ok bool)
}
