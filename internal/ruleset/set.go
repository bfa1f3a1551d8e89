package ruleset

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ekslint/ekslint/internal/regorule"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
	"github.com/ekslint/ekslint/pkg/model"
)

// Set is the rules that ship with those of a user. The zero Set has no others.
type Set struct {
	own    *regorule.Policies
	limits regorule.Limits
}

// With returns the set that has the rules of a user besides those that ship. An
// ID that a rule of ours has is an error.
func With(own *regorule.Policies, limits regorule.Limits) (Set, error) {
	var errs []error
	for _, m := range own.Metas() {
		if slices.ContainsFunc(Metas(), func(ours rule.Meta) bool { return ours.ID == m.ID }) {
			errs = append(errs, fmt.Errorf("%s: %s is the ID of a rule that ships with ekslint: `ekslint explain %s`", own.Place(m.ID), m.ID, m.ID))
		}
	}
	return Set{own: own, limits: limits}, errors.Join(errs...)
}

// Metas returns the metadata of every rule, sorted by ID.
func (s Set) Metas() []rule.Meta {
	out := slices.Concat(Metas(), s.own.Metas())
	slices.SortFunc(out, func(a, b rule.Meta) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Checkers returns the rules that the filter takes. A name in the filter that is
// neither a rule nor a category is an error.
func (s Set) Checkers(f Filter) ([]rule.Checker, error) {
	if err := f.validate(s.Metas()); err != nil {
		return nil, err
	}
	out, err := shipped(f)
	if err != nil {
		return nil, err
	}
	return append(out, s.own.Checkers(s.limits, f.takes)...), nil
}

// OwnMetas returns the metadata of the user's rules.
func (s Set) OwnMetas() []rule.Meta { return s.own.Metas() }

// Only returns the checkers of one of the user's rules.
func (s Set) Only(id string) []rule.Checker {
	return s.own.Checkers(s.limits, func(m rule.Meta) bool { return m.ID == id })
}

// Kinds returns the kinds that the loader must keep for the checkers besides
// those that it knows.
func (s Set) Kinds(checkers []rule.Checker) []model.GroupKind {
	return append(Kinds(checkers), s.own.Kinds()...)
}

// AllKinds reports whether the loader must keep every kind.
func (s Set) AllKinds() bool { return s.own.AllKinds() }
