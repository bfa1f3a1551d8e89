package model

// Tri is a three-valued answer. The zero value is Unknown, and a rule may
// speak only on Yes or No.
type Tri uint8

// The three answers.
const (
	Unknown Tri = iota
	No
	Yes
)

// TriOf turns a definite answer into a Tri.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// And is Kleene's conjunction: No wins, then Unknown.
func (t Tri) And(o Tri) Tri {
	switch {
	case t == No || o == No:
		return No
	case t == Unknown || o == Unknown:
		return Unknown
	default:
		return Yes
	}
}

// Or is Kleene's disjunction: Yes wins, then Unknown.
func (t Tri) Or(o Tri) Tri { return t.Not().And(o.Not()).Not() }

// Not swaps Yes and No and keeps Unknown.
func (t Tri) Not() Tri {
	switch t {
	case Yes:
		return No
	case No:
		return Yes
	default:
		return Unknown
	}
}

// String is "yes", "no" or "unknown", the form in which Rego rules see it.
func (t Tri) String() string {
	switch t {
	case Yes:
		return "yes"
	case No:
		return "no"
	default:
		return "unknown"
	}
}

// MarshalText implements encoding.TextMarshaler with the words of String.
func (t Tri) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
