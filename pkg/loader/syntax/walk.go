package syntax

import (
	"slices"
	"strconv"
)

// maxRepeats bounds how many nodes Walk visits for a second time or more. A few
// hundred bytes of nested aliases can name billions of paths:
// https://en.wikipedia.org/wiki/Billion_laughs_attack
const maxRepeats = 100_000

// Walk calls visit for n and the values below it, parents first and in order,
// with the path by which Find would look for them. Keys are not visited. If
// visit returns false, the node's children are skipped. The path is only valid
// during the call.
//
// A node that aliases name is visited on each of its paths, but not inside
// itself, and Walk stops following aliases when they have multiplied the
// document beyond any honest use. An entry whose key is not a scalar has no
// path and is left out.
func (n *Node) Walk(visit func(path []string, n *Node) bool) {
	if n == nil {
		return
	}
	w := walker{visit: visit, seen: map[*Node]bool{}, open: map[*Node]bool{}}
	w.node(n)
}

type walker struct {
	visit   func(path []string, n *Node) bool
	path    []string
	seen    map[*Node]bool
	open    map[*Node]bool // the nodes on the way from the root
	repeats int
}

func (w *walker) node(n *Node) {
	if w.open[n] || len(w.path) > maxDepth {
		return
	}
	if w.seen[n] {
		w.repeats++
		if w.repeats > maxRepeats {
			return
		}
	}
	w.seen[n] = true
	if !w.visit(w.path, n) || n.Kind == Scalar {
		return
	}
	w.open[n] = true
	for _, f := range n.Fields {
		if f.Key.Kind == Scalar {
			w.child(f.Key.Value, f.Value)
		}
	}
	for i, item := range n.Items {
		w.child(strconv.Itoa(i), item)
	}
	delete(w.open, n)
}

func (w *walker) child(elem string, n *Node) {
	w.path = append(w.path, elem)
	w.node(n)
	w.path = w.path[:len(w.path)-1]
}

// Duplicate is a key that one mapping holds more than once.
type Duplicate struct {
	// Path leads to the key: the path of its mapping, then the key itself.
	Path []string
	// First is the key where it was first written, Second where it was
	// written again.
	First, Second *Node
}

// Duplicates returns the keys at or below n that are written more than once in
// the same mapping, one for each repetition. A key that overrides a merged one
// is legal, and so are several merge keys. Each mapping counts once, however
// many aliases name it. Keys are compared by their decoded text, as Find does.
func (n *Node) Duplicates() []Duplicate {
	if n == nil {
		return nil
	}
	f := duplicateFinder{seen: map[*Node]bool{}}
	f.node(n)
	return f.found
}

type duplicateFinder struct {
	path  []string
	seen  map[*Node]bool
	found []Duplicate
}

func (d *duplicateFinder) node(n *Node) {
	if n.Kind == Scalar || d.seen[n] {
		return
	}
	d.seen[n] = true
	first := make(map[string]*Node, len(n.Fields))
	for _, f := range n.Fields {
		if f.Key.Kind != Scalar || f.Merged {
			continue
		}
		if key := first[f.Key.Value]; key != nil {
			path := append(slices.Clone(d.path), f.Key.Value)
			d.found = append(d.found, Duplicate{Path: path, First: key, Second: f.Key})
		} else {
			first[f.Key.Value] = f.Key
		}
		d.child(f.Key.Value, f.Value)
	}
	for _, m := range n.merges {
		d.node(m)
	}
	for i, item := range n.Items {
		d.child(strconv.Itoa(i), item)
	}
}

func (d *duplicateFinder) child(elem string, n *Node) {
	d.path = append(d.path, elem)
	d.node(n)
	d.path = d.path[:len(d.path)-1]
}
