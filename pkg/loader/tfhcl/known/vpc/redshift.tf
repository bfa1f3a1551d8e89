variable "redshift_subnets" { default = [] }
variable "redshift_subnet_names" { default = [] }
variable "redshift_subnet_suffix" { default = "redshift" }
variable "redshift_subnet_tags" { default = {} }
variable "redshift_subnet_ipv6_prefixes" { default = [] }
variable "redshift_subnet_ipv6_native" { default = false }
variable "redshift_subnet_assign_ipv6_address_on_creation" { default = false }

resource "aws_subnet" "redshift" {
  count                           = var.create_vpc ? max(length(var.redshift_subnets), length(var.redshift_subnet_ipv6_prefixes)) : 0
  vpc_id                          = local.vpc_id
  cidr_block                      = var.redshift_subnet_ipv6_native ? null : var.redshift_subnets[count.index]
  availability_zone               = element(var.azs, count.index)
  ipv6_cidr_block                 = var.enable_ipv6 && length(var.redshift_subnet_ipv6_prefixes) > 0 ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.redshift_subnet_ipv6_prefixes[count.index]) : null
  ipv6_native                     = var.enable_ipv6 && var.redshift_subnet_ipv6_native
  assign_ipv6_address_on_creation = var.enable_ipv6 && var.redshift_subnet_ipv6_native ? true : var.redshift_subnet_assign_ipv6_address_on_creation
  map_public_ip_on_launch         = false
  tags = merge(
    { Name = try(var.redshift_subnet_names[count.index], "${var.name}-${var.redshift_subnet_suffix}-${element(var.azs, count.index)}") },
    var.tags,
    var.redshift_subnet_tags,
  )
}

# Which table they use depends on inputs that do not matter to a cluster.
resource "aws_route_table_association" "redshift" {
  count     = length(aws_subnet.redshift)
  subnet_id = aws_subnet.redshift[count.index].id
}

output "redshift_subnets" { value = aws_subnet.redshift[*].id }
output "redshift_subnets_cidr_blocks" { value = compact(aws_subnet.redshift[*].cidr_block) }
output "redshift_subnet_objects" { value = aws_subnet.redshift }
