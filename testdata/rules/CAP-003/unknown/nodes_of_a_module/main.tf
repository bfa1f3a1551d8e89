provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "p" {
  cidr_block = "10.50.0.0/16"
  enable_dns_support = true
  enable_dns_hostnames = true
}
resource "aws_subnet" "n" {
  count = 3
  vpc_id = aws_vpc.p.id
  cidr_block = cidrsubnet("10.50.0.0/16", 4, count.index)
  availability_zone = element(["eu-west-1a", "eu-west-1b", "eu-west-1c"], count.index)
  tags = { "kubernetes.io/role/internal-elb" = 1 }
}
resource "aws_route_table" "n" { vpc_id = aws_vpc.p.id }
resource "aws_route_table_association" "n" {
  count = 3
  subnet_id = aws_subnet.n[count.index].id
  route_table_id = aws_route_table.n.id
}
resource "aws_security_group" "ep" {
  vpc_id = aws_vpc.p.id
  ingress {
    from_port = 443
    to_port = 443
    protocol = "tcp"
    cidr_blocks = [aws_vpc.p.cidr_block]
  }
}
resource "aws_vpc_endpoint" "if" {
  for_each = toset(["ec2", "ecr.api", "ecr.dkr", "sts", "logs", "elasticloadbalancing", "autoscaling", "eks", "eks-auth"])
  vpc_id = aws_vpc.p.id
  service_name = "com.amazonaws.eu-west-1.${each.value}"
  vpc_endpoint_type = "Interface"
  private_dns_enabled = true
  subnet_ids = aws_subnet.n[*].id
  security_group_ids = [aws_security_group.ep.id]
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id = aws_vpc.p.id
  service_name = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.n.id]
}
resource "aws_eks_cluster" "p" {
  name = "p"
  role_arn = "arn:aws:iam::111122223333:role/c"
  vpc_config {
    subnet_ids = aws_subnet.n[*].id
    endpoint_private_access = true
    endpoint_public_access = false
  }
}
resource "aws_eks_node_group" "n" {
  cluster_name = aws_eks_cluster.p.name
  node_group_name = "n"
  node_role_arn = "arn:aws:iam::111122223333:role/n"
  subnet_ids = aws_subnet.n[*].id
  instance_types = ["m5.large"]
  ami_type = "AL2023_x86_64_STANDARD"
  scaling_config {
    desired_size = 3
    max_size = 3
    min_size = 3
  }
}
module "more_nodes" {
  source       = "terraform-aws-modules/eks/aws//modules/eks-managed-node-group"
  cluster_name = aws_eks_cluster.p.name
  subnet_ids   = aws_subnet.n[*].id
}
