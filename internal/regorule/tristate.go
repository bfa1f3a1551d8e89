package regorule

import (
	"errors"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

// CheckTristate refuses the expressions that take an unknown answer for a bad
// one: a comparison x != "yes" (or "no", "unknown"), and not before anything
// that compares with those words or asks ekslint.known. A rule of the same
// module that compares with them counts as such a comparison. Rules match the
// bad value itself: x == "no".
func CheckTristate(m rule.Module) error {
	module, err := parse(m.Path, m.Source)
	if err != nil {
		return err
	}
	return checkTristate(module)
}

func checkTristate(module *ast.Module) error {
	names := triRules(module)
	var errs []error
	ast.WalkExprs(module, func(e *ast.Expr) bool {
		switch {
		case e.IsCall() && isCall(e.Operator(), ast.NotEqual.Name) && hasTriOperand(e.Operands()):
			errs = append(errs, fmt.Errorf("%s: %s: also true for an unknown answer: compare with == to the value meant", place(e.Location), e))
		case e.Negated && asksTri(e, names):
			errs = append(errs, fmt.Errorf("%s: %s: also true for an unknown answer: state the value meant instead of not", place(e.Location), e))
		}
		return false
	})
	ast.WalkTerms(module, func(t *ast.Term) bool {
		// != used as a value: x := y != "yes"
		if call, ok := t.Value.(ast.Call); ok && isCall(call[0].Value, ast.NotEqual.Name) && hasTriOperand(call[1:]) {
			errs = append(errs, fmt.Errorf("%s: %s: also true for an unknown answer: compare with == to the value meant", place(t.Location), call))
		}
		return false
	})
	return errors.Join(errs...)
}

// triRules names the rules of the module that compare with the words of a
// three-valued answer, themselves or through each other.
func triRules(module *ast.Module) map[ast.Var]bool {
	names := map[ast.Var]bool{}
	for changed := true; changed; {
		changed = false
		for _, r := range module.Rules {
			name, ok := r.Head.Ref()[0].Value.(ast.Var)
			if !ok || names[name] || !asksTri(r.Body, names) {
				continue
			}
			names[name] = true
			changed = true
		}
	}
	return names
}

// asksTri reports whether a comparison with one of the words, a call of
// ekslint.known or one of the named rules is below x.
func asksTri(x any, names map[ast.Var]bool) bool {
	found := holdsTriWord(x)
	ast.WalkRefs(x, func(r ast.Ref) bool {
		name, ok := r[0].Value.(ast.Var)
		if ok && names[name] || isCall(r, builtinPrefix+"known") {
			found = true
		}
		return found
	})
	ast.WalkVars(x, func(v ast.Var) bool {
		if names[v] {
			found = true
		}
		return found
	})
	return found
}

func holdsTriWord(x any) bool {
	found := false
	ast.WalkTerms(x, func(t *ast.Term) bool {
		found = found || isTriWord(t)
		return found
	})
	return found
}

func hasTriOperand(operands []*ast.Term) bool { return slices.ContainsFunc(operands, isTriWord) }

func isTriWord(t *ast.Term) bool {
	s, ok := t.Value.(ast.String)
	return ok && (s == "yes" || s == "no" || s == "unknown")
}

func isCall(operator any, name string) bool {
	ref, ok := operator.(ast.Ref)
	return ok && ref.String() == name
}
