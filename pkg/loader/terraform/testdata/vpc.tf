variable "open" {}
provider "aws" {}
resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = false
  enable_dns_hostnames = true
  tags                 = { Name = "main" }
}
resource "aws_vpc" "six" {
  cidr_block                       = var.open
  assign_generated_ipv6_cidr_block = true
  tags                             = var.open
}
resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "100.64.0.0/16"
}
resource "aws_vpc_ipv6_cidr_block_association" "some" {
  count           = var.open
  vpc_id          = aws_vpc.main.id
  ipv6_cidr_block = "2001:db8::/56"
}
data "aws_vpc" "found" { cidr_block = "10.9.0.0/16" }
data "aws_subnet" "found" { vpc_id = data.aws_vpc.found.id }
resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = true
  tags                    = { Name = "public", "kubernetes.io/role/elb" = 1 }
}
resource "aws_subnet" "six" {
  vpc_id      = aws_vpc.six.id
  ipv6_native = true
}
resource "aws_internet_gateway" "igw" { vpc_id = aws_vpc.main.id }
resource "aws_internet_gateway" "loose" {}
resource "aws_internet_gateway_attachment" "a" {
  vpc_id              = aws_vpc.six.id
  internet_gateway_id = aws_internet_gateway.loose.id
}
resource "aws_nat_gateway" "public" { subnet_id = aws_subnet.public.id }
resource "aws_nat_gateway" "private" {
  subnet_id         = aws_subnet.public.id
  connectivity_type = "private"
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.igw.id
  }
  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.e.id
  }
  route {
    cidr_block = "10.0.0.0/16"
    gateway_id = "local"
  }
  dynamic "route" {
    for_each = var.open
    content { cidr_block = route.value }
  }
}
resource "aws_egress_only_internet_gateway" "e" { vpc_id = aws_vpc.main.id }
resource "aws_vpn_gateway" "v" { vpc_id = aws_vpc.main.id }
resource "aws_route_table" "vpn" {
  vpc_id           = aws_vpc.main.id
  propagating_vgws = [aws_vpn_gateway.v.id]
  route = [{ cidr_block = "10.8.0.0/16", gateway_id = aws_vpn_gateway.v.id, nat_gateway_id = "", ipv6_cidr_block = "" }]
}
resource "aws_route" "nat" {
  route_table_id         = aws_route_table.vpn.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.public.id
}
resource "aws_route" "list" {
  route_table_id             = aws_route_table.vpn.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.l.id
  transit_gateway_id         = "tgw-1"
}
resource "aws_route" "open" {
  route_table_id         = aws_route_table.vpn.id
  destination_cidr_block = var.open
  gateway_id             = var.open
}
resource "aws_route" "either" {
  route_table_id         = aws_route_table.vpn.id
  destination_cidr_block = "10.7.0.0/16"
  gateway_id             = var.open
  nat_gateway_id         = var.open
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}
resource "aws_route_table_association" "gateway" {
  gateway_id     = aws_internet_gateway.igw.id
  route_table_id = aws_route_table.public.id
}
resource "aws_main_route_table_association" "m" {
  vpc_id         = aws_vpc.six.id
  route_table_id = aws_route_table.vpn.id
}
resource "aws_default_route_table" "d" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  route {
    cidr_block                = "10.6.0.0/16"
    vpc_peering_connection_id = "pcx-1"
  }
}
resource "aws_route_table_association" "default" {
  subnet_id      = aws_subnet.six.id
  route_table_id = aws_vpc.main.main_route_table_id
}
resource "aws_ec2_managed_prefix_list" "l" {
  name = "l"
  entry { cidr = "10.5.0.0/16" }
}
resource "aws_ec2_managed_prefix_list" "apart" { name = "apart" }
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.public.id]
}
resource "aws_vpc_endpoint" "ecr" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.ecr.api"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.public.id]
  private_dns_enabled = true
}
resource "aws_vpc_endpoint_subnet_association" "e" {
  vpc_endpoint_id = aws_vpc_endpoint.ecr.id
  subnet_id       = aws_subnet.six.id
}
resource "aws_vpc_endpoint_route_table_association" "e" {
  count           = var.open
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.vpn.id
}

resource "aws_flow_log" "vpc" { vpc_id = aws_vpc.main.id }
resource "aws_flow_log" "interface" { eni_id = "eni-1" }

resource "aws_db_instance" "orders" {
  identifier = "shop-orders"
  engine = "postgres"
  vpc_security_group_ids = [aws_security_group.unread.id, "sg-1"]
  db_subnet_group_name = aws_db_subnet_group.orders.name
}
resource "aws_db_subnet_group" "orders" {
  name = "orders"
  subnet_ids = ["subnet-1"]
}
resource "aws_elasticache_cluster" "carts" {
  engine = "redis"
  port = 6380
  security_group_ids = ["sg-2"]
  subnet_group_name = aws_elasticache_subnet_group.carts.id
}
resource "aws_elasticache_subnet_group" "carts" { subnet_ids = ["subnet-2"] }
resource "aws_docdb_cluster" "bills" { db_subnet_group_name = "elsewhere" }
resource "aws_elasticache_serverless_cache" "sessions" { subnet_ids = ["subnet-3"] }
