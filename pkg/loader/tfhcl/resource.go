package tfhcl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/ekslint/ekslint/pkg/loader/attr"
	"github.com/ekslint/ekslint/pkg/loader/terraform"
)

// expansion is what count and for_each make of a block.
type expansion struct {
	// isList and isMap say which of the two there is.
	isList, isMap bool
	instances     []copyOf
	// why says why the instances are not known; there is then one that stands
	// for all.
	why string
}

// copyOf is one instance of a block.
type copyOf struct {
	// suffix is its key in brackets.
	suffix string
	key    string
	names  map[string]cty.Value
}

// expand evaluates count or for_each:
// https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
func (s scope) expand(body *hclsyntax.Body) expansion {
	if a := body.Attributes["count"]; a != nil {
		return s.count(a.Expr)
	}
	if a := body.Attributes["for_each"]; a != nil {
		return s.forEach(a.Expr)
	}
	return expansion{instances: []copyOf{{}}}
}

func (s scope) count(x hclsyntax.Expression) expansion {
	v, marks := s.eval(x).Unmark()
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.Bool {
		v = cty.DynamicVal // Terraform wants a number
	}
	n, known := wholeNumber(v)
	if !known || n < 0 || n > maxInstances {
		return some("count", reasons(marks, s.text(x.Range())))
	}
	out := expansion{isList: true}
	for i := range n {
		index := cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(i))})
		out.instances = append(out.instances, copyOf{fmt.Sprintf("[%d]", i), "", map[string]cty.Value{"count": index}})
	}
	return out
}

func (s scope) forEach(x hclsyntax.Expression) expansion {
	v, marks := s.eval(x).Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || v.LengthInt() > maxInstances {
		return some("for_each", reasons(marks, s.text(x.Range())))
	}
	out := expansion{isMap: true}
	for _, e := range elements(v) {
		key, _ := e.key.Unmark()
		if !key.IsKnown() || key.IsNull() || key.Type() != cty.String || holdsPlaceholder(key) {
			return some("for_each", s.text(x.Range()))
		}
		each := cty.ObjectVal(map[string]cty.Value{"key": key, "value": e.value})
		out.instances = append(out.instances, copyOf{fmt.Sprintf("[%q]", key.AsString()), key.AsString(), map[string]cty.Value{"each": each}})
	}
	return out
}

// some is an expansion of which not even the number is known.
func some(argument, reason string) expansion {
	return expansion{
		why: fmt.Sprintf("%s is not known: %s", argument, reason),
		instances: []copyOf{{suffix: "[*]", names: map[string]cty.Value{
			"count": cty.ObjectVal(map[string]cty.Value{"index": open("count.index")}),
			"each":  cty.ObjectVal(map[string]cty.Value{"key": open("each.key"), "value": open("each.value")}),
		}}},
	}
}

// resource is a declaration with its instances.
type resource struct {
	expansion
	values []cty.Value
	trees  []*attr.Value
}

// resource is the value that expressions see under an address in the module.
func (n *instance) resource(address string) cty.Value {
	d := n.declarations[address]
	if d == nil {
		return open(address)
	}
	return n.once(address, func() cty.Value { return n.evaluate(d).value(n.prefix + address) })
}

// evaluate evaluates all instances of a declaration.
func (n *instance) evaluate(d *declaration) *resource {
	if r := n.expanded[d.address()]; r != nil {
		return r
	}
	if n.expanded == nil {
		n.expanded = map[string]*resource{}
	}
	r := &resource{expansion: scope{instance: n}.expand(d.body)}
	for _, one := range r.instances {
		s := scope{n, one.names}
		n.load.blocks = 0
		fields, tree := s.body(d.body)
		tree = withoutIgnored(d.body, tree)
		tree.At = n.at(span(d.at))
		address := n.prefix + d.address() + one.suffix
		r.values = append(r.values, n.complete(fields, reference{address, d.typ, ""}))
		r.trees = append(r.trees, tree)
	}
	n.expanded[d.address()] = r
	return r
}

// value is what an expression sees: an object, a list or a map of them.
func (r *resource) value(address string) cty.Value {
	switch {
	case r.why != "":
		return open(address)
	case r.isList:
		return cty.TupleVal(r.values)
	case r.isMap:
		fields := map[string]cty.Value{}
		for i, one := range r.instances {
			fields[one.key] = r.values[i]
		}
		return cty.ObjectVal(fields)
	default:
		return r.values[0]
	}
}

// complete adds the attributes that an expression may read and that only AWS
// knows: identifiers as placeholders, all else as unknown.
func (n *instance) complete(fields map[string]cty.Value, r reference) cty.Value {
	for name, v := range fields {
		items, _ := v.Unmark()
		if !items.IsKnown() || items.IsNull() || !items.Type().IsTupleType() {
			continue
		}
		var blocks []cty.Value
		for i, e := range elements(items) {
			if inner, _ := e.value.Unmark(); inner.IsKnown() && !inner.IsNull() && inner.Type().IsObjectType() {
				nested := r
				nested.attribute = fmt.Sprintf("%s%s[%d].", r.attribute, name, i)
				blocks = append(blocks, n.complete(inner.AsValueMap(), nested))
			}
		}
		if len(blocks) > 0 && len(blocks) == items.LengthInt() {
			fields[name] = cty.TupleVal(blocks)
		}
	}
	out := map[string]cty.Value{}
	for _, names := range n.names() {
		for name := range names {
			out[name] = n.computed(reference{r.address, r.typ, r.attribute + name})
		}
	}
	for name, v := range fields {
		if !v.IsKnown() || !v.IsNull() || out[name] == cty.NilVal {
			out[name] = v
		}
	}
	if id, known := idOf(fields, r); known {
		out["id"] = id
	}
	return cty.ObjectVal(out)
}

// idOf is the identifier of a resource that has its name for one:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster#id-1
// https://github.com/hashicorp/terraform-provider-kubernetes/blob/v2.38.0/kubernetes/resource_kubernetes_namespace_v1.go
func idOf(fields map[string]cty.Value, r reference) (cty.Value, bool) {
	switch {
	case r.attribute != "":
		return cty.NilVal, false
	case r.typ == "kubernetes_namespace", r.typ == "kubernetes_namespace_v1":
		return nameIn(fields["metadata"])
	case r.typ == "aws_eks_cluster":
		name, named := fields["name"]
		return name, named
	default:
		return cty.NilVal, false
	}
}

// nameIn is the name in a block that stands once.
func nameIn(block cty.Value) (cty.Value, bool) {
	if block == cty.NilVal {
		return cty.NilVal, false
	}
	list, _ := block.Unmark()
	if !list.IsKnown() || !list.Type().IsTupleType() || list.LengthInt() != 1 {
		return cty.NilVal, false
	}
	data, _ := list.Index(cty.Zero).Unmark()
	if !data.IsKnown() || !data.Type().IsObjectType() || !data.Type().HasAttribute("name") {
		return cty.NilVal, false
	}
	return data.GetAttr("name"), true
}

// computed is an attribute that is not configured.
func (n *instance) computed(r reference) cty.Value {
	name := r.attribute[strings.LastIndexByte(r.attribute, '.')+1:]
	if name == "id" || name == "arn" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_arn") {
		return n.load.placeholder(r)
	}
	return open(r.address + "." + r.attribute)
}

// emit adds the resources of an instance of a module and of those that it calls.
func (l *loading) emit(n *instance) {
	if n.broken != nil {
		l.resources = append(l.resources, terraform.Unread(n.broken.at, n.broken.why)...)
	}
	for _, address := range n.order {
		d := n.declarations[address]
		r := n.evaluate(d)
		for i, one := range r.instances {
			if len(l.resources) == maxResources {
				l.note(n.dir, "only the first %d resources are looked at", maxResources)
			}
			if len(l.resources) >= maxResources {
				return
			}
			l.resources = append(l.resources, terraform.Resource{
				Data: d.data, Type: d.typ, Address: n.prefix + address + one.suffix, Attributes: n.tagged(d, r.trees[i]),
				Alias: terraform.AliasOf(n.provider(d, one)), Conditional: firstReason(n.conditional, r.why, d.why), At: n.at(span(d.at)),
			})
		}
	}
	for _, name := range n.callNames() {
		for _, child := range n.child(name).instances {
			l.emit(child)
		}
	}
}

func firstReason(reasons ...string) string {
	i := slices.IndexFunc(reasons, func(r string) bool { return r != "" })
	if i < 0 {
		return ""
	}
	return reasons[i]
}
