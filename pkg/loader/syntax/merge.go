package syntax

import "go.yaml.in/yaml/v3"

// mergeSources returns the mappings that an entry merges, nil if it is an
// ordinary entry. See https://yaml.org/type/merge.html.
func mergeSources(key *yaml.Node, value *Node) []*Node {
	if key.Kind != yaml.ScalarNode || key.Value != "<<" || key.ShortTag() != "!!merge" {
		return nil
	}
	switch value.Kind {
	case Mapping:
		if mergeable(value) {
			return []*Node{value}
		}
	case Sequence:
		for _, item := range value.Items {
			if !mergeable(item) {
				return nil
			}
		}
		return value.Items
	case Scalar:
	}
	return nil
}

// mergeable tells a mapping that is complete: one that contains the merge key
// itself has no end yet.
func mergeable(n *Node) bool { return n.Kind == Mapping && n.End > 0 }

// merge appends the fields of the merged mappings that n does not have.
func (b *yamlBuilder) merge(n *Node) error {
	if len(n.merges) == 0 {
		return nil
	}
	have := make(map[string]bool, len(n.Fields))
	for _, f := range n.Fields {
		if f.Key.Kind == Scalar {
			have[f.Key.Value] = true
		}
	}
	for _, source := range n.merges {
		for _, f := range source.Fields {
			if b.merged++; b.merged > maxMerged {
				return b.fail(n.Start, "merge keys add more than %d fields", maxMerged)
			}
			if f.Key.Kind == Scalar {
				if have[f.Key.Value] {
					continue
				}
				have[f.Key.Value] = true
			}
			n.Fields = append(n.Fields, Field{Key: f.Key, Value: f.Value, Merged: true})
		}
	}
	return nil
}
