resource "aws_eks_fargate_profile" "shop" {
  cluster_name           = "shop"
  fargate_profile_name   = "shop"
  pod_execution_role_arn = "arn:aws:iam::111122223333:role/fargate"
  subnet_ids             = ["subnet-0123456789abcdef0"]
  selector {
    namespace = "shop"
  }
}
