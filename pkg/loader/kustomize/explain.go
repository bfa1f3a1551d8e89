package kustomize

import (
	"strings"
)

// explain turns an error of the library into one that a user understands.
func (p *plan) explain(root *level, err error) *failure {
	return root.failure(nil, strings.TrimSpace(err.Error()))
}
