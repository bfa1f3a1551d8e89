package model

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Rollout is the part of an Argo Rollout that decides which pods it makes:
// https://argo-rollouts.readthedocs.io/en/stable/features/specification/
type Rollout struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              RolloutSpec `json:"spec"`
}

// RolloutSpec is the specification of a Rollout. Template is empty when
// WorkloadRef names the object that holds the template.
type RolloutSpec struct {
	Replicas    *int32                 `json:"replicas,omitempty"`
	Selector    *metav1.LabelSelector  `json:"selector,omitempty"`
	Template    corev1.PodTemplateSpec `json:"template,omitempty"`
	WorkloadRef *WorkloadRef           `json:"workloadRef,omitempty"`
}

// WorkloadRef names the workload whose template a Rollout uses.
type WorkloadRef struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
}
