package rule_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

func named(id string) *rule.Rule { return &rule.Rule{Meta: rule.Meta{ID: id}} }

func TestMemory(t *testing.T) {
	t.Parallel()
	var m rule.Memory
	one, other := named("T-1"), named("T-2")
	r, same := &model.Resource{Ref: model.Ref{Name: "a"}}, &model.Resource{Ref: model.Ref{Name: "a"}}
	m.Keep(one, r, "first")
	m.Keep(one, r, "second")
	if what, ok := m.Recall(one, r); !ok || what != "second" {
		t.Errorf("recalls %v, %v", what, ok)
	}
	if what, ok := m.Recall(other, r); ok {
		t.Errorf("recalls %v of another checker", what)
	}
	if what, ok := m.Recall(one, same); ok {
		t.Errorf("recalls %v of another resource", what)
	}
	if what, ok := (&rule.Memory{}).Recall(one, r); ok {
		t.Errorf("another memory recalls %v", what)
	}
	if what, ok := (*rule.Memory)(nil).Recall(one, r); ok {
		t.Errorf("no memory recalls %v", what)
	}
}
