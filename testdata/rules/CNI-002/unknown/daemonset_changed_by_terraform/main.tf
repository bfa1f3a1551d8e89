resource "kubernetes_env" "warm" {
  api_version = "apps/v1"
  kind        = "DaemonSet"
  container   = "aws-node"
  metadata {
    name      = "aws-node"
    namespace = "kube-system"
  }
  env {
    name  = "WARM_IP_TARGET"
    value = "2"
  }
}
