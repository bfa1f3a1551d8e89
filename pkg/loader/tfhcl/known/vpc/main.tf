# What terraform-aws-modules/vpc/aws makes of its inputs, as far as it matters to the
# network of a cluster. Resources have the addresses that the module gives them.
# A variable whose default differs between versions has none here:
# https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws

variable "create_vpc" { default = true }
variable "name" { default = "" }
variable "cidr" {}
variable "secondary_cidr_blocks" { default = [] }
variable "azs" { default = [] }
variable "tags" { default = {} }
variable "vpc_tags" { default = {} }
variable "enable_dns_support" { default = true }
variable "enable_dns_hostnames" {}
variable "enable_flow_log" { default = false }
variable "use_ipam_pool" { default = false }
variable "ipv4_ipam_pool_id" { default = null }
variable "enable_ipv6" { default = false }
variable "create_igw" { default = true }
variable "create_egress_only_igw" { default = true }
variable "enable_nat_gateway" { default = false }
variable "single_nat_gateway" { default = false }
variable "one_nat_gateway_per_az" { default = false }
variable "create_private_nat_gateway_route" { default = true }
variable "nat_gateway_destination_cidr_block" { default = "0.0.0.0/0" }
variable "map_public_ip_on_launch" {}
variable "create_multiple_public_route_tables" { default = false }
variable "create_multiple_intra_route_tables" { default = false }
variable "manage_default_security_group" {}
variable "default_security_group_ingress" { default = [] }
variable "default_security_group_egress" { default = [] }
variable "default_network_acl_ingress" { default = null }
variable "default_network_acl_egress" { default = null }

locals {
  # The longest list decides the number of NAT gateways.
  longest   = max(length(var.private_subnets), length(var.public_subnets), length(var.database_subnets), length(var.elasticache_subnets), length(var.redshift_subnets))
  nat_count = var.single_nat_gateway ? 1 : var.one_nat_gateway_per_az ? length(var.azs) : local.longest
  vpc_id    = one(aws_vpc.this[*].id)
  has_igw   = var.create_vpc && var.create_igw && length(var.public_subnets) > 0
}

resource "aws_vpc" "this" {
  count                            = var.create_vpc ? 1 : 0
  cidr_block                       = var.use_ipam_pool ? null : var.cidr
  ipv4_ipam_pool_id                = var.ipv4_ipam_pool_id
  assign_generated_ipv6_cidr_block = var.enable_ipv6 ? true : null
  enable_dns_support               = var.enable_dns_support
  enable_dns_hostnames             = var.enable_dns_hostnames
  tags                             = merge({ Name = var.name }, var.tags, var.vpc_tags)
}

resource "aws_vpc_ipv4_cidr_block_association" "this" {
  count      = var.create_vpc ? length(var.secondary_cidr_blocks) : 0
  vpc_id     = local.vpc_id
  cidr_block = var.secondary_cidr_blocks[count.index]
}

resource "aws_flow_log" "this" {
  count  = var.create_vpc && var.enable_flow_log ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_internet_gateway" "this" {
  count  = local.has_igw ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_egress_only_internet_gateway" "this" {
  count  = var.create_vpc && var.create_egress_only_igw && var.enable_ipv6 && local.longest > 0 ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_nat_gateway" "this" {
  count     = var.create_vpc && var.enable_nat_gateway ? local.nat_count : 0
  subnet_id = element(aws_subnet.public[*].id, var.single_nat_gateway ? 0 : count.index)
}

resource "aws_default_security_group" "this" {
  count  = var.create_vpc && var.manage_default_security_group ? 1 : 0
  vpc_id = local.vpc_id
  dynamic "ingress" {
    for_each = var.default_security_group_ingress
    content {
      self             = lookup(ingress.value, "self", null)
      cidr_blocks      = compact(split(",", lookup(ingress.value, "cidr_blocks", "")))
      ipv6_cidr_blocks = compact(split(",", lookup(ingress.value, "ipv6_cidr_blocks", "")))
      prefix_list_ids  = compact(split(",", lookup(ingress.value, "prefix_list_ids", "")))
      security_groups  = compact(split(",", lookup(ingress.value, "security_groups", "")))
      from_port        = lookup(ingress.value, "from_port", 0)
      to_port          = lookup(ingress.value, "to_port", 0)
      protocol         = lookup(ingress.value, "protocol", "-1")
    }
  }
  dynamic "egress" {
    for_each = var.default_security_group_egress
    content {
      self             = lookup(egress.value, "self", null)
      cidr_blocks      = compact(split(",", lookup(egress.value, "cidr_blocks", "")))
      ipv6_cidr_blocks = compact(split(",", lookup(egress.value, "ipv6_cidr_blocks", "")))
      prefix_list_ids  = compact(split(",", lookup(egress.value, "prefix_list_ids", "")))
      security_groups  = compact(split(",", lookup(egress.value, "security_groups", "")))
      from_port        = lookup(egress.value, "from_port", 0)
      to_port          = lookup(egress.value, "to_port", 0)
      protocol         = lookup(egress.value, "protocol", "-1")
    }
  }
}

# Without rules of the caller the module allows everything, as AWS does.
resource "aws_default_network_acl" "this" {
  count                  = var.create_vpc && (var.default_network_acl_ingress != null || var.default_network_acl_egress != null) ? 1 : 0
  default_network_acl_id = aws_vpc.this[0].default_network_acl_id
  ingress                = var.default_network_acl_ingress != null ? var.default_network_acl_ingress : [{ rule_no = 100, action = "allow", protocol = "-1", from_port = 0, to_port = 0, cidr_block = "0.0.0.0/0" }, { rule_no = 101, action = "allow", protocol = "-1", from_port = 0, to_port = 0, ipv6_cidr_block = "::/0" }]
  egress                 = var.default_network_acl_egress != null ? var.default_network_acl_egress : [{ rule_no = 100, action = "allow", protocol = "-1", from_port = 0, to_port = 0, cidr_block = "0.0.0.0/0" }, { rule_no = 101, action = "allow", protocol = "-1", from_port = 0, to_port = 0, ipv6_cidr_block = "::/0" }]
}

output "name" { value = var.name }
output "azs" { value = var.azs }
output "vpc_id" { value = local.vpc_id }
output "vpc_cidr_block" { value = one(aws_vpc.this[*].cidr_block) }
output "vpc_secondary_cidr_blocks" { value = var.secondary_cidr_blocks }
output "default_security_group_id" { value = one(aws_vpc.this[*].default_security_group_id) }
output "default_network_acl_id" { value = one(aws_vpc.this[*].default_network_acl_id) }
output "default_route_table_id" { value = one(aws_vpc.this[*].default_route_table_id) }
output "vpc_main_route_table_id" { value = one(aws_vpc.this[*].main_route_table_id) }
output "igw_id" { value = one(aws_internet_gateway.this[*].id) }
output "natgw_ids" { value = aws_nat_gateway.this[*].id }
output "egress_only_internet_gateway_id" { value = one(aws_egress_only_internet_gateway.this[*].id) }
