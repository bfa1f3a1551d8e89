// Package regorule makes rules written in Rego into checkers. It is the only
// package that evaluates OPA.
//
// All rules of one kind are one checker. Its modules are parsed and compiled
// when the first object of that kind arrives, together with a generated module
// that collects the findings of all of them, so that one query is evaluated an
// object. Where a kind has many objects the query is partially evaluated, which
// costs some milliseconds and saves most of the time of each evaluation.
//
// A rule sees its object as input and asks the graph for everything else
// through the built-in functions ekslint.*. Those are registered with OPA once
// a process, because OPA asks its nondeterministic built-ins at the time of
// evaluation only when they are global; the graph travels in the context of the
// evaluation. Nothing else in this package is global.
package regorule
