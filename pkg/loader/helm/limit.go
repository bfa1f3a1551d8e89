package helm

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template"
)

const (
	// maxTemplate is the size of the largest template: the parser recurses, and a
	// stack that is too deep cannot be recovered from.
	maxTemplate = 1 << 20
	// maxNesting bounds templates that include each other. Helm bounds an include of
	// the same name by as many.
	maxNesting = 1000
	// maxSteps bounds the rounds of all loops of one rendering.
	maxSteps = 200_000
	// maxOutput bounds what all templates write, texts that are included counted again.
	maxOutput = 64 << 20
	// maxText and maxItems bound what one call of a function gives.
	maxText  = 16 << 20
	maxItems = 100_000
)

var (
	errNegative = errors.New("the count is negative")
	errTooLong  = errors.New("the text is longer than 16 MiB")
	errTooMany  = fmt.Errorf("more than %d elements", maxItems)
)

// limitError ends a rendering that takes too much.
type limitError struct{ message string }

// Error implements error.
func (e *limitError) Error() string { return e.message }

// meter counts what a rendering takes. Nodes that call it stand at the begin and the
// end of each template, and at the begin of the body of each loop.
type meter struct {
	// expired is the error of the deadline.
	expired               func() error
	nesting, steps, bytes int
}

func (m *meter) enter() (string, error) {
	if m.nesting++; m.nesting > maxNesting {
		return "", &limitError{fmt.Sprintf("templates include each other more than %d times", maxNesting)}
	}
	return m.step()
}

func (m *meter) leave() string {
	m.nesting--
	return ""
}

func (m *meter) step() (string, error) {
	if m.steps++; m.steps > maxSteps {
		return "", &limitError{fmt.Sprintf("more than %d templates and rounds of loops", maxSteps)}
	}
	return "", m.time()
}

func (m *meter) time() error {
	if m.expired() != nil {
		return &limitError{fmt.Sprintf("rendering takes more than %v", maxTime)}
	}
	return nil
}

// output is what a template writes to.
type output struct {
	strings.Builder
	meter *meter
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if o.meter.bytes += len(p); o.meter.bytes > maxOutput {
		return 0, &limitError{"rendering gives more than 64 MiB"}
	}
	return o.Builder.Write(p)
}

// limit bounds the functions whose result may be much longer than what they are given.
func limit(all template.FuncMap) {
	all["repeat"] = func(count int, text string) (string, error) {
		switch {
		case count < 0:
			return "", errNegative
		case count > 0 && len(text) > maxText/count:
			return "", errTooLong
		}
		return strings.Repeat(text, count), nil
	}
	all["replace"] = func(old, replacement, text string) (string, error) {
		if strings.Count(text, old) > maxText/max(1, len(replacement)) {
			return "", errTooLong
		}
		return strings.ReplaceAll(text, old, replacement), nil
	}
	all["indent"] = indent
	all["nindent"] = func(spaces int, text string) (string, error) {
		text, err := indent(spaces, text)
		return "\n" + text, err
	}
	all["until"], all["untilStep"], all["seq"] = until, numbers, sequence
	all["print"], all["println"], all["printf"] = fmt.Sprint, fmt.Sprintln, fmt.Sprintf
	for _, name := range []string{
		"print", "println", "printf", "cat", "join", "concat", "append", "push", "prepend", "mustAppend", "mustPush", "mustPrepend",
	} {
		all[name] = short(all[name])
	}
}

func indent(spaces int, text string) (string, error) {
	switch {
	case spaces < 0:
		return "", errNegative
	case spaces > maxText/(1+strings.Count(text, "\n")):
		return "", errTooLong
	}
	pad := strings.Repeat(" ", spaces)
	return pad + strings.ReplaceAll(text, "\n", "\n"+pad), nil
}

// numbers are those from start until stop, which is not among them.
func numbers(start, stop, step int) ([]int, error) {
	out := []int{}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(out) == maxItems || i+step < i != (step < 0) {
			return nil, errTooMany
		}
		out = append(out, i)
	}
	return out, nil
}

func until(n int) ([]int, error) {
	if n < 0 {
		return numbers(0, n, -1)
	}
	return numbers(0, n, 1)
}

// sequence is what the shell command seq writes, in one line.
func sequence(params ...int) (string, error) {
	var last int
	first, step := 1, 1
	switch len(params) {
	case 1:
		last = params[0]
	case 2:
		first, last = params[0], params[1]
	case 3:
		first, step, last = params[0], params[1], params[2]
	default:
		return "", nil
	}
	end := last + 1
	if last < first {
		end = last - 1
	}
	switch {
	case len(params) < 3 && last < first:
		step = -1
	case last < first && step > 0:
		return "", nil
	}
	list, err := numbers(first, end, step)
	return strings.Trim(fmt.Sprint(list), "[]"), err
}

// short lets a function fail whose result is too long.
func short(f any) any {
	inner := reflect.ValueOf(f)
	t := inner.Type()
	in := make([]reflect.Type, t.NumIn())
	for i := range in {
		in[i] = t.In(i)
	}
	out := []reflect.Type{t.Out(0), reflect.TypeFor[error]()}
	return reflect.MakeFunc(reflect.FuncOf(in, out, t.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		call := inner.Call
		if t.IsVariadic() {
			call = inner.CallSlice
		}
		results := call(args)
		failure := reflect.Zero(out[1])
		if len(results) > 1 {
			failure = results[1]
		}
		if err := tooLong(results[0]); err != nil {
			failure = reflect.ValueOf(&err).Elem()
		}
		return []reflect.Value{results[0], failure}
	}).Interface()
}

func tooLong(v reflect.Value) error {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.String && v.Len() > maxText:
		return errTooLong
	case v.Kind() == reflect.Slice && v.Len() > maxItems:
		return errTooMany
	default:
		return nil
	}
}
