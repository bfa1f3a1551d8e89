// Package syntax holds the positioned tree of one YAML or JSON document: it
// turns a path such as spec, rules, 0, http into the exact bytes that were
// written there.
//
// The tree follows the source, not a Go type. A scalar is the text the author
// wrote beside the value a decoder reads from it, and an alias or a merge key
// leads to the place of definition, since that is the line to edit.
package syntax

import (
	"fmt"
	"strconv"
)

// maxDepth bounds the nesting of a document, as encoding/json and yaml.v3 do.
const maxDepth = 10_000

// Kind says which of the three shapes a Node has.
type Kind uint8

// The kinds of nodes. The zero Kind is Scalar.
const (
	Scalar Kind = iota
	Mapping
	Sequence
)

// String returns the lower-case name of the kind.
func (k Kind) String() string {
	switch k {
	case Scalar:
		return "scalar"
	case Mapping:
		return "mapping"
	case Sequence:
		return "sequence"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Node is one value, or one key, of a document. Nodes that are reached through
// an alias or a merge key are shared, so a tree may be a graph and, when an
// anchor contains itself, have a cycle: use Walk to visit it.
type Node struct {
	Kind Kind

	// Start and End are offsets in the text that was parsed, End exclusive.
	// They leave out anchors, tags and comments.
	//
	// A scalar spans what was written: with its quotes, or for a block scalar
	// from the | or > to the end of the last line that is not blank, without
	// the line break. A value that was left out has an empty span, right after
	// its colon, dash, anchor or tag. A collection spans from its first byte to
	// the closing bracket or, in block style, to the end of its last descendant.
	Start, End int

	// Value is the decoded text of a scalar. A plain scalar keeps its
	// spelling: no number, boolean or null is interpreted.
	Value string

	// Quoted tells that a scalar was written in quotes or as a block scalar,
	// so it is a string whatever it looks like.
	Quoted bool

	// Tag is the YAML tag that was written, such as !Ref; empty without one.
	Tag string

	// Fields are the entries of a mapping in source order, followed by those
	// that came in through merge keys. The merge key itself is not a field.
	Fields []Field

	// Items are the elements of a sequence.
	Items []*Node

	// merges are the mappings that merge keys of this one name. They are kept
	// because Duplicates must see one that is written in place.
	merges []*Node
}

// Field is an entry of a mapping. Key and Value are never nil.
type Field struct {
	Key, Value *Node

	// Merged tells that the entry came in through a YAML merge key (<<). Its
	// nodes lie where they were defined. A merged entry never has the key of
	// another entry: explicit ones win, then the first mapping that is merged.
	Merged bool
}

// Error says why, and where, a text is not a document.
type Error struct {
	// Offset is where the parser gave up or, for YAML, the first byte on that
	// line that is not a blank. It lies in the text, or just behind it.
	Offset int
	// Line is the line of Offset, counting from 1.
	Line    int
	Message string
}

// Error returns the line and the message.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Find returns the value at path, or nil when there is none. Elements of a
// sequence are named by their decimal index. If a key is written more than
// once, the last one counts, as it does for decoders that accept it.
func (n *Node) Find(path []string) *Node {
	for _, elem := range path {
		if n == nil {
			return nil
		}
		n = n.child(elem)
	}
	return n
}

// FindKey returns the key node of the last element of path. For an element of a
// sequence, which has no key, it returns the element itself, and for the empty
// path the receiver. It returns nil when Find would.
func (n *Node) FindKey(path []string) *Node {
	if len(path) == 0 {
		return n
	}
	last := len(path) - 1
	parent := n.Find(path[:last])
	if parent == nil {
		return nil
	}
	if parent.Kind != Mapping {
		return parent.child(path[last])
	}
	if f, ok := parent.field(path[last]); ok {
		return f.Key
	}
	return nil
}

func (n *Node) child(elem string) *Node {
	switch n.Kind {
	case Mapping:
		f, _ := n.field(elem)
		return f.Value
	case Sequence:
		i, err := strconv.Atoi(elem)
		if err != nil || i < 0 || i >= len(n.Items) || strconv.Itoa(i) != elem {
			return nil
		}
		return n.Items[i]
	default:
		return nil
	}
}

// field looks from the end, for the last of several explicit fields to win; a
// merged one never competes with them.
func (n *Node) field(key string) (Field, bool) {
	for i := len(n.Fields) - 1; i >= 0; i-- {
		if f := n.Fields[i]; f.Key.Kind == Scalar && f.Key.Value == key {
			return f, true
		}
	}
	return Field{}, false
}
