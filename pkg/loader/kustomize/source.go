package kustomize
