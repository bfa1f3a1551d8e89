variable "elasticache_subnets" { default = [] }
variable "elasticache_subnet_names" { default = [] }
variable "elasticache_subnet_suffix" { default = "elasticache" }
variable "elasticache_subnet_tags" { default = {} }
variable "elasticache_subnet_ipv6_prefixes" { default = [] }
variable "elasticache_subnet_ipv6_native" { default = false }
variable "elasticache_subnet_assign_ipv6_address_on_creation" { default = false }

resource "aws_subnet" "elasticache" {
  count                           = var.create_vpc ? max(length(var.elasticache_subnets), length(var.elasticache_subnet_ipv6_prefixes)) : 0
  vpc_id                          = local.vpc_id
  cidr_block                      = var.elasticache_subnet_ipv6_native ? null : var.elasticache_subnets[count.index]
  availability_zone               = element(var.azs, count.index)
  ipv6_cidr_block                 = var.enable_ipv6 && length(var.elasticache_subnet_ipv6_prefixes) > 0 ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.elasticache_subnet_ipv6_prefixes[count.index]) : null
  ipv6_native                     = var.enable_ipv6 && var.elasticache_subnet_ipv6_native
  assign_ipv6_address_on_creation = var.enable_ipv6 && var.elasticache_subnet_ipv6_native ? true : var.elasticache_subnet_assign_ipv6_address_on_creation
  map_public_ip_on_launch         = false
  tags = merge(
    { Name = try(var.elasticache_subnet_names[count.index], "${var.name}-${var.elasticache_subnet_suffix}-${element(var.azs, count.index)}") },
    var.tags,
    var.elasticache_subnet_tags,
  )
}

# Which table they use depends on inputs that do not matter to a cluster.
resource "aws_route_table_association" "elasticache" {
  count     = length(aws_subnet.elasticache)
  subnet_id = aws_subnet.elasticache[count.index].id
}

output "elasticache_subnets" { value = aws_subnet.elasticache[*].id }
output "elasticache_subnets_cidr_blocks" { value = compact(aws_subnet.elasticache[*].cidr_block) }
output "elasticache_subnet_objects" { value = aws_subnet.elasticache }
