package attr

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"

	"github.com/ekslint/ekslint/pkg/model"
)

// Reader reads values into those of the model. What has the wrong type or makes
// no sense becomes a problem, and the value is then open.
type Reader struct{ Problems []model.Problem }

// Refuse records that a value cannot be used.
func (r *Reader) Refuse(at model.Span, format string, args ...any) {
	r.Problems = append(r.Problems, model.Problem{At: at, Message: fmt.Sprintf(format, args...)})
}

// String reads text. An absent value gives the fallback.
func (r *Reader) String(v *Value, name string, fallback model.Value[string]) model.Value[string] {
	return read(r, v, name, fallback, "text", func(v *Value) (string, bool) {
		return v.Text, v.Kind == String || v.Kind == Number
	})
}

// Bool reads true or false, also as text. An absent value gives the fallback.
func (r *Reader) Bool(v *Value, name string, fallback model.Value[bool]) model.Value[bool] {
	return read(r, v, name, fallback, "true or false", func(v *Value) (bool, bool) {
		return v.Text == "true", (v.Kind == Bool || v.Kind == String) && (v.Text == "true" || v.Text == "false")
	})
}

// Int reads a whole number. An absent value gives the fallback.
func (r *Reader) Int(v *Value, name string, fallback model.Value[int]) model.Value[int] {
	return read(r, v, name, fallback, "a whole number", (*Value).Int)
}

// Prefix reads a block of addresses. An absent value gives the fallback.
func (r *Reader) Prefix(v *Value, name string, fallback model.Value[netip.Prefix]) model.Value[netip.Prefix] {
	return read(r, v, name, fallback, "a CIDR block", func(v *Value) (netip.Prefix, bool) {
		p, err := netip.ParsePrefix(v.Text)
		return p.Masked(), err == nil
	})
}

// Protocol reads a protocol by its name or number.
func (r *Reader) Protocol(v *Value, name string) model.Value[int] {
	return read(r, v, name, model.Value[int]{}, "a protocol", func(v *Value) (int, bool) {
		if n, known := protocols[strings.ToLower(v.Text)]; known {
			return n, true
		}
		n, ok := v.Int()
		return n, ok && n >= -1 && n <= 255
	})
}

// protocols are the names that the EC2 API and Terraform take for a number:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
var protocols = map[string]int{
	"all": model.ProtocolAll, "tcp": model.ProtocolTCP, "udp": model.ProtocolUDP,
	"icmp": model.ProtocolICMP, "icmpv6": model.ProtocolICMPv6, "sctp": model.ProtocolSCTP,
}

func read[T any](
	r *Reader, v *Value, name string, fallback model.Value[T], want string, parse func(*Value) (T, bool),
) model.Value[T] {
	switch {
	case !v.IsSet():
		return fallback
	case v.Kind == Open:
		return model.Open[T](v.Why, v.At)
	}
	value, ok := parse(v)
	if !ok {
		r.Refuse(v.At, "%s: want %s, got %s", name, want, describe(v))
		return model.Open[T](name+" cannot be read", v.At)
	}
	return model.Known(value, v.At)
}

func describe(v *Value) string {
	switch v.Kind {
	case String, Number, Bool:
		return fmt.Sprintf("%q", v.Text)
	default:
		return v.Kind.String()
	}
}

// UserData is the text that base64 stands for; empty when there is none.
func UserData(data model.Value[string]) model.Value[string] {
	text, known := data.Get()
	if !known {
		return data
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return model.Open[string]("the user data is not base64", data.Span())
	}
	return model.Known(string(raw), data.Span())
}

// List returns the elements of a list, and an open element when the list as a
// whole is open. Something else than a list is a problem.
func (r *Reader) List(v *Value, name string) []*Value {
	switch {
	case !v.IsSet():
		return nil
	case v.Kind == List:
		return v.Items
	case v.Kind == Open:
		return []*Value{v}
	}
	r.Refuse(v.At, "%s: want a list, got %s", name, describe(v))
	return []*Value{{Kind: Open, Why: name + " cannot be read", At: v.At}}
}

// Objects returns the elements of a list that are objects or open.
func (r *Reader) Objects(v *Value, name string) []*Value {
	var out []*Value
	for _, item := range r.List(v, name) {
		switch {
		case item.Kind == Object || item.Kind == Open:
			out = append(out, item)
		case item.IsSet():
			r.Refuse(item.At, "%s: want an object, got %s", name, describe(item))
		}
	}
	return out
}

// Prefixes reads a list of blocks. An open element stands for any number.
func (r *Reader) Prefixes(v *Value, name string) []model.Value[netip.Prefix] {
	var out []model.Value[netip.Prefix]
	for _, item := range r.List(v, name) {
		if item.IsSet() {
			out = append(out, r.Prefix(item, name, model.Value[netip.Prefix]{}))
		}
	}
	return out
}

// Strings reads a list of texts. An open element stands for any number.
func (r *Reader) Strings(v *Value, name string) []model.Value[string] {
	var out []model.Value[string]
	for _, item := range r.List(v, name) {
		if item.IsSet() {
			out = append(out, r.String(item, name, model.Value[string]{}))
		}
	}
	return out
}

// HasItems reads whether a list has elements; otherwise is what it is when the list is
// not set.
func (r *Reader) HasItems(v *Value, name string, otherwise model.Value[bool]) model.Value[bool] {
	if !v.IsSet() {
		return otherwise
	}
	list := r.List(v, name)
	if len(list) > 0 && list[0].Kind == Open {
		return model.Open[bool](list[0].Why, v.At)
	}
	return model.Known(len(list) > 0, v.At)
}

// Links reads the identifiers of resources, one or a list of them.
func (r *Reader) Links(v *Value, name string) []model.Link {
	if v.IsSet() && v.Kind != List {
		return r.linksOf(v, name)
	}
	var out []model.Link
	for _, item := range r.List(v, name) {
		out = append(out, r.linksOf(item, name)...)
	}
	return out
}

func (r *Reader) linksOf(v *Value, name string) []model.Link {
	switch {
	case !v.IsSet():
		return nil
	case v.Kind == String:
		if v.Text == "" {
			return nil
		}
		return []model.Link{model.LinkTo(v.Text, v.At)}
	case v.Kind == Open && len(v.Links) > 0:
		return v.Links
	case v.Kind == Open:
		return []model.Link{{Why: v.Why, At: v.At}}
	}
	r.Refuse(v.At, "%s: want an identifier, got %s", name, describe(v))
	return []model.Link{{Why: name + " cannot be read", At: v.At}}
}

// Link reads the identifier of one resource. An absent value gives a link to
// something unknown.
func (r *Reader) Link(v *Value, name string) model.Link {
	links := r.Links(v, name)
	switch len(links) {
	case 0:
		return model.Link{Why: "the input does not tell " + name}
	case 1:
		return links[0]
	default:
		return model.Link{Why: name + " may be one of several", At: v.Span()}
	}
}
