package model_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/model"
)

func TestLeadsTo(t *testing.T) {
	t.Parallel()
	m := &model.AWSMeta{ID: "sg-1", Address: "aws_security_group.a", Origin: "infra"}
	for name, tt := range map[string]struct {
		link   model.Link
		origin string
		want   model.Tri
	}{
		"its identifier":                  {model.LinkTo("sg-1", model.Span{}), "elsewhere", model.Yes},
		"another":                         {model.LinkTo("sg-2", model.Span{}), "infra", model.No},
		"its address":                     {model.Link{Address: "aws_security_group.a", Certainty: model.LinkKnown}, "infra", model.Yes},
		"its address in another origin":   {model.Link{Address: "aws_security_group.a", Certainty: model.LinkKnown}, "elsewhere", model.No},
		"perhaps its address":             {model.Link{Address: "aws_security_group.a", Certainty: model.LinkMay}, "infra", model.Unknown},
		"perhaps another":                 {model.Link{Address: "aws_security_group.b", Certainty: model.LinkMay}, "infra", model.No},
		"something that nobody knows":     {model.Link{Why: "var.group"}, "infra", model.Unknown},
		"the empty identifier is no name": {model.Link{Certainty: model.LinkKnown}, "infra", model.No},
	} {
		if got := tt.link.LeadsTo(m, tt.origin); got != tt.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got := (model.Link{Certainty: model.LinkKnown}).LeadsTo(&model.AWSMeta{}, ""); got != model.No {
		t.Errorf("two names that are empty: got %v", got)
	}
}
