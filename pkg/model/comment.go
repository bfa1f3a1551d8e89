package model

// Comment is a comment of a file that is addressed to ekslint.
type Comment struct {
	// At is the comment.
	At Span
	// Text follows the marker.
	Text string
	// Covers are the lines that the comment speaks of; zero when there are none.
	Covers Span
	// Built is set in a file that objects are made of, as a template or the base of an
	// overlay is: what is made of it elsewhere may be other.
	Built bool
}
