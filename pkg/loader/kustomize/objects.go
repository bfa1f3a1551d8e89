package kustomize

import (
	"github.com/ekslint/ekslint/pkg/loader/manifest"
	"github.com/ekslint/ekslint/pkg/model"
)

// decoding turns what the library made into resources.
type decoding struct {
	plan   *plan
	root   *level
	reader *manifest.Reader
	out    model.Fragment
}

func (x *decoding) add(b built) {
	documents, _ := manifest.Documents(&manifest.File{Name: x.root.file, Text: b.text})
	for _, d := range documents {
		part := x.reader.Read(d)
		x.out.Resources = append(x.out.Resources, part.Resources...)
		x.out.Problems = append(x.out.Problems, part.Problems...)
		x.out.Notes = append(x.out.Notes, part.Notes...)
		x.out.Opaque = append(x.out.Opaque, part.Opaque...)
	}
}
