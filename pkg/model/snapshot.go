package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ekslint/ekslint/pkg/model/persistent"
)

// Snapshot is the known state of one cluster. It is immutable: With and
// Without return a new snapshot that shares what did not change. It is safe
// for concurrent use.
type Snapshot struct {
	scope Scope
	kinds map[GroupKind]kindTable
	n     int
	aws   *AWS
	// namespaces is read when it is first asked for.
	namespaces func() []string
}

// Scope says what a snapshot stands for and how far its absences can be trusted.
type Scope struct {
	// Name identifies the cluster in reports.
	Name string
	// Complete is set when the user declares that nothing else is in the cluster.
	Complete bool
	// Guessed is set when the cluster was cut out of a folder with
	// conflicting objects.
	Guessed bool
	// Opaque lists what may add objects that the snapshot does not show.
	Opaque []Opaque
}

// Opaque is a source of objects that was seen but not read: a chart that is
// not rendered, a file with a syntax error, a custom resource whose operator
// makes pods.
type Opaque struct {
	Domains Domain
	// Namespace limits the effect to one namespace unless AnyNamespace is set.
	Namespace    string
	AnyNamespace bool
	// Why completes the sentence "not known because of …".
	Why string
}

// kindTable holds the resources of one kind by namespace.
type kindTable = persistent.Table[string, shard]

// shard holds the resources of one kind and namespace, sorted by name.
type shard []*Resource

func (s shard) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s, name, func(r *Resource, name string) int {
		return strings.Compare(r.Ref.Name, name)
	})
}

// NewSnapshot returns the snapshot of the given resources. When two resources
// have the same Ref, the later one in the slice wins.
func NewSnapshot(scope Scope, resources []*Resource) *Snapshot {
	kinds := map[GroupKind]map[string]shard{}
	for _, r := range resources {
		gk := r.Ref.GroupKind()
		if kinds[gk] == nil {
			kinds[gk] = map[string]shard{}
		}
		kinds[gk][r.Ref.Namespace] = append(kinds[gk][r.Ref.Namespace], r)
	}
	s := &Snapshot{scope: scope, kinds: make(map[GroupKind]kindTable, len(kinds)), aws: &AWS{}}
	for gk, table := range kinds {
		for ns, sh := range table {
			table[ns] = sh.sorted()
			s.n += len(table[ns])
		}
		s.kinds[gk] = persistent.Over(table)
	}
	s.namespaces = sync.OnceValue(s.readNamespaces)
	return s
}

// sorted orders the shard by name and keeps the last of equal names.
func (s shard) sorted() shard {
	slices.SortStableFunc(s, func(a, b *Resource) int { return strings.Compare(a.Ref.Name, b.Ref.Name) })
	out := s[:0]
	for i, r := range s {
		if i+1 < len(s) && s[i+1].Ref.Name == r.Ref.Name {
			continue
		}
		out = append(out, r)
	}
	return out
}

// Scope returns what the snapshot stands for.
func (s *Snapshot) Scope() Scope { return s.scope }

// AWS returns the AWS side, which is never nil. It must not be changed.
func (s *Snapshot) AWS() *AWS { return s.aws }

// WithAWS returns a snapshot that has the given AWS side.
func (s *Snapshot) WithAWS(aws *AWS) *Snapshot {
	out := *s
	out.aws = aws
	return &out
}

// WithScope returns a snapshot that stands for the same objects in another scope.
func (s *Snapshot) WithScope(scope Scope) *Snapshot {
	out := *s
	out.scope = scope
	return &out
}

// Get returns the resource of that reference, or nil.
func (s *Snapshot) Get(ref Ref) *Resource {
	sh := s.shard(ref.GroupKind(), ref.Namespace)
	if i, ok := sh.find(ref.Name); ok {
		return sh[i]
	}
	return nil
}

// List returns the resources of a kind in one namespace, sorted by name. The
// slice is shared and must not be changed.
func (s *Snapshot) List(gk GroupKind, namespace string) []*Resource {
	return s.shard(gk, namespace)
}

func (s *Snapshot) shard(gk GroupKind, namespace string) shard {
	table := s.kinds[gk]
	out, _ := table.Get(namespace)
	return out
}

// All returns the resources of a kind sorted by namespace and name.
func (s *Snapshot) All(gk GroupKind) []*Resource {
	table := s.kinds[gk]
	byNamespace := maps.Collect(table.All())
	n := 0
	for _, list := range byNamespace {
		n += len(list)
	}
	if n == 0 {
		return nil
	}
	out := make([]*Resource, 0, n)
	for _, ns := range slices.Sorted(maps.Keys(byNamespace)) {
		out = append(out, byNamespace[ns]...)
	}
	return out
}

// Kinds returns the kinds that have resources, sorted.
func (s *Snapshot) Kinds() []GroupKind {
	return slices.SortedFunc(maps.Keys(s.kinds), GroupKind.Compare)
}

// Len is the number of resources.
func (s *Snapshot) Len() int { return s.n }

// Namespaces returns the namespaces that hold a resource or have a Namespace
// object, sorted. Objects without a namespace are in the namespace "". The slice is
// shared and must not be changed.
func (s *Snapshot) Namespaces() []string { return s.namespaces() }

func (s *Snapshot) readNamespaces() []string {
	seen := map[string]bool{}
	for gk, table := range s.kinds {
		if gk.IsClusterScoped() {
			continue
		}
		for ns := range table.All() {
			seen[ns] = true
		}
	}
	for _, r := range s.List(KindNamespace, "") {
		seen[r.Ref.Name] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// With returns a snapshot in which r is added or replaces the resource of the
// same reference.
func (s *Snapshot) With(r *Resource) *Snapshot {
	return s.edit(r.Ref, func(sh shard) shard {
		i, found := sh.find(r.Ref.Name)
		if found {
			sh = slices.Clone(sh)
			sh[i] = r
			return sh
		}
		return slices.Insert(slices.Clone(sh), i, r)
	})
}

// Without returns a snapshot that lacks the resource of that reference.
func (s *Snapshot) Without(ref Ref) *Snapshot {
	if s.Get(ref) == nil {
		return s
	}
	return s.edit(ref, func(sh shard) shard {
		i, _ := sh.find(ref.Name)
		return slices.Delete(slices.Clone(sh), i, i+1)
	})
}

// edit copies the way to one shard and replaces it; empty tables disappear, so
// that a snapshot is the same however it was reached.
func (s *Snapshot) edit(ref Ref, change func(shard) shard) *Snapshot {
	gk := ref.GroupKind()
	out := &Snapshot{scope: s.scope, kinds: maps.Clone(s.kinds), n: s.n, aws: s.aws, namespaces: s.namespaces}
	table, known := out.kinds[gk]
	if known {
		table = table.Copied()
	} else {
		table = persistent.Over(map[string]shard{})
	}
	before, _ := table.Get(ref.Namespace)
	after := change(before)
	if out.n += len(after) - len(before); len(after) > 0 {
		table.Set(ref.Namespace, after)
	} else {
		table.Delete(ref.Namespace)
	}
	if table.Len() > 0 {
		out.kinds[gk] = table
	} else {
		delete(out.kinds, gk)
	}
	if gk == KindNamespace || !gk.IsClusterScoped() && s.mayMove(ref.Namespace, len(after) == 0) {
		out.namespaces = sync.OnceValue(out.readNamespaces)
	}
	return out
}

// mayMove reports whether a namespace comes with an object that is in it, or may go with
// the last of a kind.
func (s *Snapshot) mayMove(namespace string, isEmpty bool) bool {
	_, known := slices.BinarySearch(s.Namespaces(), namespace)
	return !known || isEmpty
}

// Knows grades the absence of objects of one domain in a namespace. Cluster
// scoped domains ignore the namespace.
func (s *Snapshot) Knows(d Domain, namespace string) Knowledge {
	if s.scope.Complete {
		return Declared
	}
	if _, opaque := s.Obscured(d, namespace); opaque {
		return NotKnown
	}
	if d == Policies {
		return s.knowsPolicies(namespace)
	}
	for _, gk := range domainKinds(d) {
		scope := namespace
		if gk.IsClusterScoped() {
			scope = ""
		}
		if len(s.shard(gk, scope)) > 0 {
			return Inferred
		}
	}
	return NotKnown
}

// knowsPolicies: policies are written beside what they protect, so whoever
// writes the Namespace object, or a policy of any namespace, would have written
// the policy that is missing. Those for the whole cluster may have other authors.
func (s *Snapshot) knowsPolicies(namespace string) Knowledge {
	written := func(gk GroupKind) bool {
		_, known := s.kinds[gk]
		return known && !gk.IsClusterScoped()
	}
	if slices.ContainsFunc(PolicyKinds(), written) || namespace != "" && s.Get(Ref{Kind: KindNamespace.Kind, Name: namespace}) != nil {
		return Inferred
	}
	return NotKnown
}

// Obscured returns the first opaque source that may add objects of the domain
// to the namespace.
func (s *Snapshot) Obscured(d Domain, namespace string) (Opaque, bool) {
	for _, o := range s.scope.Opaque {
		if o.Domains&d != 0 && (o.AnyNamespace || o.Namespace == namespace) {
			return o, true
		}
	}
	return Opaque{}, false
}

// CompareOpaque orders opaque sources for stable output.
func CompareOpaque(a, b Opaque) int {
	return cmp.Or(cmp.Compare(a.Why, b.Why), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Domains, b.Domains))
}
