package lbc

import (
	"regexp"
	"slices"
)

// Family is the key prefix an annotation lives under.
type Family uint8

// The two families. A Service carries annotations of both: those of its own
// load balancer, and those for the target groups of an Ingress that uses it.
const (
	Ingress Family = iota + 1
	Service
)

// Prefix is the text of a key before the suffix, with the slash.
func (f Family) Prefix() string {
	switch f {
	case Ingress:
		return "alb.ingress.kubernetes.io/"
	case Service:
		return "service.beta.kubernetes.io/"
	default:
		return ""
	}
}

// Type is the syntax of a value.
type Type uint8

// The types. A TypeHealthPort is a number, traffic-port or the name of a Service
// port; a TypeHealthPortNumber is a number or traffic-port.
const (
	TypeString Type = iota + 1
	TypeInteger
	TypeBoolean
	TypeEnum
	TypeStringList
	TypeStringMap
	TypeJSON
	TypeHealthPort
	TypeHealthPortNumber
)

// Item is what each item of a list must be. The zero value is any text.
type Item uint8

// The items that have a syntax.
const (
	ItemText Item = iota
	ItemCIDR
	ItemIPv4
	ItemIPv6
	ItemInteger
)

// Merge says what becomes of values that several members of an IngressGroup
// set.
type Merge uint8

// The merge behaviours. None concerns a single Ingress or Service. Merged values
// are joined. Exclusive values must be equal wherever they are set. PerKey is
// Exclusive for each key of a map, PerPort for each listen port that members
// share.
const (
	MergeUnknown Merge = iota
	MergeNone
	Merged
	MergeExclusive
	MergePerKey
	MergePerPort
)

// Annotation describes one annotation. The slices are shared: a caller must not
// change them.
type Annotation struct {
	Family Family
	// Suffix is the key without the prefix of the family. In a templated one the
	// variable parts stand as ${name}.
	Suffix string
	Type   Type

	// Enum lists the accepted words. LegacyEnum lists words that other
	// controllers accept in the same annotation.
	Enum       []string
	LegacyEnum []string
	// FoldCase is true where the words are compared without regard to case.
	FoldCase bool
	// Min and Max bound an integer and are checked by the controller; AWSMin and
	// AWSMax by AWS. Both zero means no bound.
	Min, Max       int64
	AWSMin, AWSMax int64
	// Wide is true where the controller reads 64 bits instead of 32.
	Wide bool
	// Regex is the shape of the whole value, or nil.
	Regex *regexp.Regexp
	// MaxLen is the most bytes the controller takes, or 0.
	MaxLen int
	// NonEmpty is true where the controller refuses an empty text.
	NonEmpty bool
	// Item is the syntax of list items, MapKeys the only keys of a map (nil is
	// any).
	Item    Item
	MapKeys []string

	// By is who refuses a value that violates Enum, Regex or Item. Whatever
	// cannot be parsed as its type is refused by the controller.
	By By
	// Lenient is true where a value outside Enum, or one that is no boolean, is
	// read as the default and nobody complains.
	Lenient bool
	// Conditional is true where the controller reads the annotation only together
	// with another setting, so that a bad value need not fail.
	Conditional bool

	Merge Merge
	// Default is the value used when the annotation is absent, in words where it
	// depends on something. It is empty when there is none.
	Default string
	// OnIngress, OnService and OnPod tell on which objects the annotation is read.
	OnIngress, OnService, OnPod bool
	// Templated is true where the suffix has a variable part.
	Templated bool
	// Deprecated is the suffix to use instead, or "".
	Deprecated string
	// Anchor is the fragment in the controller's documentation, or "" where it is
	// undocumented.
	Anchor string
}

// Key is the annotation's full key.
func (a Annotation) Key() string { return a.Family.Prefix() + a.Suffix }

// DocURL is the place in the controller's documentation that describes the
// annotation, or its annotation page where it is not described.
func (a Annotation) DocURL() string {
	const guide = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/"
	page := guide + "ingress/annotations/"
	if a.Family == Service {
		page = guide + "service/annotations/"
	}
	if a.Anchor == "" {
		return page
	}
	return page + "#" + a.Anchor
}

// All lists the annotations of a family, in the order of the documentation.
func All(f Family) []Annotation { return slices.Clone(table(f)) }

func table(f Family) []Annotation {
	switch f {
	case Ingress:
		return ingressTable
	case Service:
		return serviceTable
	default:
		return nil
	}
}

// Patterns of whole values.
var (
	groupName    = regexp.MustCompile(`^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$`)
	absolutePath = regexp.MustCompile(`^/`)
	successCodes = regexp.MustCompile(`^\d+(-\d+)?(,\d+(-\d+)?)*$`)
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
	balancerName = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$`)
)
