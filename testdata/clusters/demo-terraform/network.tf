# The network of the demo cluster as Terraform writes it. The folder demo/aws has the
# same as the AWS CLI prints it.

locals {
  zones = {
    a = { zone = "eu-central-1a", public = "10.0.0.0/24", private = "10.0.16.0/24" }
    b = { zone = "eu-central-1b", public = "10.0.1.0/24", private = "10.0.17.0/24" }
  }
}

resource "aws_vpc" "demo" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "demo" }
  enable_dns_hostnames = true
}

resource "aws_subnet" "public" {
  for_each                = local.zones
  vpc_id                  = aws_vpc.demo.id
  availability_zone       = each.value.zone
  cidr_block              = each.value.public
  map_public_ip_on_launch = true
  tags                    = { Name = "demo-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}

resource "aws_subnet" "private" {
  for_each          = local.zones
  vpc_id            = aws_vpc.demo.id
  availability_zone = each.value.zone
  cidr_block        = each.value.private
  tags              = { Name = "demo-private-${each.key}", "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_internet_gateway" "demo" {
  vpc_id = aws_vpc.demo.id
}

resource "aws_nat_gateway" "demo" {
  subnet_id = aws_subnet.public["a"].id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.demo.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.demo.id
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.demo.id
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.demo.id
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  for_each       = aws_subnet.private
  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}
