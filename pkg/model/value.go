package model

// Value is a value that the input may leave open. The zero Value is open and
// says nothing of why; a default is filled in only where AWS or Kubernetes
// guarantees it.
type Value[T any] struct {
	value T
	known bool
	why   string
	at    Span
}

// Known returns a value that the input fixes, written at a span.
func Known[T any](value T, at Span) Value[T] { return Value[T]{value: value, known: true, at: at} }

// Open returns a value that the input leaves open. why completes the sentence
// "not known: …" and names the expression that cannot be resolved.
func Open[T any](why string, at Span) Value[T] { return Value[T]{why: why, at: at} }

// Get returns the value, and whether the input fixes it.
func (v Value[T]) Get() (value T, known bool) { return v.value, v.known }

// Is reports whether the value is known and meets the condition.
func (v Value[T]) Is(condition func(T) bool) Tri {
	if !v.known {
		return Unknown
	}
	return TriOf(condition(v.value))
}

// Why says why the value is open; empty when it is known.
func (v Value[T]) Why() string {
	if v.known || v.why != "" {
		return v.why
	}
	return "the input does not tell"
}

// Span is where the value, or the expression that stands for it, is written.
func (v Value[T]) Span() Span { return v.at }
