package analyzer

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ekslint/ekslint/pkg/model"
)

// TestJoined: failures that differ in their object alone are one, and counted.
func TestJoined(t *testing.T) {
	t.Parallel()
	failure := func(id, name, cluster, text string) Failure {
		return Failure{RuleID: id, Subject: model.Ref{Kind: "Pod", Name: name}, Cluster: cluster, Err: errors.New(text)}
	}
	var got []string
	for _, f := range joined([]Failure{
		failure("A", "a", "x", "m"), failure("A", "b", "x", "m"), failure("A", "b", "x", "n"), failure("A", "c", "x", "m"),
		failure("A", "a", "y", "m"), failure("B", "a", "x", "m"),
		{RuleID: "B", Err: errors.New("m")},
	}) {
		got = append(got, f.RuleID+" "+f.Objects()+" "+f.Cluster+" "+f.Err.Error())
	}
	want := []string{"A Pod a and 2 more x m", "A Pod b x n", "A Pod a y m", "B Pod a x m", "B   m"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
