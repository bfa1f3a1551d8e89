resource "aws_eks_addon" "cni" {
  cluster_name             = "shop"
  addon_name               = "vpc-cni"
  service_account_role_arn = "arn:aws:iam::111122223333:role/cni"
}
