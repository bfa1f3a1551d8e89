resource "aws_vpc" "shop" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "outpost" {
  vpc_id            = aws_vpc.shop.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "us-west-2a"
  outpost_arn       = "arn:aws:outposts:us-west-2:111122223333:outpost/op-0123456789abcdef0"
}

resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/cluster"
  vpc_config {
    subnet_ids              = [aws_subnet.outpost.id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }
  outpost_config {
    control_plane_instance_type = "m5.large"
    outpost_arns                = ["arn:aws:outposts:us-west-2:111122223333:outpost/op-0123456789abcdef0"]
  }
}
