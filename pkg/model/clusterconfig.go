package model

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ClusterConfig is the part of eksctl's description of a cluster that decides
// what its network does: https://docs.aws.amazon.com/eks/latest/eksctl/schema.html
type ClusterConfig struct {
	metav1.TypeMeta         `json:",inline"`
	metav1.ObjectMeta       `json:"metadata,omitempty"`
	KubernetesNetworkConfig *KubernetesNetworkConfig `json:"kubernetesNetworkConfig,omitempty"`
	AutoModeConfig          *AutoModeConfig          `json:"autoModeConfig,omitempty"`
	Addons                  []Addon                  `json:"addons,omitempty"`
}

// KubernetesNetworkConfig says which addresses pods and Services get.
type KubernetesNetworkConfig struct {
	// IPFamily is IPv4 or IPv6; empty means IPv4.
	IPFamily string `json:"ipFamily,omitempty"`
}

// AutoModeConfig switches EKS Auto Mode on.
type AutoModeConfig struct {
	Enabled *bool `json:"enabled,omitempty"`
}

// Addon is an add-on of a cluster.
type Addon struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	// ConfigurationValues is JSON or YAML whose schema is that of the add-on.
	ConfigurationValues string `json:"configurationValues,omitempty"`
}
