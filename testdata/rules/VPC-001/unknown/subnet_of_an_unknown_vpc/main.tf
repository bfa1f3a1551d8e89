resource "aws_vpc" "shop" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "internal_a" {
  vpc_id            = aws_vpc.shop.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "eu-central-1a"
}

resource "aws_subnet" "internal_b" {
  vpc_id            = aws_vpc.shop.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-central-1b"
}

resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/cluster"
  vpc_config {
    subnet_ids              = [aws_subnet.internal_a.id, aws_subnet.internal_b.id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}

variable "vpc_id" {}

resource "aws_subnet" "public" {
  for_each          = { "eu-central-1a" = "10.0.2.0/24", "eu-central-1b" = "10.0.3.0/24" }
  vpc_id            = var.vpc_id
  cidr_block        = each.value
  availability_zone = each.key
  tags              = { "kubernetes.io/role/elb" = 1 }
}
