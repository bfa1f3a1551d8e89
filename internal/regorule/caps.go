package regorule

import (
	"math"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// mostResult bounds, in bytes or elements, what one call may make. A call that
// would make more stops the evaluation: no watch over the heap is quick enough
// for a single allocation.
const mostResult = 1 << 26

// mostNumbers bounds a list of numbers, each of which is an allocation.
const mostNumbers = 1 << 20

// mostJoined bounds a text that is put together: each step of a nested call holds all
// that is in it.
const mostJoined = 1 << 24

// mostDigits bounds the factors of a product.
const mostDigits = 10_000

// capped are the functions of which a short call can make a huge result, with
// an upper bound of that result.
var capped = []struct {
	name string
	size func(args []*ast.Term) float64
	most float64
}{
	{"numbers.range", rangeSize, mostNumbers},
	{"numbers.range_step", rangeSize, mostNumbers},
	{"replace", replaceSize, mostResult},
	{"sprintf", textsSize, mostJoined},
	{"concat", textsSize, mostJoined},
	{"strings.replace_n", replaceManySize, mostResult},
	{"regex.replace", regexReplaceSize, mostResult},
	{"bits.lsh", shiftSize, mostResult},
	{"mul", productSize, mostDigits},
}

// capBuiltins puts a cap before the functions that need one. Like register it
// changes what is global in OPA, once, before anything is evaluated.
func capBuiltins() {
	for _, c := range capped {
		original := topdown.GetBuiltin(c.name)
		topdown.RegisterBuiltinFunc(c.name, func(bctx topdown.BuiltinContext, args []*ast.Term, iter func(*ast.Term) error) error {
			if c.size(args) > c.most {
				return topdown.Halt{Err: &topdown.Error{
					Code: topdown.BuiltinErr, Message: c.name + ": the result would be too large", Location: bctx.Location,
				}}
			}
			return original(bctx, args, iter)
		})
	}
}

// textsSize is the length of all texts in the arguments.
func textsSize(args []*ast.Term) float64 {
	n := 0
	for _, arg := range args {
		ast.WalkTerms(arg, func(t *ast.Term) bool {
			n += len(str(t))
			return false
		})
	}
	return float64(n)
}

func rangeSize(args []*ast.Term) float64 {
	step := 1.0
	if len(args) > 2 {
		step = max(1, number(args[2]))
	}
	return math.Abs(number(args[1])-number(args[0])) / step
}

func replaceSize(args []*ast.Term) float64 {
	text, old, fresh := str(args[0]), str(args[1]), str(args[2])
	return float64(strings.Count(text, old)) * float64(len(fresh))
}

// replaceManySize takes every byte for one that is replaced by the longest.
func replaceManySize(args []*ast.Term) float64 {
	longest := 0
	if patterns, ok := args[0].Value.(ast.Object); ok {
		patterns.Foreach(func(_, fresh *ast.Term) { longest = max(longest, len(str(fresh))) })
	}
	return float64(len(str(args[1]))+1) * float64(longest)
}

// regexReplaceSize bounds the number of matches by the length of the text, and
// what they capture by the text itself.
func regexReplaceSize(args []*ast.Term) float64 {
	return float64(len(str(args[0]))+1) * float64(len(str(args[2])))
}

func shiftSize(args []*ast.Term) float64 { return number(args[1]) / 8 }

func productSize(args []*ast.Term) float64 {
	return float64(max(digits(args[0]), digits(args[1])))
}

func digits(t *ast.Term) int {
	n, _ := t.Value.(ast.Number)
	return len(n)
}

func number(t *ast.Term) float64 {
	n, ok := t.Value.(ast.Number)
	if !ok {
		return 0
	}
	f, ok := n.Float64()
	if !ok {
		return math.Inf(1)
	}
	return f
}

func str(t *ast.Term) string {
	s, _ := t.Value.(ast.String)
	return string(s)
}
