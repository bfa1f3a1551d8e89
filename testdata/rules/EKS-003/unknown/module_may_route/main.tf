resource "aws_vpc" "shop" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "nodes" {
  for_each          = { "eu-central-1a" = "10.0.0.0/24", "eu-central-1b" = "10.0.1.0/24" }
  vpc_id            = aws_vpc.shop.id
  cidr_block        = each.value
  availability_zone = each.key
}

module "routing" {
  source  = "git::https://git.example.com/routing.git"
  subnets = [for s in aws_subnet.nodes : s.id]
}

resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/cluster"
  vpc_config {
    subnet_ids              = [for s in aws_subnet.nodes : s.id]
    endpoint_private_access = false
    endpoint_public_access  = true
    public_access_cidrs     = ["198.51.100.0/24"]
  }
}

resource "aws_eks_node_group" "app" {
  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "app"
  node_role_arn   = "arn:aws:iam::111122223333:role/node"
  subnet_ids      = [for s in aws_subnet.nodes : s.id]
  instance_types  = ["m5.large"]
  scaling_config {
    min_size     = 1
    desired_size = 1
    max_size     = 1
  }
}
