package model_test

import (
	"testing"

	"github.com/ekslint/ekslint/pkg/model"
)

var tris = []model.Tri{model.Unknown, model.No, model.Yes}

// TestTriLaws holds Tri against the laws of Kleene's strong logic, over every
// combination of values.
func TestTriLaws(t *testing.T) {
	t.Parallel()
	for _, a := range tris {
		law(t, "double negation", a.Not().Not(), a)
		law(t, "idempotence", a.And(a), a)
		law(t, "idempotence", a.Or(a), a)
		law(t, "identity", a.And(model.Yes), a)
		law(t, "identity", a.Or(model.No), a)
		law(t, "annihilation", a.And(model.No), model.No)
		law(t, "annihilation", a.Or(model.Yes), model.Yes)
		for _, b := range tris {
			law(t, "commutativity", a.And(b), b.And(a))
			law(t, "commutativity", a.Or(b), b.Or(a))
			law(t, "De Morgan", a.And(b).Not(), a.Not().Or(b.Not()))
			law(t, "absorption", a.And(a.Or(b)), a)
			for _, c := range tris {
				law(t, "associativity", a.And(b).And(c), a.And(b.And(c)))
				law(t, "distributivity", a.And(b.Or(c)), a.And(b).Or(a.And(c)))
				law(t, "distributivity", a.Or(b.And(c)), a.Or(b).And(a.Or(c)))
			}
		}
	}
}

func law(t *testing.T, name string, got, want model.Tri) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s is not %s", name, got, want)
	}
}

// TestTriLearns: replacing an Unknown by an answer may turn a result from
// Unknown into Yes or No, never from one of these into the other.
func TestTriLearns(t *testing.T) {
	t.Parallel()
	for _, b := range tris {
		for _, learned := range []model.Tri{model.No, model.Yes} {
			for name, pair := range map[string][2]model.Tri{
				"and": {model.Unknown.And(b), learned.And(b)},
				"or":  {model.Unknown.Or(b), learned.Or(b)},
			} {
				if before, after := pair[0], pair[1]; before != model.Unknown && before != after {
					t.Errorf("%s %s: %s became %s", name, b, before, after)
				}
			}
		}
	}
}

func TestTriAgreesWithBool(t *testing.T) {
	t.Parallel()
	for _, a := range []bool{false, true} {
		law(t, "not", model.TriOf(a).Not(), model.TriOf(!a))
		for _, b := range []bool{false, true} {
			law(t, "and", model.TriOf(a).And(model.TriOf(b)), model.TriOf(a && b))
			law(t, "or", model.TriOf(a).Or(model.TriOf(b)), model.TriOf(a || b))
		}
	}
}

func TestTriText(t *testing.T) {
	t.Parallel()
	var zero model.Tri
	if zero != model.Unknown {
		t.Error("the zero value is not Unknown")
	}
	for tri, want := range map[model.Tri]string{model.Unknown: "unknown", model.No: "no", model.Yes: "yes"} {
		text, err := tri.MarshalText()
		if err != nil || string(text) != want {
			t.Errorf("MarshalText(%d) = %s, %v; want %s", tri, text, err, want)
		}
	}
}
