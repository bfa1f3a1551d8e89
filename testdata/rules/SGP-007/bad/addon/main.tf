resource "aws_eks_addon" "proxy" {
  cluster_name         = "shop"
  addon_name           = "kube-proxy"
  configuration_values = jsonencode({ mode = "ipvs", ipvs = { scheduler = "rr" } })
}
