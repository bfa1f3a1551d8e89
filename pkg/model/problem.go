package model

import "cmp"

// Problem is a part of the input that should be readable and is not. The rest
// is analysed. At covers the offending text, or the whole file when nothing
// smaller is known.
type Problem struct {
	At      Span
	Message string
}

// Compare orders problems by place, then message.
func (p Problem) Compare(o Problem) int {
	return cmp.Or(p.At.Compare(o.At), cmp.Compare(p.Message, o.Message))
}

// Note says what was recognised and set aside on purpose: a chart's templates,
// an encrypted file, a patch. It changes no exit code.
type Note struct {
	// File is the file or folder concerned.
	File    string
	Message string
}

// Compare orders notes by file, then message.
func (n Note) Compare(o Note) int {
	return cmp.Or(cmp.Compare(n.File, o.File), cmp.Compare(n.Message, o.Message))
}

// Defect is a flaw in how a resource is written that does not stop its
// decoding: a field that the API does not know, a key that stands twice.
type Defect struct {
	Kind DefectKind
	Path Path
	// Detail completes the message, such as the known field meant.
	Detail string
}

// DefectKind names the flaw.
type DefectKind uint8

// The kinds of defects.
const (
	UnknownField DefectKind = iota + 1
	DuplicateField
	// BooleanText is a bare y or n where text belongs. It is kept as text;
	// kubectl reads a boolean and the API server refuses the object.
	BooleanText
)
