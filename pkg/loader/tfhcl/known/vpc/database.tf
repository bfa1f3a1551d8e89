variable "database_subnets" { default = [] }
variable "database_subnet_names" { default = [] }
variable "database_subnet_suffix" { default = "db" }
variable "database_subnet_tags" { default = {} }
variable "database_subnet_ipv6_prefixes" { default = [] }
variable "database_subnet_ipv6_native" { default = false }
variable "database_subnet_assign_ipv6_address_on_creation" { default = false }

resource "aws_subnet" "database" {
  count                           = var.create_vpc ? max(length(var.database_subnets), length(var.database_subnet_ipv6_prefixes)) : 0
  vpc_id                          = local.vpc_id
  cidr_block                      = var.database_subnet_ipv6_native ? null : var.database_subnets[count.index]
  availability_zone               = element(var.azs, count.index)
  ipv6_cidr_block                 = var.enable_ipv6 && length(var.database_subnet_ipv6_prefixes) > 0 ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.database_subnet_ipv6_prefixes[count.index]) : null
  ipv6_native                     = var.enable_ipv6 && var.database_subnet_ipv6_native
  assign_ipv6_address_on_creation = var.enable_ipv6 && var.database_subnet_ipv6_native ? true : var.database_subnet_assign_ipv6_address_on_creation
  map_public_ip_on_launch         = false
  tags = merge(
    { Name = try(var.database_subnet_names[count.index], "${var.name}-${var.database_subnet_suffix}-${element(var.azs, count.index)}") },
    var.tags,
    var.database_subnet_tags,
  )
}

# Which table they use depends on inputs that do not matter to a cluster.
resource "aws_route_table_association" "database" {
  count     = length(aws_subnet.database)
  subnet_id = aws_subnet.database[count.index].id
}

output "database_subnets" { value = aws_subnet.database[*].id }
output "database_subnets_cidr_blocks" { value = compact(aws_subnet.database[*].cidr_block) }
output "database_subnet_objects" { value = aws_subnet.database }
