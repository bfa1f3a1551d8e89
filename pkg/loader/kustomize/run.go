package kustomize

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// maxTime is a guard. A large build takes a second or two; what it bounds is the time of
// a build that nobody foresaw, and not that of a machine with other work to do, on which
// the same input has to give the same result.
const maxTime = time.Minute

// turn lets one build run at a time, since the schema of the library is a variable of
// its package: https://github.com/kubernetes-sigs/kustomize/issues/4824
var turn = make(chan struct{}, 1)

// built is one object as the library made it.
type built struct {
	// text is the object as JSON.
	text []byte
	// origin is nil when the library lost it.
	origin *origin
	kind   string
}

// run lets the library build the root of the plan.
func (p *plan) run(root *level) ([]built, *failure) {
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, root.failure(nil, "the build took too long")
	}
	type outcome struct {
		built []built
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() { <-turn }()
		objects, err := p.build(ctx, root)
		done <- outcome{objects, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, p.explain(root, o.err)
		}
		return o.built, nil
	case <-ctx.Done():
		return nil, root.failure(nil, "the build took too long")
	}
}

// build runs the library. What it panics on fails the build.
func (p *plan) build(ctx context.Context, root *level) (out []built, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			openapi.ResetOpenAPI()
			out, err = nil, fmt.Errorf("%v", cause)
		}
	}()
	if p.hasSchema() {
		// A schema stays until the next one, and would change other builds.
		defer openapi.ResetOpenAPI()
	}
	objects, err := krusty.MakeKustomizer(&krusty.Options{
		// As on the command line: the order of kinds, unless the kustomization says otherwise.
		Reorder: krusty.ReorderOptionUnspecified,
		// The file system holds nothing but what the plan allows, and the tree that it was
		// read from is the bound: overlays often read files beside their folder.
		LoadRestrictions: types.LoadRestrictionsNone,
		PluginConfig:     types.DisabledPluginConfig(),
	}).Run(&filesystem{ctx: ctx, served: p.served}, absolute(root.dir))
	if err != nil {
		return nil, err
	}
	return p.collect(objects)
}

func (p *plan) hasSchema() bool {
	for _, l := range p.levels {
		if len(l.body.OpenAPI) > 0 {
			return true
		}
	}
	return false
}

func (p *plan) collect(objects resmap.ResMap) ([]built, error) {
	var out []built
	for _, r := range objects.Resources() {
		b := built{origin: p.takeOrigin(r), kind: r.GetKind()}
		var err error
		if b.text, err = toJSON(r.YNode()); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// takeOrigin reads the annotation of an object, and removes it.
func (p *plan) takeOrigin(r *resource.Resource) *origin {
	annotations := r.GetAnnotations()
	id, err := strconv.Atoi(annotations[originKey])
	delete(annotations, originKey)
	if r.SetAnnotations(annotations) != nil || err != nil || id < 0 || id >= len(p.origins) {
		return nil
	}
	return &p.origins[id]
}

// toJSON writes what a node holds, without the escapes for HTML, in which no placeholder
// would be recognised. The library would print it as YAML first, and read that.
func toJSON(n *yaml.Node) ([]byte, error) {
	var value any
	if err := n.Decode(&value); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(out.Bytes()), err
}
